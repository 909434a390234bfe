/**
 * Many transfers through one cluster: memory follows what is in flight, not what was ever made.
 * Real processes, their memory as the operating system sees it. `npm run endurance`; how many is
 * `UNANIMOUS_TRANSFERS` (200 000).
 */
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import t from 'tap';
import { Agent, request } from 'undici';
import { Cluster, type ClusterNode } from '../client/scenarios/cluster.ts';
import { connectParticipant } from '../client/sdk/index.ts';
import { builtProgram, call, eventually, settled } from '../test/fixtures/cluster.ts';

const transfers = Number(process.env['UNANIMOUS_TRANSFERS'] ?? 200_000);
const first = transfers / 10;
const connections = 100;

/** What is in memory of a process, without files that are mapped. Megabytes. */
function memoryOf({ pid = 0 }: ClusterNode): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^RssAnon:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}

/** Of each node, once its garbage is collected: when it has not shrunk for 15 s. */
async function memory({ nodes }: Cluster): Promise<Map<string, number>> {
  const least = new Map(nodes.map((node) => [node.name, Infinity]));
  let since = performance.now();
  await eventually(
    'memory is steady',
    () => {
      for (const node of nodes) {
        const now = memoryOf(node);
        if (now > (least.get(node.name) ?? 0) - 0.5) continue;
        least.set(node.name, now);
        since = performance.now();
      }
      return performance.now() - since > 15_000;
    },
    120_000,
  );
  return least;
}

/** Moves one cent there and back again, `count` times in all; the id of the first transfer. */
async function send({ coordinator }: Cluster, agent: Agent, count: number): Promise<string> {
  let left = count;
  let firstId: string | undefined;
  const client = async () => {
    while (left > 0) {
      left -= 1;
      const [from, to] = left % 2 ? ['bank-a', 'bank-b'] : ['bank-b', 'bank-a'];
      const body = { from: `${from}/main`, to: `${to}/main`, amount: 1, currency: 'USD' };
      const reply = await request(`${coordinator.address}/transfers`, {
        method: 'POST',
        dispatcher: agent,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      const answer = (await reply.body.json()) as { id: string };
      if (reply.statusCode !== 201) throw new Error(`answered ${reply.statusCode}`);
      firstId ??= answer.id;
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  if (firstId === undefined) throw new Error('nothing was sent');
  return firstId;
}

async function milliseconds(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

void t.test(`${transfers} transfers`, { timeout: 3_600_000 }, async (t) => {
  const program = { ...builtProgram, execArgv: [] };
  const cluster = new Cluster({ folder: t.testdir(), program, participants: ['bank-a', 'bank-b'] });
  t.teardown(() => cluster.kill());
  await cluster.start();
  for (const { address } of cluster.participants) {
    const participant = connectParticipant(address, { key: cluster.keys.operator });
    await participant.openAccount({ id: 'main', currency: 'USD', balance: 100_000 });
  }
  const agent = new Agent({ connections, pipelining: 1 });
  t.teardown(() => agent.close());
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
  let id = '';
  const early = await milliseconds(async () => (id = await send(cluster, agent, first)));
  await settled(cluster);
  const before = await memory(cluster);
  t.comment(`the first ${first} in ${seconds(early)}`);
  const rest = await milliseconds(() => send(cluster, agent, transfers - first));
  await settled(cluster);
  t.comment(`the other ${transfers - first} in ${seconds(rest)}`);
  for (const [name, megabytes] of await memory(cluster)) {
    const grown = megabytes - (before.get(name) ?? 0);
    const figures = `${megabytes.toFixed(0)} MB, ${grown.toFixed(1)} MB more than before`;
    t.ok(grown < 20, `${name} has ${figures}`);
  }
  for (const node of cluster.nodes) {
    await node.end('SIGKILL');
    const restart = await milliseconds(async () => {
      await node.start();
      await node.ready();
    });
    t.ok(restart < 2_000, `${node.name} is ready again after ${restart.toFixed(0)} ms`);
  }
  const url = `${cluster.coordinator.address}/transfers/${id}`;
  await call('GET', `${cluster.coordinator.address}/health/live`);
  const lookup = await milliseconds(async () => {
    const { status, body } = await call('GET', url);
    t.equal(status, 200);
    t.match(body, { id, state: 'committed', applied: true });
  });
  t.ok(lookup < 50, `the first transfer ever made is answered in ${lookup.toFixed(1)} ms`);
});
