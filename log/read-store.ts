/** Reads a whole store that a node may be writing meanwhile: nothing is locked or changed. */
import { ArchivedError, lastMoved, ownerFile, readArchived } from './archived.ts';
import type { BookedEntry, StoredTables } from './bookings.ts';
import { checkpointFile, type Checkpoint } from './checkpoint.ts';
import { decodeSegment, EMPTY_SEGMENT, isSeal, type Link, origin } from './codec.ts';
import { textOfLine, valueOf } from './codec.ts';
import type { Disk } from './disk.ts';
import type { Entry, LogRecord } from './log.ts';
import { unsealedReason } from './recovery.ts';
import { absent, archivedPath, listSegments, segmentPath } from './segment.ts';
import { readIdentity, type Identity } from './store.ts';
import { damaged, StoreError } from './store-error.ts';

/** How often an end is read that looks torn: a write may have been under way. */
const attempts = 10;

export interface StoreReader<R extends LogRecord> {
  readonly folder: string;
  readonly disk: Disk;
  /** Folders that may have what was moved out of the store; where it was moved to is one. */
  readonly archives?: readonly string[];
  /** Called with every record, in order. */
  readonly take?: (entry: Entry<R>) => void;
  /** Called where the checkpoint stands, with the records of the state that it keeps. */
  readonly border?: (state: Iterable<R>) => void;
  /** Called with the lines of each segment, as far as it can be read; waited for. */
  readonly lines?: (number: number, lines: readonly string[]) => Promise<void>;
  /** Called after each segment. */
  readonly onSegment?: (number: number, last: number) => void;
}

/** What was read of a store, and where a later read goes on. */
export interface StoreReading {
  readonly identity: Identity;
  readonly place: Place;
  /** Why the end of the log cannot be read: a sentence. A start would cut it off. */
  readonly torn?: string;
  /** What was moved elsewhere, and is not there: only what has stayed is proven, none was taken. */
  readonly unseen?: ArchivedError;
}

/** Where the open end of a log was. */
export interface Place {
  readonly segment: number;
  /** The last record before that segment. */
  readonly before: Link;
  /** The last record that was taken. */
  readonly sequence: number;
  /** Its crc. */
  readonly chain: string;
}

/** Takes what the tables of accounts in a database say, in the order of the log. */
export interface TablesReader {
  /** Called where the tables stand, after all records that they show were taken. */
  readonly tables?: (tables: StoredTables) => void;
  /** Called with their entries of the records that were taken since it was called. */
  readonly entries?: (entries: readonly BookedEntry[]) => void;
}

/** A store that is read while a node may be writing it, wherever it is. */
export interface StoreSource {
  /** What people know it by. */
  readonly place: string;
  /** Whether what its records do to accounts is in tables, too. */
  readonly hasTables: boolean;
  /** Who it is, as of now. */
  readonly identity: () => Promise<Identity>;
  /** Reads and proves all of it (see `readStore`). */
  read<R extends LogRecord>(
    reader: Pick<StoreReader<R>, 'take' | 'border' | 'onSegment'> & TablesReader,
  ): Promise<StoreReading>;
  /** Reads what was added since a place. */
  readOn<R extends LogRecord>(take: (entry: Entry<R>) => void, from: Place): Promise<unknown>;
}

/** A store in a folder. */
export const folderSource = (
  folder: string,
  disk: Disk,
  archives: readonly string[] = [],
): StoreSource => ({
  place: folder,
  hasTables: false,
  identity: () => readIdentity(folder, disk),
  read: (reader) => readStore({ folder, disk, archives, ...reader }),
  readOn: (take, from) => readOn({ folder, disk, take }, from),
});

/**
 * Reads a store from its first record on, and proves it: every record continues the chain from
 * the origin of the store, full segments are sealed, and the checkpoint agrees with them. An open
 * or torn end is no damage. Where what was moved elsewhere cannot be read, the rest is proven.
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
    if (segment !== checkpoint.segment) return false;
    if (end.sequence !== checkpoint.sequence || end.chain !== checkpoint.chain) {
      throw disagrees(file.path, end, segment);
    }
    return true;
  };
  const before = origin(identity.store);
  const start = { segment: 1, before, ...before };
  const { place, torn, unseen } = await readOn(reader, start, (end, segment) => {
    if (compare(end, segment)) border?.(checkpoint.records.map(valueOf<R>));
  }).catch((error: unknown) => {
    if (error instanceof ArchivedError) return readStayed(reader, error, compare);
    throw error;
  });
  if (place.segment < checkpoint.segment) {
    throw new StoreError(
      `${file.path} goes on at segment ${checkpoint.segment}, and the log ends in ${place.segment}`,
    );
  }
  return { identity, place, ...(torn !== undefined && { torn }), ...(unseen && { unseen }) };
}

/** Proves the segments that have stayed; what their records mean, only those before them tell. */
async function readStayed<R extends LogRecord>(
  { folder, disk, lines, onSegment }: StoreReader<R>,
  unseen: ArchivedError,
  compare: (end: Link, segment: number) => void,
) {
  const last = (await readArchived(disk, folder))?.parts.at(-1);
  if (!last) throw unseen;
  const { sequence, chain } = last;
  const start = { segment: last.last + 1, before: { sequence, chain }, sequence, chain };
  const reader = { folder, disk, ...(lines && { lines }), ...(onSegment && { onSegment }) };
  return { ...(await readOn(reader, start, compare)), unseen };
}

/** Reads what has been added since a place. */
export async function readOn<R extends LogRecord>(
  {
    folder,
    disk,
    archives = [],
    take,
    lines: takeLines,
    onSegment,
  }: Omit<StoreReader<R>, 'border'>,
  from: Place,
  compare?: (end: Link, segment: number) => void,
): Promise<{ place: Place; torn?: string; unseen?: ArchivedError }> {
  let { before } = from;
  for (let number = from.segment; ; number++) {
    compare?.(before, number);
    const source = { disk, folder, archives };
    const { lines, end, torn, isSealed } = await readSegment(source, number, before);
    await takeLines?.(number, lines);
    for (const [index, line] of lines.entries()) {
      const sequence = before.sequence + index + 1;
      if (!take || sequence <= from.sequence || isSeal(line)) continue;
      take({ sequence, record: valueOf<R>(textOfLine(line)) });
    }
    onSegment?.(number, end.sequence);
    if (!isSealed) {
      const place = { segment: number, before, ...end };
      return { place, ...(torn !== undefined && { torn }) };
    }
    before = end;
  }
}

/** One segment as far as it can be read. A flaw counts only if it is there again and again. */
async function readSegment(source: Source, number: number, before: Link) {
  const { disk, folder } = source;
  for (let attempt = 1; ; attempt++) {
    const { path, bytes } = await readFile(source, number);
    const { lines, end, flaw } = decodeSegment(Buffer.from(bytes).toString(), before);
    if (!flaw && isSeal(lines.at(-1))) return { lines, end, isSealed: true };
    // Its seal is written when the next segment is there, and before that one is used.
    const { sizes, archived } = await listSegments(disk, folder);
    const isNextUsed = (sizes.get(number + 1) ?? 0) > EMPTY_SEGMENT.length;
    const isPassed = isNextUsed || number <= lastMoved(archived);
    if (!flaw && !isPassed) return { lines, end, isSealed: false };
    if (attempt < attempts) continue;
    const lost = end.sequence + 1;
    if (!flaw) throw damaged(path, lost, unsealedReason);
    if (flaw.kind === 'damage' || isPassed) throw damaged(path, lost, flaw.reason);
    const torn = `${path} is torn: record ${lost} ${flaw.reason}. A start cuts it off`;
    return { lines, end, torn, isSealed: false };
  }
}

/** Where the segments of a store are. */
interface Source {
  readonly disk: Disk;
  readonly folder: string;
  readonly archives: readonly string[];
}

/**
 * A segment, which may have been moved elsewhere.
 * @throws ArchivedError when it is not where it was moved to, nor in one of the other folders
 */
async function readFile({ disk, folder, archives }: Source, number: number) {
  const path = segmentPath(folder, number);
  const stayed = await disk.read(path);
  if (stayed) return { path, bytes: stayed };
  const why = await absent(disk, folder, number);
  if (!(why instanceof ArchivedError)) throw why;
  const { store } = await readIdentity(folder, disk);
  for (const to of [...archives, why.to]) {
    const moved = archivedPath(to, number);
    const bytes = await disk.read(moved);
    // Another store may have segments of the same name there.
    if (bytes && (await ownerFile(disk, to).read()).store === store) return { path: moved, bytes };
  }
  throw why;
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
