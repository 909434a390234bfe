/** What durable atomic transfers cost, beside what one would use instead. */
import { accountsPerBank, anyBody, anyTransfer, balance, type Contender } from './contender.ts';
import { barChart } from './chart.ts';
import { during, load } from './load.ts';
import { cpuOf, forcedWriteMs, medianOf, memoryOf } from './machine.ts';
import { startNaive } from './naive.ts';
import { startOneDatabase, startTwoDatabases } from './postgres.ts';
import { table, type Report, type RoundsOptions } from './report.ts';
import { startUnanimous } from './unanimous.ts';

/** A way of asking somebody for transfers. */
export interface Way {
  readonly name: string;
  readonly contender: Contender;
  readonly connections: number;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Transfers in one request; 1 unless told. */
  readonly perRequest?: number;
}

/** One measurement: latencies in milliseconds, the other costs for one transfer. */
export type Figures = Readonly<
  Record<'rate' | 'p50' | 'p99' | 'p999' | 'cpu' | 'forces' | 'bytes' | 'memory', number>
>;

/** By way and connections (`naive 200`), one for each round. */
type Measured = ReadonlyMap<string, readonly Figures[]>;

const bulkItems = 1_000;
const bulkConnections = 4;
export const connections = [1, 50, 200];

/** Asks every contender for the same transfers, in rounds. @throws {Error} if money is missing */
export async function compare({ folder, rounds, seconds, say }: RoundsOptions): Promise<Report> {
  const contenders: Contender[] = [];
  const started = async (starting: Promise<Contender>) => {
    const contender = await starting;
    contenders.push(contender);
    return contender;
  };
  try {
    say('starting everybody');
    const ways = waysOf({
      unanimous: await started(startUnanimous(folder)),
      naive: await started(startNaive()),
      two: await started(startTwoDatabases(folder)),
      one: await started(startOneDatabase(folder)),
    });
    const measured = new Map<string, Figures[]>();
    const forcedMs: number[] = [];
    for (let round = 1; round <= rounds; round++) {
      forcedMs.push(await forcedWriteMs(folder));
      // Whoever is first in one round is last in the next.
      for (const way of round % 2 === 1 ? ways : ways.toReversed()) {
        const figures = await measure(way, seconds * 1_000);
        const key = `${way.name} ${way.connections}`;
        measured.set(key, [...(measured.get(key) ?? []), figures]);
        say(`round ${round} of ${rounds}: ${key}: ${figures.rate.toFixed(0)} transfers/s`);
      }
    }
    for (const contender of contenders) await checkTotal(contender);
    return reportOf(ways, measured, medianOf(forcedMs));
  } finally {
    await Promise.allSettled(contenders.map((contender) => contender.stop()));
  }
}

function waysOf(
  contenders: Readonly<Record<'unanimous' | 'naive' | 'two' | 'one', Contender>>,
): Way[] {
  const { unanimous, naive, two, one } = contenders;
  const decided = { prefer: 'wait=0' };
  const ways = connections.flatMap((connections) => [
    { name: 'unanimous', contender: unanimous, connections },
    { name: 'unanimous, at the decision', contender: unanimous, connections, headers: decided },
    { name: 'naive', contender: naive, connections },
    { name: 'two PostgreSQL', contender: two, connections },
    { name: 'one PostgreSQL', contender: one, connections },
  ]);
  const bulk = { path: '/bulk', perRequest: bulkItems, connections: bulkConnections };
  return [...ways, { name: 'unanimous, bulk', contender: unanimous, ...bulk }];
}

/** Asks one contender, after a fifth of the time to warm up. */
export async function measure(way: Way, ms: number): Promise<Figures> {
  const { contender, connections, path = '', headers = {}, perRequest = 1 } = way;
  const bulk = () =>
    JSON.stringify({ transfers: Array.from({ length: perRequest }, () => anyTransfer()) });
  const make = perRequest === 1 ? anyBody : bulk;
  const others = contender.others?.map((url) => url + path) ?? [];
  const options = { url: contender.url + path, others, connections, headers };
  await load({ ...options, next: during(ms / 5, make) });
  const before = await countersOf(contender);
  const { requests, seconds, latency } = await load({ ...options, next: during(ms, make) });
  const after = await countersOf(contender);
  const transfers = requests * perRequest;
  const each = (what: keyof typeof before) => (after[what] - before[what]) / transfers;
  const at = (percentile: number) => latency.percentile(percentile) / 1e6;
  return {
    ...{ rate: transfers / seconds, p50: at(50), p99: at(99), p999: at(99.9) },
    ...{ cpu: each('cpu'), forces: each('forces'), bytes: each('bytes') },
    memory: memoryOf(contender.pids),
  };
}

async function countersOf(contender: Contender) {
  return {
    cpu: cpuOf(contender.pids),
    forces: await contender.forces(),
    bytes: await contender.written(),
  };
}

/** @throws {Error} if money is missing */
export async function checkTotal(contender: Contender): Promise<void> {
  const [total, opened] = [await contender.total(), 2 * accountsPerBank * balance];
  if (total !== opened) throw new Error(`${contender.url}: ${total} is there, not ${opened}`);
}

function reportOf(ways: readonly Way[], measured: Measured, forcedMs: number): Report {
  const of = (key: string) => measured.get(key) ?? [];
  const median = (key: string, what: keyof Figures) => medianOf(of(key).map((one) => one[what]));
  const rows = ways.map(({ name, connections }) => {
    const figure = (what: keyof Figures) => median(`${name} ${connections}`, what);
    return [
      ...[String(connections), name, figure('rate').toFixed(0)],
      ...[figure('p50').toFixed(2), figure('p99').toFixed(2), figure('p999').toFixed(2)],
      ...[(figure('cpu') * 1_000).toFixed(3), figure('forces').toFixed(3)],
      ...[figure('bytes').toFixed(0), figure('memory').toFixed(0)],
    ];
  });
  rows.sort(([a], [b]) => Number(a) - Number(b));
  const head = [
    ...['connections', 'contender', 'transfers/s', 'p50 ms', 'p99 ms', 'p99.9 ms'],
    ...['CPU s per 1 000', 'forced writes each', 'bytes on disk each', 'memory MB'],
  ];
  const goals = goalsOf(of, median, forcedMs);
  const names = [...new Set(ways.map(({ name }) => name))].filter((name) => !name.includes('bulk'));
  const series = connections.map((connections) => ({
    name: `${connections} connection${connections === 1 ? '' : 's'}`,
    values: names.map((name) => Math.round(median(`${name} ${connections}`, 'rate'))),
  }));
  return {
    section: 'compare',
    lines: [
      ...table(head, rows),
      '',
      ...table(['goal', 'asked for', 'measured'], goals),
      '',
      `A forced write of this disk takes ${forcedMs.toFixed(3)} ms.`,
    ],
    charts: { compare: barChart('Transfers per second', names, series) },
  };
}

/** What was promised of these figures; ratios are of one round, then their median. */
function goalsOf(
  of: (key: string) => readonly Figures[],
  median: (key: string, what: keyof Figures) => number,
  forcedMs: number,
): string[][] {
  const ratio = (key: string, to: string, what: keyof Figures = 'rate') =>
    medianOf(of(key).map((one, round) => one[what] / (of(to)[round]?.[what] ?? NaN)));
  const times = (value: number) => `${value.toFixed(2)} ×`;
  const decided = 'unanimous, at the decision';
  const p50 = (key: string) => median(key, 'p50');
  return [
    [
      'answers at the decision, 200 connections',
      '≥ 2 × naive',
      times(ratio(`${decided} 200`, 'naive 200')),
    ],
    [
      'all acknowledgements, 200 connections',
      '≥ 1.5 × naive',
      times(ratio('unanimous 200', 'naive 200')),
    ],
    [
      'all acknowledgements, 200 connections',
      '≥ 4 × two PostgreSQL',
      times(ratio('unanimous 200', 'two PostgreSQL 200')),
    ],
    [
      'all acknowledgements, 50 connections',
      '≥ 1.2 × naive',
      times(ratio('unanimous 50', 'naive 50')),
    ],
    ['p99, 200 connections', '≤ 1 × naive', times(ratio('unanimous 200', 'naive 200', 'p99'))],
    [
      'p50, 1 connection',
      `≤ naive + 3 forced writes: ${(p50('naive 1') + 3 * forcedMs).toFixed(2)} ms`,
      `${p50('unanimous 1').toFixed(2)} ms`,
    ],
    [
      'bulk, 1 000 per request',
      '≥ 5 × naive at 200',
      times(ratio(`unanimous, bulk ${bulkConnections}`, 'naive 200')),
    ],
  ];
}
