/**
 * Which transfer each idempotency key has begun (PROTOCOL.md, idempotency). A key takes at most 32
 * bytes: hash tables with open addressing have 96 bits of its SHA-256, and the epoch and sequence
 * of its transfer. Tables are filled one after the other, and forgotten as a whole. Pure.
 */
import { hash } from 'node:crypto';

/** Keys that were remembered within one hour of running time. */
interface KeyTable {
  /** When, by the window's own count. */
  readonly hour: number;
  /** Slots of `slotWords` each; a free one has no epoch. */
  readonly words: Uint32Array;
  size: number;
}

export interface KeyWindow {
  /** Hours of running time since the state was made. */
  hour: number;
  /** Oldest first. All but the last one are as full as they may be. */
  readonly tables: KeyTable[];
}

/** Which transfer of the store. */
export interface Origin {
  /** At least 1. */
  readonly epoch: number;
  /** Up to 2^53 − 1. */
  readonly sequence: number;
}

/** One table, in checkpoints. */
export interface Keyed {
  readonly type: 'keyed';
  /** Hours of running time since the hour of its keys. */
  readonly age: number;
  /** Its used slots in base64, each of six 32-bit words, the low byte of a word first. */
  readonly keys: string;
}

/** Three words of the digest, the epoch, the sequence: its low word, then its high one. */
const slotWords = 6;
const slotBytes = slotWords * 4;
const smallestSlots = 64;
const largestSlots = 2 ** 18;
/** Of the slots of a table: a fuller one is slow to search. */
const mostFilled = 0.75;

/** A window in which nothing was remembered yet. */
export const noKeys = (): KeyWindow => ({ hour: 0, tables: [] });

/** The transfer that a key has begun; undefined if it is not known, or not any more. */
export function originOf({ tables }: KeyWindow, key: string): Origin | undefined {
  const digest = digestOf(key);
  for (const { words } of tables.toReversed()) {
    const at = placeOf(words, digest);
    if (words[at + 3] === 0) continue;
    const [epoch = 0, low = 0, high = 0] = words.subarray(at + 3, at + slotWords);
    return { epoch, sequence: high * 2 ** 32 + low };
  }
  return undefined;
}

/** The transfers whose keys are remembered, in no order. */
export function* originsOf({ tables }: KeyWindow): Iterable<Origin> {
  for (const { words } of tables) {
    for (let at = 0; at < words.length; at += slotWords) {
      const [epoch = 0, low = 0, high = 0] = words.subarray(at + 3, at + slotWords);
      if (epoch !== 0) yield { epoch, sequence: high * 2 ** 32 + low };
    }
  }
}

/** Remembers a key that is not known. */
export function remember(window: KeyWindow, key: string, { epoch, sequence }: Origin): void {
  const slot = [...digestOf(key), epoch, sequence % 2 ** 32, Math.floor(sequence / 2 ** 32)];
  insert(openTable(window), Uint32Array.from(slot));
}

/** How many keys are remembered. */
export const countKeys = ({ tables }: KeyWindow): number =>
  tables.reduce((sum, { size }) => sum + size, 0);

/** An hour has passed: what was remembered more than `hours` hours ago is forgotten. */
export function elapse(window: KeyWindow, hours: number): void {
  const { tables } = window;
  const last = tables.pop();
  // Nothing more comes into it: it gives back the slots that it has too many.
  if (last) tables.push(tableWith(last.hour, usedSlots(last)));
  window.hour += 1;
  const kept = tables.findIndex(({ hour }) => hour >= window.hour - hours);
  tables.splice(0, kept === -1 ? tables.length : kept);
}

/** What rebuilds the window, oldest first. */
export function* summariseKeys({ hour: now, tables }: KeyWindow): Iterable<Keyed> {
  for (const table of tables) {
    const used = usedSlots(table);
    const bytes = Buffer.alloc(used.byteLength);
    for (const [index, word] of used.entries()) bytes.writeUInt32LE(word, index * 4);
    yield { type: 'keyed', age: now - table.hour, keys: bytes.toString('base64') };
  }
}

/** Adds a table of a checkpoint, which has them oldest first. */
export function restoreKeys({ hour: now, tables }: KeyWindow, { age, keys }: Keyed): void {
  const bytes = Buffer.from(keys, 'base64');
  const used = new Uint32Array((bytes.length / slotBytes) * slotWords);
  for (const index of used.keys()) used[index] = bytes.readUInt32LE(index * 4);
  tables.push(tableWith(now - age, used));
}

/** The table of this hour that has room; the next one is larger. */
function openTable({ hour, tables }: KeyWindow): KeyTable {
  const last = tables.at(-1);
  const isOpen = last?.hour === hour;
  const slots = isOpen ? last.words.length / slotWords : 0;
  if (isOpen && last.size < Math.floor(slots * mostFilled)) return last;
  const table = emptyTable(hour, Math.min(largestSlots, Math.max(smallestSlots, slots * 4)));
  tables.push(table);
  return table;
}

const emptyTable = (hour: number, slots: number): KeyTable => ({
  hour,
  words: new Uint32Array(slots * slotWords),
  size: 0,
});

/** The smallest table that has these slots. */
function tableWith(hour: number, used: Uint32Array): KeyTable {
  const table = emptyTable(hour, Math.ceil(used.length / slotWords / mostFilled));
  for (let at = 0; at < used.length; at += slotWords) {
    insert(table, used.subarray(at, at + slotWords));
  }
  return table;
}

function usedSlots({ words, size }: KeyTable): Uint32Array {
  const used = new Uint32Array(size * slotWords);
  for (let at = 0, end = 0; at < words.length; at += slotWords) {
    if (words[at + 3] === 0) continue;
    used.set(words.subarray(at, at + slotWords), end);
    end += slotWords;
  }
  return used;
}

function insert(table: KeyTable, slot: Uint32Array): void {
  table.words.set(slot, placeOf(table.words, slot));
  table.size += 1;
}

/** Where a digest is, or the free slot where it would be; there always is one. */
function placeOf(words: Uint32Array, [a = 0, b = 0, c = 0]: Uint32Array): number {
  const slots = words.length / slotWords;
  let at = (a % slots) * slotWords;
  while (words[at + 3] !== 0) {
    if (words[at] === a && words[at + 1] === b && words[at + 2] === c) return at;
    at = (at + slotWords) % words.length;
  }
  return at;
}

function digestOf(key: string): Uint32Array {
  const bytes = hash('sha256', key, 'buffer');
  return Uint32Array.of(bytes.readUInt32LE(0), bytes.readUInt32LE(4), bytes.readUInt32LE(8));
}
