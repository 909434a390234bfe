/** Stores that are lost or put back from old copies, and a coordinator that is gone for long. */
import { cpSync, rmSync } from 'node:fs';
import t, { type Test } from 'tap';
import type { Cluster, ClusterNode } from '../../client/scenarios/cluster.ts';
import { loseRequests } from '../../client/scenarios/faults.ts';
import { systemDisk } from '../../log/disk.ts';
import { initStore } from '../../log/store.ts';
import { call, eventually, settled, startCluster, transfer } from '../fixtures/cluster.ts';

const banks = ['bank-a', 'bank-b', 'bank-c'];

const toBoth = {
  legs: [
    { from: 'bank-a/main', to: 'bank-b/main', amount: 2_500, currency: 'USD' },
    { from: 'bank-a/main', to: 'bank-c/main', amount: 500, currency: 'USD' },
  ],
  timeoutMs: 4_000,
};

const payment = { from: 'bank-a/main', to: 'bank-b/main', amount: 100, currency: 'USD' };

/** Three banks that speak to their coordinator often, and know each other. */
async function start(t: Test): Promise<Cluster> {
  const participantFlags = ['--heartbeat-ms', '100'];
  const cluster = await startCluster(t, { participants: banks, participantFlags });
  const { proxy } = cluster.coordinator;
  const known = proxy.count('/participants') + 2 * banks.length;
  await eventually('all have registered again', () => proxy.count('/participants') >= known);
  return cluster;
}

/** What becomes of the only branch at each bank, and what its account has. */
async function shown(cluster: Cluster): Promise<[state: string, posted: number][]> {
  return Promise.all(
    cluster.participants.map(async ({ address }): Promise<[string, number]> => {
      const branches = await call('GET', `${address}/branches`);
      const account = await call('GET', `${address}/accounts/main`);
      return [branches.body.data[0]?.state, account.body.posted];
    }),
  );
}

void t.test(
  'with the coordinator stopped, two in doubt hear it from the one that knows',
  async (t) => {
    const cluster = await start(t);
    const [a, b] = cluster.participants;
    for (const node of [a, b]) node?.proxy.faults.push(loseRequests('/commit'));
    const reply = await transfer(cluster, toBoth, { prefer: 'wait=0' });
    t.match(reply.body, { state: 'committed', applied: false });
    await eventually('bank-c knows', async () => (await shown(cluster))[2]?.[0] === 'committed');
    await cluster.coordinator.end('SIGKILL');
    t.match(await shown(cluster), [['prepared'], ['prepared'], ['committed']]);
    const know = async () => (await shown(cluster)).every(([state]) => state === 'committed');
    await eventually('the others know as well', know, 60_000);
    t.strictSame(
      (await shown(cluster)).map(([, posted]) => posted),
      [97_000, 102_500, 100_500],
    );
    await cluster.coordinator.start();
    await settled(cluster);
  },
);

void t.test('when no participant knows, all wait, and no balance changes', async (t) => {
  const cluster = await start(t);
  for (const { proxy } of cluster.participants) proxy.faults.push(loseRequests('/commit'));
  const reply = await transfer(cluster, toBoth, { prefer: 'wait=0' });
  t.match(reply.body, { state: 'committed', applied: false });
  await cluster.coordinator.end('SIGKILL');
  const asked = () => cluster.participants.every(({ proxy }) => proxy.count('/inquiry') >= 4);
  await eventually('each was asked, in vain', asked, 60_000);
  t.strictSame(
    await shown(cluster),
    banks.map(() => ['prepared', 100_000]),
  );
  for (const { proxy } of cluster.participants) for (const fault of proxy.faults) fault.heal();
  await cluster.coordinator.start();
  t.strictSame([...(await settled(cluster)).values()], [97_000, 102_500, 100_500]);
});

/** Puts an old copy in the place of a node's store. */
async function restore(node: ClusterNode, copy: string): Promise<void> {
  await node.end('SIGKILL');
  rmSync(node.data, { recursive: true });
  cpSync(copy, node.data, { recursive: true });
}

void t.test(
  'a participant on an old copy of its store catches up before it takes part',
  async (t) => {
    const cluster = await start(t);
    const node = cluster.node('bank-a');
    const copy = `${node.data}.copy`;
    for (let n = 0; n < 3; n += 1) t.equal((await transfer(cluster, payment)).status, 201);
    cpSync(node.data, copy, { recursive: true });
    for (let n = 0; n < 5; n += 1) t.equal((await transfer(cluster, payment)).status, 201);
    await restore(node, copy);
    await node.start();
    await node.ready();
    t.match(node.alarms.join('\n'), /bank-a runs on an old copy/);
    t.strictSame([...(await settled(cluster)).values()], [99_200, 100_800, 100_000]);
    t.equal((await transfer(cluster, payment)).status, 201);
    t.strictSame([...(await settled(cluster)).values()], [99_100, 100_900, 100_000]);
  },
);

void t.test('a coordinator on an old copy of its store stops, and says what to do', async (t) => {
  const cluster = await start(t);
  const { coordinator } = cluster;
  const [old, newest] = [`${coordinator.data}.old`, `${coordinator.data}.newest`];
  t.equal((await transfer(cluster, payment)).status, 201);
  cpSync(coordinator.data, old, { recursive: true });
  for (let n = 0; n < 3; n += 1) t.equal((await transfer(cluster, payment)).status, 201);
  await coordinator.end('SIGKILL');
  cpSync(coordinator.data, newest, { recursive: true });
  await restore(coordinator, old);
  const said = coordinator
    .start()
    .then(() => eventually('it has stopped', () => !coordinator.isRunning))
    .then(() => coordinator.end('SIGKILL'))
    .then((ending) => ending.said, String);
  t.match(await said, /is an old copy: bank-. has seen .* Put the newest copy of the store back/);
  await restore(coordinator, newest);
  await coordinator.start();
  t.equal((await transfer(cluster, payment)).status, 201);
  t.strictSame([...(await settled(cluster)).values()], [99_500, 100_500, 100_000]);
  t.ok(cluster.participants.every(({ isRunning }) => isRunning));
});

void t.test('with the store of the coordinator lost, what is in doubt stays so', async (t) => {
  const cluster = await start(t);
  const { coordinator } = cluster;
  for (const { proxy } of cluster.participants) proxy.faults.push(loseRequests('/commit'));
  await transfer(cluster, toBoth, { prefer: 'wait=0' });
  await coordinator.end('SIGKILL');
  rmSync(coordinator.data, { recursive: true });
  const { data: folder, role } = coordinator;
  await initStore({ folder, role, store: 'newstore', disk: systemDisk });
  await coordinator.start();
  await eventually('each says so', () =>
    cluster.participants.every(({ alarms }) =>
      /does not have store coordina.*let an operator resolve it/.test(alarms.join('\n')),
    ),
  );
  t.strictSame(
    await shown(cluster),
    banks.map(() => ['prepared', 100_000]),
  );
});

void t.test('a participant that lost its store while in doubt is refused its name', async (t) => {
  const cluster = await start(t);
  const node = cluster.node('bank-b');
  node.proxy.faults.push(loseRequests('/commit'));
  const reply = await transfer(cluster, toBoth, { prefer: 'wait=0' });
  await node.end('SIGKILL');
  for (const fault of node.proxy.faults) fault.heal();
  rmSync(node.data, { recursive: true });
  await t.rejects(node.start(), /holds no store/, 'it never begins an empty one by itself');
  const { data: folder, role } = node;
  await initStore({ folder, role, store: 'newstore', disk: systemDisk });
  await t.rejects(node.start(), /name-taken/);
  const { alarms, address } = cluster.coordinator;
  t.match(alarms.join('\n'), /bank-b is the name of store bankb000, not of newstore/);
  const now = await call('GET', `${address}/transfers/${reply.body.id}`);
  t.match(
    now.body,
    { state: 'committed', applied: false },
    'nobody has acknowledged it for bank-b',
  );
});
