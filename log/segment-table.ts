/** What orders the records that a machine is asked for later, for example an epoch and a number. */
export type Key = readonly [number, number];

/** Where a segment begins, as the checkpoint keeps it: its first sequence, then its first key. */
export type Beginning = readonly [first: number, epoch?: number, number?: number];

/**
 * Where each segment begins, by numbers from 1: a few dozen bytes for each. What an old checkpoint
 * did not say is unknown until the segment is read.
 */
export class SegmentTable<R> {
  readonly #keyOf: (record: R) => Key | undefined;
  readonly #beginnings: (Beginning | undefined)[] = [];

  constructor(keyOf: (record: R) => Key | undefined = () => undefined) {
    this.#keyOf = keyOf;
  }

  /** The number of the last segment. */
  get last(): number {
    return this.#beginnings.length;
  }

  /** The segment whose first record has this sequence begins, or is known now. */
  begin(number: number, first: number): void {
    while (this.#beginnings.length < number) this.#beginnings.push(undefined);
    this.#beginnings[number - 1] ??= [first];
  }

  /** Notes a record of a segment that has begun. Whether more of that segment can matter. */
  see(number: number, record: R): boolean {
    const beginning = this.#beginnings[number - 1];
    if (beginning?.length !== 1) return false;
    const key = this.#keyOf(record);
    if (key) this.#beginnings[number - 1] = [beginning[0], ...key];
    return key === undefined;
  }

  /** What a checkpoint says of the segments before it. */
  restore(beginnings: readonly (Beginning | null)[]): void {
    for (const [index, beginning] of beginnings.entries()) {
      this.#beginnings[index] = beginning ?? undefined;
    }
  }

  /** What a checkpoint keeps: all segments before `number`. */
  before(number: number): (Beginning | null)[] {
    return this.#beginnings.slice(0, number - 1).map((beginning) => beginning ?? null);
  }

  /** The first sequence in a segment; undefined while it is unknown. */
  firstOf(number: number): number | undefined {
    return this.#beginnings[number - 1]?.[0];
  }

  /**
   * The sequences of the segment that begins at or before a key, of the first one when all begin
   * after it. Neighbours of which nothing is known count as one segment.
   * @param end the last sequence of the last segment
   */
  around(key: Key, end: number): { first: number; last: number } {
    let last: number | undefined;
    for (let number = this.last; number > 0; number--) {
      const beginning = this.#beginnings[number - 1];
      if (beginning === undefined || isAtOrBefore(beginning, key)) {
        last ??= (this.firstOf(number + 1) ?? end + 1) - 1;
      }
      if (beginning !== undefined && last !== undefined) return { first: beginning[0], last };
    }
    return { first: 1, last: last ?? (this.firstOf(2) ?? end + 1) - 1 };
  }
}

function isAtOrBefore([, epoch, number]: Beginning, key: Key): boolean {
  if (epoch === undefined || number === undefined) return false;
  return epoch < key[0] || (epoch === key[0] && number <= key[1]);
}
