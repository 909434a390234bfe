/** What records do to accounts, for the tables of a database (PROTOCOL.md, PostgreSQL). Pure. */
import type {
  BookedEntry,
  Bookings,
  ChangedAccount,
  Hold,
  OpenedAccount,
} from '../log/bookings.ts';
import type { Entry as Recorded } from '../log/log.ts';
import type { Fact } from './participant.ts';
import type { Entry, Prepared } from './records.ts';

/** What is gathered. */
interface Gathered {
  readonly opened: OpenedAccount[];
  /** By transfer: what is promised and released again never was, to whoever looks in between. */
  readonly promised: Map<string, readonly Hold[]>;
  readonly released: string[];
  readonly entries: BookedEntry[];
  readonly changed: Map<string, ChangedAccount>;
}

/** What these records, which follow each other in the log, do together. */
export function bookingsOf(records: Iterable<Recorded<Fact>>): Bookings {
  const all: Gathered = {
    ...{ opened: [], promised: new Map(), released: [], entries: [], changed: new Map() },
  };
  for (const { sequence, record } of records) gather(all, sequence, record);
  const { opened, promised, released, entries, changed } = all;
  return {
    ...{ opened, released, entries },
    promised: [...promised.values()].flat(),
    changed: [...changed.values()],
  };
}

function gather(all: Gathered, sequence: number, record: Fact): void {
  switch (record.type) {
    case 'opened': {
      const { id: account, currency, balance, minimum, at } = record;
      all.opened.push({ account, currency, minimum, at });
      enter(all, { sequence, kind: 'opening', at }, [{ account, amount: balance, balance }]);
      return;
    }
    case 'frozen':
    case 'unfrozen':
      change(all, { account: record.id, frozen: record.type === 'frozen' });
      return;
    case 'prepared':
      all.promised.set(record.id, holdsOf(record));
      return;
    case 'committed':
    case 'resolved':
    case 'dismissed': {
      const { type, id: transfer, at, entries } = record;
      // What is dismissed holds nothing: it was released when it was resolved.
      if (type !== 'dismissed') release(all, transfer);
      const when = type === 'committed' ? { timestamp: record.timestamp } : {};
      enter(all, { sequence, kind: kinds[type], transfer, at, ...when }, entries);
      return;
    }
    case 'aborted':
      release(all, record.id);
      return;
    case 'confirmed':
    case 'damaged':
    case 'watermark':
    case 'named':
    case 'remembered':
    case 'seen':
      return;
  }
}

const kinds = {
  committed: 'transfer',
  resolved: 'resolution',
  dismissed: 'compensation',
} as const;

const holdsOf = ({ id: transfer, legs, at }: Prepared): Hold[] =>
  legs.map(({ account, amount }, index) => ({ transfer, leg: index + 1, account, amount, at }));

function release({ promised, released }: Gathered, transfer: string): void {
  if (!promised.delete(transfer)) released.push(transfer);
}

function enter(
  all: Gathered,
  what: Omit<BookedEntry, 'line' | keyof Entry>,
  entries: readonly Entry[],
): void {
  for (const [index, { account, amount, balance }] of entries.entries()) {
    all.entries.push({ line: index + 1, account, amount, balance, ...what });
    change(all, { account, balance });
  }
}

function change({ changed }: Gathered, news: ChangedAccount): void {
  changed.set(news.account, { ...changed.get(news.account), ...news });
}
