import type { Identity } from '../../log/store.ts';
import type { Damage } from './agreement.ts';
import type { Money } from './amounts.ts';
import type { Book } from './books.ts';
import type { Findings, Violation } from './findings.ts';
import type { Gaps } from './gaps.ts';

/** A store as it was read. */
export interface StoreSummary {
  readonly folder: string;
  readonly role: Identity['role'];
  readonly store: string;
  /** A participant's name, if the coordinator gave it one. */
  readonly name?: string;
  readonly epoch: number;
  readonly records: number;
}

/** The money of one currency, in minor units. */
export interface Total {
  readonly currency: string;
  readonly accounts: number;
  readonly opened: bigint;
  readonly posted: bigint;
  /** What decided transfers have still to add. */
  readonly underWay: bigint;
  /** What has to be added where an operator has resolved differently. */
  readonly damage: bigint;
}

/** What an audit has found. */
export interface Report {
  readonly stores: readonly StoreSummary[];
  readonly transfers: { committed: number; aborted: number; undecided: number };
  readonly totals: readonly Total[];
  readonly damage: readonly Damage[];
  readonly notices: readonly string[];
  readonly notChecked: readonly string[];
  readonly violations: readonly Violation[];
  /** Also those that are not listed. */
  readonly violationCount: number;
}

/** The money of each currency. */
export function totalsOf(books: readonly Book[], gaps: Gaps): Total[] {
  const currencies = [...new Set(books.map(({ currency }) => currency))].sort();
  return currencies.map((currency) => {
    const mine = books.filter((book) => book.currency === currency);
    const opened = mine.reduce((all, { opening }) => all + BigInt(opening), 0n);
    const posted = mine.reduce((all, book) => all + BigInt(book.posted), 0n);
    const { underWay, resolved } = gaps.of(currency);
    const accounts = mine.length;
    return { currency, accounts, opened, posted, underWay: -underWay, damage: -resolved };
  });
}

/** Transfers make no money: what is there was opened, but for what is known to be missing. */
export function checkTotals(totals: readonly Total[], findings: Findings, money: Money): void {
  for (const { currency, opened, posted, underWay, damage } of totals) {
    const off = posted + underWay + damage - opened;
    if (off === 0n) continue;
    const there = `${money(posted, currency)} is there`;
    const text = `${money(opened, currency)} was opened, and ${there}`;
    const rest = `${money(off, currency)} of the difference is not explained`;
    findings.violate('totals', `${text}: ${rest}`);
  }
}
