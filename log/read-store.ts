/** Reads a whole store that a node may be writing meanwhile: nothing is locked or changed. */
import { checkpointFile, type Checkpoint } from './checkpoint.ts';
import { decodeSegment, EMPTY_SEGMENT, isSeal, type Link, origin } from './codec.ts';
import { textOfLine, valueOf } from './codec.ts';
import type { Disk } from './disk.ts';
import type { Entry, LogRecord } from './log.ts';
import { unsealedReason } from './recovery.ts';
import { listSegments, segmentPath } from './segment.ts';
import { readIdentity, type Identity } from './store.ts';
import { damaged, missing, StoreError } from './store-error.ts';

/** How often an end is read that looks torn: a write may have been under way. */
const attempts = 10;

export interface StoreReader<R extends LogRecord> {
  readonly folder: string;
  readonly disk: Disk;
  /** Called with every record, in order. */
  readonly take: (entry: Entry<R>) => void;
  /** Called where the checkpoint stands, with the records of the state that it keeps. */
  readonly border?: (state: Iterable<R>) => void;
  /** Called after each segment. */
  readonly onSegment?: (number: number, last: number) => void;
}

/** What was read of a store, and where a later read goes on. */
export interface StoreReading {
  readonly identity: Identity;
  readonly place: Place;
  /** Why the end of the log cannot be read: a sentence. A start would cut it off. */
  readonly torn?: string;
}

/** Where the open end of a log was. */
export interface Place {
  readonly segment: number;
  /** The last record before that segment. */
  readonly before: Link;
  /** The last record that was taken. */
  readonly sequence: number;
}

/**
 * Reads a store from its first record on, and proves it: every record continues the chain from
 * the origin of the store, full segments are sealed, and the checkpoint agrees with them. An open
 * or torn end is no damage.
 * @throws StoreError on damage, naming the file
 */
export async function readStore<R extends LogRecord>(
  reader: StoreReader<R>,
): Promise<StoreReading> {
  const { folder, disk, border } = reader;
  const identity = await readIdentity(folder, disk);
  // Before the segments: a checkpoint that comes later is of no interest.
  const { low, file } = checkpointFile(disk, folder);
  await low.read();
  const checkpoint = low.data;
  if (checkpoint.store !== identity.store) {
    throw new StoreError(
      `${file.path} belongs to the store ${checkpoint.store}, and ${folder} is ${identity.store}`,
    );
  }
  const compare = (end: Link, segment: number) => {
    checkBeginning(checkpoint, file.path, end, segment);
    if (segment !== checkpoint.segment) return;
    if (end.sequence !== checkpoint.sequence || end.chain !== checkpoint.chain) {
      throw disagrees(file.path, end, segment);
    }
    border?.(checkpoint.records.map(valueOf<R>));
  };
  const start = { segment: 1, before: origin(identity.store), sequence: 0 };
  const { place, torn } = await readOn(reader, start, compare);
  if (place.segment < checkpoint.segment) {
    throw new StoreError(
      `${file.path} goes on at segment ${checkpoint.segment}, and the log ends in ${place.segment}`,
    );
  }
  return { identity, place, ...(torn !== undefined && { torn }) };
}

/** Reads what has been added since a place. */
export async function readOn<R extends LogRecord>(
  { folder, disk, take, onSegment }: Pick<StoreReader<R>, 'folder' | 'disk' | 'take' | 'onSegment'>,
  from: Place,
  compare?: (end: Link, segment: number) => void,
): Promise<{ place: Place; torn?: string }> {
  let { before } = from;
  for (let number = from.segment; ; number++) {
    compare?.(before, number);
    const { lines, end, torn, isSealed } = await readSegment(disk, folder, number, before);
    for (const [index, line] of lines.entries()) {
      const sequence = before.sequence + index + 1;
      if (sequence <= from.sequence || isSeal(line)) continue;
      take({ sequence, record: valueOf<R>(textOfLine(line)) });
    }
    onSegment?.(number, end.sequence);
    if (!isSealed) {
      const place = { segment: number, before, sequence: end.sequence };
      return { place, ...(torn !== undefined && { torn }) };
    }
    before = end;
  }
}

/** One segment as far as it can be read. A flaw counts only if it is there again and again. */
async function readSegment(disk: Disk, folder: string, number: number, before: Link) {
  const path = segmentPath(folder, number);
  for (let attempt = 1; ; attempt++) {
    const bytes = await disk.read(path);
    if (!bytes) throw missing(path);
    const { lines, end, flaw } = decodeSegment(Buffer.from(bytes).toString(), before);
    if (!flaw && isSeal(lines.at(-1))) return { lines, end, isSealed: true };
    // Its seal is written when the next segment is there, and before that one is used.
    const { sizes } = await listSegments(disk, folder);
    const isPassed = (sizes.get(number + 1) ?? 0) > EMPTY_SEGMENT.length;
    if (!flaw && !isPassed) return { lines, end, isSealed: false };
    if (attempt < attempts) continue;
    const lost = end.sequence + 1;
    if (!flaw) throw damaged(path, lost, unsealedReason);
    if (flaw.kind === 'damage' || isPassed) throw damaged(path, lost, flaw.reason);
    const torn = `${path} is torn: record ${lost} ${flaw.reason}. A start cuts it off`;
    return { lines, end, torn, isSealed: false };
  }
}

function checkBeginning(
  { beginnings = [] }: Checkpoint,
  path: string,
  end: Link,
  segment: number,
): void {
  const first = beginnings[segment - 1]?.[0];
  if (first !== undefined && first !== end.sequence + 1) throw disagrees(path, end, segment);
}

const disagrees = (path: string, { sequence, chain }: Link, segment: number): StoreError =>
  new StoreError(
    `${path} does not agree with the log: record ${sequence}, with the crc ${chain}, is the last ` +
      `one before segment ${segment}. Restore the whole folder from one backup`,
  );
