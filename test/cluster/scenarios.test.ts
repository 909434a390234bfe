/** The four scenarios of the project this grew from, with real processes. */
import t from 'tap';
import {
  eventually,
  readLog,
  ready,
  settled,
  startCluster,
  type Parsed,
} from '../fixtures/cluster.ts';
import { startProxy } from '../fixtures/proxy.ts';

const between = (from: string, to: string, amount = 2500) => ({
  from: `${from}/main`,
  to: `${to}/main`,
  amount,
  currency: 'USD',
});

void t.test(
  'the coordinator dies before any prepare arrives: nothing happens, anywhere',
  async (t) => {
    const proxies = { 'bank-a': await startProxy(t), 'bank-b': await startProxy(t) };
    const cluster = await startCluster(t, {
      advertise: (name) => proxies[name as 'bank-a'].address,
    });
    const { coordinator } = cluster;
    let stopped = 0;
    for (const [name, proxy] of Object.entries(proxies)) {
      proxy.target = cluster.participant(name).address;
      proxy.fault = async ({ path, forward, lose }) => {
        if (path !== '/prepare') return forward();
        stopped += 1;
        await coordinator.end('SIGKILL');
        return lose();
      };
    }
    const key = { 'idempotency-key': 'first' };
    await t.rejects(cluster.transfer(between('bank-a', 'bank-b'), key), 'the client hears nothing');
    t.ok(stopped > 0, 'a prepare was on its way');
    await coordinator.end();
    for (const proxy of Object.values(proxies)) proxy.fault = ({ forward }) => forward();
    await coordinator.start(coordinator.port);
    const again = await cluster.transfer(between('bank-a', 'bank-b'), key);
    t.ok(again.status === 201 || again.status === 422, `the key has an outcome: ${again.status}`);
    const balances = await settled(cluster);
    const moved = again.status === 201 ? 2500 : 0;
    t.equal(balances.get('bank-a/main'), 100_000 - moved);
    t.equal(balances.get('bank-b/main'), 100_000 + moved);
  },
);

void t.test('a participant is stopped and does not vote: aborted at the deadline', async (t) => {
  const cluster = await startCluster(t, { coordinatorFlags: ['--vote-timeout-ms', '700'] });
  const { coordinator } = cluster;
  const silent = cluster.participant('bank-b');
  silent.signal('SIGSTOP');
  const { status, body } = await cluster.transfer(between('bank-a', 'bank-b'));
  t.equal(status, 422);
  t.match(body, { code: 'vote-timeout', state: 'aborted', retryable: true });
  t.match(body.participants, [
    { name: 'bank-a', vote: 'yes', state: 'aborted' },
    { name: 'bank-b', vote: 'none' },
  ]);
  t.equal((await cluster.account('bank-a', 'main'))['posted'], 100_000);
  silent.signal('SIGCONT');
  await eventually('the participant is seen again', async () => {
    const { body } = await cluster.call('GET', '/participants/bank-b');
    return body.health !== 'down';
  });
  const balances = await settled(cluster);
  t.strictSame([...balances.values()], [100_000, 100_000], 'nothing moved and nothing is held');
  t.ok(coordinator.running);
  const after = await cluster.transfer(between('bank-a', 'bank-b'));
  t.equal(after.status, 201, 'once it goes on, transfers do too');
});

void t.test(
  'a participant votes no: aborted everywhere, and the answer names the votes',
  async (t) => {
    const cluster = await startCluster(t);
    const { status, headers, body } = await cluster.transfer(between('bank-a', 'bank-b', 100_001));
    t.equal(status, 422);
    t.match(headers.get('content-type'), /^application\/problem\+json/);
    t.match(body, {
      type: '/problems/insufficient-funds',
      code: 'insufficient-funds',
      state: 'aborted',
      participants: [
        { name: 'bank-a', vote: 'no', code: 'insufficient-funds' },
        { name: 'bank-b', vote: 'yes', state: 'aborted' },
      ],
      errors: [{ pointer: '/from' }],
    });
    const shown = await cluster.call('GET', `/transfers/${body.transferId}`);
    t.match(shown.body, { state: 'aborted', applied: false, reason: 'insufficient-funds' });
    t.strictSame([...(await settled(cluster)).values()], [100_000, 100_000]);
  },
);

void t.test('all vote yes: committed everywhere, and every log shows the steps', async (t) => {
  const cluster = await startCluster(t);
  const { status, body } = await cluster.transfer(between('bank-a', 'bank-b'));
  t.equal(status, 201);
  t.match(body, { state: 'committed', applied: true, timestamp: 1 });
  t.equal((await cluster.account('bank-a', 'main'))['posted'], 97_500);
  t.equal((await cluster.account('bank-b', 'main'))['posted'], 102_500);
  await eventually('the coordinator has noted the end', () =>
    readLog(cluster.coordinator).some(({ type }) => type === 'ended'),
  );
  const steps = (records: Record<string, Parsed>[]) =>
    records.filter(({ id }) => id === body.id).map(({ type }) => type);
  t.strictSame(steps(readLog(cluster.coordinator)), ['begun', 'decided', 'ended']);
  for (const node of cluster.participants.values()) {
    t.strictSame(steps(readLog(node)), ['prepared', 'committed'], `${node.name} logs both steps`);
  }
});

void t.test('three participants and three legs move together', async (t) => {
  const cluster = await startCluster(t, { participants: ['bank-a', 'bank-b', 'bank-c'] });
  const legs = [
    between('bank-a', 'bank-b', 10),
    between('bank-b', 'bank-c', 20),
    between('bank-c', 'bank-a', 40),
  ];
  const { status, body } = await cluster.transfer({ legs });
  t.equal(status, 201);
  t.equal(body.participants.length, 3);
  t.strictSame(Object.fromEntries(await settled(cluster)), {
    'bank-a/main': 100_030,
    'bank-b/main': 99_990,
    'bank-c/main': 99_980,
  });
});

void t.test('a participant comes back on another port under its name', async (t) => {
  const cluster = await startCluster(t);
  const moving = cluster.participant('bank-b');
  const before = moving.address;
  await moving.end('SIGKILL');
  await moving.start();
  await ready(moving);
  t.not(moving.address, before);
  const { body } = await cluster.call('GET', '/participants/bank-b');
  t.match(body, { name: 'bank-b', address: moving.address, epoch: 2 });
  t.equal((await cluster.transfer(between('bank-a', 'bank-b'))).status, 201);
});
