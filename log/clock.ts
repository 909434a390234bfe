import { setImmediate } from 'node:timers/promises';

/** Cancels what was scheduled; harmless once it has run. */
export type Cancel = () => void;

/** Time as the rest of the program sees it: passed in, so that a simulation can own it. */
export interface Clock {
  /** Monotonic milliseconds. All timers and timeouts are measured by it, never by the wall. */
  now(): number;
  /** The wall clock as an RFC 3339 instant: shown to people, never used by the protocol. */
  wall(): string;
  /** Runs `action` once, `ms` milliseconds (0 to 2^31 − 1) from now. */
  after(ms: number, action: () => void): Cancel;
  /** Resolves, without a delay, once everything that has arrived by now has been handled. */
  turn(): Promise<void>;
}

/** After so many turns nobody waits for more to gather. */
const mostTurns = 8;
/** So many share what a write or a message costs: more need not be waited for. */
const enough = 32;

/**
 * Lets what belongs together gather, without a delay: resolves once there is enough, after a turn
 * in which `size` has not grown, or after a few.
 * @param most more than this cannot go together
 */
export async function gather(
  clock: Pick<Clock, 'turn'>,
  size: () => number,
  most = enough,
): Promise<void> {
  const wanted = Math.min(most, enough);
  let before = -1;
  for (let turns = 0; turns < mostTurns && size() > before && size() < wanted; turns++) {
    before = size();
    await clock.turn();
  }
}

/** The last millisecond, as text: many things happen in one. */
const wall = { ms: NaN, text: '' };

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wall() {
    const ms = Date.now();
    if (ms !== wall.ms) Object.assign(wall, { ms, text: new Date(ms).toISOString() });
    return wall.text;
  },
  turn: () => setImmediate(),
  after(ms, action) {
    const timer = setTimeout(action, ms);
    return () => {
      clearTimeout(timer);
    };
  },
};
