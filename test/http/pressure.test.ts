import { setImmediate } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { NodeRole } from '../../http/contract.ts';
import { pressureSettings, type PressureLimits } from '../../http/pressure.ts';
import { readSettings } from '../../http/settings.ts';
import { eventually } from '../fixtures/cluster.ts';
import { checkReply, contracts } from '../fixtures/contract.ts';
import { fakeNode, type FakeNode } from '../fixtures/fake-node.ts';

const calm: PressureLimits = { maxEventLoopDelayMs: 60_000, maxHeapPercent: 100, maxRssBytes: 0 };

/** Asks for every operation with a key of its own, and gives those that were refused. */
async function refusedBy(t: Test, role: NodeRole, { app, keys }: FakeNode): Promise<string[]> {
  const refused: string[] = [];
  for (const { operationId, method, path, roles } of contracts[role].operations.values()) {
    const [own] = roles;
    const reply = await app.inject({
      method: method as 'GET',
      url: path.replace('{id}', 'k3f9q2ma-1-1').replace('{name}', 'b').replace('{code}', 'x'),
      headers: own === undefined ? {} : { authorization: `Bearer ${keys[own]}` },
    });
    if (reply.statusCode !== 503) continue;
    refused.push(operationId);
    t.match(reply.json(), { code: 'overloaded', definite: true, detail: /late; memory: \d+ MiB/ });
    t.equal(reply.headers['retry-after'], '1');
    checkReply(t, role, operationId, reply);
  }
  return refused;
}

const ofClients = (role: NodeRole) =>
  [...contracts[role].operations.values()]
    .filter(({ roles }) => roles.some((one) => one === 'client' || one === 'operator'))
    .map(({ operationId }) => operationId)
    .filter((operationId) => operationId !== 'getMetrics');

for (const [what, limit] of [
  ['its values', { maxHeapPercent: 1e-6 }],
  ['the process', { maxRssBytes: 1 }],
] as const) {
  void t.test(`with too much memory in ${what}, what can wait is refused`, async (t) => {
    for (const role of ['coordinator', 'participant'] as const) {
      const node = await fakeNode(t, role, { pressure: { ...calm, ...limit } });
      await eventually('it was measured', () => node.app.memoryUsage().rssBytes > 0);
      t.strictSame(await refusedBy(t, role, node), ofClients(role), 'decisions and health are not');
      t.notOk(node.calls.some((one) => ofClients(role).includes(one)));
    }
  });
}

/** Keeps the event loop busy, `ms` at a time, until the measured delay is as wanted. */
async function stall({ app }: FakeNode, ms: number, until: (delayMs: number) => boolean) {
  const end = performance.now() + 20_000;
  while (!until(app.memoryUsage().eventLoopDelay) && performance.now() < end) {
    const busyUntil = performance.now() + ms;
    while (performance.now() < busyUntil);
    await setImmediate();
  }
}

void t.test('while the event loop is late clients are refused, and then no more', async (t) => {
  const pressure = { ...calm, maxEventLoopDelayMs: 50 };
  const node = await fakeNode(t, 'coordinator', { pressure });
  const patient = await fakeNode(t, 'coordinator', { pressure: calm });
  t.strictSame(await refusedBy(t, 'coordinator', patient), [], 'nobody is refused without it');
  await stall(node, 200, (delayMs) => delayMs > 50 && delayMs < Infinity);
  const reply = await node.app.inject('/transfers');
  t.match(reply.json(), { code: 'overloaded', detail: /timers are \d{2,} ms late/ });
  await eventually('it is calm again', () => node.app.memoryUsage().eventLoopDelay <= 50);
  t.equal((await node.app.inject('/transfers')).statusCode, 200);
});

void t.test('a pause so long that nothing was measured is no pressure', async (t) => {
  const node = await fakeNode(t, 'coordinator', { pressure: calm });
  await stall(node, 1_100, (delayMs) => delayMs === Infinity);
  t.equal(node.app.memoryUsage().eventLoopDelay, Infinity, 'nothing was measured');
  t.strictSame(await refusedBy(t, 'coordinator', node), []);
});

void t.test('the defaults leave a busy machine alone', async (t) => {
  const read = readSettings({ properties: pressureSettings }, {}, {});
  if ('errors' in read) throw new Error(String(read.errors));
  t.same(read.settings, { maxEventLoopDelayMs: 3_000, maxHeapPercent: 90, maxRssBytes: 0 });
});
