/** Moves a store from a folder into a database, with every record in its place. */
import { createHash } from 'node:crypto';
import { textOf, textOfLine } from '../codec.ts';
import type { Clock } from '../clock.ts';
import type { Disk } from '../disk.ts';
import type { LogRecord } from '../log.ts';
import { folderSource, readStore, type StoreSource } from '../read-store.ts';
import type { Key } from '../segment-table.ts';
import { reasonOf, StoreError } from '../store-error.ts';
import { giveUpStore, movedTo, openStore, readIdentity, type FolderStore } from '../store.ts';
import { connect, type Database } from './database.ts';
import type { PostgresLog } from './log.ts';
import { sourceOf } from './read.ts';
import { readRecords, SEGMENT } from './records.ts';
import { migrate } from './schema.ts';
import { checkName, openPostgresStore, placeIn, type HeldStore, type StoreName } from './store.ts';

export interface StoreMove<R extends LogRecord> {
  readonly folder: string;
  /** Folders that have what was moved out of it, if it is not where it was moved to. */
  readonly archives: readonly string[];
  readonly disk: Disk;
  readonly pid: number;
  readonly clock: Clock;
  /** Of the database. */
  readonly url: string;
  /** The name of a participant; it must be the one that it is registered under, if it is. */
  readonly name: string | undefined;
  readonly keyOf: (record: R) => Key | undefined;
  /** The name in a record that says under which one a participant is registered. */
  readonly nameIn: (record: R) => string | undefined;
  /** Called when all is there, before the folder is given up; when it throws, it is not. */
  readonly prove: (before: StoreSource, after: StoreSource) => Promise<void>;
  /** What is waited for. */
  readonly onWaiting: (text: string) => void;
  /** Called after each segment. */
  readonly onSegment: (segment: number, records: number) => void;
}

/** What was moved. */
export interface MovedStore extends StoreName {
  readonly store: string;
  readonly records: number;
  readonly to: string;
}

/** Nobody else holds what is not whole yet: its name is none of a node. */
const movingName = (store: string) => `${store} (moving)`;
/** Longer than anything here takes. Milliseconds. */
const leaseMs = 60_000;

/**
 * Moves a store. What was broken off goes on when it is called again: until the end, no node finds
 * the new store, and from shortly before the end on none starts on the old one.
 * @throws StoreError when the store is damaged or in use, or the database has one of that name
 */
export async function moveStore<R extends LogRecord>(move: StoreMove<R>): Promise<MovedStore> {
  const { folder, disk, pid, url } = move;
  const { role } = await readIdentity(folder, disk);
  if (move.name !== undefined) checkName(move.name);
  const from = await openStore({ folder, role, disk, pid, evenIfMoved: true });
  try {
    const database = await connect(url);
    try {
      await migrate(database);
      const given = role === 'coordinator' ? role : move.name;
      if (given !== undefined) await refuseTaken(database, from, { role, name: given });
      return (await claim(database, from)) ?? (await copy(move, from, database));
    } finally {
      await database.close();
    }
  } finally {
    await from.close();
  }
}

/** Makes its row, or finds that everything was done before. */
async function claim(database: Database, from: FolderStore): Promise<MovedStore | undefined> {
  const { store, role } = from.identity;
  await database.query(
    `INSERT INTO unanimous.stores (store, role, name, server)
     VALUES ($1, $2, $3, unanimous.server()) ON CONFLICT (store) DO NOTHING`,
    [store, role, movingName(store)],
  );
  const [row] = await database.query<{ name: string; sequence: number }>(
    'SELECT name, sequence FROM unanimous.stores WHERE store = $1',
    [store],
  );
  const { name, sequence } = row ?? { name: 'nobody', sequence: 0 };
  if (name === movingName(store)) return undefined;
  const to = await movedTo(from.folder, from.disk);
  if (to !== undefined) return { role, name, store, records: sequence, to };
  throw new StoreError(`${database.place} has the store ${store} already, as ${name}`);
}

async function copy<R extends LogRecord>(
  move: StoreMove<R>,
  from: FolderStore,
  database: Database,
): Promise<MovedStore> {
  const { url, clock, keyOf, nameIn, onWaiting } = move;
  const { role, store } = from.identity;
  const moving = { role, name: movingName(store) };
  let onFailure: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    onFailure = reject;
  });
  // Until something waits for it, it is no failure of this process.
  failed.catch(() => undefined);
  const lease = { leaseMs, onWaiting, onFailure, signal: undefined };
  const held = await openPostgresStore({ url, ...moving, clock, ...lease });
  try {
    let registered: string | undefined;
    const log = await held.openLog<R>({
      ...{ clock, keyOf, onFailure, segmentBytes: Infinity, summarise: () => [] },
      apply(record) {
        registered = nameIn(record) ?? registered;
      },
    });
    const finish = async () => {
      const digest = await adopt(move, log);
      await log.close();
      await compare(held, log.position, digest);
      const name = role === 'coordinator' ? role : nameOf(registered, move.name);
      await refuseTaken(database, from, { role, name });
      const there = sourceOf(database, store, moving);
      await move.prove(folderSource(move.folder, move.disk, move.archives), there);
      return { role, name, store, records: log.position, to: placeIn(database, { role, name }) };
    };
    // After a failed write, nothing that waits for the log ever settles.
    const moved = await Promise.race([failed, finish()]);
    await giveUpStore(from, moved.to);
    await giveName(database, held, moved, from);
    return moved;
  } finally {
    await held.close();
  }
}

/** Makes it a node's store. Until then, neither the folder nor this one can be started on. */
async function giveName(
  database: Database,
  { holder }: HeldStore,
  { store, name }: MovedStore,
  { folder, identity }: FolderStore,
): Promise<void> {
  try {
    const [named] = await database.query(
      `UPDATE unanimous.stores SET name = $2, epoch = greatest(epoch, $3)
       WHERE store = $1 AND holder = $4 RETURNING store`,
      [store, name, identity.epoch, holder],
    );
    if (named) return;
    throw new StoreError('another process has taken it');
  } catch (error) {
    throw new StoreError(
      `${folder} is given up, and its store in ${database.place} has no name yet ` +
        `(${reasonOf(error)}): run this again, it goes on`,
    );
  }
}

/** Brings what is not there yet, and gives a digest of all. */
async function adopt<R extends LogRecord>(
  { folder, disk, archives, onSegment }: StoreMove<R>,
  log: PostgresLog<R>,
): Promise<string> {
  const hash = createHash('sha256');
  const there = log.position;
  let seen = 0;
  let kept: { sequence: number; records: string[] } | undefined;
  const { unseen } = await readStore<R>({
    folder,
    disk,
    archives,
    border(state) {
      kept = { sequence: seen, records: Array.from(state, textOf) };
    },
    async lines(_, lines) {
      const texts = lines.map(textOfLine);
      for (const text of texts) hash.update(`${text}\n`);
      log.adopt(texts.slice(Math.max(0, there - seen)));
      seen += texts.length;
      await log.durable();
    },
    onSegment,
  });
  if (unseen) throw new StoreError(`${unseen.message}, and are not there: give --archive`);
  if (kept && kept.sequence > 0) await log.keep(kept.sequence, kept.records);
  return hash.digest('hex');
}

/** What the database has is what the folder has. */
async function compare(held: HeldStore, records: number, digest: string): Promise<void> {
  const hash = createHash('sha256');
  for (let at = 0; at < records; at += SEGMENT) {
    const page = await readRecords(held.database, held, at + 1, Math.min(records, at + SEGMENT));
    for (const { text } of page) hash.update(`${text}\n`);
  }
  if (hash.digest('hex') === digest) return;
  throw new StoreError(`what the ${held.place} has is not what was written: nothing was given up`);
}

function nameOf(registered: string | undefined, wanted: string | undefined): string {
  const name = registered ?? wanted;
  if (name === undefined) {
    throw new StoreError('this participant has never registered: give it a name with --name');
  }
  if (wanted !== undefined && wanted !== name) {
    throw new StoreError(`the name of this node is ${name}, not ${wanted}: leave --name out`);
  }
  return name;
}

async function refuseTaken(
  database: Database,
  { identity }: FolderStore,
  { role, name }: StoreName,
): Promise<void> {
  const [taken] = await database.query<{ store: string }>(
    'SELECT store FROM unanimous.stores WHERE role = $1 AND name = $2',
    [role, name],
  );
  if (!taken || taken.store === identity.store) return;
  const place = placeIn(database, { role, name });
  throw new StoreError(
    `there is a ${place} already, the store ${taken.store}: give that another name, or use it`,
  );
}
