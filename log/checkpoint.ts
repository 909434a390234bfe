import { join } from 'node:path';
import { Low } from 'lowdb';
import { type Link, origin, type RecordText, valueOf } from './codec.ts';
import type { Disk } from './disk.ts';
import { FORMAT, JsonFile, type Form } from './json-file.ts';
import type { Beginning } from './segment-table.ts';

/** The state at a segment border: `checkpoint.json`. */
export interface Checkpoint {
  readonly format: number;
  readonly store: string;
  /** The last record that the state contains. */
  readonly sequence: number;
  /** The crc of that record: the first one of `segment` continues it. */
  readonly chain: string;
  /** The number of the first segment that is not contained. */
  readonly segment: number;
  /** Where the segments before it begin; a checkpoint of an older program does not say. */
  readonly beginnings?: readonly (Beginning | null)[];
  /** The shortest log that rebuilds the state. */
  readonly records: readonly RecordText[];
}

/** The checkpoint of a store that has no records yet. */
export function firstCheckpoint(store: string): Checkpoint {
  return checkpointAt(store, origin(store), [], []);
}

/** The checkpoint after the record `end`, the last one of the segments that begin so. */
export function checkpointAt(
  store: string,
  end: Link,
  beginnings: readonly (Beginning | null)[],
  records: readonly RecordText[],
): Checkpoint {
  const { sequence, chain } = end;
  const segment = beginnings.length + 1;
  return { format: FORMAT, store, sequence, chain, segment, beginnings, records };
}

/** `checkpoint.json` of a store folder. */
export function checkpointFile(
  disk: Disk,
  folder: string,
): { low: Low<Checkpoint>; file: JsonFile<Checkpoint> } {
  const file = new JsonFile(disk, join(folder, 'checkpoint.json'), form);
  return { low: new Low(file, firstCheckpoint('')), file };
}

/**
 * JSON with one record a line. Records stay the texts that they are in memory: a large state is
 * never turned into text twice.
 */
const form: Form<Checkpoint> = {
  print({ records, ...head }) {
    const opening = JSON.stringify(head).slice(0, -1);
    return `${opening},"records":[\n${records.join(',\n')}\n]}`;
  },
  parse(object) {
    const [opening = '', ...rest] = object.split('\n');
    const head = valueOf<Omit<Checkpoint, 'records'>>(`${opening}]}`);
    const lines = rest.slice(0, -1).filter((line) => line !== '');
    return { ...head, records: lines.map((line) => line.replace(/,$/, '')) };
  },
};
