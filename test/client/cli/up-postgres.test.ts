/** `unanimous up --store postgres`, with faults made by signals. */
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { call, eventually } from '../../fixtures/cluster.ts';
import { isRunning } from '../../fixtures/processes.ts';
import { end, introduced, startUp } from '../../fixtures/up.ts';

/** The files of PostgreSQL are made, and forced, before anything else. Milliseconds. */
const startMs = 120_000;

type Nodes = Awaited<ReturnType<typeof introduced>>;

/** A folder that the user of PostgreSQL can reach, as the checkout may not be. */
function folderFor(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'unanimous-up-'));
  chmodSync(folder, 0o755);
  t.teardown(() => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  return join(folder, 'data');
}

const start = (t: Test, data: string) => startUp(t, data, {}, ['--store', 'postgres']);

function found(nodes: Nodes, name: string) {
  const node = nodes.get(name);
  if (!node) throw new Error(`no ${name} was introduced`);
  return node;
}

/** Moves 1.00 USD from alice to bob, under one key until it is answered. */
function move(nodes: Nodes, through: string) {
  const { address } = found(nodes, through);
  const body = { from: 'bank-a/alice', to: 'bank-b/bob', amount: 100, currency: 'USD' };
  const headers = { 'idempotency-key': randomUUID() };
  return eventually(
    `a transfer through ${through} is committed`,
    async () => {
      const url = `${address}/transfers`;
      const reply = await call('POST', url, body, headers).catch(() => undefined);
      return reply?.status === 201 && reply.body.state === 'committed';
    },
    30_000,
  );
}

const balance = async (nodes: Nodes, bank: string, account: string) =>
  (await call('GET', `${found(nodes, bank).address}/accounts/${account}`)).body.posted;

/** What was said of a process that died and came back. */
const backAgain = (said: { text: string }, name: string, address: string) =>
  eventually(`${name} is back`, () => said.text.includes(`${name} is back at ${address}`), 60_000);

/** What the password stands in: no command line may be read with it. */
function passwordIsKept(t: Test, data: string, nodes: Nodes): void {
  const file = join(data, 'postgres-password');
  t.equal(statSync(file).mode & 0o777, 0o600);
  const password = readFileSync(file, 'utf8').trim();
  t.ok(password.length >= 32);
  if (process.platform !== 'linux') return;
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const lines = pids.map(commandLine);
  const { pid } = found(nodes, 'postgres');
  t.ok(lines.includes(commandLine(String(pid))), 'that of PostgreSQL is among them');
  t.notOk(lines.some((line) => line.includes(password)));
}

/** Of a process, which may be gone meanwhile. */
function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

void t.test('up --store postgres runs a cluster on a PostgreSQL that it starts', async (t) => {
  const data = folderFor(t);
  const { child, said } = start(t, data);
  const nodes = await introduced(said, startMs);
  const all = ['bank-a', 'bank-b', 'coordinator', 'coordinator-2', 'postgres'];
  t.strictSame([...nodes.keys()].sort(), all);
  const coordinators = ['coordinator', 'coordinator-2'] as const;
  const [working, other] = coordinators;
  passwordIsKept(t, data, nodes);
  for (const name of coordinators) await move(nodes, name);
  t.equal(await balance(nodes, 'bank-a', 'alice'), 99_800, 'one through each');

  const since = performance.now();
  process.kill(found(nodes, working).pid, 'SIGKILL');
  await move(nodes, other);
  t.comment(`the other coordinator answers after ${Math.round(performance.now() - since)} ms`);
  await backAgain(said, working, found(nodes, working).address);
  await move(nodes, working);

  for (const name of ['postgres', 'bank-b']) process.kill(found(nodes, name).pid, 'SIGKILL');
  await backAgain(said, 'postgres', found(nodes, 'postgres').address);
  await backAgain(said, 'bank-b', found(nodes, 'bank-b').address);
  for (const name of coordinators) await move(nodes, name);
  t.equal(await balance(nodes, 'bank-b', 'bob'), 100_600, 'nothing is lost');
  t.notMatch(said.text, /cannot start/);

  const server = Number(
    readFileSync(join(data, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0],
  );
  t.equal(await end(child, 'SIGINT'), 0, 'Ctrl-C ends it with 0');
  t.match(said.text, /stopping all nodes …\nstopping PostgreSQL …\nstopped; everything is in/);
  for (const { pid } of [...nodes.values(), { pid: server }]) {
    t.notOk(isRunning(pid), `process ${pid} is gone`);
  }

  const second = start(t, data);
  const again = await introduced(second.said, startMs);
  t.equal(await balance(again, 'bank-b', 'bob'), 100_600, 'kept');
  await move(again, other);
  await end(second.child, 'SIGKILL');
  const pids = [...again.values()].map(({ pid }) => pid);
  await eventually('all of them follow their parent', () => !pids.some(isRunning), 30_000);
});
