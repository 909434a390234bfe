import { join } from 'node:path';
import type { Adapter } from 'lowdb';
import { CLOSING, continuation, decodeSegment, EMPTY_SEGMENT, type Link } from './codec.ts';
import { replaceFile, type Disk, type DiskFile } from './disk.ts';
import { damaged, StoreError } from './store-error.ts';

/** The folder of the segments of a store. */
export const segmentFolder = (folder: string): string => join(folder, 'log');

/** The file of a segment: `log/000001.json`; numbers from 1. */
export const segmentPath = (folder: string, number: number): string =>
  join(segmentFolder(folder), `${String(number).padStart(6, '0')}.json`);

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
      await this.#replace(lines.length > 0 ? `[${continuation(0, lines)}` : EMPTY_SEGMENT);
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

/**
 * The segments of a store, numbered from 1 on: their sizes in bytes by number.
 * @throws StoreError when one is missing or emptied
 */
export async function listSegments(
  disk: Disk,
  folder: string,
): Promise<{ last: number; sizes: ReadonlyMap<number, number> }> {
  const names = (await disk.list(segmentFolder(folder))) ?? new Map<string, number>();
  const sizes = new Map<number, number>();
  let last = 1;
  for (const [name, size] of names) {
    const number = Number(/^(\d{6,})\.json$/.exec(name)?.[1] ?? 0);
    if (number === 0) continue;
    sizes.set(number, size);
    last = Math.max(last, number);
  }
  for (let number = 1; number <= last; number++) {
    const size = sizes.get(number) ?? 0;
    // Even the empty segment was forced before it was used.
    if (size >= EMPTY_SEGMENT.length) continue;
    const what = sizes.has(number) ? `cut to ${size} bytes` : 'missing';
    throw new StoreError(
      `${segmentPath(folder, number)} is ${what}: restore the store from a backup`,
    );
  }
  return { last, sizes };
}
