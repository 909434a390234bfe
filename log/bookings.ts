/**
 * What records do to the accounts of a ledger, as rows: a log in a database keeps them as tables
 * too (PROTOCOL.md, PostgreSQL). Amounts in minor units.
 */
export interface Bookings {
  readonly opened: readonly OpenedAccount[];
  /** What is held from now on. */
  readonly promised: readonly Hold[];
  /** The transfers of which nothing is held any more. */
  readonly released: readonly string[];
  readonly entries: readonly BookedEntry[];
  /** What the records say of an account in the end; once for each. */
  readonly changed: readonly ChangedAccount[];
}

/** A new account. Its opening balance is an entry. */
export interface OpenedAccount {
  readonly account: string;
  readonly currency: string;
  readonly minimum: number;
  readonly at: string;
}

/** One leg of a prepared branch: a debit is negative. */
export interface Hold {
  readonly transfer: string;
  /** Its place in the branch, from 1. */
  readonly leg: number;
  readonly account: string;
  readonly amount: number;
  readonly at: string;
}

/** One line of a statement. */
export interface BookedEntry {
  /** Of the record. */
  readonly sequence: number;
  /** Its place in the record, from 1. */
  readonly line: number;
  readonly account: string;
  readonly kind: 'opening' | 'transfer' | 'resolution' | 'compensation';
  /** None for an opening. */
  readonly transfer?: string;
  readonly amount: number;
  /** Of the account, after it. */
  readonly balance: number;
  readonly at: string;
  /** The commit timestamp; only a `transfer` has one. */
  readonly timestamp?: number;
}

export interface ChangedAccount {
  readonly account: string;
  /** After its last entry, if it has one: what the entries must add up to. */
  readonly balance?: number;
  /** If that was said. */
  readonly frozen?: boolean;
}

/** An account as its row says. */
export interface StoredAccount extends OpenedAccount {
  readonly posted: number;
  readonly held: number;
  readonly pending: number;
  readonly frozen: boolean;
}

/** What the tables of a store say at one moment, but for its entries. */
export interface StoredTables {
  /** The last record whose bookings they have. */
  readonly booked: number;
  /** The last record of the log. */
  readonly sequence: number;
  readonly accounts: readonly StoredAccount[];
  readonly holds: readonly Hold[];
}
