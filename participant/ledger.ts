/**
 * Accounts as escrow (PROTOCOL.md, ledger): `available = posted − held`. A prepared debit holds
 * its amount, a prepared credit reserves headroom, so a commit cannot fail. Pure.
 */
import type { BranchLeg, Entry, Refusal, Resource } from './protocol.ts';

/** An account as the API shows it. Amounts in minor units, each within ±(2^53 − 1). */
export interface Account {
  readonly id: string;
  readonly currency: string;
  readonly posted: number;
  readonly held: number;
  readonly available: number;
  readonly minimum: number;
  readonly frozen: boolean;
}

/** An account was opened with money that this record creates. */
export interface Opened {
  readonly type: 'opened';
  readonly at: string;
  readonly id: string;
  readonly currency: string;
  readonly balance: number;
  readonly minimum: number;
}

interface Book {
  readonly currency: string;
  readonly minimum: number;
  readonly openedAt: string;
  posted: number;
  /** The sum of the prepared debits. */
  held: number;
  /** The sum of the prepared credits. */
  pending: number;
}

const most = Number.MAX_SAFE_INTEGER;

/** The accounts of one participant. */
export class Ledger implements Resource {
  readonly #books = new Map<string, Book>();

  /** The record of a new account, or null if the id is taken. */
  open(request: Omit<Opened, 'type'>): Opened | null {
    const { balance, minimum } = request;
    invariant(Number.isSafeInteger(balance) && balance >= 0, `balance ${balance} is 0 to 2^53 − 1`);
    invariant(Number.isSafeInteger(minimum), `minimum ${minimum} is within ±(2^53 − 1)`);
    invariant(balance >= minimum, `the opening balance ${balance} keeps the minimum ${minimum}`);
    return this.#books.has(request.id) ? null : { type: 'opened', ...request };
  }

  opened({ id, currency, balance, minimum, at }: Opened): void {
    invariant(!this.#books.has(id), `account ${id} is opened once`);
    const book = { currency, minimum, openedAt: at, posted: balance, held: 0, pending: 0 };
    this.#books.set(id, book);
  }

  account(id: string): Account | undefined {
    const book = this.#books.get(id);
    return book && view(id, book);
  }

  /** In the order in which they were opened. */
  *accounts(): Iterable<Account> {
    for (const [id, book] of this.#books) yield view(id, book);
  }

  /**
   * Debits and credits of one branch are not netted: money that arrives with a transfer cannot
   * be spent by it.
   */
  prepare(legs: readonly BranchLeg[]): Refusal | null {
    const held = new Map<string, number>();
    const pending = new Map<string, number>();
    for (const { account, amount, currency } of legs) {
      invariant(isAmount(Math.abs(amount)), `amount ${amount} is ±1 to ±(2^53 − 1)`);
      const book = this.#books.get(account);
      if (!book) return refusal('unknown-account', account, 'there is no such account');
      if (book.currency !== currency) {
        const detail = `the account is in ${book.currency}, the leg in ${currency}`;
        return refusal('currency-mismatch', account, detail);
      }
      const debited = (held.get(account) ?? book.held) + Math.max(-amount, 0);
      const credited = (pending.get(account) ?? book.pending) + Math.max(amount, 0);
      const covered = Number.isSafeInteger(debited) && book.posted - debited >= book.minimum;
      if (amount < 0 && !covered) {
        return refusal('insufficient-funds', account, 'less than this is available');
      }
      const fits = Number.isSafeInteger(credited) && book.posted + credited <= most;
      if (amount > 0 && !fits) {
        return refusal('balance-limit-exceeded', account, 'its balance could pass 2^53 − 1');
      }
      held.set(account, debited);
      pending.set(account, credited);
    }
    return null;
  }

  prepared(legs: readonly BranchLeg[]): void {
    this.#promise(legs, 1);
  }

  commit(legs: readonly BranchLeg[]): readonly Entry[] {
    const balances = new Map<string, number>();
    return legs.map(({ account, amount }) => {
      const balance = (balances.get(account) ?? this.#book(account).posted) + amount;
      balances.set(account, balance);
      return { account, amount, balance };
    });
  }

  committed(legs: readonly BranchLeg[], entries: readonly Entry[]): void {
    this.#promise(legs, -1);
    for (const { account, amount, balance } of entries) {
      const book = this.#book(account);
      invariant(book.posted + amount === balance, `the entry of ${account} adds up to ${balance}`);
      book.posted = balance;
    }
    for (const { account } of legs) this.#check(account);
  }

  aborted(legs: readonly BranchLeg[]): void {
    this.#promise(legs, -1);
  }

  /** The records that rebuild the accounts, without what is prepared. */
  *summarise(): Iterable<Opened> {
    for (const [id, { currency, minimum, openedAt, posted }] of this.#books) {
      yield { type: 'opened', at: openedAt, id, currency, balance: posted, minimum };
    }
  }

  #promise(legs: readonly BranchLeg[], sign: 1 | -1): void {
    for (const { account, amount } of legs) {
      const book = this.#book(account);
      if (amount < 0) book.held -= sign * amount;
      else book.pending += sign * amount;
    }
    if (sign === 1) for (const { account } of legs) this.#check(account);
  }

  #book(account: string): Book {
    const book = this.#books.get(account);
    invariant(book !== undefined, `account ${account} of a prepared branch exists`);
    return book;
  }

  #check(account: string): void {
    const { posted, held, pending, minimum } = this.#book(account);
    invariant(held >= 0 && pending >= 0, `${account} holds no less than nothing`);
    invariant(posted - held >= minimum, `${account} has its minimum available`);
    invariant(posted + pending <= most, `${account} stays within 2^53 − 1`);
  }
}

function view(id: string, { currency, posted, held, minimum }: Book): Account {
  return { id, currency, posted, held, available: posted - held, minimum, frozen: false };
}

const refusal = (code: string, account: string, detail: string): Refusal => ({
  code,
  account,
  detail,
});

const isAmount = (amount: number) => Number.isSafeInteger(amount) && amount > 0;

function invariant(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new Error(`broken invariant: ${rule}`);
}
