/** Reads stores in a database that nodes may be writing meanwhile: nothing is changed. */
import type { BookedEntry, Hold, StoredAccount, StoredTables } from '../bookings.ts';
import { valueOf } from '../codec.ts';
import type { LogRecord } from '../log.ts';
import type { Place, StoreReader, StoreSource, TablesReader } from '../read-store.ts';
import { StoreError } from '../store-error.ts';
import type { Identity, Role } from '../store.ts';
import { connect, type Database } from './database.ts';
import { longMs, readCheckpoint, readRecords, SEAL, SEGMENT, segmentOf } from './records.ts';
import { SCHEMA_VERSION, schemaVersion } from './schema.ts';
import { placeIn } from './store.ts';

/** The stores of a database. */
export interface StoredThere {
  readonly sources: readonly StoreSource[];
  /** No source can be read after that. */
  close(): Promise<void>;
}

interface Row extends Record<string, unknown> {
  readonly store: string;
  readonly role: Role;
  readonly name: string;
  readonly epoch: number;
  readonly sequence: number;
  readonly checkpoint: string | null;
  readonly checkpoint_sequence: number;
}

/**
 * The stores that a database has.
 * @throws StoreError when it cannot be reached, has none, or those of a newer program
 */
export async function storesIn(url: string): Promise<StoredThere> {
  const database = await connect(url);
  try {
    const version = await schemaVersion(database);
    if (version > SCHEMA_VERSION) {
      throw new StoreError(`the tables at ${database.place} are a newer program's: run that one`);
    }
    const rows = version === 0 ? [] : await database.query<Row>(`${ROW} ORDER BY role, name`);
    if (rows.length === 0) throw new StoreError(`${database.place} holds no store`);
    const sources = rows.map(({ store, role, name }) => sourceOf(database, store, { role, name }));
    return { sources, close: () => database.close() };
  } catch (error) {
    await database.close();
    throw error;
  }
}

const ROW = `
  SELECT store, role, name, epoch, sequence, checkpoint, checkpoint_sequence
  FROM unanimous.stores`;

/** How often a checkpoint is read that a running node replaces meanwhile. */
const attempts = 10;

/** A store in a database. */
export function sourceOf(
  database: Database,
  store: string,
  owner: { role: Role; name: string },
): StoreSource {
  const { role } = owner;
  const place = placeIn(database, owner);
  const row = async (): Promise<Row> => {
    const [found] = await database.query<Row>(`${ROW} WHERE store = $1`, [store]);
    if (!found) throw new StoreError(`the store of the ${place} is gone`);
    return found;
  };
  const readBetween = async <R extends LogRecord>(
    { take, onSegment, entries }: Reader<R>,
    after: number,
    last: number,
    booked = 0,
  ) => {
    for (let at = after; at < last; at = Math.min(last, at + SEGMENT)) {
      const end = Math.min(last, at + SEGMENT);
      const page = await readRecords(database, { store, place }, at + 1, end);
      for (const { sequence, text } of page) {
        if (text !== SEAL) take?.({ sequence, record: valueOf<R>(text) });
      }
      if (entries && at < booked) entries(await readEntries(database, store, at + 1, end));
      onSegment?.(segmentOf(end), end);
    }
  };
  return {
    place,
    hasTables: role === 'participant',
    async identity(): Promise<Identity> {
      const { epoch } = await row();
      return { format: 1, role, store, epoch };
    },
    async read<R extends LogRecord>(reader: Reader<R>) {
      // Before the row: the log has all that they show.
      const tables = reader.tables && (await readTables(database, store));
      const kept = await readKept(database, place, row);
      const { epoch, sequence, checkpoint, checkpoint_sequence: middle } = kept.row;
      const booked = tables?.booked ?? 0;
      const compare = () => {
        if (tables) reader.tables(tables);
      };
      const border = () => {
        if (checkpoint !== null) reader.border?.(kept.parts.flatMap(valueOf<R[]>));
      };
      const stops = [
        { at: booked, stop: compare },
        { at: middle, stop: border },
        { at: sequence, stop: () => undefined },
      ];
      let from = 0;
      for (const { at, stop } of stops.sort((one, other) => one.at - other.at)) {
        await readBetween(reader, from, at, booked);
        stop();
        from = at;
      }
      return { identity: { format: 1, role, store, epoch }, place: placeAt(sequence) };
    },
    async readOn(take, from) {
      await readBetween({ take }, from.sequence, (await row()).sequence);
    },
  };
}

type Reader<R extends LogRecord> = Pick<StoreReader<R>, 'take' | 'border' | 'onSegment'> &
  TablesReader;

/** As a record writes it. */
const at = (column: string) =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at`;

/** One statement, so that all of it is of one moment. */
const TABLES = `
  SELECT booked, sequence, to_json(one) AS account, NULL AS hold
  FROM unanimous.stores LEFT JOIN (
    SELECT store, account, currency, posted, held, pending, minimum, frozen, ${at('opened_at')}
    FROM unanimous.accounts
  ) AS one USING (store) WHERE store = $1
  UNION ALL
  SELECT booked, sequence, NULL, to_json(one)
  FROM unanimous.stores JOIN (
    SELECT store, transfer, leg, account, amount, ${at('at')} FROM unanimous.holds
  ) AS one USING (store) WHERE store = $1`;

/** What the tables say, but for their entries; nothing yet where an older program has made them. */
async function readTables(database: Database, store: string): Promise<StoredTables> {
  const [whole] = await database.query<{ sequence: number; tables: string | null }>(
    `SELECT sequence, to_regclass('unanimous.accounts')::text AS tables
     FROM unanimous.stores WHERE store = $1`,
    [store],
  );
  const { sequence, tables } = whole ?? { sequence: 0, tables: null };
  if (tables === null) return { booked: 0, sequence, accounts: [], holds: [] };
  const rows = await database.query<{
    booked: number;
    sequence: number;
    account: StoredAccount | null;
    hold: Hold | null;
  }>(TABLES, [store], longMs);
  return {
    ...{ booked: 0, sequence, ...rows[0] },
    accounts: rows.flatMap(({ account }) => account ?? []),
    holds: rows.flatMap(({ hold }) => hold ?? []),
  };
}

/** What the tables say was booked by some records. */
function readEntries(
  database: Database,
  store: string,
  first: number,
  last: number,
): Promise<BookedEntry[]> {
  return database.query<BookedEntry & Record<string, unknown>>(
    `SELECT sequence, line, account, kind, transfer, amount, balance, timestamp, ${at('at')}
     FROM unanimous.entries WHERE store = $1 AND sequence BETWEEN $2 AND $3`,
    [store, first, last],
    longMs,
  );
}

/** The row, and the records of the checkpoint that it names. */
async function readKept(database: Database, place: string, look: () => Promise<Row>) {
  for (let attempt = 1; ; attempt++) {
    const row = await look();
    if (row.checkpoint === null) return { row, parts: [] };
    try {
      const parts: string[] = [];
      for await (const part of readCheckpoint(database, place, row.checkpoint)) parts.push(part);
      return { row, parts: parts.slice(1) };
    } catch (error) {
      const isReplaced = (await look()).checkpoint !== row.checkpoint;
      if (!isReplaced || attempt === attempts) throw error;
    }
  }
}

/** Where a reading has ended: a database checks its pages itself, and chains nothing. */
const placeAt = (sequence: number): Place => ({
  ...{ segment: segmentOf(sequence), before: { sequence: 0, chain: '' }, sequence, chain: '' },
});
