import type { SingleTransfer } from '../sdk/index.ts';
import type { Stage } from './stage.ts';

/** A story that a cluster plays, and how it must end. */
export interface Scenario {
  readonly name: string;
  /** What happens, in one line. */
  readonly about: string;
  readonly ends: Ends;
  /** Makes the fault and proves it; the end is checked after it (PROTOCOL.md has the rules). */
  play(stage: Stage): Promise<void>;
}

export interface Ends {
  /** How many transfers end so; none unless told. */
  readonly committed?: number;
  readonly aborted?: number;
  /** Whether nodes have called for a person; never unless told. */
  readonly alarmed?: boolean;
  /**
   * All accounts, as `participant/account`, with what they have in the end, in cents. Each has
   * 1 000.00 USD at the start.
   */
  readonly balances: Readonly<Record<string, number>>;
}

/** What every account has at the start. Cents. */
export const openingBalance = 1_000_00;

/** The transfer of most scenarios: 25.00 USD. */
export const payment: SingleTransfer = {
  from: 'bank-a/alice',
  to: 'bank-b/bob',
  amount: 25_00,
  currency: 'USD',
};

/** How that ends, as cents: with the payment, or as if nothing had happened. */
export const paid: Ends = {
  committed: 1,
  balances: { 'bank-a/alice': 975_00, 'bank-b/bob': 1_025_00 },
};
export const unpaid: Ends = {
  aborted: 1,
  balances: { 'bank-a/alice': 1_000_00, 'bank-b/bob': 1_000_00 },
};
