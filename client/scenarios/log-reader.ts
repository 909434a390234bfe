import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A record as it is in the file: what scenarios look at of it (PROTOCOL.md, records). */
export interface LogRecord {
  readonly type: string;
  readonly id?: string;
  readonly state?: string;
  readonly participants?: readonly string[];
  readonly entries?: readonly { account: string; amount: number; balance: number }[];
}

/** A read may come in the middle of a write, which is over a moment later. */
const attempts = 10;

/** The log of a node, read as anybody can: JSON files with an array of records each. */
export function readLog(data: string): LogRecord[] {
  const folder = join(data, 'log');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .flatMap((name) => readJson(join(folder, name)) as LogRecord[]);
}

/** How often the store in this folder was started, as its `node.json` says. */
export const readEpoch = (data: string): number =>
  (readJson(join(data, 'node.json')) as { epoch: number }).epoch;

function readJson(file: string): unknown {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return JSON.parse(readFileSync(file, 'utf8'));
    } catch (error) {
      if (!(error instanceof SyntaxError) || attempt === attempts) throw error;
    }
  }
}
