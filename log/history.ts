import { decodeApart } from './codec.ts';
import { segmentPath } from './segment.ts';
import type { Store } from './store.ts';
import { StoreError } from './store-error.ts';

/** The lines of one segment, and the sequence of the first of them. */
export interface Chapter {
  readonly first: number;
  readonly lines: readonly string[];
}

/**
 * Reads the sealed segments of a store whose log goes on meanwhile. Holds one segment in memory,
 * the last one that was asked for, and reads one at a time.
 */
export class History {
  readonly #store: Store;
  readonly #firsts = new Map<number, number>();
  #held: { number: number; chapter: Chapter } | undefined;
  #reading: Promise<unknown> = Promise.resolve();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Remembers a segment that has just been sealed: whoever follows the log asks for it next. */
  keep(number: number, chapter: Chapter): void {
    this.#firsts.set(number, chapter.first);
    this.#held = { number, chapter };
  }

  /**
   * The segment that holds a record; it must be one of those before segment `open`.
   * @throws StoreError when a file on the way is missing or damaged
   */
  holding(sequence: number, open: number): Promise<Chapter> {
    const found = this.#reading.then(() => this.#search(sequence, open));
    this.#reading = found.catch(() => undefined);
    return found;
  }

  async #search(sequence: number, open: number): Promise<Chapter> {
    let [low, high] = [1, open - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const first = this.#firsts.get(middle) ?? (await this.#read(middle)).first;
      if (first <= sequence) low = middle;
      else high = middle - 1;
    }
    return this.#read(low);
  }

  async #read(number: number): Promise<Chapter> {
    if (this.#held?.number === number) return this.#held.chapter;
    const path = segmentPath(this.#store.folder, number);
    const bytes = await this.#store.disk.read(path);
    const { lines, end, flaw } = decodeApart(Buffer.from(bytes ?? []).toString());
    if (flaw) {
      throw new StoreError(
        `${path} is damaged: record ${end.sequence + 1} ${flaw.reason}. ` +
          'Restore the store from a backup, and repair only a copy of it',
      );
    }
    const chapter = { first: end.sequence - lines.length + 1, lines };
    this.keep(number, chapter);
    return chapter;
  }
}
