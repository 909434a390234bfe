/** Twice the rate that is possible, whether answers come or not. */
import { createHistogram, performance } from 'node:perf_hooks';
import { scheduler } from 'node:timers/promises';
import { Agent } from 'undici';
import { connectParticipant } from '../client/sdk/index.ts';
import { anyTransfer, balance } from './contender.ts';
import { during, load, post } from './load.ts';
import { anonymousMemoryOf, medianOf } from './machine.ts';
import { table, type Report, type RoundsOptions } from './report.ts';
import { Deployment } from './unanimous.ts';

const connections = 200;
/** Of the client that does not wait for answers. */
const openConnections = 2_000;
/** A small machine, which runs the client as well, never comes near the default. */
const transfersUndecided = 500;

interface Figures {
  /** Answers to as many requests at once as there are connections. */
  readonly peak: number;
  readonly offered: number;
  readonly committed: number;
  readonly refused: number;
  readonly refusedMs: number;
  readonly memoryMb: number;
}

/** Measures what is possible, then offers twice as much. @throws {Error} if a balance is wrong */
export async function overload(options: RoundsOptions): Promise<Report> {
  const { folder, rounds, seconds, say } = options;
  const flags = ['--transfers-undecided', String(transfersUndecided)];
  const deployment = await Deployment.start(folder, ['bank-a', 'bank-b'], flags);
  const expected = new Map<string, number>();
  try {
    // Code that has not run for a while is slow: its peak would not be one.
    await measure(deployment, expected, seconds * 1_000);
    const all: Figures[] = [];
    for (let round = 1; round <= rounds; round++) {
      const figures = await measure(deployment, expected, seconds * 1_000);
      all.push(figures);
      const { peak, offered, committed, refused } = figures;
      const rates = [peak, offered, committed, refused].map((rate) => rate.toFixed(0));
      say(`round ${round} of ${rounds}: peak, offered, committed, refused: ${rates.join(', ')}`);
    }
    await deployment.settled();
    await check(deployment, expected);
    const median = (what: keyof Figures) => medianOf(all.map((one) => one[what]));
    const share = medianOf(all.map(({ committed, peak }) => committed / peak));
    const rows = [
      ['transfers/s at 200 connections', median('peak').toFixed(0)],
      ['offered for each second', median('offered').toFixed(0)],
      [
        'committed in each second',
        `${median('committed').toFixed(0)}, ${share.toFixed(2)} × the first`,
      ],
      ['refused with 503 and `Retry-After` in each second', median('refused').toFixed(0)],
      ['p99 until a refusal, ms', median('refused') > 0 ? median('refusedMs').toFixed(0) : '–'],
      ['most memory of the coordinator, MB', median('memoryMb').toFixed(0)],
    ];
    return { section: 'overload', lines: table(['figure', 'median'], rows), charts: {} };
  } finally {
    await deployment.stop();
  }
}

async function measure(
  deployment: Deployment,
  expected: Map<string, number>,
  ms: number,
): Promise<Figures> {
  const url = `${deployment.coordinator}/transfers`;
  const make = () => {
    const transfer = anyTransfer();
    book(expected, transfer);
    return JSON.stringify(transfer);
  };
  const { requests, seconds } = await load({ url, connections, next: during(ms / 4, make) });
  const peak = requests / seconds;
  return { peak, ...(await flood(deployment, expected, { ms, rate: 2 * peak })) };
}

/** Sends at a rate, and counts the answers that have come when the time is over. */
async function flood(
  { coordinator, nodes: [node] }: Deployment,
  expected: Map<string, number>,
  { ms, rate }: { ms: number; rate: number },
): Promise<Omit<Figures, 'peak'>> {
  const agent = new Agent({ connections: openConnections, pipelining: 1 });
  const refusals = createHistogram({ figures: 3 });
  const waiting = new Set<Promise<void>>();
  const since = performance.now();
  let [sent, committed, refused, memoryMb] = [0, 0, 0, 0];
  const failures: unknown[] = [];
  const send = async () => {
    const transfer = anyTransfer();
    const due = performance.now();
    const { status, headers } = await post(
      ...([agent, '/transfers', JSON.stringify(transfer), {}, coordinator] as const),
    );
    const isInTime = performance.now() < since + ms;
    if (status === 201) {
      book(expected, transfer);
      if (isInTime) committed += 1;
    } else if (status === 503 && headers['retry-after'] !== undefined) {
      refusals.record(Math.max(1, Math.round((performance.now() - due) * 1e6)));
      if (isInTime) refused += 1;
    } else throw new Error(`a transfer was answered ${status}`);
  };
  for (let now = since; now < since + ms && failures.length === 0; now = performance.now()) {
    for (const due = ((now - since) / 1_000) * rate; sent < due; sent += 1) {
      const answered: Promise<void> = send()
        .catch((error: unknown) => void failures.push(error))
        .finally(() => waiting.delete(answered));
      waiting.add(answered);
    }
    memoryMb = Math.max(memoryMb, anonymousMemoryOf(node?.pid ?? 0));
    await scheduler.wait(2);
  }
  await Promise.all(waiting);
  await agent.close();
  if (failures.length > 0) throw failures[0];
  const each = (count: number) => count / (ms / 1_000);
  return {
    ...{ offered: each(sent), committed: each(committed), refused: each(refused) },
    ...{ refusedMs: refusals.percentile(99) / 1e6, memoryMb },
  };
}

function book(
  expected: Map<string, number>,
  { from, to, amount }: ReturnType<typeof anyTransfer>,
): void {
  expected.set(from, (expected.get(from) ?? balance) - amount);
  expected.set(to, (expected.get(to) ?? balance) + amount);
}

/** Every account has exactly what the answers have said. */
async function check(
  { nodes: [, ...participants] }: Deployment,
  expected: ReadonlyMap<string, number>,
): Promise<void> {
  for (const { name, address } of participants) {
    for await (const { id, posted, held } of connectParticipant(address).accounts()) {
      const due = expected.get(`${name}/${id}`) ?? balance;
      if (posted !== due || held !== 0) throw new Error(`${name}/${id}: ${posted}, not ${due}`);
    }
  }
}
