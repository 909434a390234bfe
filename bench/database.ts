/**
 * What a store in PostgreSQL costs, beside one in a folder, and beside two databases; and what
 * changes when several coordinators are asked.
 */
import { barChart } from './chart.ts';
import { checkTotal, connections, measure, type Figures } from './compare.ts';
import type { Contender } from './contender.ts';
import { medianOf } from './machine.ts';
import { startOnDatabase, startTwoDatabases } from './postgres.ts';
import { table, type Report, type RoundsOptions } from './report.ts';
import { startUnanimous } from './unanimous.ts';

const names = {
  folders: 'stores in folders',
  database: 'all stores in one PostgreSQL',
  half: 'the same, two coordinators asked',
  quarter: 'the same, four coordinators asked',
  two: 'two PostgreSQL',
} as const;

/** Asks each for the same transfers, in rounds. @throws {Error} if money is missing */
export async function onDatabase({ folder, rounds, seconds, say }: RoundsOptions): Promise<Report> {
  const contenders = new Map<keyof typeof names, Contender>();
  try {
    say('starting everybody');
    contenders.set('folders', await startUnanimous(folder));
    const onDatabase = await startOnDatabase(folder);
    contenders.set('database', onDatabase(1));
    contenders.set('half', onDatabase(2));
    contenders.set('quarter', onDatabase(4));
    contenders.set('two', await startTwoDatabases(folder));
    const ways = connections.flatMap((count) =>
      [...contenders].map(([name, contender]) => ({ name, contender, connections: count })),
    );
    const measured = new Map<string, Figures[]>();
    for (let round = 1; round <= rounds; round++) {
      // Whoever is first in one round is last in the next.
      for (const way of round % 2 === 1 ? ways : ways.toReversed()) {
        const figures = await measure(way, seconds * 1_000);
        const key = `${way.name} ${way.connections}`;
        measured.set(key, [...(measured.get(key) ?? []), figures]);
        say(`round ${round} of ${rounds}: ${key}: ${figures.rate.toFixed(0)} transfers/s`);
      }
    }
    for (const contender of contenders.values()) await checkTotal(contender);
    return reportOf(measured);
  } finally {
    await Promise.allSettled([...contenders.values()].map((contender) => contender.stop()));
  }
}

function reportOf(measured: ReadonlyMap<string, readonly Figures[]>): Report {
  const kinds = ['folders', 'database', 'half', 'quarter', 'two'] as const;
  const of = (kind: keyof typeof names, count: number) => measured.get(`${kind} ${count}`) ?? [];
  const median = (kind: keyof typeof names, count: number, what: keyof Figures) =>
    medianOf(of(kind, count).map((one) => one[what]));
  /** Of one round, then their median. */
  const ratio = (count: number, to: keyof typeof names, from: keyof typeof names = 'database') =>
    medianOf(of(from, count).map((one, round) => one.rate / (of(to, count)[round]?.rate ?? NaN)));
  const rows = connections.flatMap((count) =>
    kinds.map((kind) => [
      ...[String(count), names[kind], median(kind, count, 'rate').toFixed(0)],
      ...[median(kind, count, 'p50').toFixed(2), median(kind, count, 'p99').toFixed(2)],
      ...[
        (median(kind, count, 'cpu') * 1_000).toFixed(3),
        median(kind, count, 'forces').toFixed(3),
      ],
    ]),
  );
  const ratios = connections.map((count) => [
    ...[String(count), `${ratio(count, 'folders').toFixed(2)} ×`],
    `${ratio(count, 'two').toFixed(2)} ×`,
    `${ratio(count, 'database', 'half').toFixed(2)} ×`,
    `${ratio(count, 'database', 'quarter').toFixed(2)} ×`,
  ]);
  const head = ['connections', 'contender', 'transfers/s', 'p50 ms', 'p99 ms'];
  const series = connections.map((count) => ({
    name: `${count} connection${count === 1 ? '' : 's'}`,
    values: kinds.map((kind) => Math.round(median(kind, count, 'rate'))),
  }));
  return {
    section: 'postgres',
    lines: [
      ...table([...head, 'CPU s per 1 000', 'forced writes each'], rows),
      '',
      ...table(
        [
          ...['connections', 'one PostgreSQL to folders', 'to two PostgreSQL'],
          ...['two coordinators asked to one', 'four to one'],
        ],
        ratios,
      ),
    ],
    charts: { postgres: barChart('Transfers per second', Object.values(names), series) },
  };
}
