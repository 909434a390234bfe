import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import t, { type Test } from 'tap';
import { checkReach, findOwner } from '../../../../client/cli/postgres/owner.ts';
import { placesIn, urlOf, type Places } from '../../../../client/cli/postgres/places.ts';
import { serverProcess } from '../../../../client/cli/postgres/process.ts';
import { findPostgres } from '../../../../client/cli/postgres/programs.ts';
import { PostgresServer } from '../../../../client/cli/postgres/server.ts';
import { isRunning } from '../../../fixtures/processes.ts';

const programs = await findPostgres();
const owner = findOwner(() => undefined);

/** A folder that the user of PostgreSQL can reach, as the checkout may not be. */
function folderFor(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'unanimous-up-'));
  chmodSync(folder, 0o755);
  t.teardown(() => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  return folder;
}

function serverIn(t: Test, places: Places, more: { port?: number; postgres?: string } = {}) {
  const { port = 0, postgres = programs.postgres } = more;
  const said: string[] = [];
  const server = new PostgresServer({
    ...{ places, owner, port, programs: { ...programs, postgres } },
    say: (line) => void said.push(line),
  });
  t.teardown(() => server.stop());
  return { server, said };
}

const portOf = ({ address }: PostgresServer) => Number(new URL(address).port);

/** What one statement gives, over a connection of its own. */
async function ask(url: string, text: string) {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

void t.test('a server on this machine only, for its password only, and durable', async (t) => {
  const places = placesIn(folderFor(t));
  const { server } = serverIn(t, places);
  await server.start();
  t.match(server.address, /^postgres:\/\/127\.0\.0\.1:\d+\/unanimous$/);
  t.equal(statSync(places.password).mode & 0o777, 0o600);
  t.equal(statSync(places.folder).mode & 0o777, 0o700);
  const url = urlOf(portOf(server), places);
  const [settings] = await ask(
    url,
    `SELECT current_setting('listen_addresses') AS addresses, current_setting('fsync') AS fsync,
            current_setting('unix_socket_directories') AS sockets,
            current_setting('full_page_writes') AS pages,
            current_setting('synchronous_commit') AS commit,
            current_setting('server_encoding') AS encoding`,
  );
  t.strictSame(settings, {
    ...{ addresses: '127.0.0.1', sockets: '', encoding: 'UTF8' },
    ...{ fsync: 'on', pages: 'on', commit: 'on' },
  });
  const { username, password } = new URL(url);
  t.ok(password.length >= 32, 'a password that nobody guesses');
  const wrong = url.replace(password, 'password');
  await t.rejects(ask(wrong, 'SELECT 1'), { message: /password authentication failed/ });
  t.equal(username, 'unanimous');
  await ask(url, 'CREATE TABLE kept AS SELECT 42 AS answer');
  await server.stop();
  t.notOk(existsSync(join(places.folder, 'postmaster.pid')), 'stopped in order');

  const again = serverIn(t, places);
  await again.server.start();
  t.strictSame(await ask(urlOf(portOf(again.server), places), 'SELECT answer FROM kept'), [
    { answer: 42 },
  ]);

  const third = serverIn(t, places);
  await third.server.start();
  await again.server.ended();
  const kept = ask(urlOf(portOf(third.server), places), 'SELECT answer FROM kept');
  t.strictSame(await kept, [{ answer: 42 }], 'one that was left running is ended first');
  process.kill(serverProcess(places.folder) ?? 0, 'SIGKILL');
  t.equal(await third.server.ended(), 'SIGKILL');

  // As if its id had been given to somebody else meanwhile.
  const other = spawn('sleep', ['60'], { ...owner, stdio: 'ignore' });
  t.teardown(() => other.kill());
  const file = join(places.folder, 'postmaster.pid');
  const [, ...rest] = readFileSync(file, 'utf8').split('\n');
  writeFileSync(file, [String(other.pid), ...rest].join('\n'));
  const fourth = serverIn(t, places);
  await fourth.server.start();
  t.ok(isRunning(other.pid ?? 0), 'who has the id of a killed one is left alone');
  await fourth.server.stop();

  await refusals(t, places);
});

/** What keeps it from starting is said. */
async function refusals(t: Test, places: Places): Promise<void> {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  await t.rejects(serverIn(t, places, { port }).server.start(), {
    message: /^LOG: {2}could not bind.*FATAL: {2}could not create any TCP\/IP sockets$/,
  });
  taken.close();
  const missing = join(places.folder, 'no-such-program');
  await t.rejects(serverIn(t, places, { postgres: missing }).server.start(), {
    message: /no-such-program ENOENT/,
  });
  const stopped = serverIn(t, places).server;
  await stopped.stop();
  await t.rejects(stopped.start(), { message: 'PostgreSQL was stopped as it started' });
  writeFileSync(places.password, 'another-one');
  await t.rejects(serverIn(t, places).server.start(), {
    message: /password authentication failed/,
  });
  t.equal(serverProcess(places.folder), undefined, 'and none is left behind');
  rmSync(places.password);
  await t.rejects(serverIn(t, places).server.start(), {
    message: /postgres-password, the password of PostgreSQL, is missing: bring it back/,
  });
}

void t.test('what a broken off initdb has left is made anew', async (t) => {
  const places = placesIn(folderFor(t));
  mkdirSync(`${places.folder}.tmp`);
  writeFileSync(join(`${places.folder}.tmp`, 'PG_VERSION'), '18');
  const { server } = serverIn(t, places, { postgres: join(places.folder, 'none') });
  await t.rejects(server.start(), { message: /none ENOENT/ }, 'only its files are made');
  t.ok(existsSync(join(places.folder, 'PG_VERSION')));
  t.notOk(existsSync(`${places.folder}.tmp`));
});

const isRoot = process.getuid?.() === 0;

void t.test(
  'as root, a place that the user of PostgreSQL cannot reach is named',
  { skip: !isRoot && 'only root runs it as another user' },
  async (t) => {
    const folder = folderFor(t);
    checkReach(owner, [folder]);
    chmodSync(folder, 0o700);
    t.throws(() => checkReach(owner, [join(folder, '..'), folder]), {
      exitCode: 1,
      message: `as root, PostgreSQL is run by the user postgres, who cannot reach ${folder}`,
    });
  },
);
