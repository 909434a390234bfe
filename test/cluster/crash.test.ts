/** Crashes of real processes at chosen moments, and at any moment while transfers run. */
import { randomInt } from 'node:crypto';
import t from 'tap';
import {
  eventually,
  readLog,
  ready,
  settled,
  startCluster,
  type Cluster,
  type NodeProcess,
} from '../fixtures/cluster.ts';
import { startProxy, type Proxy } from '../fixtures/proxy.ts';

const payment = { from: 'bank-a/main', to: 'bank-b/main', amount: 2500, currency: 'USD' };

/** A cluster whose coordinator reaches its participants through proxies. */
async function behindProxies(t: Parameters<typeof startProxy>[0]) {
  const proxies = new Map<string, Proxy>();
  for (const name of ['bank-a', 'bank-b']) proxies.set(name, await startProxy(t));
  const cluster = await startCluster(t, {
    coordinatorFlags: ['--vote-timeout-ms', '1000'],
    advertise: (name) => proxies.get(name)?.address,
  });
  for (const [name, proxy] of proxies) proxy.target = cluster.participant(name).address;
  const heal = () => {
    for (const proxy of proxies.values()) proxy.fault = ({ forward }) => forward();
  };
  return { cluster, proxies, heal };
}

async function restart(node: NodeProcess) {
  await node.end();
  await node.start(node.port);
}

const decided = (node: NodeProcess) => readLog(node).find(({ type }) => type === 'decided');

void t.test('the coordinator dies after every yes, before its decision: aborted', async (t) => {
  const { cluster, proxies, heal } = await behindProxies(t);
  let yes = 0;
  for (const proxy of proxies.values()) {
    proxy.fault = async ({ path, forward, lose }) => {
      if (path !== '/prepare') return forward();
      const reply = await forward();
      if (reply.body.includes('"vote":"yes"')) yes += 1;
      if (yes < 2) return eventually('both have voted', () => yes === 2).then(lose);
      cluster.coordinator.signal('SIGKILL');
      return lose();
    };
  }
  const key = { 'idempotency-key': 'k' };
  await t.rejects(cluster.transfer(payment, key));
  t.equal(yes, 2, 'both had voted yes');
  heal();
  t.notOk(decided(cluster.coordinator), 'no decision was on disk');
  await restart(cluster.coordinator);
  t.strictSame([...(await settled(cluster)).values()], [100_000, 100_000]);
});

void t.test('the coordinator dies after its decision, before any commit: committed', async (t) => {
  const { cluster, proxies, heal } = await behindProxies(t);
  let stopped = 0;
  for (const proxy of proxies.values()) {
    proxy.fault = async ({ path, forward, lose }) => {
      if (path !== '/commit') return forward();
      stopped += 1;
      cluster.coordinator.signal('SIGKILL');
      return lose();
    };
  }
  const key = { 'idempotency-key': 'k' };
  await t.rejects(cluster.transfer(payment, key));
  t.ok(stopped > 0, 'a commit was on its way');
  heal();
  t.equal(decided(cluster.coordinator)?.['state'], 'committed', 'the decision was on disk');
  await restart(cluster.coordinator);
  t.strictSame([...(await settled(cluster)).values()], [97_500, 102_500]);
  const again = await cluster.transfer(payment, key);
  t.equal(again.status, 201);
  t.equal(again.headers.get('idempotent-replayed'), 'true');
});

void t.test('the coordinator dies between two commits: both commit', async (t) => {
  const { cluster, proxies, heal } = await behindProxies(t);
  let delivered = false;
  const [first, second] = [...proxies.values()];
  if (!first || !second) throw new Error('two proxies');
  first.fault = async ({ path, forward }) => {
    const reply = await forward();
    if (path === '/commit') delivered = true;
    return reply;
  };
  second.fault = async ({ path, forward, lose }) => {
    if (path !== '/commit') return forward();
    await eventually('the first commit has arrived', () => delivered);
    cluster.coordinator.signal('SIGKILL');
    return lose();
  };
  await t.rejects(cluster.transfer(payment));
  t.ok(delivered);
  heal();
  await restart(cluster.coordinator);
  t.strictSame([...(await settled(cluster)).values()], [97_500, 102_500]);
});

void t.test(
  'a participant dies after its yes and comes back elsewhere: committed once',
  async (t) => {
    const { cluster, proxies } = await behindProxies(t);
    const proxy = proxies.get('bank-b');
    const node = cluster.participant('bank-b');
    if (!proxy) throw new Error('no proxy');
    let killed = 0;
    proxy.fault = async ({ path, forward, lose }) => {
      if (path !== '/commit') return forward();
      killed += 1;
      proxy.fault = (message) => message.forward();
      await node.end('SIGKILL');
      return lose();
    };
    const answer = await cluster.transfer(payment);
    t.equal(killed, 1, 'it died with its promise on disk');
    t.match(answer.body, { state: 'committed', applied: false });
    await node.start();
    proxy.target = node.address;
    t.strictSame([...(await settled(cluster)).values()], [97_500, 102_500]);
    t.equal(readLog(node).filter(({ type }) => type === 'committed').length, 1);
  },
);

void t.test('lost, late and repeated messages change nothing twice', async (t) => {
  const { cluster, proxies } = await behindProxies(t);
  const seen = { lost: 0, repeated: 0 };
  for (const proxy of proxies.values()) {
    proxy.fault = async ({ path, forward, lose }) => {
      const reply = await forward();
      if (!['/prepare', '/commit'].includes(path)) return reply;
      if (randomInt(3) === 0) {
        seen.lost += 1;
        return lose();
      }
      seen.repeated += 1;
      return forward();
    };
  }
  let committed = 0;
  for (let n = 0; n < 12; n += 1) {
    const { status } = await cluster.transfer(
      { ...payment, amount: 100 },
      { 'idempotency-key': `n${n}` },
    );
    if (status === 201) committed += 1;
    else t.ok(status === 422 || status === 503, `answered ${status}`);
  }
  t.ok(seen.repeated > 0, 'messages were repeated');
  const moved = 100 * committed;
  t.strictSame([...(await settled(cluster)).values()], [100_000 - moved, 100_000 + moved]);
});

/** Sends transfers under keys of their own until `done`, and asks again until each is definite. */
async function customer(cluster: Cluster, name: string, done: () => boolean) {
  const outcomes: { key: string; from: string; to: string; amount: number; status: number }[] = [];
  const banks = [...cluster.participants.keys()];
  for (let n = 0; !done(); n += 1) {
    const from = banks[randomInt(banks.length)] ?? '';
    const to = banks.filter((bank) => bank !== from)[randomInt(banks.length - 1)] ?? '';
    const key = `${name}-${n}`;
    const amount = randomInt(1, 20_000);
    const body = { from: `${from}/main`, to: `${to}/main`, amount, currency: 'USD' };
    const status = await eventually(
      `${key} has an outcome`,
      async () => {
        try {
          const answer = await cluster.transfer(body, { 'idempotency-key': key });
          return answer.status === 201 || answer.body.state === 'aborted'
            ? answer.status
            : undefined;
        } catch {
          return undefined;
        }
      },
      60_000,
    );
    outcomes.push({ key, from, to, amount, status });
  }
  return outcomes;
}

void t.test('any node killed at any moment: every answer is true, once', async (t) => {
  const banks = ['bank-a', 'bank-b', 'bank-c'];
  const cluster = await startCluster(t, {
    participants: banks,
    coordinatorFlags: ['--vote-timeout-ms', '1000', '--segment-bytes', '65536'],
    participantFlags: ['--segment-bytes', '65536'],
  });
  let done = false;
  let settledCount = 0;
  const customers = Array.from({ length: 12 }, (_, n) => customer(cluster, `c${n}`, () => done));
  const kills: string[] = [];
  for (let round = 0; round < 8; round += 1) {
    const nodes = [cluster.coordinator, ...cluster.participants.values()];
    const victim = nodes[randomInt(nodes.length)];
    if (!victim) continue;
    await eventually('some transfers have passed', async () => {
      const { body } = await cluster.call('GET', '/transfers?limit=1');
      const newest = Number(body.data[0]?.id.split('-')[2] ?? 0);
      return newest > 5 + (settledCount++ % 3);
    });
    await victim.end('SIGKILL');
    kills.push(victim.name);
    const elsewhere = victim !== cluster.coordinator && round % 2 === 0;
    await victim.start(elsewhere ? 0 : victim.port);
    await ready(victim);
  }
  done = true;
  const outcomes = (await Promise.all(customers)).flat();
  t.equal(kills.length, 8, `killed: ${kills.join(', ')}`);
  t.ok(outcomes.length > 24, `${outcomes.length} transfers have an outcome`);
  const balances = await settled(cluster);
  const expected = new Map(banks.map((bank) => [bank, 100_000]));
  for (const { from, to, amount, status } of outcomes) {
    if (status !== 201) continue;
    expected.set(from, (expected.get(from) ?? 0) - amount);
    expected.set(to, (expected.get(to) ?? 0) + amount);
  }
  for (const bank of banks) t.equal(balances.get(`${bank}/main`), expected.get(bank), bank);
  for (const { key, from, to, amount, status } of outcomes.slice(-20)) {
    const body = { from: `${from}/main`, to: `${to}/main`, amount, currency: 'USD' };
    const again = await cluster.transfer(body, { 'idempotency-key': key });
    t.equal(again.status, status, `${key} has the same answer for ever`);
  }
});
