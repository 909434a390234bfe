/**
 * A bank of real processes that are tormented: customers move money and readers take snapshots,
 * while nodes are killed and paused and messages are lost. All of it is written to a history, and
 * judged by that alone.
 */
import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { until } from '../../client/scenarios/until.ts';
import { call } from '../fixtures/cluster.ts';
import { runProgram } from '../fixtures/run-program.ts';
import { openAccounts, opening, paths } from './bank.ts';
import { HistoryChecker } from './check-history.ts';
import { answerTo, customer, reader, type Asked, type Use } from './customers.ts';
import { Draw } from './draw.ts';
import { History, readHistory } from './history.ts';
import { torment, type Range } from './nemesis.ts';
import { Progress } from './progress.ts';
import { addApplied } from './stores.ts';
import type { Tormented } from './tormented.ts';
import type { Verdict } from './verdict.ts';

export interface TortureOptions {
  readonly bank: Tormented;
  /** For `history.jsonl`; it is there. */
  readonly folder: string;
  readonly seed: number;
  /** How long there are faults, at least. Milliseconds. */
  readonly ms: number;
  /** Names of faults; each happens at least once. */
  readonly kinds: readonly string[];
  readonly customers: number;
  /** The longest that a customer thinks between two transfers. Milliseconds. */
  readonly thinkMs: number;
  readonly faultMs: Range;
  readonly quietMs: Range;
  /** How long a customer waits for an answer. Milliseconds. */
  readonly answerMs: number;
  /** Within that another coordinator must have finished what a dead one has left. Milliseconds. */
  readonly takeoverMs?: number;
  readonly signal: AbortSignal;
  /** Gets a line about the progress now and then. */
  readonly say: (line: string) => void;
}

/** How people use a bank on several coordinators: they soon ask another one. */
export const onPostgres = { answerMs: 2_000, takeoverMs: 5_000 };

/** Milliseconds, but for the last one. */
const limits = {
  progressMs: 10_000,
  /** How much longer a run may take until it proves something, on a busy machine. */
  extraMs: 120_000,
  /** Once everything is healed, nothing may be in doubt for longer. */
  settleMs: 30_000,
  auditMs: 600_000,
  /** Keys that are asked once more at the end. */
  askedAgain: 100,
};

const readers = 2;

/**
 * Runs it to its end.
 * @returns the file of its history, which `judge` judges
 * @throws {Error} if it cannot go on, or was stopped: the history tells how far it has come
 */
export async function torture(options: TortureOptions): Promise<string> {
  const { bank, folder, seed, kinds, takeoverMs, signal } = options;
  const progress = new Progress();
  const history = new History(join(folder, 'history.jsonl'), (one) => {
    progress.see(one);
    bank.see?.(one);
  });
  try {
    await bank.start({ signal });
    await openAccounts(bank);
    const accounts = Object.fromEntries(paths.map((path) => [path, opening]));
    const must = { kinds, ...(takeoverMs !== undefined && { takeoverMs }) };
    history.add({ type: 'opened', seed, accounts, ...must });
    await useTormented(history, progress, options);
    await addAccounts(bank, history);
    for await (const ended of bank.stop()) history.add({ type: 'stopped', ...ended });
    for (const one of bank.news()) history.add(one);
    await addApplied(bank, history);
    const audit = await runProgram(['audit', ...bank.audited], {}, undefined, limits.auditMs);
    history.add({ type: 'audit', code: audit.code, said: `${audit.out} ${audit.err}` });
    history.add({ type: 'end' });
  } finally {
    await bank.kill();
    await history.close();
  }
  return history.file;
}

/**
 * Judges a history that was written to a file.
 * @throws {Error} if it cannot be read
 */
export async function judge(file: string): Promise<Verdict> {
  const checker = new HistoryChecker();
  for await (const happening of readHistory(file)) checker.see(happening);
  return checker.finish();
}

/** Everyone at once; in the end nothing is under way any more. */
async function useTormented(
  history: History,
  progress: Progress,
  options: TortureOptions,
): Promise<void> {
  const { bank, seed, ms, kinds, thinkMs, answerMs, say } = options;
  const start = performance.now();
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  setMaxListeners(0, signal);
  const elapsed = () => performance.now() - start;
  const done = () => elapsed() >= (progress.proves(kinds) ? ms : ms + limits.extraMs);
  const use: Use = { bank, history, thinkMs, answerMs, done, signal };
  const timer = setInterval(() => {
    for (const one of bank.news()) history.add(one);
    say(progress.line(elapsed()));
  }, limits.progressMs);
  const numbers = counting();
  const users = [
    ...Array.from({ length: options.customers }, (_, n) =>
      customer(use, `customer-${n}`, new Draw(seed, n + 1)),
    ),
    ...Array.from({ length: readers }, async (_, n): Promise<Asked[]> => {
      await reader(use, numbers, new Draw(seed, -1 - n));
      return [];
    }),
  ];
  const nemesis = torment({ ...options, history, draw: new Draw(seed, 0), done, signal });
  try {
    const [asked] = await Promise.all([Promise.all(users), nemesis]);
    await addSettled(bank, history, signal);
    const draw = new Draw(seed, 0);
    const sample = draw.some(asked.flat(), limits.askedAgain);
    for (const one of sample) await answerTo(use, one, draw);
    say(progress.line(elapsed()));
  } catch (error) {
    stop.abort(error);
    // Nobody has to wait for an answer any more.
    await bank.kill();
    await Promise.allSettled([...users, nemesis]);
    throw error;
  } finally {
    clearInterval(timer);
  }
}

function* counting(): Generator<number, never> {
  for (let number = 1; ; number += 1) yield number;
}

/** Waits until nothing is held, prepared, undecided, or not applied everywhere. */
async function addSettled(bank: Tormented, history: History, signal: AbortSignal): Promise<void> {
  const start = performance.now();
  let what = '';
  const look = async () => {
    what = await leftIn(bank);
    return what === '';
  };
  try {
    await until('everything is settled', look, { ms: limits.settleMs, signal });
    const afterMs = Math.round(performance.now() - start);
    history.add({ type: 'settled', afterMs });
  } catch (error) {
    signal.throwIfAborted();
    if (what === '') throw error;
    history.add({ type: 'unsettled', what });
  }
}

async function leftIn({ entrances, participants: nodes }: Tormented): Promise<string> {
  const left: string[] = [];
  const entrance = entrances[0] ?? '';
  const under = await call('GET', `${entrance}/transfers?state=preparing&limit=1`);
  for (const { id } of under.body.data) left.push(`${id} is not decided`);
  const registered = await call('GET', `${entrance}/participants`);
  for (const { name, inDoubt } of registered.body.data) {
    if (inDoubt.length > 0) left.push(`${name} is owed ${inDoubt}`);
  }
  for (const { name, address } of nodes) {
    const prepared = await call('GET', `${address}/branches?state=prepared&limit=1`);
    for (const { id } of prepared.body.data) left.push(`${id} is prepared at ${name}`);
    const accounts = await call('GET', `${address}/accounts?limit=100`);
    for (const { id, held } of accounts.body.data) {
      if (held !== 0) left.push(`${held} are held on ${name}/${id}`);
    }
  }
  return left.join(', ');
}

async function addAccounts({ participants }: Tormented, history: History): Promise<void> {
  for (const { name, address } of participants) {
    const { body } = await call('GET', `${address}/accounts?limit=100`);
    for (const { id, posted, held } of body.data) {
      history.add({ type: 'account', path: `${name}/${id}`, posted, held });
    }
  }
}
