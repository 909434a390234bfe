import { random } from '../fixtures/memory-disk.ts';

/** All chance of one simulation: the same seed throws the same numbers. */
export class Dice {
  readonly next: () => number;

  constructor(seed: number) {
    // Neighbouring seeds begin alike: what they throw first is thrown away.
    this.next = random(Math.imul(seed, 0x9e3779b1));
    this.next();
  }

  /** Whether something happens that happens with a probability, 0 to 1. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** A number from `low` up to `high`. */
  within(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return Math.floor(this.within(low, high + 1));
  }

  pick<T>(list: readonly T[]): T {
    const picked = list[this.whole(0, list.length - 1)];
    if (picked === undefined) throw new Error('there is nothing to pick from');
    return picked;
  }
}
