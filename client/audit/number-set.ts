/** Numbers in one chunk. */
const chunkSize = 8 * 1024;

/** A set of whole numbers that follow each other, in a bit each. */
export class NumberSet {
  readonly #chunks = new Map<number, Uint8Array>();

  /** Whether the number is new. */
  add(number: number): boolean {
    const at = Math.floor(number / chunkSize);
    const chunk = this.#chunks.get(at) ?? new Uint8Array(chunkSize / 8);
    this.#chunks.set(at, chunk);
    const place = number % chunkSize;
    const bit = 1 << (place & 7);
    const before = chunk[place >> 3] ?? 0;
    chunk[place >> 3] = before | bit;
    return (before & bit) === 0;
  }
}
