/**
 * Accounts as escrow (PROTOCOL.md, ledger): `available = posted − held`. A prepared debit holds
 * its amount, a prepared credit reserves headroom, so a commit cannot fail. Pure.
 */
import type { BranchLeg, Entry, Refusal, Resource } from './records.ts';
import { invariant } from './state.ts';

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

/** From now on nothing new is promised on an account. */
export interface Frozen {
  readonly type: 'frozen';
  readonly at: string;
  readonly id: string;
  readonly reason?: string;
}

export interface Unfrozen {
  readonly type: 'unfrozen';
  readonly at: string;
  readonly id: string;
}

/** The records of the accounts themselves, besides what transfers do to them. */
export type AccountRecord = Opened | Frozen | Unfrozen;

/** Limits of the ledger, all of them settings. */
export interface LedgerLimits {
  /** Branches that may be prepared on one account at once. */
  preparedPerAccount: number;
}

interface Book {
  readonly currency: string;
  readonly minimum: number;
  readonly openedAt: string;
  frozen: Frozen | undefined;
  posted: number;
  /** The sum of the prepared debits. */
  held: number;
  /** The sum of the prepared credits. */
  pending: number;
  /** How many branches are prepared. */
  prepared: number;
}

const most = Number.MAX_SAFE_INTEGER;

/** The accounts of one participant. */
export class Ledger implements Resource {
  readonly #books = new Map<string, Book>();
  readonly #limits: LedgerLimits;

  constructor(limits: LedgerLimits) {
    this.#limits = limits;
  }

  /** The record of a new account, or null if the id is taken. */
  open(request: Omit<Opened, 'type'>): Opened | null {
    const { balance, minimum } = request;
    invariant(Number.isSafeInteger(balance) && balance >= 0, `balance ${balance} is 0 to 2^53 − 1`);
    invariant(Number.isSafeInteger(minimum), `minimum ${minimum} is within ±(2^53 − 1)`);
    invariant(balance >= minimum, `the opening balance ${balance} keeps the minimum ${minimum}`);
    return this.#books.has(request.id) ? null : { type: 'opened', ...request };
  }

  /** The record that freezes or unfreezes an account, or null if it is so already. */
  freeze(record: Frozen | Unfrozen): Frozen | Unfrozen | null {
    const isFrozen = this.#book(record.id).frozen !== undefined;
    return isFrozen === (record.type === 'frozen') ? null : record;
  }

  /** Changes the accounts by a record of theirs. */
  apply(record: AccountRecord): void {
    switch (record.type) {
      case 'opened':
        this.#opened(record);
        return;
      case 'frozen':
        this.#book(record.id).frozen = record;
        return;
      case 'unfrozen':
        this.#book(record.id).frozen = undefined;
        return;
    }
  }

  #opened({ id, currency, balance, minimum, at }: Opened): void {
    invariant(!this.#books.has(id), `account ${id} is opened once`);
    const promised = { held: 0, pending: 0, prepared: 0 };
    const terms = { currency, minimum, openedAt: at, frozen: undefined };
    this.#books.set(id, { ...terms, posted: balance, ...promised });
  }

  account(id: string): Account | undefined {
    const book = this.#books.get(id);
    return book && view(id, book);
  }

  /** How many accounts there are. */
  get size(): number {
    return this.#books.size;
  }

  /** In the order in which they were opened. */
  *accounts(): Iterable<Account> {
    for (const [id, book] of this.#books) yield view(id, book);
  }

  /**
   * Debits and credits of one branch are not netted: money that arrives with a transfer cannot
   * be spent by it. What is decided is booked on frozen and busy accounts, too.
   */
  prepare(legs: readonly BranchLeg[], decided = false): Refusal | null {
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
      const closed = decided ? null : this.#closed(account, book);
      if (closed) return closed;
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

  #closed(account: string, { frozen, prepared }: Book): Refusal | null {
    if (frozen) return refusal('account-frozen', account, 'it takes no new transfers');
    if (prepared < this.#limits.preparedPerAccount) return null;
    return refusal('busy', account, `${prepared} transfers are in doubt on it`);
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
  *summarise(): Iterable<AccountRecord> {
    for (const [id, { currency, minimum, openedAt, posted, frozen }] of this.#books) {
      yield { type: 'opened', at: openedAt, id, currency, balance: posted, minimum };
      if (frozen) yield frozen;
    }
  }

  #promise(legs: readonly BranchLeg[], sign: 1 | -1): void {
    for (const { account, amount } of legs) {
      const book = this.#book(account);
      if (amount < 0) book.held -= sign * amount;
      else book.pending += sign * amount;
    }
    for (const account of new Set(legs.map((leg) => leg.account))) {
      this.#book(account).prepared += sign;
    }
    if (sign === 1) for (const { account } of legs) this.#check(account);
  }

  #book(account: string): Book {
    const book = this.#books.get(account);
    invariant(book !== undefined, `account ${account} exists`);
    return book;
  }

  #check(account: string): void {
    const { posted, held, pending, minimum } = this.#book(account);
    invariant(held >= 0 && pending >= 0, `${account} holds no less than nothing`);
    invariant(posted - held >= minimum, `${account} has its minimum available`);
    invariant(posted + pending <= most, `${account} stays within 2^53 − 1`);
  }
}

function view(id: string, { currency, posted, held, minimum, frozen }: Book): Account {
  const available = posted - held;
  return { id, currency, posted, held, available, minimum, frozen: frozen !== undefined };
}

const refusal = (code: string, account: string, detail: string): Refusal => ({
  code,
  account,
  detail,
});

const isAmount = (amount: number) => Number.isSafeInteger(amount) && amount > 0;
