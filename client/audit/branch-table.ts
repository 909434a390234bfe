import { parseId } from './records.ts';

/** What is known of a branch at a participant, or of a transfer at its coordinator. */
export interface Row {
  readonly state: RowState;
  /** Of the commit; 0 without one. */
  readonly timestamp: number;
  /** Of its legs; 0 when they are not known. */
  readonly digest: number;
}

const states = ['none', 'prepared', 'committed', 'aborted', 'resolved'] as const;

/** `resolved`: an operator, or damage, has had a part in it. */
export type RowState = (typeof states)[number];

/** Rows in one chunk. */
const chunkRows = 1024;

interface Chunk {
  readonly states: Uint8Array;
  readonly timestamps: Float64Array;
  readonly digests: Float64Array;
}

const nothing: Row = { state: 'none', timestamp: 0, digest: 0 };

/**
 * Rows by transfer id, 17 bytes each, so that millions of them fit: the numbers of an epoch follow
 * each other without gaps.
 */
export class BranchTable {
  readonly #chunks = new Map<string, Chunk>();

  get(id: string): Row {
    const { chunk, index } = this.#find(id);
    if (!chunk) return nothing;
    const state = states[chunk.states[index] ?? 0] ?? 'none';
    return { state, timestamp: chunk.timestamps[index] ?? 0, digest: chunk.digests[index] ?? 0 };
  }

  set(id: string, { state, timestamp, digest }: Row): void {
    const { key, index, chunk = emptyChunk() } = this.#find(id);
    this.#chunks.set(key, chunk);
    chunk.states[index] = states.indexOf(state);
    chunk.timestamps[index] = timestamp;
    chunk.digests[index] = digest;
  }

  /** The ids of all rows in a state. */
  *inState(state: RowState): Iterable<string> {
    const wanted = states.indexOf(state);
    for (const [key, chunk] of this.#chunks) {
      const [store = '', epoch = '', at = ''] = key.split('-');
      for (const [index, one] of chunk.states.entries()) {
        if (one === wanted) yield `${store}-${epoch}-${Number(at) * chunkRows + index}`;
      }
    }
  }

  #find(id: string): { key: string; index: number; chunk?: Chunk } {
    const parsed = parseId(id);
    if (!parsed) throw new Error(`broken invariant: ${id} was checked to be a transfer's id`);
    const { store, epoch, number } = parsed;
    const key = `${store}-${epoch}-${Math.floor(number / chunkRows)}`;
    const chunk = this.#chunks.get(key);
    return { key, index: number % chunkRows, ...(chunk && { chunk }) };
  }
}

function emptyChunk(): Chunk {
  return {
    states: new Uint8Array(chunkRows),
    timestamps: new Float64Array(chunkRows),
    digests: new Float64Array(chunkRows),
  };
}
