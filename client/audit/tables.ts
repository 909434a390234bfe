/**
 * Compares the tables of accounts that a database keeps beside a log with what the records say.
 * Both are read while a node may be writing: the tables are those of one record, and are compared
 * where that record is reached.
 */
import type { BookedEntry, Hold, StoredAccount, StoredTables } from '../../log/bookings.ts';
import type { Entry } from '../../log/log.ts';
import type { TablesReader } from '../../log/read-store.ts';
import type { Money } from './amounts.ts';
import type { Findings } from './findings.ts';
import type { Booked, Opened, ParticipantRecord, Prepared } from './records.ts';

type Account = { -readonly [Key in keyof StoredAccount]: StoredAccount[Key] };

const kinds = {
  committed: 'transfer',
  resolved: 'resolution',
  dismissed: 'compensation',
} as const;

const accountFields = [
  ...(['currency', 'posted', 'held', 'pending', 'minimum', 'frozen', 'at'] as const),
];
const holdFields = ['account', 'amount', 'at'] as const;
const entryFields = [
  ...(['account', 'kind', 'transfer', 'amount', 'balance', 'at', 'timestamp'] as const),
];
/** What is shown with the account's currency. */
const amounts = new Set(['posted', 'held', 'pending', 'minimum', 'amount', 'balance']);

export class TablesAudit implements Required<TablesReader> {
  readonly #place: string;
  readonly #findings: Findings;
  readonly #money: Money;
  readonly #accounts = new Map<string, Account>();
  readonly #holds = new Map<string, readonly Hold[]>();
  /** Of the records that were taken and not compared yet. */
  #entries: BookedEntry[] = [];
  /** The records that follow are not in the tables. */
  #isOver = false;

  constructor(place: string, findings: Findings, money: Money) {
    this.#place = place;
    this.#findings = findings;
    this.#money = money;
  }

  take({ sequence, record }: Entry<ParticipantRecord>): void {
    if (this.#isOver) return;
    switch (record.type) {
      case 'opened':
        this.#open(sequence, record);
        return;
      case 'prepared':
        this.#promise(record);
        return;
      case 'committed':
      case 'resolved':
      case 'dismissed': {
        const { type, id: transfer, at, entries = [] } = record;
        if (type !== 'dismissed') this.#release(transfer);
        const when = type === 'committed' ? { timestamp: record.timestamp } : {};
        this.#book({ sequence, at, kind: kinds[type], transfer, ...when }, entries);
        return;
      }
      case 'aborted':
        this.#release(record.id);
        return;
      case 'frozen':
      case 'unfrozen': {
        const account = this.#accounts.get(record.id);
        if (account) account.frozen = record.type === 'frozen';
        return;
      }
      default:
        return;
    }
  }

  tables({ booked, sequence, accounts, holds }: StoredTables): void {
    this.#isOver = true;
    if (booked < sequence) {
      const lack = `${this.#place} lack ${sequence - booked} records of its log`;
      this.#findings.notices.push(`the tables of the ${lack}: the next start fills them`);
    }
    this.#compare(accounts, [...this.#accounts.values()], accountFields, ({ account }) => {
      return `the account ${account}`;
    });
    this.#compare(holds, [...this.#holds.values()].flat(), holdFields, ({ transfer, leg }) => {
      return `the hold of leg ${leg} of ${transfer}`;
    });
  }

  entries(stored: readonly BookedEntry[]): void {
    const due = this.#entries;
    this.#entries = [];
    this.#compare(stored, due, entryFields, ({ sequence, line }) => {
      return `entry ${line} of record ${sequence}`;
    });
  }

  #open(sequence: number, { id: account, currency, balance, minimum, at }: Opened): void {
    const none = { posted: 0, held: 0, pending: 0, frozen: false };
    this.#accounts.set(account, { account, currency, minimum, at, ...none });
    this.#book({ sequence, at, kind: 'opening' }, [{ account, amount: balance, balance }]);
  }

  #promise({ id: transfer, legs, at }: Prepared): void {
    const holds = legs.map(({ account, amount }, index) => {
      return { transfer, leg: index + 1, account, amount, at };
    });
    this.#holds.set(transfer, holds);
    this.#hold(holds, 1);
  }

  #release(transfer: string): void {
    this.#hold(this.#holds.get(transfer) ?? [], -1);
    this.#holds.delete(transfer);
  }

  #hold(holds: readonly Hold[], sign: 1 | -1): void {
    for (const { account: id, amount } of holds) {
      const account = this.#accounts.get(id);
      if (account && amount < 0) account.held -= sign * amount;
      else if (account) account.pending += sign * amount;
    }
  }

  #book(what: Omit<BookedEntry, 'line' | keyof Booked>, entries: readonly Booked[]): void {
    for (const [index, { account: id, amount, balance }] of entries.entries()) {
      const account = this.#accounts.get(id);
      if (account) account.posted += amount;
      this.#entries.push({ line: index + 1, account: id, amount, balance, ...what });
    }
  }

  /** Names each row that is missing, or too many, or says something else. */
  #compare<Row extends { readonly account: string }>(
    stored: readonly Row[],
    wanted: readonly Row[],
    fields: readonly (keyof Row & string)[],
    name: (row: Row) => string,
  ): void {
    const where = `the tables of the ${this.#place}`;
    const there = new Map(stored.map((row) => [name(row), row]));
    for (const row of wanted) {
      const what = name(row);
      const found = there.get(what);
      there.delete(what);
      if (!found) this.#violate(`${where} lack ${what}`, row);
      for (const field of found ? fields : []) {
        const [is, should] = [found?.[field] ?? null, row[field] ?? null];
        if (is === should) continue;
        const [says, wants] = [this.#show(field, is, row), this.#show(field, should, row)];
        const text = `${where} say that "${field}" of ${what} is ${says}`;
        this.#violate(`${text}, and its records say ${wants}`, row);
      }
    }
    for (const [what, row] of there) {
      this.#violate(`${where} have ${what}, which its records do not have`, row);
    }
  }

  #show(field: string, value: unknown, { account }: { account: string }): string {
    const currency = this.#accounts.get(account)?.currency;
    if (typeof value !== 'number' || !currency || !amounts.has(field)) return String(value);
    return this.#money(value, currency);
  }

  #violate(text: string, row: object): void {
    const id = 'transfer' in row && typeof row.transfer === 'string' ? row.transfer : undefined;
    this.#findings.violate('tables', text, id);
  }
}
