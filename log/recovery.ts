import { Low } from 'lowdb';
import { type Archived, lastMoved } from './archived.ts';
import { type Checkpoint, checkpointFile } from './checkpoint.ts';
import { EMPTY_SEGMENT, isSeal, type Link, textOfLine, valueOf } from './codec.ts';
import type { JsonFile } from './json-file.ts';
import { listSegments, SegmentFile, segmentPath } from './segment.ts';
import type { SegmentTable } from './segment-table.ts';
import type { FolderStore } from './store.ts';
import { damaged, StoreError } from './store-error.ts';

/** Why a segment that is not the last one cannot have an open end. */
export const unsealedReason =
  'is missing: it is the seal at the end, and a later segment is in use';

/** One segment: its number, and its lines through lowdb. */
export interface Segment {
  readonly number: number;
  readonly file: SegmentFile;
  readonly low: Low<string[]>;
}

/** What a start finds: where the log goes on. */
export interface Recovered {
  /** The last record of the log. */
  readonly end: Link;
  /** The segment that is written next. */
  readonly tail: Segment;
  readonly checkpoint: { low: Low<Checkpoint>; file: JsonFile<Checkpoint> };
  /** The size of the segments that the checkpoint does not contain, in bytes. */
  readonly grown: number;
  /** The size of the segments before the tail, in bytes. */
  readonly sealedBytes: number;
}

/** A segment of a store, not read yet. */
export function segmentOf(
  store: FolderStore,
  number: number,
  before: Link,
  sealed: boolean,
): Segment {
  const path = segmentPath(store.folder, number);
  const file = new SegmentFile(store.disk, path, before, sealed);
  return { number, file, low: new Low<string[]>(file, []) };
}

/**
 * Replays a store: the records of the checkpoint, then those of the segments after it. What it
 * applies is forced first (PROTOCOL.md, log).
 * @param table is told where each segment begins
 * @throws StoreError on anything but a torn end, before the records of that segment are applied
 */
export async function recover<R>(
  store: FolderStore,
  table: SegmentTable<R>,
  apply: (record: R) => void,
): Promise<Recovered> {
  const checkpoint = checkpointFile(store.disk, store.folder);
  await checkpoint.low.read();
  const {
    store: owner,
    sequence,
    chain,
    segment: first,
    records,
    beginnings,
  } = checkpoint.low.data;
  if (owner !== store.identity.store) {
    throw new StoreError(
      `${checkpoint.file.path} belongs to the store ${owner}, and ${store.folder} is ` +
        `${store.identity.store}: restore the whole folder from one backup`,
    );
  }
  const { last, sizes, archived } = await listSegments(store.disk, store.folder);
  if (archived) checkArchived(archived, checkpoint.file.path, store, first);
  if (first > last) throw missing(store, last + 1);
  for (const text of records) apply(valueOf<R>(text));
  checkpoint.low.data = { ...checkpoint.low.data, records: [] };
  table.restore(beginnings ?? []);

  // A crash in the middle of a rotation leaves an empty segment after one that may have no seal,
  // or one whose seal is not forced yet: that one is an open end as well.
  const rotating = sizes.get(last) === EMPTY_SEGMENT.length;
  let end: Link = { sequence, chain };
  let grown = 0;
  for (let number = first; ; number++) {
    const open = number === last || (rotating && number === last - 1);
    const tail = segmentOf(store, number, end, !open);
    await tail.low.read();
    end = tail.file.end;
    grown += tail.file.bytes;
    const sealed = isSeal(tail.low.data.at(-1));
    if (sealed && number === last) throw missing(store, number + 1);
    if (!sealed && !open) throw unsealed(tail);
    table.begin(number, end.sequence - tail.low.data.length + 1);
    for (const line of tail.low.data) {
      if (isSeal(line)) continue;
      const record = valueOf<R>(textOfLine(line));
      apply(record);
      table.see(number, record);
    }
    if (!sealed) return { end, tail, checkpoint, grown, sealedBytes: sizeBefore(number, sizes) };
  }
}

/** What a start needs has never left: this is a mixture of two stores, or of two backups. */
function checkArchived(archived: Archived, path: string, store: FolderStore, first: number): void {
  const { folder, identity } = store;
  if (archived.store === identity.store && first > lastMoved(archived)) return;
  throw new StoreError(
    `${path} goes on at segment ${first}, and archived.json in ${folder} says that the store ` +
      `${archived.store} has its segments up to ${lastMoved(archived)} elsewhere: restore the ` +
      'whole folder from one backup',
  );
}

function sizeBefore(tail: number, sizes: ReadonlyMap<number, number>): number {
  let bytes = 0;
  for (const [number, size] of sizes) if (number < tail) bytes += size;
  return bytes;
}

function missing(store: FolderStore, number: number): StoreError {
  return new StoreError(
    `${segmentPath(store.folder, number)} is missing, although the log goes on there: ` +
      'restore the store from a backup',
  );
}

const unsealed = ({ file }: Segment): StoreError =>
  damaged(file.path, file.end.sequence + 1, unsealedReason);
