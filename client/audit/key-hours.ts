import type { Elapsed } from './records.ts';

/** Which idempotency keys are known still, by the hours that their coordinator has counted. */
export class KeyHours {
  /** So many hours have been counted. */
  now = 0;
  #oldest = 0;

  /** Counts one more, and forgets the keys that it says. */
  take({ hours }: Elapsed): void {
    this.now += 1;
    this.#oldest = Math.max(this.#oldest, this.now - hours);
  }

  /** Whether what has begun in an hour keeps its key from beginning anything else. */
  isKnown(hour: number | undefined): hour is number {
    return hour !== undefined && hour >= this.#oldest;
  }
}
