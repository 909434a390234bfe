/**
 * Moves sealed segments out of a store, beside a running node or without one (PROTOCOL.md, log).
 * Nothing before the checkpoint is ever written again, and a start does not read it: so the node
 * need not know, but for whoever reads there.
 */
import { join, resolve, sep } from 'node:path';
import { archivedFile, ownerFile, type Part, readArchived } from './archived.ts';
import { type Checkpoint, checkpointFile } from './checkpoint.ts';
import { decodeSegment, isSeal, type Link, origin, textOfLine, valueOf } from './codec.ts';
import { type Disk, replaceFile } from './disk.ts';
import { FORMAT } from './json-file.ts';
import type { LogRecord } from './log.ts';
import { unsealedReason } from './recovery.ts';
import { archivedPath, segmentFolder, segmentNumber, segmentPath } from './segment.ts';
import type { Key } from './segment-table.ts';
import { type Identity, readIdentity } from './store.ts';
import { damaged, missing, StoreError } from './store-error.ts';

/** What a node still looks for in its log, as the node knows it. */
export interface Needs<R> {
  /** What parts are found by: see `Part.keys`. */
  readonly keyOf: (record: R) => Key | undefined;
  /** @param state the records of the checkpoint */
  readonly neededBy: (state: Iterable<R>) => (record: R) => boolean;
}

export interface Move<R> {
  /** The store. */
  readonly folder: string;
  /** The folder to move to, made when it is missing. */
  readonly to: string;
  /** Only segments whose records are all older. Milliseconds since 1970. */
  readonly before: number;
  readonly disk: Disk;
  /** Of this process: a second one that moves is told it. */
  readonly pid: number;
  /** Now, for people. */
  readonly at: string;
  readonly needs: Needs<R>;
}

export interface Moved {
  /** What was moved now; undefined if nothing was. */
  readonly part: Part | undefined;
  readonly records: number;
  readonly bytes: number;
  /** Why no more was moved, as a sentence about the first segment that has stayed. */
  readonly stays: string;
}

/** A segment that was read to its end, and proven. */
interface Proven {
  readonly number: number;
  /** The last record before it, and the last one in it. */
  readonly before: Link;
  readonly end: Link;
  readonly bytes: number;
  readonly keys: readonly Key[];
}

/**
 * Copies the oldest segments elsewhere, proves the copies, writes down that they are moved, and
 * only then removes them. It may die anywhere: the node starts all the same, and the next call
 * goes on.
 * @throws StoreError when the store or a copy is damaged, or the folder is that of another store
 */
export async function moveSegments<R extends LogRecord>(move: Move<R>): Promise<Moved> {
  const { folder, disk, pid } = move;
  const to = resolve(move.to);
  const home = resolve(folder);
  if (to === home || to.startsWith(home + sep)) {
    throw new StoreError(`${to} is in the store itself: name a folder outside of ${home}`);
  }
  const identity = await readIdentity(folder, disk);
  const lock = await disk.tryLock(join(folder, 'archive.lock'), `${pid}\n`);
  if (typeof lock === 'string') {
    const other = lock.trim() === '' ? 'another process' : `process ${lock.trim()}`;
    throw new StoreError(`${other} moves segments of ${folder}: wait until it has ended`);
  }
  try {
    const archived = await readArchived(disk, folder);
    const parts = archived?.parts ?? [];
    if (archived && archived.store !== identity.store) {
      throw new StoreError(`archived.json in ${folder} is of the store ${archived.store}`);
    }
    // What a crash has left: it was moved.
    await removeMoved(disk, folder, parts);
    const { segments, stays } = await survey(move, identity, parts.at(-1));
    const [first, last] = [segments[0], segments.at(-1)];
    if (!first || !last) return { part: undefined, records: 0, bytes: 0, stays };
    await claim(disk, to, { ...identity, isKnown: parts.some((part) => part.to === to) });
    for (const segment of segments) await copy(disk, folder, to, segment);
    const { sequence, chain } = last.end;
    const keys = highest(segments.flatMap((segment) => segment.keys));
    const numbers = { first: first.number, last: last.number };
    const part: Part = { ...numbers, sequence, chain, keys, to, at: move.at };
    const marker = archivedFile(disk, folder, identity.store);
    marker.data = { ...marker.data, parts: [...parts, part] };
    await marker.write();
    await removeMoved(disk, folder, marker.data.parts);
    const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
    return { part, records: sequence - first.before.sequence, bytes, stays };
  } finally {
    await lock.release();
  }
}

/** The segments that may go: the oldest ones, up to the first that has to stay. */
async function survey<R extends LogRecord>(
  { folder, disk, before: time, needs }: Move<R>,
  { store }: Identity,
  left: Part | undefined,
): Promise<{ segments: Proven[]; stays: string }> {
  const { low, file } = checkpointFile(disk, folder);
  await low.read();
  const checkpoint: Checkpoint = low.data;
  const isNeeded = needs.neededBy(checkpoint.records.map(valueOf<R>));
  const segments: Proven[] = [];
  let before = left ? { sequence: left.sequence, chain: left.chain } : origin(store);
  for (let number = (left?.last ?? 0) + 1; number < checkpoint.segment; number++) {
    const { texts, ...proven } = await prove(disk, segmentPath(folder, number), before);
    const records = texts.map(valueOf<R & { readonly at?: string }>);
    const stays = (reason: string) => ({ segments, stays: `segment ${number} stays: ${reason}` });
    const newest = records.find(({ at }) => !(Date.parse(at ?? '') < time));
    if (newest) return stays(`it has a record of ${newest.at ?? 'an unknown time'}`);
    if (records.some(isNeeded)) return stays('its node still looks for a record in it');
    const keys = highest(records.map(needs.keyOf).filter((key) => key !== undefined));
    segments.push({ number, before, ...proven, keys });
    before = proven.end;
  }
  const { segment, sequence, chain } = checkpoint;
  if (checkpoint.store !== store || before.sequence !== sequence || before.chain !== chain) {
    throw new StoreError(
      `${file.path} does not agree with the log before segment ${segment}: restore the whole ` +
        'folder from one backup',
    );
  }
  const reason = 'a start reads it, until a later checkpoint';
  return { segments, stays: `segment ${segment} stays: ${reason}` };
}

/** Reads a sealed segment: every record continues the chain. */
async function prove(disk: Disk, path: string, before: Link) {
  const bytes = await disk.read(path);
  if (!bytes) throw missing(path);
  const { lines, end } = sealedLines(path, bytes, before);
  return { texts: lines.slice(0, -1).map(textOfLine), end, bytes: bytes.length };
}

function sealedLines(path: string, bytes: Uint8Array, before: Link) {
  const { lines, end, flaw } = decodeSegment(Buffer.from(bytes).toString(), before);
  if (flaw) throw damaged(path, end.sequence + 1, flaw.reason);
  if (!isSeal(lines.at(-1))) throw damaged(path, end.sequence + 1, unsealedReason);
  return { lines, end };
}

/** Makes the folder of the archive, or sees that it has segments of this store only. */
async function claim(
  disk: Disk,
  to: string,
  { role, store, isKnown }: Identity & { readonly isKnown: boolean },
): Promise<void> {
  await disk.makeFolder(to);
  const names = [...((await disk.list(to)) ?? new Map<string, number>()).keys()];
  const owner = ownerFile(disk, to);
  if (names.includes('archive.json')) {
    const known = await owner.read();
    if (known.store === store) return;
    throw new StoreError(
      `${to} has segments of the ${known.role} ${known.store}, and this is ${store}: name ` +
        'another folder',
    );
  }
  if (names.some((name) => segmentNumber(name) !== undefined)) {
    throw new StoreError(`${to} has segments, and no archive.json says whose: name another folder`);
  }
  if (isKnown) {
    throw new StoreError(
      `${to} has segments of this store, as its archived.json says, and is empty: is its disk ` +
        'mounted?',
    );
  }
  await owner.write({ format: FORMAT, role, store });
}

/** Copies a segment, forces it and its entry, and proves the copy. */
async function copy(disk: Disk, folder: string, to: string, segment: Proven): Promise<void> {
  const [source, target] = [segmentPath(folder, segment.number), archivedPath(to, segment.number)];
  const bytes = await disk.read(source);
  if (!bytes) throw missing(source);
  const known = await disk.read(target);
  if (known && Buffer.compare(known, bytes) !== 0) {
    throw new StoreError(
      `${target} is there, and no copy of ${source}: name another folder, or remove it if nobody ` +
        'needs it',
    );
  }
  // Also what is there: whoever has copied it need not have forced it.
  await replaceFile(disk, target, bytes);
  const copied = await disk.read(target);
  if (!copied) throw missing(target);
  const { end } = sealedLines(target, copied, segment.before);
  if (end.chain !== segment.end.chain) throw new StoreError(`${target} is no copy of ${source}`);
}

/** Removes what was moved, if its copy is there. */
async function removeMoved(disk: Disk, folder: string, parts: readonly Part[]): Promise<void> {
  const log = segmentFolder(folder);
  const numbers = [...((await disk.list(log)) ?? new Map<string, number>()).keys()]
    .flatMap((name) => segmentNumber(name) ?? [])
    .sort((a, b) => a - b);
  let removed = 0;
  for (const number of numbers) {
    const part = parts.find(({ last }) => number <= last);
    if (!part) break;
    const [source, target] = [segmentPath(folder, number), archivedPath(part.to, number)];
    const [bytes, copied] = [await disk.read(source), await disk.read(target)];
    if (!bytes || !copied || Buffer.compare(bytes, copied) !== 0) {
      throw new StoreError(
        `${source} was moved to ${target}, which is not the same: put it there again, or remove ` +
          `archived.json in ${folder} once all that it names is back`,
      );
    }
    await disk.remove(source);
    removed += 1;
  }
  if (removed > 0) await disk.syncFolder(log);
}

/** Of each first number the highest key. */
function highest(keys: readonly Key[]): Key[] {
  const known = new Map<number, number>();
  for (const [a, b] of keys) known.set(a, Math.max(b, known.get(a) ?? 0));
  return [...known];
}
