/** Which segments of a store were moved elsewhere: `archived.json` (PROTOCOL.md, log). */
import { join } from 'node:path';
import { Low } from 'lowdb';
import type { Disk } from './disk.ts';
import { FORMAT, JsonFile } from './json-file.ts';
import type { Key } from './segment-table.ts';

/** Segments that were moved together. */
export interface Part {
  /** The numbers of the first and of the last segment. */
  readonly first: number;
  readonly last: number;
  /** The last record in them, and its crc: the first record that has stayed continues it. */
  readonly sequence: number;
  readonly chain: string;
  /**
   * The highest key that begins in them of each first number of keys: of a coordinator, the last
   * transfer of each epoch. All lower ones of it are in them, or in an earlier part.
   */
  readonly keys: readonly Key[];
  /** Where they are: a folder, as an absolute path. */
  readonly to: string;
  /** When they were moved, for people. */
  readonly at: string;
}

/** What has left a store, oldest first. */
export interface Archived {
  readonly format: number;
  readonly store: string;
  readonly parts: readonly Part[];
}

/** Whose segments are in the folder of an archive: the content of its `archive.json`. */
export interface Owner {
  readonly format: number;
  readonly role: string;
  readonly store: string;
}

/** What is asked for was moved elsewhere. It is not known here what it says. */
export class ArchivedError extends Error {
  override readonly name = 'ArchivedError';
  /** The folder that it was moved to. */
  readonly to: string;

  constructor({ sequence, to }: Part) {
    super(`the records up to ${sequence} were moved to ${to}`);
    this.to = to;
  }
}

/** `archived.json` of a store folder. */
export function archivedFile(disk: Disk, folder: string, store: string): Low<Archived> {
  const file = new JsonFile<Archived>(disk, join(folder, 'archived.json'));
  return new Low(file, { format: FORMAT, store, parts: [] });
}

/** `archive.json` of the folder of an archive. */
export const ownerFile = (disk: Disk, to: string): JsonFile<Owner> =>
  new JsonFile<Owner>(disk, join(to, 'archive.json'));

/**
 * What has left a store until now; undefined if nothing has.
 * @throws StoreError when `archived.json` is damaged
 */
export async function readArchived(disk: Disk, folder: string): Promise<Archived | undefined> {
  const path = join(folder, 'archived.json');
  if ((await disk.read(path)) === undefined) return undefined;
  return new JsonFile<Archived>(disk, path).read();
}

/** The number of the last segment that has left; 0 when none has. */
export const lastMoved = (archived: Archived | undefined): number =>
  archived?.parts.at(-1)?.last ?? 0;

/** Which part has what begins with a key; undefined if that never began, or has stayed. */
export function partOf(parts: readonly Part[], key: Key): Part | undefined {
  return parts.find(({ keys }) => keys.some(([a, b]) => a === key[0] && b >= key[1]));
}

/** The first part in which something begins behind a key, or begins at all. */
export function partAfter(parts: readonly Part[], key: Key | undefined): Part | undefined {
  return parts.find(({ keys }) => {
    return keys.some(([a, b]) => !key || a > key[0] || (a === key[0] && b > key[1]));
  });
}
