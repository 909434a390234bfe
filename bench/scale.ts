/** One coordinator and more and more participants. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { barChart } from './chart.ts';
import { accountsPerBank, anyTransfer, balance } from './contender.ts';
import { during, load } from './load.ts';
import { cpuOf, medianOf } from './machine.ts';
import { table, type Report, type RoundsOptions } from './report.ts';
import { Deployment } from './unanimous.ts';

const connections = 200;
const counts = [2, 4, 8];

/** Measures clusters of more and more participants. @throws {Error} if money is missing */
export async function scale({ folder, rounds, seconds, say }: RoundsOptions): Promise<Report> {
  const rows: string[][] = [];
  const medians: number[] = [];
  for (const count of counts) {
    const place = join(folder, String(count));
    mkdirSync(place);
    const banks = Array.from({ length: count }, (_, at) => `bank-${at + 1}`);
    const deployment = await Deployment.start(place, banks);
    try {
      const url = `${deployment.coordinator}/transfers`;
      const pids = deployment.nodes.map(({ pid = 0 }) => pid);
      const run = (ms: number) => {
        return load({
          url,
          connections,
          next: during(ms, () => JSON.stringify(anyTransfer(banks))),
        });
      };
      await run(seconds * 200);
      const rates: number[] = [];
      const costs: number[] = [];
      for (let round = 1; round <= rounds; round++) {
        const before = cpuOf(pids);
        const { requests, seconds: taken } = await run(seconds * 1_000);
        rates.push(requests / taken);
        costs.push(((cpuOf(pids) - before) / requests) * 1_000);
        say(`${count} participants, round ${round} of ${rounds}: ${(requests / taken).toFixed(0)}`);
      }
      const [total, opened] = [await deployment.total(), count * accountsPerBank * balance];
      if (total !== opened) throw new Error(`${total} is there, not ${opened}`);
      medians.push(medianOf(rates));
      rows.push([String(count), medianOf(rates).toFixed(0), medianOf(costs).toFixed(3)]);
    } finally {
      await deployment.stop();
    }
  }
  const names = counts.map((count) => `${count} participants`);
  const series = [{ name: 'transfers/s', values: medians.map(Math.round) }];
  return {
    section: 'scale',
    lines: table(['participants', 'transfers/s', 'CPU s per 1 000'], rows),
    charts: { scale: barChart('Transfers per second', names, series) },
  };
}
