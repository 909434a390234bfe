/** Backups of stores, and stores out of backups. */
import { join } from 'node:path';
import { Low } from 'lowdb';
import { copyStore } from './copy-store.ts';
import type { Disk } from './disk.ts';
import { FORMAT, JsonFile } from './json-file.ts';
import type { StoreReading } from './read-store.ts';
import { segmentPath } from './segment.ts';
import type { Role } from './store.ts';
import { StoreError } from './store-error.ts';

/** What a backup says of itself: `backup.json`. */
export interface Backup {
  readonly format: number;
  readonly store: string;
  readonly role: Role;
  /** Of the start during which it was made. */
  readonly epoch: number;
  /** The sequence of its last record, and the crc of that. */
  readonly position: number;
  readonly chain: string;
  /** When it was begun, by the wall clock. */
  readonly at: string;
}

const nothing: Backup = {
  format: FORMAT,
  store: '',
  role: 'participant',
  epoch: 0,
  position: 0,
  chain: '',
  at: '',
};

/** From where to where. */
export interface Ways {
  readonly from: string;
  /** A folder that is missing or empty. */
  readonly to: string;
  readonly disk: Disk;
  readonly onSegment?: (number: number, last: number) => void;
}

/**
 * Makes a backup of a store that a node may be writing meanwhile. Its manifest comes last: without
 * one there is no backup.
 * @param at the time of the wall clock
 * @throws StoreError when the store is damaged, or the folder for the backup is not empty
 */
export async function backUp(ways: Ways, at: string): Promise<Backup> {
  const { from, disk } = ways;
  // No power cut may take back what the copy has: the log would go on otherwise.
  const check = ({ place }: StoreReading) => force(disk, segmentPath(from, place.segment));
  const reading = await copyStore({ ...ways, check });
  const { store, role, epoch } = reading.identity;
  const { sequence: position, chain } = reading.place;
  const { low } = manifestOf(disk, ways.to);
  low.data = { format: FORMAT, store, role, epoch, position, chain, at };
  await low.write();
  return low.data;
}

/**
 * Makes a store out of a backup. That it is an old copy shows when the node is started
 * (PROTOCOL.md, restored and lost stores): nothing here makes it look newer.
 * @throws StoreError when the backup is not whole, or the folder for the store is not empty
 */
export async function restore(ways: Ways): Promise<Backup> {
  const { from, disk } = ways;
  const manifest = manifestOf(disk, from);
  if ((await disk.read(manifest.path)) === undefined) {
    const why = `there is no ${manifest.path}: either it is none, or it was broken off`;
    throw new StoreError(`${from} holds no whole backup, as ${why}`);
  }
  await manifest.low.read();
  const backup = manifest.low.data;
  const check = ({ identity, place }: StoreReading) => {
    if (identity.store === backup.store && place.chain === backup.chain) return Promise.resolve();
    const is = `${place.sequence} of ${identity.store}`;
    const was = `${backup.position} of ${backup.store}`;
    const ends = `its log ends with record ${is}, and the manifest says ${was}`;
    const text = `${from} is not what was backed up: ${ends}. Take another backup`;
    return Promise.reject(new StoreError(text));
  };
  await copyStore({ ...ways, check });
  return backup;
}

async function force(disk: Disk, path: string): Promise<void> {
  const file = await disk.open(path);
  try {
    await file.datasync();
  } finally {
    await file.close();
  }
}

function manifestOf(disk: Disk, folder: string) {
  const path = join(folder, 'backup.json');
  const file = new JsonFile<Backup>(disk, path);
  return { path, low: new Low(file, nothing) };
}
