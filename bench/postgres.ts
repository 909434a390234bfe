import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startPostgres, type Postgres } from '../test/fixtures/postgres.ts';
import { accountIds, balance, type Contender } from './contender.ts';
import { startServer } from './server-process.ts';
import { Deployment } from './unanimous.ts';

/** A PostgreSQL with these banks' accounts in it. */
async function startDatabase(folder: string, banks: readonly string[]): Promise<Postgres> {
  const database = await startPostgres(folder, ['-c', 'max_prepared_transactions=400']);
  const { query } = database;
  await query('CREATE TABLE accounts (id text PRIMARY KEY, balance bigint CHECK (balance >= 0))');
  await query('CREATE TABLE transfers (id text PRIMARY KEY)');
  const rows = banks.flatMap((bank) => accountIds.map((id) => `('${bank}/${id}', ${balance})`));
  await query(`INSERT INTO accounts VALUES ${rows.join(', ')}`);
  return database;
}

/** What a database has forced, and written to its write-ahead log. */
const forcesOf = "SELECT sum(fsyncs) AS value FROM pg_stat_io WHERE object = 'wal'";
const writtenBy = "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn AS value";

/** So many coordinators serve at the most. */
const mostCoordinators = 4;

/**
 * Coordinators and two banks whose stores are all in one database.
 * @returns by how many coordinators are asked; the first one leads
 */
export async function startOnDatabase(place: string): Promise<(asked: number) => Contender> {
  const folder = join(place, 'on-database');
  mkdirSync(folder);
  const database = await startPostgres(join(folder, 'database'));
  const banks = ['bank-a', 'bank-b'];
  const deployment = await Deployment.start(folder, banks, [], database.url);
  const others: string[] = [];
  while (others.length + 1 < mostCoordinators) {
    others.push(`${await deployment.join(`coordinator-${others.length + 2}`)}/transfers`);
  }
  const value = async (sql: string) => Number((await database.query(sql))[0]?.['value']);
  return (asked) => ({
    url: `${deployment.coordinator}/transfers`,
    others: others.slice(0, asked - 1),
    pids: [...deployment.nodes.map(({ pid = 0 }) => pid), database.pid],
    forces: () => value(forcesOf),
    written: () => value(writtenBy),
    total: () => deployment.total(),
    async stop() {
      if (asked > 1) return;
      await deployment.stop();
      await database.stop();
    },
  });
}

async function contender(mode: 'one' | 'two', databases: Postgres[]): Promise<Contender> {
  const server = await startServer(
    'postgres-server.js',
    mode,
    ...databases.map(({ port }) => String(port)),
  );
  const sum = async (sql: string) => {
    const rows = await Promise.all(databases.map((database) => database.query(sql)));
    return rows.reduce((total, [row]) => total + Number(row?.['value']), 0);
  };
  return {
    url: `${server.address}/transfers`,
    pids: [server.pid, ...databases.map(({ pid }) => pid)],
    forces: () => sum(forcesOf),
    written: () => sum(writtenBy),
    total: () => sum('SELECT sum(balance) AS value FROM accounts'),
    async stop() {
      await server.stop();
      for (const database of databases) await database.stop();
    },
  };
}

/** An ordinary transaction for each transfer: what is possible with all accounts in one place. */
export async function startOneDatabase(folder: string): Promise<Contender> {
  const database = await startDatabase(join(folder, 'one'), ['bank-a', 'bank-b']);
  return contender('one', [database]);
}

/** PREPARE TRANSACTION and COMMIT PREPARED: what databases offer for two-phase commit. */
export async function startTwoDatabases(folder: string): Promise<Contender> {
  const a = await startDatabase(join(folder, 'two-a'), ['bank-a']);
  const b = await startDatabase(join(folder, 'two-b'), ['bank-b']);
  return contender('two', [a, b]);
}
