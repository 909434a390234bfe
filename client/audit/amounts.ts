import type { BranchLeg } from './records.ts';

/** How an amount in minor units is written, with its currency. */
export type Money = (amount: number | bigint, currency: string) => string;

/** `alice -25.00 EUR, bob 25.00 EUR` */
export function listOf(legs: readonly BranchLeg[], money: Money): string {
  const texts = legs.map(
    ({ account, amount, currency }) => `${account} ${money(amount, currency)}`,
  );
  return texts.join(', ') || 'nothing';
}
