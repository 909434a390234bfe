/** Copies a whole store, which a node may be writing meanwhile, and proves the copy. */
import { join } from 'node:path';
import { archivedFile, lastMoved, readArchived } from './archived.ts';
import { segmentText } from './codec.ts';
import { replaceFile, type Disk } from './disk.ts';
import { readStore, type StoreReading } from './read-store.ts';
import { segmentFolder, segmentPath } from './segment.ts';
import { movedTo, wasMoved } from './store.ts';
import { missing, StoreError } from './store-error.ts';

export interface StoreCopying {
  readonly from: string;
  /** A folder that is missing or empty. */
  readonly to: string;
  readonly disk: Disk;
  /** Called once all segments are there, before the copy becomes a store; it may throw. */
  readonly check: (reading: StoreReading) => Promise<void>;
  /** Called after each segment. */
  readonly onSegment?: (number: number, last: number) => void;
}

/**
 * Copies a store as of one moment: as it was, or would have been after a crash. Nothing is locked,
 * the lock is not copied, and everything is forced. The order matters:
 *
 * 1. `archived.json`: what it says was moved elsewhere is not copied; it is of no use to a start
 * 2. the checkpoint: whatever comes later, the segments that it goes on with are there
 * 3. the segments, in order, up to the end of the open one; what is sealed never changes
 * 4. `node.json`: its epoch is not below that of any record that was copied, also when the node
 *    was started again meanwhile. Without it the copy is no store
 *
 * @throws StoreError when the store is damaged, or `to` is not empty
 */
export async function copyStore(copying: StoreCopying): Promise<StoreReading> {
  const { from, to, disk, check, onSegment } = copying;
  const there = await disk.list(to);
  if (there && there.size > 0) {
    throw new StoreError(`${to} is not empty: name a folder that is, or that is yet to be made`);
  }
  const moved = await movedTo(from, disk);
  if (moved !== undefined) throw wasMoved(from, moved);
  const archived = await readArchived(disk, from);
  const checkpoint = await readFile(disk, join(from, 'checkpoint.json'));
  await disk.makeFolder(segmentFolder(to));
  const source = await readStore({
    folder: from,
    disk,
    lines: async (number, lines) => {
      if (number <= lastMoved(archived)) return;
      await disk.create(segmentPath(to, number), Buffer.from(segmentText(lines)));
    },
    ...(onSegment && { onSegment }),
  });
  await disk.syncFolder(segmentFolder(to));
  await check(source);
  if (archived) {
    const marker = archivedFile(disk, to, archived.store);
    marker.data = archived;
    await marker.write();
  }
  await replaceFile(disk, join(to, 'checkpoint.json'), checkpoint);
  const identity = await readFile(disk, join(from, 'node.json'));
  await replaceFile(disk, join(to, 'node.json'), identity);
  try {
    const copy = await readStore({ folder: to, disk });
    if (copy.place.chain === source.place.chain) return copy;
    throw new StoreError(`${to} is not what was written: try another disk`);
  } catch (error) {
    // Nobody may start on it.
    await disk.remove(join(to, 'node.json'));
    await disk.syncFolder(to);
    throw error;
  }
}

async function readFile(disk: Disk, path: string): Promise<Uint8Array> {
  const bytes = await disk.read(path);
  if (bytes === undefined) throw missing(path);
  return bytes;
}
