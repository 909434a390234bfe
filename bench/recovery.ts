/** Many transfers in doubt, and a restart of all nodes: how long until all of them are resolved. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { scheduler } from 'node:timers/promises';
import { Agent } from 'undici';
import { Cluster } from '../client/scenarios/cluster.ts';
import { hold, type Hold } from '../client/scenarios/faults.ts';
import { until } from '../client/scenarios/until.ts';
import { connect, connectParticipant } from '../client/sdk/index.ts';
import { plainEnv, program } from '../test/fixtures/cluster.ts';
import { accountIds, anyTransfer, balance } from './contender.ts';
import { post } from './load.ts';
import { table, type Report } from './report.ts';
import { isSettled } from './unanimous.ts';

/** How many transfers are in doubt. */
export interface RecoveryOptions {
  readonly folder: string;
  /** The most that are in doubt; a tenth of them is measured as well. */
  readonly transfers: number;
  readonly say: (line: string) => void;
}

type Outcome = 'committed' | 'aborted';

const perRequest = 500;
/** Between two looks at a participant, which costs it some work. */
const lookMs = 100;
/** Until all must be resolved. */
const mostMs = 120_000;

/** Which messages get lost before the restart, and what the transfers become by it. */
const losses = [
  { path: '/commit', outcome: 'committed', what: 'decided, and no participant has heard it' },
  { path: '/prepare', outcome: 'aborted', what: 'one vote given, the other not asked for yet' },
] as const;

/** Brings them into doubt, and restarts. @throws {Error} unless all become what was decided */
export async function recover({ folder, transfers, say }: RecoveryOptions): Promise<Report> {
  const rows: string[][] = [];
  for (const count of [Math.ceil(transfers / 10), transfers]) {
    for (const { path, outcome, what } of losses) {
      const place = join(folder, `${count}-${outcome}`);
      mkdirSync(place);
      const [listening, resolved] = await measure(place, count, path);
      say(`${count} in doubt, ${what}: ${listening.toFixed(0)} ms, ${resolved.toFixed(0)} ms`);
      const seconds = [listening, resolved].map((ms) => (ms / 1_000).toFixed(2));
      rows.push([String(count), what, outcome, ...seconds]);
    }
  }
  const head = ['in doubt', 'because', 'become', 's until all nodes listen', 's until none is'];
  return { section: 'recovery', lines: table(head, rows), charts: {} };
}

async function measure(folder: string, count: number, path: string): Promise<[number, number]> {
  const options = { module: program, env: plainEnv, execArgv: [] };
  const cluster = new Cluster({
    ...{ folder, program: options, participants: ['bank-a', 'bank-b'] },
    // Nothing is decided by the clock before everything is in doubt.
    coordinatorFlags: [
      ...['--vote-timeout-ms', '600000', '--delivery-timeout-ms', '600000'],
      ...['--transfers-undecided', String(count + 1)],
    ],
    participantFlags: ['--prepared-per-account', '10000'],
  });
  try {
    await cluster.start();
    for (const { address } of cluster.participants) {
      const client = connectParticipant(address, { key: cluster.keys.operator });
      await Promise.all(
        accountIds.map((id) => client.openAccount({ id, currency: 'USD', balance, minimum: 0 })),
      );
    }
    const holds = cluster.participants
      // One vote is enough to be in doubt about.
      .filter(({ name }) => path === '/commit' || name === 'bank-b')
      .map(({ proxy }) => {
        const held = hold(path);
        proxy.faults.push(held);
        return held;
      });
    await ask(cluster, count);
    await inDoubt(cluster, count, path === '/commit' ? ['bank-a', 'bank-b'] : ['bank-a']);
    // Whoever has promised may not have been heard yet.
    const decided = async () => (await counted(cluster, 'committed')) === count;
    if (path === '/commit') await until('all are decided', decided, { ms: 60_000 });
    const taken = await restart(cluster, holds);
    const outcome = path === '/commit' ? 'committed' : 'aborted';
    const found = await counted(cluster, outcome);
    if (found !== count) throw new Error(`${found} are ${outcome}, not ${count}`);
    return taken;
  } finally {
    await cluster.kill();
  }
}

/** Begins so many transfers, and waits for none of them. */
async function ask({ coordinator }: Cluster, count: number): Promise<void> {
  const agent = new Agent({ connections: 4 });
  const headers = { prefer: 'respond-async' };
  for (let left = count; left > 0; left -= perRequest) {
    const items = Array.from({ length: Math.min(left, perRequest) }, () => anyTransfer());
    const body = JSON.stringify({ transfers: items });
    const path = '/transfers/bulk';
    const { status } = await post(agent, path, body, headers, coordinator.address);
    if (status !== 200) throw new Error(`${path} was answered ${status}`);
  }
  await agent.close();
}

/** Counts what a participant is in doubt about. */
async function prepared(address: string): Promise<number> {
  let count = 0;
  for await (const branch of connectParticipant(address).branches({ state: 'prepared' })) {
    if (branch.state === 'prepared') count += 1;
  }
  return count;
}

async function inDoubt(cluster: Cluster, count: number, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const { address } = cluster.node(name);
    const all = async () => (await prepared(address)) === count;
    await until(`${name} is in doubt about ${count}`, all, { ms: 60_000 });
  }
}

/** How long until all listen, and until nothing is in doubt. Milliseconds. */
async function restart(cluster: Cluster, holds: readonly Hold[]): Promise<[number, number]> {
  for (const node of cluster.nodes) await node.end('SIGKILL');
  for (const held of holds) held.lose();
  const since = performance.now();
  await Promise.all(cluster.nodes.map((node) => node.start()));
  const listening = performance.now() - since;
  for (const { name, address } of cluster.participants) {
    while (!(await isSettled(address))) {
      if (performance.now() - since > mostMs) throw new Error(`${name} is still in doubt`);
      await scheduler.wait(lookMs);
    }
  }
  return [listening, performance.now() - since];
}

/** How many transfers have become this. */
async function counted({ coordinator: { address } }: Cluster, outcome: Outcome): Promise<number> {
  let found = 0;
  for await (const { state } of connect(address).transfers({ state: outcome })) {
    if (state === outcome) found += 1;
  }
  return found;
}
