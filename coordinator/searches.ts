import type { Clock } from '../log/clock.ts';

/** As many searches wait as may; further ones are refused. */
const mostWaiting = 16;

/** How long a rest is after a search, in times of what that took. */
const rest = 9;

/**
 * Lets searches that keep the whole node busy go one at a time, and lets it rest after each: a
 * tenth of its time is the most that they take, whoever asks however often.
 */
export class Searches {
  readonly #clock: Clock;
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What `search` gives, when its turn has come; `refused` if too many wait. */
  async run<T>(search: () => Promise<T>): Promise<T | 'refused'> {
    if (this.#waiting >= mostWaiting) return 'refused';
    this.#waiting += 1;
    const before = this.#last;
    let rested: () => void = () => undefined;
    this.#last = new Promise((resolve) => (rested = resolve));
    await before;
    this.#waiting -= 1;
    const began = this.#clock.now();
    try {
      return await search();
    } finally {
      this.#clock.after(rest * (this.#clock.now() - began), rested);
    }
  }
}
