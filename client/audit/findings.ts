/** The rules that an audit proves or disproves: the invariants of PROTOCOL.md, one word each. */
export const rules = {
  store: 'every record of every store continues the one before, and checkpoints agree with them',
  outcome: 'every transfer has one outcome, the same everywhere',
  decision: 'nothing is committed without a durable decision',
  vote: "nothing is committed without every participant's durable yes",
  legs: 'every participant has done what the coordinator has begun, no more and no less',
  once: 'nothing is applied twice',
  key: 'no idempotency key has begun two transfers',
  timestamp: 'commit timestamps are unique, and above what was committed before',
  id: 'no id was issued twice',
  balance: 'every balance is the opening balance and the sum of its entries',
  minimum: 'no account has gone below its minimum',
  totals: 'money is neither made nor lost: the totals of each currency are what was opened',
  reversal: 'no transfer is reversed by more than it moved',
  watermark: 'nothing is forgotten before it has ended',
  epoch: 'epochs never go back',
  damage: 'what an operator has resolved differently is reported, to the amount',
  tables: 'the tables of a database say of every account what its records say',
} as const;

export type Rule = keyof typeof rules;

/** A rule that does not hold, as a sentence that names transfer, nodes and amounts. */
export interface Violation {
  readonly rule: Rule;
  readonly transferId?: string;
  readonly text: string;
}

/** How many violations are kept in full. */
const mostKept = 1_000;

/** What an audit has found so far. */
export class Findings {
  readonly violations: Violation[] = [];
  readonly notices: string[] = [];
  readonly notChecked: string[] = [];
  /** All violations, also those that are not kept. */
  count = 0;

  violate(rule: Rule, text: string, transferId?: string): void {
    this.count += 1;
    if (this.violations.length === mostKept) return;
    this.violations.push({ rule, ...(transferId !== undefined && { transferId }), text });
  }
}
