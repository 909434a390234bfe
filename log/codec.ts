import { crc32 } from 'node:zlib';
import type { LogRecord } from './log.ts';

/*
 * The text of a segment. A JSON array, one record a line:
 *
 *   [
 *   {"seq":1,"synced":0,"prev":"2c1f9a07","type":"begun",…,"crc":"5be1c0d2"},
 *   {"seq":2,"synced":1,"prev":"5be1c0d2","type":"ended",…,"crc":"90aa13fe"}
 *   ]
 *
 * `seq` counts the records of the store from 1. `synced` is the highest sequence that was known to
 * be forced when the line was written. `crc` covers the line before `,"crc":`, and `prev` is the
 * crc of the record before (of the store id, for the first), so a line proves itself alone and
 * its place in the chain.
 */

/** The segment without records. */
export const EMPTY_SEGMENT = '[\n]';

/** The closing of a segment: the next record is written over it. */
export const CLOSING = '\n]';

/** The place of a record in the log: what the next one must follow. */
export interface Link {
  readonly sequence: number;
  /** The crc of that record, 8 hexadecimal digits. */
  readonly chain: string;
}

/** A record as its own JSON text: encoded once, when it is appended. */
export type RecordText = string;

const SEALED: RecordText = '{"type":"sealed"}';
const RESERVED = ['seq', 'synced', 'prev', 'crc'];
const HEADER = /^\{"seq":(\d{1,16}),"synced":(\d{1,16}),"prev":"([0-9a-f]{8})",/;
const CRC_KEY = ',"crc":"';
const CRC_LENGTH = CRC_KEY.length + 8 + 2;

/** The crc of a text in UTF-8, 8 hexadecimal digits. */
export function crcOf(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}

/** Where the log of a store begins. */
export function origin(store: string): Link {
  return { sequence: 0, chain: crcOf(store) };
}

/** Adds a crc as the last field of the text of a JSON object. */
export function seal(object: string): string {
  const body = object.slice(0, -1);
  return `${body}${CRC_KEY}${crcOf(body)}"}`;
}

/** The text of a JSON object without its crc; undefined when the crc is missing or wrong. */
export function unseal(text: string): { object: string; crc: string } | undefined {
  const body = text.slice(0, -CRC_LENGTH);
  const crc = crcOf(body);
  return text === `${body}${CRC_KEY}${crc}"}` ? { object: `${body}}`, crc } : undefined;
}

/**
 * The text of a record.
 * @throws TypeError when it uses a name or the type that belongs to the log, or is no JSON
 */
export function textOf(record: LogRecord): RecordText {
  if (record.type === 'sealed') throw new TypeError('the record type "sealed" is the log\'s own');
  for (const name of RESERVED) {
    if (name in record) {
      throw new TypeError(
        `record "${record.type}": the field "${name}" is the log's own, rename it`,
      );
    }
  }
  return JSON.stringify(record);
}

/** The value of a JSON text that this program wrote: its crc was checked, so its type is known. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- known to the caller
export function valueOf<T>(text: string): T {
  return JSON.parse(text) as T;
}

/** The record that closes a full segment, of the log's own. */
export const sealRecord = (): RecordText => SEALED;

/** Whether a line is the seal of its segment. */
export function isSeal(line: string | undefined): boolean {
  return line !== undefined && textOfLine(line) === SEALED;
}

/** The line of a record after `before`, and the link that it makes. */
export function lineOf(
  text: RecordText,
  before: Link,
  synced: number,
): { line: string; link: Link } {
  const sequence = before.sequence + 1;
  const header = `{"seq":${sequence},"synced":${synced},"prev":"${before.chain}",`;
  const line = seal(header + text.slice(1));
  return { line, link: { sequence, chain: line.slice(-10, -2) } };
}

/** The text of the record in a line that was read. */
export function textOfLine(line: string): RecordText {
  return `{${line.slice(HEADER.exec(line)?.[0].length, -CRC_LENGTH)}}`;
}

/** What must be written over the closing of a segment of `count` records to add these lines. */
export function continuation(count: number, lines: readonly string[]): string {
  return `${count === 0 ? '\n' : ',\n'}${lines.join(',\n')}${CLOSING}`;
}

/** The text of a segment with these lines. */
export function segmentText(lines: readonly string[]): string {
  return lines.length > 0 ? `[${continuation(0, lines)}` : EMPTY_SEGMENT;
}

/** A segment as far as it can be read. */
export interface Decoded {
  readonly lines: string[];
  /** The last record that was read: the next one follows it. */
  readonly end: Link;
  /** What is wrong after `end`; absent when the segment is whole. */
  readonly flaw?: Flaw;
}

/** What ends the readable part of a segment before its end. */
export interface Flaw {
  /**
   * A tear is what a crash leaves of a write that nobody was told of: it may be cut off. Anything
   * else is damage.
   */
  readonly kind: 'tear' | 'damage';
  /** What is wrong, as the end of "record 7 …". */
  readonly reason: string;
}

/** Reads the text of a segment whose first record must follow `before`. Never throws. */
export function decodeSegment(text: string, before: Link): Decoded {
  const [opening, ...parts] = text.split('\n');
  const lines: string[] = [];
  let end = before;
  // Whether the part that comes next must be a record (after a comma) or the closing (after none).
  let more: boolean | undefined;
  if (opening !== '[' || parts.length === 0) {
    // The two bytes of the opening were forced before the segment was used.
    const reason = 'is missing: the file does not begin with "[" and a new line';
    return { lines, end, flaw: { kind: 'damage', reason } };
  }
  for (const [index, part] of parts.entries()) {
    if (part === ']' && more !== true && index === parts.length - 1) return { lines, end };
    const found = leadingLine(part);
    const reason = more === false ? 'does not follow a comma' : misfit(found, end);
    if (found === undefined || reason !== undefined) {
      const misplaced = found !== undefined && more !== false;
      return { lines, end, flaw: flawAt(parts.slice(index), end, reason ?? '', misplaced) };
    }
    lines.push(found.line);
    end = found.link;
    more = found.rest === ',';
    if (found.rest !== '' && !more) {
      const rest = [found.rest, ...parts.slice(index + 1)];
      return { lines, end, flaw: flawAt(rest, end, 'does not follow a comma', false) };
    }
  }
  return { lines, end, flaw: { kind: 'tear', reason: 'is missing: the text has no closing "]"' } };
}

/** What a line proves by its own crc. */
export interface Proven {
  readonly link: Link;
  readonly synced: number;
  readonly previous: string;
}

interface Found extends Proven {
  readonly line: string;
  /** What stands after the line, up to the line break. */
  readonly rest: string;
}

/** A line that its own crc proves to be what was written; undefined for any other text. */
export function readLine(line: string): Proven | undefined {
  const header = HEADER.exec(line);
  const unsealed = header ? unseal(line) : undefined;
  if (!header || !unsealed) return undefined;
  const [, sequence, synced, previous] = header;
  return {
    link: { sequence: Number(sequence), chain: unsealed.crc },
    synced: Number(synced),
    previous: String(previous),
  };
}

/**
 * The proven line that a text begins with. Its separator was written by the next write, and may be
 * torn or damaged without the line: so a line ends at its crc, not at the line break.
 */
function leadingLine(text: string): Found | undefined {
  for (let at = text.lastIndexOf(CRC_KEY); at > 0; at = text.lastIndexOf(CRC_KEY, at - 1)) {
    const line = text.slice(0, at + CRC_LENGTH);
    const proven = readLine(line);
    if (proven) return { line, rest: text.slice(line.length), ...proven };
  }
  return undefined;
}

function misfit(line: Proven | undefined, end: Link): string | undefined {
  if (line === undefined) return 'cannot be read';
  const { sequence } = line.link;
  if (sequence !== end.sequence + 1) return `is missing: record ${sequence} is in its place`;
  if (line.previous !== end.chain) return 'does not continue the chain of the records before it';
  return undefined;
}

/**
 * A tear leaves the bytes of an unacknowledged write, or what was there before them. So it is
 * damage when a later line claims that the record was forced, and also when a whole, well-placed
 * line does not follow the one before: no crash writes that.
 */
function flawAt(rest: readonly string[], end: Link, reason: string, misplaced: boolean): Flaw {
  const lost = end.sequence + 1;
  if (misplaced) return { kind: 'damage', reason };
  const claimed = rest.some((part) => claimsIn(part).some((synced) => synced >= lost));
  if (!claimed) return { kind: 'tear', reason };
  return { kind: 'damage', reason: `${reason}, and a later record proves that it was on disk` };
}

/** What the readable lines in a part claim; a broken line break may have joined several. */
function claimsIn(part: string): number[] {
  const claims: number[] = [];
  for (let at = part.indexOf('{"seq":'); at >= 0; at = part.indexOf('{"seq":', at + 1)) {
    const found = leadingLine(part.slice(at));
    if (found) claims.push(found.synced);
  }
  return claims;
}
