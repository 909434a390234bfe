/**
 * Which transfer each idempotency key has begun (PROTOCOL.md, idempotency). A key takes at most 32
 * bytes: hash tables with open addressing have 96 bits of its SHA-256, and the epoch and sequence
 * of its transfer. Tables are filled one after the other, and forgotten as a whole. Pure.
 */
import { createHash } from 'node:crypto';

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
  /** Oldest first. */
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
const wordBytes = 4;
const smallestSlots = 64;
const largestSlots = 2 ** 18;
/** Of the slots of a table: a fuller one is slow to search. */
const mostFilled = 0.75;

export const noKeys = (): KeyWindow => ({ hour: 0, tables: [] });

/** The transfer that a key has begun; undefined if it is not known, or not any more. */
export function originOf({ tables }: KeyWindow, key: string): Origin | undefined {
  const digest = digestOf(key);
  for (let index = tables.length - 1; index >= 0; index -= 1) {
    const words = tables[index]?.words ?? new Uint32Array(slotWords);
    const at = placeOf(words, digest);
    const [, , , epoch = 0, low = 0, high = 0] = words.subarray(at, at + slotWords);
    if (epoch !== 0) return { epoch, sequence: high * 2 ** 32 + low };
  }
  return undefined;
}

export function remember(window: KeyWindow, key: string, { epoch, sequence }: Origin): void {
  const slot = [...digestOf(key), epoch, sequence % 2 ** 32, Math.floor(sequence / 2 ** 32)];
  insert(openTable(window), Uint32Array.from(slot));
}

/** How many keys are remembered. */
export const countKeys = ({ tables }: KeyWindow): number =>
  tables.reduce((sum, { size }) => sum + size, 0);

/** An hour has passed: what was remembered more than `hours` hours ago is forgotten. */
export function elapse(window: KeyWindow, hours: number): void {
  window.hour += 1;
  const kept = window.tables.findIndex(({ hour }) => hour >= window.hour - hours);
  window.tables.splice(0, kept === -1 ? window.tables.length : kept);
}

/** What rebuilds the window, oldest first. */
export function* summariseKeys({ hour: now, tables }: KeyWindow): Iterable<Keyed> {
  for (const { hour, words, size } of tables) {
    const bytes = Buffer.alloc(size * slotWords * wordBytes);
    let end = 0;
    for (const slot of slotsOf(words))
      for (const word of slot) end = bytes.writeUInt32LE(word, end);
    yield { type: 'keyed', age: now - hour, keys: bytes.toString('base64') };
  }
}

export function restoreKeys({ hour: now, tables }: KeyWindow, { age, keys }: Keyed): void {
  const bytes = Buffer.from(keys, 'base64');
  const packed = Uint32Array.from({ length: bytes.length / wordBytes }, (_, index) =>
    bytes.readUInt32LE(index * wordBytes),
  );
  let slots = smallestSlots;
  while (packed.length / slotWords > slots * mostFilled) slots *= 2;
  const table = tableOf(now - age, slots);
  for (const slot of slotsOf(packed)) insert(table, slot);
  tables.push(table);
}

const tableOf = (hour: number, slots: number): KeyTable => ({
  hour,
  words: new Uint32Array(slots * slotWords),
  size: 0,
});

/** The table of this hour that has room; the next one is larger. */
function openTable({ hour, tables }: KeyWindow): KeyTable {
  const last = tables.at(-1);
  const isOpen = last?.hour === hour;
  const slots = isOpen ? last.words.length / slotWords : 0;
  if (isOpen && last.size < slots * mostFilled) return last;
  const table = tableOf(hour, Math.min(largestSlots, Math.max(smallestSlots, slots * 4)));
  tables.push(table);
  return table;
}

function insert(table: KeyTable, slot: Uint32Array): void {
  const at = placeOf(table.words, slot);
  table.words.set(slot, at);
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

function* slotsOf(words: Uint32Array): Iterable<Uint32Array> {
  for (let at = 0; at < words.length; at += slotWords) {
    if (words[at + 3] !== 0) yield words.subarray(at, at + slotWords);
  }
}

function digestOf(key: string): Uint32Array {
  const bytes = createHash('sha256').update(key).digest();
  return Uint32Array.of(bytes.readUInt32LE(0), bytes.readUInt32LE(4), bytes.readUInt32LE(8));
}
