import { type Chapter, SealedChapter } from './chapter.ts';
import { valueOf } from './codec.ts';
import { absent, segmentPath } from './segment.ts';
import type { SegmentTable } from './segment-table.ts';
import type { FolderStore } from './store.ts';

/** How many sealed segments are held in memory. */
const held = 2;

/**
 * The sealed segments of a store whose log goes on meanwhile: reads one at a time, and holds those
 * that were asked for last.
 */
export class History<R> {
  readonly #store: FolderStore;
  readonly #table: SegmentTable<R>;
  readonly #chapters = new Map<number, SealedChapter>();
  /** Of a segment that is held no more: each new one would bring a collection of garbage nearer. */
  #spare: Uint8Array | undefined;
  #reading: Promise<unknown> = Promise.resolve();

  constructor(store: FolderStore, table: SegmentTable<R>) {
    this.#store = store;
    this.#table = table;
  }

  /**
   * The segment that holds a record; it must be one of those before segment `open`. Whoever gets
   * it releases it.
   * @throws StoreError when a file on the way is missing or damaged
   * @throws ArchivedError when one was moved elsewhere
   */
  holding(sequence: number, open: number): Promise<Chapter> {
    const found = this.#reading.then(() => this.#find(sequence, open));
    this.#reading = found.catch(() => undefined);
    return found;
  }

  async #find(sequence: number, open: number): Promise<Chapter> {
    let [low, high] = [1, open - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const first = this.#table.firstOf(middle) ?? (await this.#read(middle)).first;
      if (first <= sequence) low = middle;
      else high = middle - 1;
    }
    return (await this.#read(low)).retain();
  }

  async #read(number: number): Promise<SealedChapter> {
    const chapter = this.#chapters.get(number) ?? (await this.#load(number));
    this.#hold(number, chapter);
    return chapter;
  }

  async #load(number: number): Promise<SealedChapter> {
    const path = segmentPath(this.#store.folder, number);
    const bytes = await this.#store.disk.read(path, this.#spare);
    this.#spare = undefined;
    if (!bytes) throw await absent(this.#store.disk, this.#store.folder, number);
    const first = this.#table.firstOf(number);
    const chapter = new SealedChapter(path, bytes, first);
    if (first === undefined) this.#learn(number, chapter);
    return chapter;
  }

  /** Notes what an old checkpoint did not say. */
  #learn(number: number, chapter: Chapter): void {
    this.#table.begin(number, chapter.first);
    for (const { text } of chapter.passages(chapter.first, Infinity)) {
      if (!this.#table.see(number, valueOf<R>(text))) return;
    }
  }

  #hold(number: number, chapter: SealedChapter): void {
    this.#chapters.delete(number);
    this.#chapters.set(number, chapter);
    for (const [other, { spare }] of this.#chapters) {
      if (this.#chapters.size <= held) return;
      this.#chapters.delete(other);
      this.#spare = spare;
    }
  }
}
