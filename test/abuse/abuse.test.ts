/** Abuse of HTTP: real sockets against real nodes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Cluster } from '../../client/scenarios/cluster.ts';
import { eventually, settled, startCluster, transfer } from '../fixtures/cluster.ts';
import { abuses, type Abuse } from './abuses.ts';
import { sendOnce, Stop } from './attack.ts';

const flags = ['--request-timeout-ms', '3000'];
const honest = { from: 'bank-a/main', to: 'bank-b/main', amount: 100, currency: 'USD' };

/** How often each request is sent, all at once. */
const times = ({ drips, isMany }: Abuse) => (isMany ? 300 : drips ? 30 : 3);

async function play(t: Test, cluster: Cluster, abuse: Abuse): Promise<void> {
  const port = Number(new URL(cluster.coordinator.address).port);
  const count = abuse.requests.length * times(abuse);
  const sent = Array.from({ length: count }, (_, turn) => {
    return sendOnce(abuse, turn, { port, dripMs: 100 });
  });
  const beside = await transfer(cluster, honest);
  t.equal(beside.status, 201, 'an honest client goes on');
  const answered = await Promise.all(sent);
  for (const [turn, one] of answered.entries()) {
    const request = abuse.requests[turn % abuse.requests.length]?.toString('latin1', 0, 100);
    if (!abuse.right.includes(String(one))) t.fail(`${one} to ${JSON.stringify(request)}`);
  }
}

void t.test('abuse is refused, honest clients go on, and totals are intact', async (t) => {
  const cluster = await startCluster(t, { coordinatorFlags: flags });
  for (const abuse of abuses) {
    await t.test(abuse.name, (t) => play(t, cluster, abuse));
  }
  const balances = await settled(cluster);
  const moved = 100 * abuses.length;
  t.equal(balances.get('bank-a/main'), 100_000 - moved, 'only the honest client has moved money');
  t.equal(balances.get('bank-b/main'), 100_000 + moved);
  t.strictSame(cluster.coordinator.alarms, []);
  t.ok(cluster.coordinator.isRunning);
});

void t.test('nothing that is sent makes a line of the log', async (t) => {
  const cluster = await startCluster(t, { coordinatorFlags: [...flags, '--log-level', 'debug'] });
  const abuse = abuses.find(({ name }) => name === 'lines for the log');
  if (!abuse) throw new Error('there is such an abuse');
  await play(t, cluster, abuse);
  await cluster.stop();
  const text = readFileSync(join(`${cluster.coordinator.data}.stderr`), 'utf8');
  for (const line of text.split('\n').filter(Boolean)) {
    t.doesNotThrow(() => JSON.parse(line), line);
    t.notMatch(line, /[\u0000-\u001f\u007f]|"level":60/, 'nothing steers a terminal, or is forged');
  }
});

void t.test('connections beyond the limit are closed, and the others go on', async (t) => {
  const cluster = await startCluster(t, { coordinatorFlags: ['--max-connections', '50'] });
  t.equal((await transfer(cluster, honest)).status, 201);
  const port = Number(new URL(cluster.coordinator.address).port);
  const stop = new Stop();
  t.teardown(() => {
    stop.ask();
  });
  const idle = abuses.find(({ isMany }) => isMany);
  if (!idle) throw new Error('there is such an abuse');
  const ends: unknown[] = [];
  const sent = Array.from({ length: 200 }, async (_, turn) => {
    ends.push(await sendOnce(idle, turn, { port, dripMs: 0 }, stop));
  });
  await eventually('those that are too many are closed', () => ends.length >= 150, 60_000);
  t.ok(ends.includes('closed'));
  stop.ask();
  await Promise.all(sent);
  const after = await eventually('there is room again', async () => {
    const reply = await transfer(cluster, honest).catch(() => undefined);
    return reply?.status === 201;
  });
  t.ok(after);
});
