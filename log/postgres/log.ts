import { randomUUID } from 'node:crypto';
import { type RecordText, textOf, valueOf } from '../codec.ts';
import { GroupCommit } from '../group-commit.ts';
import type { Entry, Log, LogOptions, LogRecord, LogSize } from '../log.ts';
import { type Beginning, type Key, SegmentTable } from '../segment-table.ts';
import { AwayError, StoreError } from '../store-error.ts';
import { bookingValues, bookInto } from './bookings.ts';
import type { Prepared } from './database.ts';
import {
  incomplete,
  longMs,
  readCheckpoint,
  readRecords,
  SEAL,
  SEGMENT,
  segmentOf,
  type StoredRecord,
} from './records.ts';
import { againMs, patienceMs, pause } from './patience.ts';
import type { HeldStore, LogHead } from './store.ts';

/** What one statement writes at most: records, their characters, and those of a checkpoint. */
const most = { records: 5_000, characters: 1024 * 1024, ofCheckpoint: 4 * 1024 * 1024 };

/** How often a checkpoint that broke with its connection is begun again. */
const mostTries = 20;

/** Opens the log of a store in a database, and replays it. */
export async function openPostgresLog<R extends LogRecord>(
  store: HeldStore,
  options: LogOptions<R>,
): Promise<PostgresLog<R>> {
  const [head] = await store.database.query<LogHead>(
    `SELECT sequence, bytes, booked, checkpoint, checkpoint_sequence, checkpoint_bytes
     FROM unanimous.stores WHERE store = $1 AND holder = $2`,
    [store.store, store.holder],
  );
  if (!head) throw store.lost();
  const log = new PostgresLog(store, options, head);
  await log.replay(head);
  await log.catchUp(head);
  return log;
}

/** The first part of a checkpoint says where the segments begin; the others have the records. */
interface Beginnings {
  readonly beginnings: readonly (Beginning | null)[];
}

/** A record that waits to be written; a seal is only text. */
interface Waiting<R> {
  readonly text: RecordText;
  readonly record?: R;
}

/** The rows of `unanimous.records`, written by group commits that each are one statement. */
export class PostgresLog<R extends LogRecord> implements Log<R> {
  readonly #store: HeldStore;
  readonly #options: LogOptions<R>;
  readonly #commits: GroupCommit;
  readonly #table: SegmentTable<R>;
  readonly #checkpointAfter: number;
  #queue: Waiting<R>[] = [];
  /** The characters of all records, of those since the checkpoint, and of the checkpoint. */
  #bytes: number;
  #grown = 0;
  #checkpointBytes: number;
  /** From the moment that takes a summary until it is written: one at a time. */
  #saving: Promise<void> | undefined;

  constructor(store: HeldStore, options: LogOptions<R>, head: LogHead) {
    const { clock, lazyFlushMs, onDurable, onFailure } = options;
    this.#store = store;
    this.#options = options;
    this.#checkpointAfter = options.segmentBytes ?? most.ofCheckpoint;
    this.#bytes = head.bytes;
    this.#checkpointBytes = head.checkpoint_bytes;
    this.#table = new SegmentTable<R>(options.keyOf);
    this.#commits = new GroupCommit({
      ...{ clock, lazyFlushMs, onDurable, onFailure, position: head.sequence },
      write: () => this.#writeNext(),
      place: () => `the ${store.place}`,
    });
  }

  get position(): number {
    return this.#commits.position;
  }

  get durablePosition(): number {
    return this.#commits.durable;
  }

  get size(): LogSize {
    return {
      segments: this.#table.last,
      segmentBytes: this.#bytes,
      checkpointBytes: this.#checkpointBytes,
      replayedBytes: this.#grown,
    };
  }

  append(...records: readonly R[]): void {
    this.#commits.check();
    const entries = records.map((record) => ({ record, text: textOf(record) }));
    if (this.#commits.isOpen) this.#checkpoint();
    for (const { record, text } of entries) {
      this.#apply(record, this.position + 1);
      this.#enqueue({ text, record });
    }
  }

  /** What another store has on record, its seals as well: every record keeps its sequence. */
  adopt(texts: readonly RecordText[]): void {
    for (const text of texts) {
      if (text !== SEAL) this.#apply(valueOf<R>(text), this.position + 1);
      this.#enqueue({ text });
    }
  }

  /** Keeps the state of another store, as of a record that was adopted, as the checkpoint. */
  async keep(sequence: number, records: readonly RecordText[]): Promise<void> {
    const beginnings = this.#table.before(segmentOf(sequence) + 1);
    await this.#firmly(() => this.#save(sequence, beginnings, records));
  }

  /** The checkpoint, then the records after it. */
  async replay({ sequence, checkpoint, checkpoint_sequence: from }: LogHead): Promise<void> {
    if (from > sequence) {
      throw new StoreError(
        `the checkpoint of the ${this.#store.place} contains record ${from}, and its log ends ` +
          `at ${sequence}: records are lost. Restore the database from a backup`,
      );
    }
    if (checkpoint !== null) await this.#replayCheckpoint(checkpoint);
    for (let at = from; at < sequence;) {
      const page = await this.#page(at + 1, Math.min(sequence, at + SEGMENT));
      for (const { sequence: place, text } of page) {
        if (text !== SEAL) this.#apply(valueOf<R>(text), place);
        this.#grown += text.length;
      }
      at += page.length;
    }
  }

  /**
   * Fills the tables of the accounts from the log, up to its end: they have only a part of it when
   * an older program has written it, or when it was moved from a folder.
   */
  async catchUp({ booked, sequence }: LogHead): Promise<void> {
    if (!this.#options.bookingsOf || booked === sequence) return;
    const { database, store, holder, place } = this.#store;
    const many = sequence - booked;
    this.#store.tell(`the tables of the ${place} lack ${many} records of its log: filling them`);
    for (let at = booked; at < sequence;) {
      let page = await this.#page(at + 1, Math.min(sequence, at + SEGMENT));
      while (page.length > 0) {
        const { count } = together(page);
        const records = page
          .slice(0, count)
          .map(({ text }) => (text === SEAL ? {} : { record: valueOf<R>(text) }));
        const values = [store, holder, at, at + count, ...this.#rows(records, at)];
        await this.#firmly(() => database.query(FILL, values, longMs));
        page = page.slice(count);
        at += count;
      }
    }
    const [row] = await database.query<{ booked: number }>(
      'SELECT booked FROM unanimous.stores WHERE store = $1 AND holder = $2',
      [store, holder],
    );
    if (row?.booked !== sequence) throw this.#store.lost();
  }

  async read(after: number, many: number): Promise<Entry<R>[]> {
    const entries: Entry<R>[] = [];
    for (let at = after; entries.length === 0 && at < this.durablePosition;) {
      const last = Math.min(this.durablePosition, at + Math.min(many, SEGMENT));
      for (const { sequence, text } of await this.#page(at + 1, last)) {
        if (text !== SEAL) entries.push({ sequence, record: valueOf<R>(text) });
      }
      at = last; // It may have held nothing but a seal.
    }
    return entries;
  }

  async *search(
    text: string,
    from: number,
    to: number,
    whole = false,
  ): AsyncGenerator<Entry<R>, void> {
    if (text === '' || text.includes('\n')) {
      throw new RangeError(`${JSON.stringify(text)} must be a part of one line`);
    }
    const backwards = from > to;
    const first = Math.max(1, Math.min(from, to));
    const last = Math.min(this.durablePosition, Math.max(from, to));
    const order = backwards ? 'DESC' : 'ASC';
    for (let done = 0; done <= last - first; done += SEGMENT) {
      const [low, high] = backwards
        ? [Math.max(first, last - done - SEGMENT + 1), last - done]
        : [first + done, Math.min(last, first + done + SEGMENT - 1)];
      if (whole) await this.#prove(low, high);
      const rows = await this.#store.database.read<{ sequence: number; text: string }>(
        `SELECT sequence, record::text AS text FROM unanimous.records
         WHERE store = $1 AND sequence BETWEEN $2 AND $3 AND position($4 IN record::text) > 0
         ORDER BY sequence ${order}`,
        [this.#store.store, low, high, text],
      );
      for (const row of rows) yield { sequence: row.sequence, record: valueOf<R>(row.text) };
    }
  }

  around(key: Key): { first: number; last: number } {
    return this.#table.around(key, this.position);
  }

  archived(): Promise<readonly []> {
    return Promise.resolve([]);
  }

  async durable(position = this.position): Promise<void> {
    await this.#commits.until(position);
    await this.#store.fresh();
  }

  async close(): Promise<void> {
    await this.#commits.close();
    await this.#saving;
    await this.#commits.until(this.position); // The checkpoint may have failed.
  }

  #enqueue(waiting: Waiting<R>): void {
    this.#commits.add();
    this.#bytes += waiting.text.length;
    this.#grown += waiting.text.length;
    if (!this.#commits.hasFailed) this.#queue.push(waiting);
  }

  #apply(record: R, sequence: number): void {
    try {
      this.#options.apply(record);
    } catch (error) {
      // The state is somewhere between two records: it may neither be answered from nor kept.
      this.#commits.fail(`applying record ${sequence} ("${record.type}") failed`, error);
      throw error;
    }
    const number = segmentOf(sequence);
    this.#table.begin(number, (number - 1) * SEGMENT + 1);
    this.#table.see(number, record);
  }

  async #replayCheckpoint(checkpoint: string): Promise<void> {
    const { database, place } = this.#store;
    const parts = readCheckpoint(database, place, checkpoint);
    const first = await parts.next();
    if (!first.done) this.#table.restore(valueOf<Beginnings>(first.value).beginnings);
    for await (const part of parts) {
      for (const record of valueOf<R[]>(part)) this.#options.apply(record);
    }
  }

  /** Records that must all be there. */
  #page(first: number, last: number): Promise<StoredRecord[]> {
    const { database, store, place } = this.#store;
    return readRecords(database, { store, place }, first, last);
  }

  async #prove(first: number, last: number): Promise<void> {
    const [row] = await this.#store.database.read<{ found: number }>(
      `SELECT count(*) AS found FROM unanimous.records
       WHERE store = $1 AND sequence BETWEEN $2 AND $3`,
      [this.#store.store, first, last],
    );
    const found = row?.found ?? 0;
    if (found !== last - first + 1) throw incomplete(this.#store.place, first, last, found);
  }

  async #writeNext(): Promise<void> {
    const { count, characters } = together(this.#queue);
    const batch = this.#queue.slice(0, count);
    const { clock, onForced } = this.#options;
    const since = clock.now();
    const end = await this.#write(batch, characters);
    this.#queue = this.#queue.slice(count);
    onForced?.(clock.now() - since, count);
    this.#commits.acknowledge(end);
  }

  /**
   * One statement, which changes nothing unless this process holds the store and the log ends
   * where it should. Was it made? If that is not known, the row is read again (PROTOCOL.md,
   * PostgreSQL), and what is tried again is the same.
   */
  async #write(batch: readonly Waiting<R>[], bytes: number): Promise<number> {
    const { database, store, holder, clock } = this.#store;
    const before = this.durablePosition;
    const after = before + batch.length;
    const records = `[${batch.map(({ text }) => text).join(',')}]`;
    const values = [store, holder, before, after, bytes, records, ...this.#rows(batch, before)];
    const statement = this.#options.bookingsOf ? WRITE_BOOKED : WRITE;
    this.#store.expect(after);
    for (const begun = clock.now(); ;) {
      const since = clock.now();
      let failure = new Error('the log does not end where it should');
      try {
        const [row] = await database.query<{ written: number }>(statement, values);
        if (row?.written === batch.length) {
          this.#store.confirm(since, after);
          return after;
        }
      } catch (error) {
        if (!(error instanceof AwayError)) throw error;
        failure = error;
      }
      const end = await this.#store.look();
      if (end === after) return after;
      if (end !== before || clock.now() - begun > patienceMs) throw failure;
      await pause(clock, againMs);
    }
  }

  /** What records do to the accounts, as parameters; none unless tables are kept of that. */
  #rows(records: readonly { readonly record?: R }[], before: number): unknown[] {
    const { bookingsOf } = this.#options;
    if (!bookingsOf) return [];
    const entries = records.flatMap(({ record }, index) =>
      record === undefined ? [] : [{ sequence: before + index + 1, record }],
    );
    return bookingValues(bookingsOf(entries));
  }

  /** The state is summarised here and now when the log has grown enough to pay for that. */
  #checkpoint(): void {
    if (this.#saving || this.#grown < Math.max(this.#checkpointAfter, this.#checkpointBytes))
      return;
    const records = Array.from(this.#options.summarise(), textOf);
    const beginnings = this.#table.before(this.#table.last + 1);
    this.#grown = 0;
    const { position } = this;
    this.#saving = this.#firmly(() => this.#save(position, beginnings, records)).then(
      () => {
        this.#saving = undefined;
      },
      (error: unknown) => {
        this.#commits.fail(`writing a checkpoint of the ${this.#store.place} failed`, error);
      },
    );
  }

  /** What a broken connection has ended is begun again. */
  async #firmly(step: () => Promise<unknown>): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await step();
        return;
      } catch (error) {
        if (!(error instanceof AwayError) || tries === mostTries) throw error;
        await this.#store.look();
        await pause(this.#store.clock, againMs);
      }
    }
  }

  /**
   * The row names the checkpoint when all parts of it are there, and all that it contains is. A
   * statement that comes late changes nothing: the sequence only grows, and what is removed was
   * there before.
   */
  async #save(
    sequence: number,
    beginnings: (Beginning | null)[],
    records: readonly RecordText[],
  ): Promise<void> {
    const { database, store, holder } = this.#store;
    const old = await database.query<{ checkpoint: string }>(
      'SELECT DISTINCT checkpoint FROM unanimous.checkpoints WHERE store = $1',
      [store],
    );
    const checkpoint = randomUUID();
    let [parts, bytes] = [0, 0];
    const add = (content: string) => {
      bytes += content.length;
      return database.query(ADD, [store, checkpoint, parts++, content], longMs);
    };
    await add(JSON.stringify({ beginnings }));
    for (const content of inParts(records)) await add(content);
    await this.#commits.until(sequence);
    await database.query(NAME, [store, holder, checkpoint, sequence, bytes, parts]);
    await this.#store.look();
    this.#checkpointBytes = bytes;
    await database.query(CLEAR, [store, old.map((one) => one.checkpoint)], longMs);
  }
}

/** How many of these one statement writes, and their characters. */
function together(all: readonly { readonly text: string }[]): {
  count: number;
  characters: number;
} {
  let characters = 0;
  let count = 0;
  for (const { text } of all) {
    if (count === most.records || (count > 0 && characters > most.characters)) break;
    characters += text.length;
    count += 1;
  }
  return { count, characters };
}

/** Arrays of records, the last of them empty. */
function* inParts(records: readonly RecordText[]): Generator<string> {
  for (let at = 0; at < records.length;) {
    const part: RecordText[] = [];
    for (let characters = 0; at < records.length && characters < most.ofCheckpoint; at++) {
      const text = records[at] ?? '';
      characters += text.length;
      part.push(text);
    }
    yield `[${part.join(',')}]`;
  }
  yield '[]';
}

const ADD = `
  INSERT INTO unanimous.checkpoints (store, checkpoint, part, content) VALUES ($1, $2, $3, $4)`;

const NAME = `
  UPDATE unanimous.stores
  SET checkpoint = $3, checkpoint_sequence = $4, checkpoint_bytes = $5
  WHERE store = $1 AND holder = $2 AND sequence >= $4 AND checkpoint_sequence < $4
    AND $6 = (SELECT count(*) FROM unanimous.checkpoints WHERE checkpoint = $3)`;

const CLEAR = `
  DELETE FROM unanimous.checkpoints AS old USING unanimous.stores AS kept
  WHERE old.checkpoint = ANY($2::uuid[]) AND kept.store = $1
    AND old.checkpoint IS DISTINCT FROM kept.checkpoint`;

/** Writes records, if this process holds the store and its log ends where it should. */
const write = (booked = '', tables = '') => `
  WITH held AS (
    UPDATE unanimous.stores
    SET sequence = $4, bytes = bytes + $5,${booked}
        leased_until = clock_timestamp() + lease_ms * interval '1 millisecond'
    WHERE store = $1 AND holder = $2 AND sequence = $3
    RETURNING store
  ), written AS (
    INSERT INTO unanimous.records (store, sequence, record)
    SELECT held.store, $3::bigint + entry.number, entry.record
    FROM held, json_array_elements($6::json) WITH ORDINALITY AS entry(record, number)
    RETURNING sequence
  )${tables}
  SELECT count(*) AS written FROM written`;

const WRITE: Prepared = { name: 'write', text: write() };

/** Tables that were not in step before would seem to be: none, which the column refuses. */
const inStep = ' booked = CASE WHEN booked = $3 THEN $4::bigint END,';

const WRITE_BOOKED: Prepared = {
  name: 'write booked',
  text: write(inStep, `, ${bookInto(7)}`),
};

/** The tables follow a part of the log that is there. */
const FILL = `
  WITH held AS (
    UPDATE unanimous.stores
    SET booked = $4, leased_until = clock_timestamp() + lease_ms * interval '1 millisecond'
    WHERE store = $1 AND holder = $2 AND booked = $3
    RETURNING store
  ), ${bookInto(5)}
  SELECT count(*) AS filled FROM held`;
