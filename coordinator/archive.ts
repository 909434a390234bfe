import { setImmediate } from 'node:timers/promises';
import { ArchivedError, type Part, partAfter, partOf } from '../log/archived.ts';
import type { Entry, Log } from '../log/log.ts';
import type { Registered } from './directory.ts';
import { matches, type TransferFilter } from './list.ts';
import {
  apply,
  initial,
  parseId,
  type Begun,
  type Elapsed,
  type Fact,
  type State,
  type Summary,
  type Transfer,
} from './protocol.ts';

/** What stands in the log of a coordinator, and in its checkpoints. */
export type CoordinatorRecord = Fact | Registered | Elapsed | Summary;

type CoordinatorLog = Log<CoordinatorRecord>;

/** A begun record, and its place in the log. */
interface Placed {
  readonly position: number;
  readonly begun: Begun;
}

/** After so many records, whatever else this node has to do comes first. */
const breath = 64;

const beginnings = '"type":"begun"';

/** Reads transfers from the log, which has all that was not moved (PROTOCOL.md, forgetting). */
export class Archive {
  readonly #state: State;
  readonly #log: CoordinatorLog;

  /** @param state whoever is in it is taken from there: the log has only what is durable */
  constructor(state: State, log: CoordinatorLog) {
    this.#state = state;
    this.#log = log;
  }

  /** What was moved elsewhere until now, oldest first. */
  moved(): Promise<readonly Part[]> {
    return this.#log.archived();
  }

  /**
   * A transfer that was begun, whenever that was; undefined if none was.
   * @throws ArchivedError when it was, and what became of it was moved elsewhere
   */
  async find(id: string): Promise<Transfer | undefined> {
    // Whoever is told that it never began takes it for aborted: damage must not say so.
    return (await this.glance(id)) ?? (await this.search(id, true));
  }

  /** The same, but what is damaged may hide it: nothing follows from its absence. */
  async glance(id: string): Promise<Transfer | undefined> {
    return this.#state.transfers.get(id) ?? (await this.search(id, false));
  }

  /** The same of what is in the log. @param whole the segment must prove itself; it takes long */
  async search(id: string, whole: boolean): Promise<Transfer | undefined> {
    if (!id.startsWith(`${this.#state.store}-`)) return undefined;
    const { first, last } = await this.#around(id);
    if (first > last) return undefined;
    for await (const { sequence, record } of this.#log.search(mention(id), first, last, whole)) {
      if (record.type === 'begun' && record.id === id) return this.#read(sequence, record);
    }
    return undefined;
  }

  /**
   * The records of a transfer that was begun, in order, as far as they are on disk.
   * @throws ArchivedError when they were moved elsewhere
   */
  async records({ begun, decided, ended }: Transfer): Promise<Entry<Fact>[]> {
    const { id } = begun;
    const { first } = await this.#around(id);
    // What comes behind those that there are by now is not searched: it may be a lot.
    const there = [begun, decided, ended].filter((record) => record !== undefined).length;
    let found: Entry<Fact>[] = [];
    for (const whole of [false, true]) {
      found = [];
      const to = this.#log.durablePosition;
      for await (const { sequence, record } of this.#log.search(mention(id), first, to, whole)) {
        if (!isAbout(record, id)) continue;
        found.push({ sequence, record });
        if (found.length === there) return found;
      }
    }
    return found;
  }

  /**
   * The transfers of a list, newest first, with the place of each; it ends where all before was
   * moved elsewhere.
   * @param before only those that began before this position
   */
  async *newestFirst(
    filter: TransferFilter,
    before = Infinity,
  ): AsyncGenerator<{ position: number; transfer: Transfer }> {
    const { durablePosition } = this.#log;
    const from = Math.min(durablePosition, before - 1);
    const first = filter.state === 'preparing' ? this.#firstUndecided() : 1;
    if (from < first) return;
    const { state, ...others } = filter;
    try {
      for await (const { position, begun } of this.#begun(textOf(filter), from, first)) {
        if (!matches({ begun, decided: undefined }, others)) continue;
        const transfer = await this.#complete(position, begun);
        if (matches(transfer, filter)) yield { position, transfer };
      }
    } catch (error) {
      if (!(error instanceof ArchivedError)) throw error;
    }
  }

  /**
   * What was begun after a transfer, or ever; oldest first, as far as it is durable.
   * @throws ArchivedError when some of it was moved elsewhere
   */
  async *begunAfter(id: string | undefined): AsyncGenerator<Begun> {
    const key = id === undefined ? undefined : keyOf(id);
    const moved = await this.moved();
    const part = partAfter(moved, key);
    if (part) throw new ArchivedError(part);
    const from = Math.max(key ? this.#log.around(key).first : 1, endOf(moved) + 1);
    const to = this.#log.durablePosition;
    if (from > to) return;
    for await (const { begun } of this.#begun(beginnings, from, to, true)) {
      if (!key || isAbove(keyOf(begun.id), key)) yield begun;
    }
  }

  /** Where a transfer has begun, if it has; it is empty when that is behind the log. */
  async #around(id: string): Promise<{ readonly first: number; readonly last: number }> {
    const key = keyOf(id);
    if (!key) return { first: 1, last: 0 };
    const moved = await this.moved();
    const part = partOf(moved, key);
    if (part) throw new ArchivedError(part);
    // In what was moved there is none with this id: whoever began in it is known to have.
    const { first, last } = this.#log.around(key);
    return { first: Math.max(first, endOf(moved) + 1), last };
  }

  async *#begun(text: string, from: number, to: number, whole = false): AsyncGenerator<Placed> {
    if (to < 1) return;
    let looked = 0;
    for await (const { sequence, record } of this.#log.search(text, from, to, whole)) {
      looked += 1;
      if (looked % breath === 0) await setImmediate();
      if (record.type === 'begun') yield { position: sequence, begun: record };
    }
  }

  /** Where the oldest transfer without a decision may have begun. */
  #firstUndecided(): number {
    for (const [id, { decided }] of this.#state.transfers) {
      const key = decided ? undefined : keyOf(id);
      if (key) return this.#log.around(key).first;
    }
    return Infinity;
  }

  #complete(position: number, begun: Begun): Transfer | Promise<Transfer> {
    return this.#state.transfers.get(begun.id) ?? this.#read(position, begun);
  }

  /** What became of a transfer that began at a position. */
  async #read(position: number, begun: Begun): Promise<Transfer> {
    const { id } = begun;
    const past = initial(this.#state.store, this.#state.epoch);
    apply(past, begun);
    const transfer = past.transfers.get(id);
    if (!transfer) throw new Error(`broken invariant: ${id} has begun`);
    if (position >= this.#log.durablePosition) return transfer;
    // It has ended: what does not say so is damaged.
    for (const whole of [false, true]) {
      const to = this.#log.durablePosition;
      for await (const { record } of this.#log.search(mention(id), position + 1, to, whole)) {
        if (!isAbout(record, id) || record.type === 'begun') continue;
        if (!transfer[record.type]) apply(past, record);
        if (transfer.ended) return transfer;
      }
    }
    return transfer;
  }
}

/** What the log finds its segments by: the ids of transfers grow along it. */
export function beginningOf(record: CoordinatorRecord) {
  return record.type === 'begun' ? keyOf(record.id) : undefined;
}

const isAbout = (record: CoordinatorRecord, id: string): record is Fact =>
  (record.type === 'begun' || record.type === 'decided' || record.type === 'ended') &&
  record.id === id;

/** The last record that was moved elsewhere. */
const endOf = (moved: readonly Part[]) => moved.at(-1)?.sequence ?? 0;

function keyOf(id: string): readonly [number, number] | undefined {
  const parsed = parseId(id);
  return parsed && [parsed.epoch, parsed.sequence];
}

function isAbove(key: readonly [number, number] | undefined, [epoch, number]: readonly number[]) {
  if (!key || epoch === undefined || number === undefined) return false;
  return key[0] > epoch || (key[0] === epoch && key[1] > number);
}

/** A text that the records of a transfer have in the log; others may have it, too. */
const mention = (id: string) => `"id":${JSON.stringify(id)}`;

/** A text that every transfer of a list has in its begun record. */
function textOf({ account, reference }: TransferFilter): string {
  if (account !== undefined) return JSON.stringify(account);
  return reference === undefined ? beginnings : `"reference":${JSON.stringify(reference)}`;
}
