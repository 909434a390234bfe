/** Many transfers through one cluster: what they leave behind. */
import { randomUUID } from 'node:crypto';
import { copyFileSync, linkSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { scheduler } from 'node:timers/promises';
import type { NodeProcess } from '../client/scenarios/node-process.ts';
import { connect } from '../client/sdk/index.ts';
import { lineChart } from './chart.ts';
import { accountsPerBank, anyBody, balance } from './contender.ts';
import { load, times } from './load.ts';
import { anonymousMemoryOf, sizeOf } from './machine.ts';
import { table, type Report } from './report.ts';
import { Deployment } from './unanimous.ts';

/** How many transfers are made, in all. */
export interface GrowthOptions {
  readonly folder: string;
  readonly transfers: number;
  /** Each transfer brings an idempotency key. */
  readonly keyed: boolean;
  readonly say: (line: string) => void;
}

/** What is there after so many transfers. */
interface Stage {
  readonly transfers: number;
  /** Of the last tenth. */
  readonly rate: number;
  /** By node. */
  readonly nodes: readonly Remains[];
  /** Of any transfer; the median and the longest of some. */
  readonly lookupMs: readonly [number, number];
}

interface Remains {
  readonly name: string;
  readonly memoryMb: number;
  readonly bytes: number;
  /** Until a new process on the same store has read it, and listens. */
  readonly restartMs: number;
}

const connections = 200;
const stages = 10;
const lookups = 50;
/** Until the end of every transfer is on disk: some times what a lazy record may wait. */
const endsMs = 500;

/** Makes them, and looks ten times at what is there. @throws {Error} if money is missing */
export async function grow({ folder, transfers, keyed, say }: GrowthOptions): Promise<Report> {
  const deployment = await Deployment.start(folder, ['bank-a', 'bank-b']);
  try {
    const url = `${deployment.coordinator}/transfers`;
    const seen: Stage[] = [];
    const each = Math.ceil(transfers / stages);
    for (let made = each; made <= each * stages; made += each) {
      const headers = keyed ? keyHeaders : undefined;
      const { seconds } = await load({ url, connections, headers, next: times(each, anyBody) });
      const stage = await look(deployment, folder, { transfers: made, rate: each / seconds });
      seen.push(stage);
      say(`${made} transfers: ${stage.rate.toFixed(0)} transfers/s`);
    }
    const [total, opened] = [await deployment.total(), 2 * accountsPerBank * balance];
    if (total !== opened) throw new Error(`${total} is there, not ${opened}`);
    return reportOf(seen, keyed);
  } finally {
    await deployment.stop();
  }
}

const keyHeaders = () => ({ 'idempotency-key': randomUUID() });

async function look(
  deployment: Deployment,
  folder: string,
  { transfers, rate }: Pick<Stage, 'transfers' | 'rate'>,
): Promise<Stage> {
  await deployment.settled();
  // A copy that lacks the end of a transfer would tell the participants its decision again.
  await scheduler.wait(endsMs);
  const nodes: Remains[] = [];
  for (const node of deployment.nodes) {
    const store = deployment.folderOf(node);
    nodes.push({
      name: node.name,
      memoryMb: anonymousMemoryOf(node.pid ?? 0),
      bytes: sizeOf(store),
      restartMs: await restart(deployment, node, join(folder, 'copy')),
    });
  }
  return { transfers, rate, nodes, lookupMs: await lookUp(deployment, transfers) };
}

/** Starts another process on a copy of the store, which shares the files that never change. */
async function restart(deployment: Deployment, node: NodeProcess, copy: string): Promise<number> {
  const store = deployment.folderOf(node);
  mkdirSync(join(copy, 'log'), { recursive: true });
  for (const entry of readdirSync(store, { withFileTypes: true })) {
    if (entry.isFile()) copyFileSync(join(store, entry.name), join(copy, entry.name));
  }
  const segments = readdirSync(join(store, 'log')).sort();
  for (const [at, name] of segments.entries()) {
    const put = at === segments.length - 1 ? copyFileSync : linkSync;
    put(join(store, 'log', name), join(copy, 'log', name));
  }
  const another = deployment.alone(node, copy);
  const since = performance.now();
  await another.start('--port', '0');
  const ms = performance.now() - since;
  await another.end('SIGKILL');
  rmSync(copy, { recursive: true });
  return ms;
}

/** Reads some of all transfers ever made. */
async function lookUp({ coordinator }: Deployment, made: number): Promise<[number, number]> {
  const client = connect(coordinator);
  let prefix = '';
  for await (const { id } of client.transfers({ pageSize: 1 })) {
    prefix = id.replace(/\d+$/, '');
    break;
  }
  const taken: number[] = [];
  for (let at = 0; at < lookups; at++) {
    const since = performance.now();
    await client.getTransfer(`${prefix}${1 + Math.floor((made - 1) * (at / lookups))}`);
    taken.push(performance.now() - since);
  }
  taken.sort((a, b) => a - b);
  return [taken[lookups / 2] ?? NaN, taken.at(-1) ?? NaN];
}

function reportOf(seen: readonly Stage[], keyed: boolean): Report {
  const names = (seen[0]?.nodes ?? []).map(({ name }) => name);
  const inAll = (cell: (node: Remains) => string) => (nodes: readonly Remains[]) =>
    nodes.map(cell).join(' / ');
  const memory = inAll(({ memoryMb }) => memoryMb.toFixed(0));
  const restarts = inAll(({ restartMs }) => restartMs.toFixed(0));
  const rows = seen.map(({ transfers, rate, nodes, lookupMs: [median, longest] }) => [
    ...[transfers.toLocaleString('fr'), rate.toFixed(0), memory(nodes)],
    nodes.map(({ bytes }) => (bytes / transfers).toFixed(0)).join(' / '),
    ...[restarts(nodes), `${median.toFixed(1)} / ${longest.toFixed(1)}`],
  ]);
  const head = [
    ...['transfers made', 'transfers/s', 'memory MB', 'bytes on disk each'],
    ...['restart ms', 'lookup ms, median / longest'],
  ];
  const line = (name: string, values: (stage: Stage) => number) => ({
    name,
    values: seen.map((stage) => [stage.transfers, values(stage)] as const),
  });
  const charts = {
    'growth-rate': lineChart('Transfers per second', 'transfers made', [
      line('transfers/s', ({ rate }) => rate),
    ]),
    'growth-memory': lineChart(
      'Memory, MB',
      'transfers made',
      names.map((name, at) => line(name, ({ nodes }) => nodes[at]?.memoryMb ?? NaN)),
    ),
  };
  const lines = [...table(head, rows), '', `Figures of nodes are of ${names.join(' / ')}.`];
  // One section has the charts: keys change the memory of one node, and nothing else.
  if (keyed) return { section: 'growth with keys', lines, charts: {} };
  return { section: 'growth', lines, charts };
}
