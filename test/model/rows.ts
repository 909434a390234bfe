/**
 * A set of rows of numbers that knows in which order they came, and from which row each was
 * reached. It compares rows, not hashes of them, so no state is ever taken for another.
 */
export class Rows {
  size = 0;
  readonly #width: number;
  #numbers: Int32Array;
  #parents: Int32Array;
  /** Open addressing: the place of a row, or where it would be; free places are −1. */
  #places: Int32Array;

  constructor(width: number, capacity = 1 << 12) {
    this.#width = width;
    this.#numbers = new Int32Array(capacity * width);
    this.#parents = new Int32Array(capacity);
    this.#places = new Int32Array(capacity * 2).fill(-1);
  }

  /** Whether it is new. */
  add(row: readonly number[], parent: number): boolean {
    if (this.size === this.#parents.length) this.#grow();
    const place = this.#find(row);
    if (this.#places[place] !== -1) return false;
    this.#places[place] = this.size;
    this.#numbers.set(row, this.size * this.#width);
    this.#parents[this.size] = parent;
    this.size += 1;
    return true;
  }

  row(index: number): number[] {
    const start = index * this.#width;
    return [...this.#numbers.subarray(start, start + this.#width)];
  }

  parent(index: number): number {
    return this.#parents[index] ?? -1;
  }

  #find(row: readonly number[]): number {
    const mask = this.#places.length - 1;
    let hash = 0x811c9dc5;
    for (const number of row) {
      hash = Math.imul(hash ^ number, 0x01000193);
      hash ^= hash >>> 13;
    }
    hash = Math.imul(hash, 0x5bd1e995);
    for (let place = (hash ^ (hash >>> 15)) & mask; ; place = (place + 1) & mask) {
      const index = this.#places[place] ?? -1;
      if (index === -1 || this.#isAt(index, row)) return place;
    }
  }

  #isAt(index: number, row: readonly number[]): boolean {
    const start = index * this.#width;
    for (let column = 0; column < this.#width; column++) {
      if (this.#numbers[start + column] !== row[column]) return false;
    }
    return true;
  }

  #grow(): void {
    const capacity = this.#parents.length * 2;
    const [numbers, parents] = [this.#numbers, this.#parents];
    this.#numbers = new Int32Array(capacity * this.#width);
    this.#numbers.set(numbers);
    this.#parents = new Int32Array(capacity);
    this.#parents.set(parents);
    this.#places = new Int32Array(capacity * 2).fill(-1);
    for (let index = 0; index < this.size; index++) {
      this.#places[this.#find(this.row(index))] = index;
    }
  }
}
