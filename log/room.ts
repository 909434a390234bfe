import type { Clock } from './clock.ts';
import type { Disk } from './disk.ts';

/** How old an answer may be. Milliseconds. */
const lookMs = 1_000;

/**
 * Whether the disk of a store has room for new work: decisions, and a start, need what is left
 * (PROTOCOL.md, forced writes). It answers at once from its last look, and who
 * asks makes it look again.
 */
export class Room {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #reserveBytes: number;
  #isLow = false;
  #lookedAt = -Infinity;

  /** @param reserveBytes the room is low when less than this is free */
  constructor(disk: Disk, folder: string, clock: Clock, reserveBytes: number) {
    this.#disk = disk;
    this.#folder = folder;
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
    this.#disk.free(this.#folder).then(
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
