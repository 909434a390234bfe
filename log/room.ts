import type { Clock } from './clock.ts';

/** How old an answer may be. Milliseconds. */
const lookMs = 1_000;

/**
 * Whether a store has room for new work: decisions, and a start, need what is left (PROTOCOL.md,
 * forced writes). It answers at once from its last look, and who asks makes it look again.
 */
export class Room {
  readonly #freeBytes: () => Promise<number>;
  readonly #clock: Clock;
  readonly #reserveBytes: number;
  #isLow = false;
  #lookedAt = -Infinity;

  /**
   * @param freeBytes how much is free, in bytes; a store that does not tell is never low
   * @param reserveBytes the room is low when less than this is free
   */
  constructor(freeBytes: (() => Promise<number>) | undefined, clock: Clock, reserveBytes: number) {
    this.#freeBytes = freeBytes ?? (() => Promise.resolve(Infinity));
    this.#clock = clock;
    this.#reserveBytes = reserveBytes;
    this.#look();
  }

  /** Whether less than the reserve is free, as of a moment ago. */
  get isLow(): boolean {
    if (this.#clock.now() - this.#lookedAt >= lookMs) this.#look();
    return this.#isLow;
  }

  #look(): void {
    this.#lookedAt = this.#clock.now();
    this.#freeBytes().then(
      (bytes) => {
        this.#isLow = bytes < this.#reserveBytes;
      },
      () => {
        // A disk that does not even say how full it is gets no new work.
        this.#isLow = true;
      },
    );
  }
}
