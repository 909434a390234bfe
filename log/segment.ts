import { join } from 'node:path';
import type { Adapter } from 'lowdb';
import { type Archived, ArchivedError, lastMoved, readArchived } from './archived.ts';
import {
  CLOSING,
  continuation,
  decodeSegment,
  EMPTY_SEGMENT,
  type Link,
  segmentText,
} from './codec.ts';
import { replaceFile, type Disk, type DiskFile } from './disk.ts';
import { damaged, missing, StoreError } from './store-error.ts';

/** The folder of the segments of a store. */
export const segmentFolder = (folder: string): string => join(folder, 'log');

/** The file of a segment: `log/000001.json`; numbers from 1. */
export const segmentPath = (folder: string, number: number): string =>
  join(segmentFolder(folder), nameOf(number));

/** The file of a segment that was moved into the folder of an archive: it has kept its name. */
export const archivedPath = (to: string, number: number): string => join(to, nameOf(number));

/** The number of the segment in a file of this name; undefined for any other file. */
export function segmentNumber(name: string): number | undefined {
  const [, digits] = /^(\d{6,})\.json$/.exec(name) ?? [];
  return Number(digits ?? 0) || undefined;
}

const nameOf = (number: number) => `${String(number).padStart(6, '0')}.json`;

/**
 * A lowdb adapter for one segment. The data are the lines of its records, in order; `write` adds
 * in place those that the data have gained since the last read or write, and forces them. So a
 * write costs what it adds, and memory holds one segment at most.
 */
export class SegmentFile implements Adapter<string[]> {
  readonly path: string;
  readonly #disk: Disk;
  #file: DiskFile | undefined;
  #written = 0;
  #bytes = 0;
  #end: Link;
  readonly #sealed: boolean;

  /**
   * @param before the last record of the segment before this one
   * @param sealed whether every flaw is damage; otherwise a torn end is cut off
   */
  constructor(disk: Disk, path: string, before: Link, sealed: boolean) {
    this.#disk = disk;
    this.path = path;
    this.#end = before;
    this.#sealed = sealed;
  }

  /** The size of the file in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The last record that was read, or the one before the segment. */
  get end(): Link {
    return this.#end;
  }

  /** Makes the empty segment; it and its entry are forced. */
  async create(): Promise<void> {
    await this.#replace(EMPTY_SEGMENT);
  }

  /**
   * Reads all lines. A segment that is not sealed is first cut to its readable part and copied into
   * a new, forced file: what was read may have been only in the page cache, and nothing may be
   * acted upon that can still vanish.
   * @throws StoreError on damage, naming the file and the record
   */
  async read(): Promise<string[]> {
    const bytes = await this.#disk.read(this.path);
    const { lines, end, flaw } = decodeSegment(Buffer.from(bytes ?? []).toString(), this.#end);
    if (flaw && (this.#sealed || flaw.kind === 'damage')) {
      throw damaged(this.path, end.sequence + 1, flaw.reason);
    }
    this.#bytes = bytes?.length ?? 0;
    this.#written = lines.length;
    this.#end = end;
    if (!this.#sealed) {
      await this.#replace(segmentText(lines));
    }
    return lines;
  }

  async write(lines: string[]): Promise<void> {
    const added = lines.slice(this.#written);
    if (added.length === 0) return;
    this.#file ??= await this.#disk.open(this.path);
    const bytes = Buffer.from(continuation(this.#written, added));
    const position = this.#bytes - CLOSING.length;
    await this.#file.write(bytes, position);
    await this.#file.datasync();
    this.#bytes = position + bytes.length;
    this.#written = lines.length;
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }

  async #replace(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    await replaceFile(this.#disk, this.path, bytes);
    this.#bytes = bytes.length;
  }
}

/** The segments of a store, and what has left it. */
export interface Segments {
  /** The number of the last one. */
  readonly last: number;
  /** Their sizes in bytes, by number. */
  readonly sizes: ReadonlyMap<number, number>;
  readonly archived: Archived | undefined;
}

/**
 * The segments of a store, numbered from 1 on.
 * @throws StoreError when one is missing or emptied that was not moved elsewhere
 */
export async function listSegments(disk: Disk, folder: string): Promise<Segments> {
  const names = (await disk.list(segmentFolder(folder))) ?? new Map<string, number>();
  // Afterwards: what is missing in the list was written down before it was removed.
  const archived = await readArchived(disk, folder);
  const moved = lastMoved(archived);
  const sizes = new Map<number, number>();
  let last = moved + 1;
  for (const [name, size] of names) {
    const number = segmentNumber(name);
    if (number === undefined) continue;
    sizes.set(number, size);
    last = Math.max(last, number);
  }
  for (let number = moved + 1; number <= last; number++) {
    const size = sizes.get(number) ?? 0;
    // Even the empty segment was forced before it was used.
    if (size >= EMPTY_SEGMENT.length) continue;
    const what = sizes.has(number) ? `cut to ${size} bytes` : 'missing';
    throw new StoreError(
      `${segmentPath(folder, number)} is ${what}: restore the store from a backup`,
    );
  }
  return { last, sizes, archived };
}

/** Why the file of a segment is not there: it was moved elsewhere, or it is lost. */
export async function absent(disk: Disk, folder: string, number: number): Promise<Error> {
  const archived = await readArchived(disk, folder);
  const part = archived?.parts.find(({ last }) => number <= last);
  return part ? new ArchivedError(part) : missing(segmentPath(folder, number));
}
