import { type Part, readArchived } from './archived.ts';
import type { Bookings } from './bookings.ts';
import { type Chapter, OpenChapter, type Passage } from './chapter.ts';
import { checkpointAt } from './checkpoint.ts';
import type { Clock } from './clock.ts';
import {
  EMPTY_SEGMENT,
  type Link,
  lineOf,
  type RecordText,
  sealRecord,
  textOf,
  valueOf,
} from './codec.ts';
import { GroupCommit } from './group-commit.ts';
import { History } from './history.ts';
import { recover, type Recovered, type Segment, segmentOf } from './recovery.ts';
import { type Key, SegmentTable } from './segment-table.ts';
import type { FolderStore } from './store.ts';

/**
 * A record of a machine: any JSON object that names its type. The names `seq`, `synced`, `prev`
 * and `crc` and the type `sealed` belong to the log.
 */
export interface LogRecord {
  readonly type: string;
}

/** What a log needs of the machine that runs on it. */
export interface LogOptions<R extends LogRecord> {
  readonly clock: Clock;
  /** Changes the state: at the start for each record of the past, then for each appended one. */
  readonly apply: (record: R) => void;
  /** The shortest log that rebuilds the state; read at once, at a segment border. */
  readonly summarise: () => Iterable<R>;
  /** What `around` finds records by; it should not go back along the log. None unless told. */
  readonly keyOf?: (record: R) => Key | undefined;
  /**
   * What records that follow each other do to accounts. Pure. A log in a database writes that into
   * tables, together with the records; one in a folder never asks.
   */
  readonly bookingsOf?: (records: Iterable<Entry<R>>) => Bookings;
  /** Called each time more is forced. */
  readonly onDurable?: () => void;
  /** Called after each forced write, with the milliseconds it took and how many records it had. */
  readonly onForced?: (ms: number, records: number) => void;
  /** The log cannot go on, for example as a write failed: the node must exit. Called once. */
  readonly onFailure: (error: Error) => void;
  /** A segment that is larger than this is sealed; in bytes, 4 MiB unless told. */
  readonly segmentBytes?: number;
  /** A record that nobody waits for is forced at the latest after this; in ms, 20 unless told. */
  readonly lazyFlushMs?: number;
}

/** A record in its place. */
export interface Entry<R extends LogRecord> {
  readonly sequence: number;
  readonly record: R;
}

/** What a log takes on its disk. */
export interface LogSize {
  readonly segments: number;
  readonly segmentBytes: number;
  readonly checkpointBytes: number;
  /** About what a start has to replay besides the checkpoint. */
  readonly replayedBytes: number;
}

/** The durable log of a node (PROTOCOL.md, log). */
export interface Log<R extends LogRecord> {
  /**
   * Applies the records, in order and before it returns, and queues them to be written. Several
   * records are not one: a crash may keep only the first of them.
   * @throws TypeError, before anything is applied, when a record is not one (see `LogRecord`)
   */
  append(...records: readonly R[]): void;
  /** The sequence of the last appended record, 0 when there is none. Seals count too. */
  readonly position: number;
  /** The sequence of the last record that is known to be forced. */
  readonly durablePosition: number;
  readonly size: LogSize;
  /**
   * The records after a position, oldest first, that are forced: as many as `most`, none when
   * there are no more. What is not in the open segment is read from its file.
   * @throws ArchivedError when they were moved elsewhere
   */
  read(after: number, most: number): Promise<Entry<R>[]>;
  /**
   * The forced records between two positions, both included, whose line contains a text as JSON
   * writes it, for example `"id":"k3f9q2ma-1-42"`. Backwards when `from` is the higher one. It
   * reads one segment at a time, and none after the consumer has stopped.
   * @param whole also what is passed over must be readable: then what is not found is not there
   * @throws RangeError when the text is empty or has a line break: no line has that
   * @throws StoreError when a file on the way is missing, or a record that it finds is damaged
   * @throws ArchivedError when it comes to what was moved elsewhere
   */
  search(text: string, from: number, to: number, whole?: boolean): AsyncGenerator<Entry<R>, void>;
  /** The positions of the segment that begins at or before a key (see `LogOptions.keyOf`). */
  around(key: Key): { readonly first: number; readonly last: number };
  /** What was moved elsewhere until now, oldest first: that may be while the node is running. */
  archived(): Promise<readonly Part[]>;
  /**
   * Asks for a flush at once, and resolves when the log is forced up to a position, the current
   * one unless told. After a failure it never settles: nothing may be answered any more.
   */
  durable(position?: number): Promise<void>;
  /** Forces everything and closes the files. After a failure it never settles. */
  close(): Promise<void>;
}

/** A log in a folder, and what it needs of its machine. */
export interface FolderLogOptions<R extends LogRecord> extends LogOptions<R> {
  readonly store: FolderStore;
}

/**
 * Opens the log of a store and replays it through `apply`.
 * @throws StoreError when the store is damaged
 */
export async function openLog<R extends LogRecord>(options: FolderLogOptions<R>): Promise<Log<R>> {
  const table = new SegmentTable<R>(options.keyOf);
  const recovered = await recover<R>(options.store, table, (record) => {
    options.apply(record);
  });
  return new SegmentedLog(options, recovered, table);
}

const MIB = 1024 * 1024;
/** About what the log adds to a record: header, crc and separators, in bytes. */
const FRAME_BYTES = 72;

/** What waits to be written into one full segment, and what follows it. */
interface Border {
  readonly records: RecordText[];
  /** The state at the border, when a checkpoint is due. */
  readonly summary: RecordText[] | undefined;
}

const entryOf = <R extends LogRecord>({ sequence, text }: Passage): Entry<R> => ({
  sequence,
  record: valueOf<R>(text),
});

/** The log as segments: one write and one fdatasync serve all who wait. */
class SegmentedLog<R extends LogRecord> implements Log<R> {
  readonly #options: FolderLogOptions<R>;
  readonly #commits: GroupCommit;
  readonly #segmentBytes: number;
  readonly #checkpoint: Recovered['checkpoint'];
  readonly #table: SegmentTable<R>;
  readonly #history: History<R>;
  /** What `append` sees: the segment that the next record belongs to, in bytes, roughly. */
  #size: number;
  #grown: number;
  /** The size of the segments before the tail, in bytes. */
  #sealedBytes: number;
  #borders: Border[] = [];
  #queue: RecordText[] = [];
  /** What the loop sees: the segment being written, and the last record given to it. */
  #tail: Segment;
  /** The last sequence before the segment that is being written. */
  #tailAfter: number;
  #end: Link;
  #saving: Promise<void> | undefined;
  /** From the border that takes a summary until its checkpoint is written: one at a time. */
  #summarised = false;

  constructor(options: FolderLogOptions<R>, recovered: Recovered, table: SegmentTable<R>) {
    const { end, tail, checkpoint, grown, sealedBytes } = recovered;
    this.#options = options;
    this.#table = table;
    this.#segmentBytes = options.segmentBytes ?? 4 * MIB;
    this.#checkpoint = checkpoint;
    this.#tail = tail;
    this.#tailAfter = end.sequence - tail.low.data.length;
    this.#history = new History(options.store, table);
    this.#end = end;
    this.#size = tail.file.bytes;
    this.#grown = grown;
    this.#sealedBytes = sealedBytes;
    const { clock, lazyFlushMs, onDurable, onFailure } = options;
    this.#commits = new GroupCommit({
      ...{ clock, lazyFlushMs, onDurable, onFailure, position: end.sequence },
      write: () => this.#writeNext(),
      place: () => this.#tail.file.path,
    });
  }

  get position(): number {
    return this.#commits.position;
  }

  get durablePosition(): number {
    return this.#commits.durable;
  }

  get size(): LogSize {
    const { number, file } = this.#tail;
    return {
      segments: number,
      segmentBytes: this.#sealedBytes + file.bytes,
      checkpointBytes: this.#checkpoint.file.bytes,
      replayedBytes: this.#grown,
    };
  }

  append(...records: readonly R[]): void {
    this.#commits.check();
    const entries = records.map((record) => ({ record, text: textOf(record) }));
    if (this.#commits.isOpen && this.#size > this.#segmentBytes) this.#border();
    for (const { record, text } of entries) {
      this.#apply(record);
      this.#table.see(this.#table.last, record);
      this.#enqueue(text);
    }
  }

  async read(after: number, most: number): Promise<Entry<R>[]> {
    const entries: Entry<R>[] = [];
    for (let at = after; entries.length === 0 && at < this.durablePosition;) {
      const chapter = await this.#chapter(at + 1);
      try {
        const passages = chapter.passages(at + 1, Math.min(most, this.durablePosition - at));
        entries.push(...passages.map(entryOf<R>));
        at = chapter.last; // It may have held nothing more but its seal.
      } finally {
        chapter.release();
      }
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
    let first = Math.max(1, Math.min(from, to));
    let last = Math.min(this.durablePosition, Math.max(from, to));
    while (first <= last) {
      const chapter = await this.#chapter(backwards ? last : first);
      const range = {
        first: Math.max(first, chapter.first),
        last: Math.min(last, chapter.last),
        backwards,
        whole,
      };
      try {
        for (const passage of chapter.search(text, range)) yield entryOf<R>(passage);
      } finally {
        chapter.release();
      }
      if (backwards) last = range.first - 1;
      else first = range.last + 1;
    }
  }

  around(key: Key): { first: number; last: number } {
    return this.#table.around(key, this.position);
  }

  async archived(): Promise<readonly Part[]> {
    const { disk, folder } = this.#options.store;
    return (await readArchived(disk, folder))?.parts ?? [];
  }

  durable(position = this.position): Promise<void> {
    return this.#commits.until(position);
  }

  async close(): Promise<void> {
    await this.#commits.close();
    await this.#saving;
    await this.durable(); // The checkpoint may have failed.
    await this.#tail.file.close();
  }

  #chapter(sequence: number): Chapter | Promise<Chapter> {
    const { number, low } = this.#tail;
    if (sequence <= this.#tailAfter) return this.#history.holding(sequence, number);
    return new OpenChapter(this.#tailAfter + 1, low.data);
  }

  #apply(record: R): void {
    try {
      this.#options.apply(record);
    } catch (error) {
      // The state is somewhere between two records: it may neither be answered from nor kept.
      this.#commits.fail(`applying record ${this.position + 1} ("${record.type}") failed`, error);
      throw error;
    }
  }

  #enqueue(text: RecordText): void {
    this.#commits.add();
    if (this.#commits.hasFailed) return;
    const bytes = Buffer.byteLength(text) + FRAME_BYTES;
    this.#size += bytes;
    this.#grown += bytes;
    this.#queue.push(text);
  }

  /**
   * Decides that the segment is full. The state is summarised here and now, as of the border, when
   * the log has grown enough to pay for a checkpoint: so its cost is spread over what was written.
   */
  #border(): void {
    const due = Math.max(this.#segmentBytes, this.#checkpoint.file.bytes);
    let summary: RecordText[] | undefined;
    if (this.#grown >= due && !this.#summarised) {
      this.#summarised = true;
      summary = Array.from(this.#options.summarise(), textOf);
      this.#grown = 0;
    }
    this.#borders.push({ records: this.#queue, summary });
    this.#queue = [];
    this.#commits.skip(); // of the seal
    this.#table.begin(this.#table.last + 1, this.position + 1);
    this.#size = EMPTY_SEGMENT.length;
  }

  async #writeNext(): Promise<void> {
    const border = this.#borders.shift();
    if (border === undefined) {
      const records = this.#queue;
      this.#queue = [];
      await this.#write(records);
    } else {
      await this.#write(border.records);
      await this.#rotate(border.summary);
    }
  }

  async #write(records: readonly RecordText[]): Promise<void> {
    const { low } = this.#tail;
    for (const text of records) {
      const { line, link } = lineOf(text, this.#end, this.durablePosition);
      low.data.push(line);
      this.#end = link;
    }
    const { clock, onForced } = this.#options;
    const since = clock.now();
    await low.write();
    if (records.length > 0) onForced?.(clock.now() - since, records.length);
    this.#commits.acknowledge(this.#end.sequence);
  }

  /** The full segment gets its seal only when its successor is there (PROTOCOL.md, log). */
  async #rotate(summary: RecordText[] | undefined): Promise<void> {
    const { store } = this.#options;
    const full = this.#tail;
    const { link } = lineOf(sealRecord(), this.#end, this.durablePosition);
    const next = segmentOf(store, full.number + 1, link, false);
    await next.file.create();
    await this.#write([sealRecord()]);
    await full.file.close();
    this.#sealedBytes += full.file.bytes;
    this.#tail = next;
    this.#tailAfter = this.#end.sequence;
    if (summary !== undefined) this.#saving = this.#save(next.number, this.#end, summary);
  }

  /** Commits go on meanwhile: what the checkpoint contains is forced and does not change. */
  async #save(segment: number, end: Link, summary: RecordText[]): Promise<void> {
    const { low, file } = this.#checkpoint;
    const beginnings = this.#table.before(segment);
    low.data = checkpointAt(this.#options.store.identity.store, end, beginnings, summary);
    try {
      await low.write();
      low.data = { ...low.data, records: [] };
      this.#saving = undefined;
      this.#summarised = false;
    } catch (error) {
      this.#commits.fail(`writing ${file.path} failed`, error);
    }
  }
}
