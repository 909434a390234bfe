/** Choices that a seed repeats; everyone has a stream, so that nobody disturbs another. */
import { random } from '../fixtures/memory-disk.ts';

export class Draw {
  readonly #next: () => number;

  /** @param stream a number of its own for everyone who draws */
  constructor(seed: number, stream: number) {
    this.#next = random((Math.imul(stream + 1, 0x9e37_79b1) ^ seed) >>> 0);
  }

  /** For somebody who draws at moments that no seed repeats. */
  fork(): Draw {
    return new Draw(this.between(0, 2 ** 31), 0);
  }

  /** A whole number from `least` up to and without `end`. */
  between(least: number, end: number): number {
    return least + Math.floor(this.#next() * (end - least));
  }

  /** True in so many of a hundred cases. */
  percent(chance: number): boolean {
    return this.#next() * 100 < chance;
  }

  /** @throws {Error} if there is nothing to choose from */
  oneOf<T>(all: readonly T[]): T {
    const [one] = this.some(all, 1);
    if (one === undefined) throw new Error('broken invariant: there is something to choose from');
    return one;
  }

  /** So many different ones, or all, in any order. */
  some<T>(all: readonly T[], count: number): T[] {
    const left = [...all];
    const chosen: T[] = [];
    while (chosen.length < count && left.length > 0) {
      chosen.push(...left.splice(this.between(0, left.length), 1));
    }
    return chosen;
  }
}
