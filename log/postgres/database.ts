import pg from 'pg';
import { AwayError, reasonOf, StoreError } from '../store-error.ts';

/** How long a new connection may take. Milliseconds. */
const connectMs = 5_000;
/** How long an answer may take unless told. Milliseconds. */
const answerMs = 10_000;
/** Statements under way at once; further ones wait, but no write for what reads the log. */
const connections = { writing: 3, reading: 2 };

/** Whoever waits for a row longer than that has gone by then. Milliseconds. */
const lockMs = 9_000;
/** Then a connection is replaced: what its server guarantees may have changed. Seconds. */
const checkSeconds = 60;

/** PostgreSQL's code of a warning: also of a commit that did not wait for its standby. */
const warning = '01000';

/** Settings of PostgreSQL that lose what was acknowledged; other engines may not know them. */
const durability = ['fsync', 'full_page_writes', 'synchronous_commit'];

/** 64-bit integers are sequences and epochs here: numbers. */
const types: pg.CustomTypesConfig = {
  getTypeParser(id, format) {
    const parser: unknown = pg.types.getTypeParser(id, format);
    return id === pg.types.builtins.INT8 ? Number : parser;
  },
};

/**
 * What the server may say while it is stopped, restarted, overloaded, full, or replaced by another
 * one: classes of SQLSTATE. Anything else it says will not change.
 */
const passing = ['08', '25', '40', '53', '55', '57', '58'];

/** Whether the same statement may succeed later: no connection, or none that lasted. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return true;
  return passing.includes(error.code?.slice(0, 2) ?? '');
}

interface Notice {
  readonly code?: string | undefined;
  readonly message?: string | undefined;
}

/** A statement that is made again and again: each connection plans it once, and keeps the plan. */
export interface Prepared {
  readonly name: string;
  readonly text: string;
}

/** A database of PostgreSQL. */
export class Database {
  /** Where it is, without user and password. */
  readonly place: string;
  readonly #writing: pg.Pool;
  readonly #reading: pg.Pool;

  /** @throws StoreError unless the URL says where a database is */
  constructor(url: string) {
    this.place = placeOf(url);
    this.#writing = poolOf(url, connections.writing);
    this.#reading = poolOf(url, connections.reading);
  }

  /**
   * The rows of one statement, or of several without values. When this returns, they are
   * committed; when it throws, that is not known.
   * @param values a function is called when there is a connection, right before they leave
   * @throws AwayError when the same may succeed later
   * @throws StoreError when it would be refused again
   */
  query<Row extends pg.QueryResultRow>(
    statement: string | Prepared,
    values: readonly unknown[] | (() => readonly unknown[]) = [],
    timeoutMs = answerMs,
  ): Promise<Row[]> {
    return this.#query(this.#writing, statement, values, timeoutMs);
  }

  /** The same for what only reads, and may read much. */
  read<Row extends pg.QueryResultRow>(
    statement: string,
    values: readonly unknown[],
    timeoutMs = answerMs,
  ): Promise<Row[]> {
    return this.#query(this.#reading, statement, values, timeoutMs);
  }

  async close(): Promise<void> {
    await Promise.all([this.#writing.end(), this.#reading.end()]);
  }

  async #query<Row extends pg.QueryResultRow>(
    pool: pg.Pool,
    statement: string | Prepared,
    values: readonly unknown[] | (() => readonly unknown[]),
    timeoutMs: number,
  ): Promise<Row[]> {
    try {
      const client = await pool.connect();
      const what = typeof statement === 'string' ? { text: statement } : statement;
      const config = { ...what, query_timeout: timeoutMs };
      return await ask<Row>(client, () => ({
        ...config,
        values: [...(typeof values === 'function' ? values() : values)],
      }));
    } catch (error) {
      const says = reasonOf(error);
      if (isPassing(error)) {
        throw new AwayError(`cannot use the database at ${this.place}: ${says}`);
      }
      throw new StoreError(`the database at ${this.place} refuses: ${says}`, { cause: error });
    }
  }
}

function poolOf(url: string, max: number): pg.Pool {
  const pool = new pg.Pool({
    ...{ connectionString: url, max, connectionTimeoutMillis: connectMs, types },
    ...{ keepAlive: true, application_name: 'unanimous', maxLifetimeSeconds: checkSeconds },
    lock_timeout: lockMs,
    onConnect,
  });
  // A connection has died: whose statement was under way hears so, and the next opens a new one.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
  });
  return pool;
}

/** A connection that an error or a warning came over is used no more. */
async function ask<Row extends pg.QueryResultRow>(
  client: pg.PoolClient,
  query: () => pg.QueryConfig,
): Promise<Row[]> {
  let failure: Error | undefined;
  const listen = ({ code, message }: Notice) => {
    if (code === warning) failure = new Error(message);
  };
  client.on('notice', listen);
  try {
    const { rows } = await client.query<Row>(query());
    // A commit that was told not to wait for the standby is a success to PostgreSQL.
    if (failure) throw failure;
    return rows;
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
    throw failure;
  } finally {
    client.removeListener('notice', listen);
    client.release(failure);
  }
}

/**
 * The database, if a node may keep its store there.
 * @throws StoreError when it cannot be reached, or may lose what it acknowledges
 */
export async function connect(url: string): Promise<Database> {
  const database = new Database(url);
  try {
    await database.query('SELECT 1');
    return database;
  } catch (error) {
    await database.close();
    throw error instanceof AwayError ? new StoreError(error.message) : error;
  }
}

const CHECK = `
  SELECT pg_is_in_recovery() AS recovering, current_setting('server_encoding') AS encoding,
         ARRAY(SELECT name FROM unnest($1::text[]) AS name
               WHERE current_setting(name, true) = 'off') AS off`;

/** Is waited for, although its type does not say so. */
const onConnect: (client: pg.ClientBase) => unknown = (client) => check(client);

/**
 * What every new connection is asked: after a failover it may lead to another server. Meanwhile
 * that may change again.
 */
async function check(client: pg.ClientBase): Promise<void> {
  const config = { text: CHECK, values: [durability], query_timeout: connectMs };
  const { rows } = await client.query<{ recovering: boolean; encoding: string; off: string[] }>(
    config,
  );
  const [row] = rows;
  if (row?.recovering) {
    throw new Error(
      'the database server is in recovery, a standby that takes no writes: name the primary',
    );
  }
  if (row && row.encoding !== 'UTF8') {
    throw new Error(
      `the encoding of the database is ${row.encoding}, which cannot hold every text: ` +
        'make one with ENCODING UTF8',
    );
  }
  if (row && row.off.length > 0) {
    throw new Error(
      `the database server has ${row.off.join(' and ')} off: it would lose what it has ` +
        'acknowledged. Turn it on for the server, the database and the user',
    );
  }
}

/** Whoever gives no database would get the one of the user's name. */
const form = /^postgres(ql)?:\/\/[^/?#\s]+\/[^/?#\s]+(\?[^#\s]*)?$/;

function placeOf(text: string): string {
  if (!form.test(text) || !URL.canParse(text)) {
    // Its value may hold a password.
    const example = 'postgres://user:password@host:5432/database';
    throw new StoreError(`what was given is no URL of a database: write ${example}`);
  }
  const { host, pathname } = new URL(text);
  return `postgres://${host}${pathname}`;
}
