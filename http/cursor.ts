/** Opaque positions in lists: where to go on, and a digest of the filters they belong to. */
import { createHash } from 'node:crypto';

/** A cursor, at most 200 characters, that goes on after `after` under these filters. */
export function writeCursor(filter: object, after: string): string {
  return Buffer.from(`${digest(filter)} ${after}`).toString('base64url');
}

/** Where the cursor goes on, or undefined if it was not made for these filters. */
export function readCursor(cursor: string, filter: object): string | undefined {
  const [made, after] = Buffer.from(cursor, 'base64url').toString().split(' ');
  return made === digest(filter) ? after : undefined;
}

function digest(filter: object): string {
  const members = Object.entries(filter).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url').slice(0, 16);
}
