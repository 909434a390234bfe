import { randomBytes } from 'node:crypto';
import { chownSync, closeSync, existsSync, openSync, readFileSync, renameSync } from 'node:fs';
import { fsyncSync, rmSync, writeSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CommandError } from '../io.ts';
import type { Owner } from './owner.ts';

/** Where a server keeps what it has, in the data folder of `unanimous up`. */
export interface Places {
  /** All files of PostgreSQL. */
  readonly folder: string;
  /** The password of its only user, which only the owner can read. */
  readonly password: string;
  /** Held by the process that runs the server. */
  readonly lock: string;
}

export function placesIn(data: string): Places {
  const at = (name: string) => join(resolve(data), name);
  return { folder: at('postgres'), password: at('postgres-password'), lock: at('postgres-lock') };
}

/** The user of the server, and the database that the nodes use: one name for both. */
export const userName = 'unanimous';

/**
 * The URL of a database of the server, with its password: for the environment of a node, never for
 * a command line, which everybody on this machine can read.
 * @throws {CommandError} if the password is gone
 */
export function urlOf(port: number, { password: file, folder }: Places, database = userName) {
  if (!existsSync(file)) {
    const todo = `bring it back, or move ${folder} away to begin anew`;
    throw new CommandError(1, `${file}, the password of PostgreSQL, is missing: ${todo}`);
  }
  const password = readFileSync(file, 'utf8').trim();
  return `postgres://${userName}:${password}@127.0.0.1:${port}/${database}`;
}

/** Makes a password unless there is one, forced, and never a part of it. */
export function keepPassword({ password }: Places, { uid, gid }: Owner): void {
  if (existsSync(password)) return;
  const whole = `${password}.tmp`;
  rmSync(whole, { force: true });
  const file = openSync(whole, 'wx', 0o600);
  try {
    writeSync(file, `${randomBytes(24).toString('base64url')}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  // Whoever makes the server reads it there.
  if (uid !== undefined && gid !== undefined) chownSync(whole, uid, gid);
  renameSync(whole, password);
}
