/** Whether money was kept: the totals of one snapshot beside those of an earlier one. */
import type { Snapshot } from '../sdk/index.ts';

/** The total of one currency, in minor units, then and now. */
export interface TotalNow {
  readonly currency: string;
  readonly posted: bigint;
  /** What operators have taken from, or given to, the total by resolving against a decision. */
  readonly damage: bigint;
  /** By how much the total, with its damage made right, is above the earlier one. */
  readonly change: bigint;
}

/** What every currency has, and how that differs from an earlier snapshot. */
export function compareTotals(first: Snapshot, now: Snapshot): TotalNow[] {
  const [before, after] = [sumsOf(first), sumsOf(now)];
  const nothing = { posted: 0n, damage: 0n };
  const currencies = [...new Set([...before.keys(), ...after.keys()])].sort();
  return currencies.map((currency) => {
    const { posted, damage } = after.get(currency) ?? nothing;
    const earlier = before.get(currency) ?? nothing;
    // An account that waits for 25.00 has 25.00 too little: with them, all would be there.
    const change = posted + damage - (earlier.posted + earlier.damage);
    return { currency, posted, damage, change };
  });
}

/** How many accounts there are that an earlier snapshot did not have. */
export function openedSince(first: Snapshot, now: Snapshot): number {
  const pathOf = ({ participant, account }: Snapshot['accounts'][number]) =>
    `${participant}/${account}`;
  const before = new Set(first.accounts.map(pathOf));
  return now.accounts.filter((account) => !before.has(pathOf(account))).length;
}

/** On all digits: a total may be more than a number can hold. */
function sumsOf({ accounts, damage }: Snapshot) {
  const sums = new Map<string, { posted: bigint; damage: bigint }>();
  const of = (currency: string) => {
    const sum = sums.get(currency) ?? { posted: 0n, damage: 0n };
    sums.set(currency, sum);
    return sum;
  };
  for (const { currency, posted } of accounts) of(currency).posted += BigInt(posted);
  for (const { currency, amount } of damage) of(currency).damage += BigInt(amount);
  return sums;
}
