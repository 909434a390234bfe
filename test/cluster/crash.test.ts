/** Crashes of real processes at any moment, and messages lost and repeated at random. */
import { randomInt } from 'node:crypto';
import t from 'tap';
import type { Cluster } from '../../client/scenarios/cluster.ts';
import { Fault, type Fate } from '../../client/scenarios/faults.ts';
import { call, eventually, settled, startCluster, transfer } from '../fixtures/cluster.ts';

const payment = { from: 'bank-a/main', to: 'bank-b/main', amount: 2500, currency: 'USD' };

void t.test('lost, late and repeated messages change nothing twice', async (t) => {
  const cluster = await startCluster(t, { coordinatorFlags: ['--vote-timeout-ms', '1000'] });
  const seen = { lost: 0, repeated: 0 };
  const chance: Fate = async ({ forward }) => {
    await forward();
    if (randomInt(3) === 0) {
      seen.lost += 1;
      return undefined;
    }
    seen.repeated += 1;
    return forward();
  };
  for (const { proxy } of cluster.participants) {
    proxy.faults.push(new Fault('/prepare', chance), new Fault('/commit', chance));
  }
  let committed = 0;
  for (let n = 0; n < 12; n += 1) {
    const { status } = await transfer(
      cluster,
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
  const banks = cluster.participants.map(({ name: bank }) => bank);
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
          const answer = await transfer(cluster, body, { 'idempotency-key': key });
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
    const victim = cluster.nodes[randomInt(cluster.nodes.length)];
    if (!victim) continue;
    await eventually('some transfers have passed', async () => {
      const { body } = await call('GET', `${cluster.coordinator.address}/transfers?limit=1`);
      const newest = Number(body.data[0]?.id.split('-')[2] ?? 0);
      return newest > 5 + (settledCount++ % 3);
    });
    await victim.end('SIGKILL');
    kills.push(victim.name);
    const elsewhere = victim !== cluster.coordinator && round % 2 === 0;
    await (elsewhere ? victim.rejoin() : victim.start());
    await victim.ready();
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
    const again = await transfer(cluster, body, { 'idempotency-key': key });
    t.equal(again.status, status, `${key} has the same answer for ever`);
  }
});
