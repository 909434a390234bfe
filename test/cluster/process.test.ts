/** Starting and stopping real nodes. */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { seal, unseal } from '../../log/codec.ts';
import { call, plainEnv, program, settled, startCluster, transfer } from '../fixtures/cluster.ts';

function run(...args: string[]) {
  return spawnSync(process.execPath, [program, ...args], { env: plainEnv, encoding: 'utf8' });
}

void t.test('a store that cannot be trusted stops the node with one sentence', async (t) => {
  const folder = t.testdir();
  const data = join(folder, 'store');
  const start = () => run('coordinator', '--data', data, '--port', '0', '--insecure');
  const refused = (what: string, says: RegExp) => {
    const { status, stderr } = start();
    t.equal(status, 1, `${what}: exit code 1`);
    t.match(stderr, says, what);
    t.notMatch(stderr, /\n\s+at /, `${what}: no stack trace`);
    t.equal(stderr.trim().split('\n').length, 1, `${what}: one line, was ${stderr}`);
  };
  refused('missing', /holds no store/);
  t.equal(run('init', '--role', 'coordinator', '--data', data).status, 0);
  const identity = join(data, 'node.json');
  const good = readFileSync(identity, 'utf8');

  const newer = unseal(good.trimEnd())?.object.replace('"format":1', '"format":9') ?? '';
  writeFileSync(identity, seal(newer));
  refused('newer', /(format|9)/);
  writeFileSync(identity, '');
  refused('emptied', /node\.json/);
  writeFileSync(identity, good);

  const segment = join(data, 'log', '000001.json');
  const empty = readFileSync(segment, 'utf8');
  writeFileSync(segment, '');
  refused('an emptied segment', /000001\.json/);
  rmSync(segment);
  refused('a missing segment', /000001\.json/);
  writeFileSync(segment, empty);
});

void t.test('damage in the middle of a log is found, and the file and record named', async (t) => {
  const cluster = await startCluster(t);
  const payment = { from: 'bank-a/main', to: 'bank-b/main', amount: 1, currency: 'USD' };
  for (let n = 0; n < 3; n += 1) t.equal((await transfer(cluster, payment)).status, 201);
  const node = cluster.node('bank-a');
  await node.end('SIGTERM');
  const file = join(node.data, 'log', '000001.json');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('"amount":-1,', '"amount":-7,'));
  await t.rejects(node.start(), /000001\.json.*(record|line|sequence) \d+/s);
  writeFileSync(file, text);
  await node.start();
});

void t.test('a second process on the same store is refused and told the first', async (t) => {
  const cluster = await startCluster(t, { participants: [] });
  const { data } = cluster.coordinator;
  const keys = join(data, '..', 'keys.json');
  const second = run('coordinator', '--data', data, '--port', '0', '--keys', keys);
  t.equal(second.status, 1);
  t.match(second.stderr, /process \d+/);
  t.ok(cluster.coordinator.isRunning);
});

void t.test('bad settings are reported all at once', async (t) => {
  const { status, stderr } = run('coordinator', '--port', '99999', '--vote-timeout-ms', 'soon');
  t.equal(status, 1);
  for (const said of ['--port', '--vote-timeout-ms', '--data']) t.match(stderr, said);
});

void t.test('a node does not listen beyond this machine without keys', async (t) => {
  const data = join(t.testdir(), 'store');
  run('init', '--role', 'coordinator', '--data', data);
  const { status, stderr } = run('coordinator', '--data', data, '--host', '0.0.0.0', '--port', '0');
  t.equal(status, 1);
  t.match(stderr, /--keys/);
});

void t.test('stopped under load, a node finishes what it began and loses nothing', async (t) => {
  const cluster = await startCluster(t);
  const { coordinator } = cluster;
  const answers: number[] = [];
  let stopped: ReturnType<typeof coordinator.end> | undefined;
  const load = Array.from({ length: 8 }, async () => {
    for (;;) {
      const body = { from: 'bank-a/main', to: 'bank-b/main', amount: 1, currency: 'USD' };
      try {
        const { status } = await transfer(cluster, body);
        answers.push(status);
        if (status !== 201) return;
      } catch {
        return;
      }
      if (answers.length === 40) stopped ??= coordinator.end('SIGTERM');
    }
  });
  await Promise.all(load);
  t.equal((await stopped)?.code, 0, 'exit code 0');
  const committed = answers.filter((status) => status === 201).length;
  t.ok(committed >= 40);
  await coordinator.start();
  await coordinator.ready();
  const balances = await settled(cluster);
  const moved = 100_000 - (balances.get('bank-a/main') ?? 0);
  // Each customer may have missed the answer to its last transfer.
  const isRight = moved >= committed && moved <= committed + load.length;
  t.ok(isRight, `${committed} acknowledged, ${moved} moved`);
  const shown = await call('GET', `${coordinator.address}/transfers?state=committed&limit=1`);
  t.equal(shown.status, 200);
  t.equal(balances.get('bank-b/main'), 100_000 + moved);
});

void t.test('node to node operations ask for the key of their role', async (t) => {
  const cluster = await startCluster(t);
  const node = cluster.node('bank-a');
  const as = (key: string) => ({ authorization: `Bearer ${key}` });
  const batch = {
    coordinator: { store: 'coordina', epoch: 1 },
    participant: { store: 'banka000' },
    transfers: [{ id: 'coordina-1-1' }],
  };
  const abort = (headers: Record<string, string>) =>
    call('POST', `${node.address}/abort`, batch, headers);
  t.equal((await abort({})).status, 401);
  t.equal((await abort(as('x'.repeat(43)))).status, 401);
  t.equal((await abort(as(cluster.keys.client))).status, 403);
  t.equal((await abort(as(cluster.keys.participant))).status, 403);
  t.equal((await abort(as(cluster.keys.coordinator))).status, 200);
});
