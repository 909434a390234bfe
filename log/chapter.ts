import { CLOSING, isSeal, readLine, textOfLine, type RecordText } from './codec.ts';
import { damaged, type StoreError } from './store-error.ts';

/** The text of a record, in its place. */
export interface Passage {
  readonly sequence: number;
  readonly text: RecordText;
}

/** The part of a chapter that is searched, its ends included, and from which end. */
export interface Range {
  readonly first: number;
  readonly last: number;
  readonly backwards: boolean;
  /** All of the chapter must be readable, not only what is found: what is not, is not there. */
  readonly whole: boolean;
}

/** The records of one segment, to be read from the middle. */
export interface Chapter {
  /** The sequence of its first record. */
  readonly first: number;
  /** The sequence of its last record: the seal, unless it is still open. */
  readonly last: number;
  /** As many as `most` records from a sequence on; not the seal. */
  passages(from: number, most: number): Passage[];
  /** The records in a range whose line contains a text; not the seal. */
  search(text: string, range: Range): Iterable<Passage>;
  /** It is read no more by the one who got it. */
  release(): void;
}

/** The segment that is written, as the log has it in memory. */
export class OpenChapter implements Chapter {
  readonly first: number;
  readonly #lines: readonly string[];

  constructor(first: number, lines: readonly string[]) {
    this.first = first;
    this.#lines = lines;
  }

  get last(): number {
    return this.first + this.#lines.length - 1;
  }

  passages(from: number, most: number): Passage[] {
    const start = from - this.first;
    return this.#lines.slice(start, start + most).flatMap((line, index) => {
      return isSeal(line) ? [] : [{ sequence: from + index, text: textOfLine(line) }];
    });
  }

  release(): void {
    // Nothing is taken from it: the log goes on with its lines.
  }

  *search(text: string, { first, last, backwards }: Range): Iterable<Passage> {
    const [from, to, step] = backwards ? [last, first, -1] : [first, last, 1];
    for (let at = from; (to - at) * step >= 0; at += step) {
      const line = this.#lines[at - this.first];
      if (line?.includes(text) && !isSeal(line)) yield { sequence: at, text: textOfLine(line) };
    }
  }
}

const NEW_LINE = 10;
/** Where the first line begins, in bytes. */
const OPENING = 2;

/**
 * A sealed segment as it is on disk. Bytes, not strings: a search runs over all of them in a few
 * milliseconds, and makes text only of the lines that it finds. Each of those must prove itself.
 */
export class SealedChapter implements Chapter {
  readonly first: number;
  readonly last: number;
  readonly #path: string;
  readonly #bytes: Buffer;
  /** Where the seal begins, in bytes. */
  readonly #end: number;
  /** Where each line begins, in bytes, once lines were asked for by their sequences. */
  #starts: Uint32Array | undefined;
  /** Where the line behind the last one that was found begins, in bytes. */
  #behind = { sequence: 0, start: 0 };
  #isProven = false;
  #readers = 0;

  /**
   * @param first the sequence of its first record, if that is known
   * @throws StoreError unless it begins with that record and ends with a seal
   */
  constructor(path: string, bytes: Uint8Array, first?: number) {
    this.#path = path;
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.first = first ?? 1;
    const { sequence } = this.#lineAt(OPENING);
    if (sequence !== (first ?? sequence)) throw this.#damage(OPENING, 'is not in its place');
    this.first = sequence;
    this.#end = this.#bytes.lastIndexOf(NEW_LINE, -CLOSING.length - 1) + 1;
    const seal = this.#lineAt(this.#end);
    if (!isSeal(seal.line)) throw this.#damage(this.#end, 'is not the seal that ends a segment');
    this.last = seal.sequence;
  }

  /** Keeps its memory for one who reads it, until `release`. */
  retain(): this {
    this.#readers += 1;
    return this;
  }

  release(): void {
    this.#readers -= 1;
  }

  /** Its memory, for another segment, once nobody reads it or will. */
  get spare(): Uint8Array | undefined {
    return this.#readers === 0 ? this.#bytes : undefined;
  }

  passages(from: number, most: number): Passage[] {
    const starts = (this.#starts ??= this.#findStarts());
    const found: Passage[] = [];
    const until = Math.min(from + most, this.last);
    for (let sequence = from; sequence < until; sequence++) {
      const start = starts[sequence - this.first] ?? 0;
      const { line, sequence: written } = this.#lineAt(start);
      if (written !== sequence) throw this.#damage(start, 'is not in its place');
      found.push({ sequence, text: textOfLine(line) });
    }
    return found;
  }

  *search(text: string, { first, last, backwards, whole }: Range): Iterable<Passage> {
    if (whole) this.#prove();
    const needle = Buffer.from(text);
    const start = this.#startOf(first);
    const end = last < this.last ? this.#startOf(last + 1) : this.#end;
    const next = (from: number) =>
      backwards ? this.#bytes.lastIndexOf(needle, from) : this.#bytes.indexOf(needle, from);
    for (let at = next(backwards ? end - 1 : start); at >= start && at < end;) {
      const from = this.#bytes.lastIndexOf(NEW_LINE, at) + 1;
      const { line, sequence, end: to } = this.#lineAt(from);
      this.#behind = { sequence: sequence + 1, start: to + 1 };
      if (line.includes(text)) yield { sequence, text: textOfLine(line) };
      at = next(backwards ? from - 1 : to);
    }
  }

  #prove(): void {
    if (!this.#isProven) this.passages(this.first, Infinity);
    this.#isProven = true;
  }

  #startOf(sequence: number): number {
    if (sequence === this.first) return OPENING;
    if (sequence === this.#behind.sequence) return this.#behind.start;
    const start = (this.#starts ??= this.#findStarts())[sequence - this.first] ?? 0;
    const head = `{"seq":${sequence},`;
    if (this.#bytes.toString('latin1', start, start + head.length) === head) return start;
    throw this.#damage(start, 'cannot be read');
  }

  #findStarts(): Uint32Array {
    const starts = new Uint32Array(this.last - this.first + 1);
    for (let index = 0, at = OPENING; index < starts.length && at > 0; index++) {
      starts[index] = at;
      at = this.#bytes.indexOf(NEW_LINE, at) + 1;
    }
    return starts;
  }

  /** The line that begins at a byte, without its comma; `end` is where its line break is. */
  #lineAt(start: number): { line: string; sequence: number; end: number } {
    const found = this.#bytes.indexOf(NEW_LINE, start);
    const end = found < 0 ? this.#bytes.length : found;
    const line = this.#bytes.toString('utf8', start, end).replace(/,$/, '');
    const proven = readLine(line);
    if (!proven) throw this.#damage(start, 'cannot be read');
    return { line, sequence: proven.link.sequence, end };
  }

  #damage(start: number, reason: string): StoreError {
    let sequence = this.first;
    for (let at = OPENING; at < start && at > 0; sequence++) {
      at = this.#bytes.indexOf(NEW_LINE, at) + 1;
    }
    return damaged(this.#path, sequence, reason);
  }
}
