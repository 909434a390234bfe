/** Reads what a store has on record in a database. */
import { type RecordText, sealRecord } from '../codec.ts';
import { StoreError } from '../store-error.ts';
import type { Database } from './database.ts';

/** What is read, searched and found by its key together: a segment is so many records. */
export const SEGMENT = 5_000;

/** The number of the segment that a record belongs to, from 1. */
export const segmentOf = (sequence: number): number => Math.floor((sequence - 1) / SEGMENT) + 1;

/** A store that was in a folder has the seals of its segments, so that no sequence changes. */
export const SEAL = sealRecord();

/** A part of a checkpoint, or many records, may take so long. Milliseconds. */
export const longMs = 60_000;

/** A record in its place, as text. */
export interface StoredRecord extends Record<string, unknown> {
  readonly sequence: number;
  readonly text: RecordText;
}

/**
 * Records, the first and the last included, of which none may be missing.
 * @throws StoreError when one is
 */
export async function readRecords(
  database: Database,
  { store, place }: { store: string; place: string },
  first: number,
  last: number,
): Promise<StoredRecord[]> {
  const rows = await database.read<StoredRecord>(
    `SELECT sequence, record::text AS text FROM unanimous.records
     WHERE store = $1 AND sequence BETWEEN $2 AND $3 ORDER BY sequence`,
    [store, first, last],
    longMs,
  );
  if (rows.length !== last - first + 1) throw incomplete(place, first, last, rows.length);
  return rows;
}

/** Records are missing. */
export const incomplete = (place: string, first: number, last: number, found: number): StoreError =>
  new StoreError(
    `the log of the ${place} is damaged: of the records ${first} to ${last} only ${found} are ` +
      'there. Restore the database from a backup',
  );

/**
 * The parts of a checkpoint: where the segments begin, then arrays of records.
 * @throws StoreError when one is missing
 */
export async function* readCheckpoint(
  database: Database,
  place: string,
  checkpoint: string,
): AsyncGenerator<string, void> {
  for (let part = 0; ; part++) {
    const [row] = await database.query<{ content: string }>(
      `SELECT content::text AS content FROM unanimous.checkpoints
       WHERE checkpoint = $1 AND part = $2`,
      [checkpoint, part],
      longMs,
    );
    if (!row) throw new StoreError(`part ${part} of the checkpoint of the ${place} is gone`);
    // The last part is empty: one that was lost is not taken for the end.
    if (row.content === '[]') return;
    yield row.content;
  }
}
