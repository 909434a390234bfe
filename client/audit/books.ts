import { listOf, type Money } from './amounts.ts';
import type { Findings } from './findings.ts';
import type { Booked, BranchLeg, Opened } from './records.ts';

/** An account as the records add up. Minor units. */
export interface Book {
  readonly currency: string;
  readonly minimum: number;
  readonly opening: number;
  /** The opening balance and the sum of the entries. */
  posted: number;
  /** What the last entry says. */
  written: number;
  /** The sum of the prepared debits. */
  held: number;
}

/** The accounts of one participant: whether balances add up, and stay above their minimum. */
export class Books {
  readonly #findings: Findings;
  readonly #money: Money;
  readonly #owner: { readonly name: string };
  readonly #books = new Map<string, Book>();

  constructor(owner: { readonly name: string }, findings: Findings, money: Money) {
    this.#owner = owner;
    this.#findings = findings;
    this.#money = money;
  }

  get(account: string): Book | undefined {
    return this.#books.get(account);
  }

  all(): Iterable<Book> {
    return this.#books.values();
  }

  open({ id, currency, balance, minimum }: Opened): void {
    if (this.#books.has(id)) {
      this.#findings.violate('once', `${this.#owner.name} has opened the account ${id} twice`);
      return;
    }
    const amounts = { opening: balance, posted: balance, written: balance, held: 0 };
    this.#books.set(id, { currency, minimum, ...amounts });
    this.#checkMinimum(id, 'when it was opened');
  }

  /** Holds what a branch has promised to debit. */
  hold(id: string, legs: readonly BranchLeg[]): void {
    for (const { account, amount, currency } of legs) {
      const book = this.#books.get(account);
      if (book?.currency !== currency) {
        const what = `${account} ${this.#money(amount, currency)} for ${id}`;
        const is = book ? `an account in ${book.currency}` : 'which is no account';
        this.#findings.violate('legs', `${this.#owner.name} has prepared ${what}, ${is}`, id);
      } else if (amount < 0) book.held -= amount;
    }
    this.#checkDebits(legs, `when ${id} was prepared`, id);
  }

  /** What a branch has held is free again. */
  release(legs: readonly BranchLeg[]): void {
    for (const { account, amount, currency } of legs) {
      const book = this.#books.get(account);
      if (book?.currency === currency && amount < 0) book.held += amount;
    }
  }

  /** Every entry continues the balance before it. */
  book(id: string, entries: readonly Booked[]): void {
    for (const { account, amount, balance } of entries) {
      const book = this.#books.get(account);
      if (!book) {
        const text = `${this.#owner.name} has booked ${id} to ${account}, which is no account`;
        this.#findings.violate('balance', text, id);
        continue;
      }
      const { currency, written } = book;
      if (written + amount !== balance) {
        const had = `${this.#owner.name}/${account} had ${this.#money(written, currency)}`;
        const text = `${had}, and ${this.#money(amount, currency)} came with ${id}`;
        const instead = this.#money(balance, currency);
        this.#findings.violate('balance', `${text}: that is not ${instead}`, id);
      }
      book.written = balance;
      book.posted += amount;
    }
    this.#checkDebits(entries, `after ${id}`, id);
  }

  /** `alice -25.00 EUR, bob 25.00 EUR` */
  list(entries: readonly Booked[]): string {
    const legs = entries.map(({ account, amount }) => {
      return { account, amount, currency: this.#books.get(account)?.currency ?? '?' };
    });
    return listOf(legs, this.#money);
  }

  #checkDebits(
    changes: readonly { account: string; amount: number }[],
    when: string,
    id: string,
  ): void {
    for (const { account, amount } of changes) {
      if (amount < 0) this.#checkMinimum(account, when, id);
    }
  }

  #checkMinimum(account: string, when: string, id?: string): void {
    const book = this.#books.get(account);
    if (!book) return;
    const { posted, held, minimum, currency } = book;
    if (posted - held >= minimum) return;
    const available = this.#money(posted - held, currency);
    const text = `${this.#owner.name}/${account} had ${available} available ${when}`;
    const least = this.#money(minimum, currency);
    this.#findings.violate('minimum', `${text}; its minimum is ${least}`, id);
  }
}
