import { join } from 'node:path';
import { Low } from 'lowdb';
import { checkpointFile, firstCheckpoint } from './checkpoint.ts';
import { EMPTY_SEGMENT, origin } from './codec.ts';
import type { Disk, DiskLock } from './disk.ts';
import { FORMAT, JsonFile } from './json-file.ts';
import { openLog, type Log, type LogOptions, type LogRecord } from './log.ts';
import { SegmentFile, segmentFolder, segmentPath } from './segment.ts';
import { StoreError } from './store-error.ts';

export { StoreError } from './store-error.ts';

/** What a node is in the protocol. */
export type Role = 'coordinator' | 'participant';

/** Who a store is: the content of its `node.json`. */
export interface Identity {
  /** The version of everything in the store. */
  readonly format: 1;
  readonly role: Role;
  /** The random id that `init` gave it, `[a-z0-9]{8}`: transfer ids and messages carry it. */
  readonly store: string;
  /** How often it was opened: 0 after `init`, raised and forced at every start. */
  readonly epoch: number;
}

/** A store that this process holds. */
export interface Store {
  /** What people know it by: its folder, or its name in a database. */
  readonly place: string;
  readonly identity: Identity;
  /** The room that is left for it, in bytes; absent when that is not for this node to watch. */
  readonly freeBytes?: () => Promise<number>;
  /**
   * Opens its log and replays it through `apply`.
   * @throws StoreError when the store is damaged
   */
  openLog<R extends LogRecord>(options: LogOptions<R>): Promise<Log<R>>;
  /** Raises the epoch once more, by that much: an old copy may be behind what others have seen. */
  raiseEpoch(by: number): Promise<void>;
  /** Releases the lock: another process may open the store. Close the log first. */
  close(): Promise<void>;
}

/** A store in a folder. */
export interface FolderStore extends Store {
  readonly folder: string;
  readonly disk: Disk;
  readonly freeBytes: () => Promise<number>;
}

/** The store goes on elsewhere: `moved.json`. */
interface Moved {
  readonly format: number;
  readonly store: string;
  /** What people know the new one by. */
  readonly to: string;
}

const movedFile = (disk: Disk, folder: string) =>
  new JsonFile<Moved>(disk, join(folder, 'moved.json'));

/** Where a store goes on that was moved elsewhere: what people know that by. */
export async function movedTo(folder: string, disk: Disk): Promise<string | undefined> {
  const moved = movedFile(disk, folder);
  if ((await disk.read(moved.path)) === undefined) return undefined;
  return (await moved.read()).to;
}

/** From now on nobody starts on the store in a folder: it goes on elsewhere. */
export const giveUpStore = ({ disk, folder, identity }: FolderStore, to: string): Promise<void> =>
  movedFile(disk, folder).write({ format: FORMAT, store: identity.store, to });

/**
 * Takes the store of a node: locks it, checks who it is, and raises its epoch. When this returns,
 * the new epoch is forced (PROTOCOL.md, identity).
 * @param options.pid of this process: a second one that wants the store is told it
 * @param options.evenIfMoved also one that goes on elsewhere, to bring to an end how it was moved
 * @throws StoreError when there is no such store, it is damaged, in use, or of another role
 */
export async function openStore(options: {
  folder: string;
  role: Role;
  disk: Disk;
  pid: number;
  evenIfMoved?: boolean;
}): Promise<FolderStore> {
  const { folder, role, disk, pid, evenIfMoved = false } = options;
  if (!(await storeExists(folder, disk))) {
    throw new StoreError(`${folder} holds no store: make one with init, or name another folder`);
  }
  const lock = await lockStore(disk, folder, String(pid));
  try {
    const { low, path } = identityFile(disk, folder, { format: FORMAT, role, store: '', epoch: 0 });
    await low.read();
    if (low.data.role !== role) {
      throw new StoreError(
        `${path} says that this is the store of a ${low.data.role}, not of a ${role}: ` +
          'name the folder of the right node',
      );
    }
    const to = await movedTo(folder, disk);
    if (to !== undefined && !evenIfMoved) throw wasMoved(folder, to);
    const raiseEpoch = (by: number) => {
      low.data = { ...low.data, epoch: low.data.epoch + by };
      return low.write();
    };
    await raiseEpoch(1);
    const held: FolderStore = {
      place: folder,
      folder,
      get identity() {
        return low.data;
      },
      disk,
      raiseEpoch,
      freeBytes: () => disk.free(folder),
      openLog: (options) => openLog({ ...options, store: held }),
      close: () => lock.release(),
    };
    return held;
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/**
 * Makes the store of a new node, all of it forced. `node.json` comes last: a store is whole when
 * it is there, and what an init that died has left is replaced by the next one.
 * @param options.store the random id, `[a-z0-9]{8}`
 * @throws StoreError when the folder already holds a store, or another process is making one
 */
export async function initStore(options: {
  folder: string;
  role: Role;
  store: string;
  disk: Disk;
}): Promise<Identity> {
  const { folder, role, store, disk } = options;
  if (!/^[a-z0-9]{8}$/.test(store)) {
    throw new TypeError(`store id ${JSON.stringify(store)} must be 8 characters of a-z and 0-9`);
  }
  await disk.makeFolder(segmentFolder(folder));
  const lock = await lockStore(disk, folder, '');
  try {
    if (await storeExists(folder, disk)) {
      throw new StoreError(`${folder} already holds a store: use it, or name another folder`);
    }
    await new SegmentFile(disk, segmentPath(folder, 1), origin(store), false).create();
    const checkpoint = checkpointFile(disk, folder).low;
    checkpoint.data = firstCheckpoint(store);
    await checkpoint.write();
    const { low } = identityFile(disk, folder, { format: FORMAT, role, store, epoch: 0 });
    await low.write();
    return low.data;
  } finally {
    await lock.release();
  }
}

/**
 * Whether a folder holds a store, whole or damaged. What is left of an init that died is none:
 * nothing was ever recorded in it.
 */
export async function storeExists(folder: string, disk: Disk): Promise<boolean> {
  if ((await disk.read(join(folder, 'node.json'))) !== undefined) return true;
  const segments = await disk.list(segmentFolder(folder));
  const { file } = checkpointFile(disk, folder);
  const checkpoint = await disk.read(file.path);
  if (segments === undefined) return checkpoint !== undefined;
  for (const [name, size] of segments) {
    const unused = name === '000001.json' && size === EMPTY_SEGMENT.length;
    if (!unused && !name.endsWith('.tmp')) return true;
  }
  return checkpoint !== undefined && (await file.read()).sequence > 0;
}

/**
 * Who the store in a folder is, as of now: nothing is locked or raised.
 * @throws StoreError when `node.json` is missing or damaged
 */
export function readIdentity(folder: string, disk: Disk): Promise<Identity> {
  return new JsonFile<Identity>(disk, join(folder, 'node.json')).read();
}

/** It is a copy of what goes on elsewhere. */
export const wasMoved = (folder: string, to: string): StoreError =>
  new StoreError(
    `the store in ${folder} was moved to the ${to}: start the node on that one, with --store`,
  );

function identityFile(disk: Disk, folder: string, data: Identity) {
  const path = join(folder, 'node.json');
  return { path, low: new Low(new JsonFile<Identity>(disk, path), data) };
}

async function lockStore(disk: Disk, folder: string, pid: string): Promise<DiskLock> {
  const lock = await disk.tryLock(join(folder, 'lock'), `${pid}\n`);
  if (typeof lock !== 'string') return lock;
  // The text is empty while an init works, and in the moment between locking and writing.
  const other = lock.trim() === '' ? 'another process' : `process ${lock.trim()}`;
  throw new StoreError(
    `${folder} is in use by ${other}: stop that one first, or name another folder`,
  );
}
