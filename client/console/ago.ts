/** How long something has lasted, in words that a person takes in at a glance. */

const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000];

/** `3 s`, `5 min`, `2 h` or `4 d`, rounded down; less than nothing is `0 s`: clocks differ. */
export function spanOf(ms: number): string {
  if (ms < minute) return `${Math.max(0, Math.floor(ms / second))} s`;
  if (ms < hour) return `${Math.floor(ms / minute)} min`;
  if (ms < day) return `${Math.floor(ms / hour)} h`;
  return `${Math.floor(ms / day)} d`;
}

/** The same as a time that has gone by: `just now`, `3 s ago`. */
export const agoOf = (ms: number): string => (ms < second ? 'just now' : `${spanOf(ms)} ago`);
