import type { BranchLeg } from './records.ts';

/**
 * Why the books differ from what was decided: a decision that is not carried out everywhere yet, or
 * an operator who has resolved a branch by hand.
 */
export type Cause = 'underWay' | 'resolved';

/** By how much the books of a currency differ from what was decided, by cause. Minor units. */
export class Gaps {
  readonly #sums = new Map<string, Record<Cause, bigint>>();

  add(cause: Cause, legs: readonly BranchLeg[]): void {
    for (const { amount, currency } of legs) {
      const sums = this.of(currency);
      sums[cause] += BigInt(amount);
      this.#sums.set(currency, sums);
    }
  }

  of(currency: string): Record<Cause, bigint> {
    return this.#sums.get(currency) ?? { underWay: 0n, resolved: 0n };
  }
}
