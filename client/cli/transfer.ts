/** The command that makes a transfer. */
import { randomUUID } from 'node:crypto';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { ApiError, type Aborted, type Leg, type Outcome } from '../sdk/index.ts';
import { money, parseAmount } from './amounts.ts';
import {
  addShared,
  attemptMs,
  coordinatorOf,
  parsePath,
  parseVisible,
  parseWhole,
  sentenceOf,
  type ClientOptions,
} from './client-command.ts';
import { CommandError, jsonLine, type Io } from './io.ts';
import { oneLine } from './table.ts';

interface TransferOptions extends ClientOptions {
  reference?: string;
  metadata?: Record<string, string>;
  /** Milliseconds. */
  voteTimeout?: number;
  /** Seconds. */
  wait?: number;
  async?: true;
  idempotencyKey?: string;
}

/** Adds `transfer`. */
export function addTransferCommand(program: Command, io: Io): void {
  const command = program
    .command('transfer')
    .description('move money between accounts, atomically: all legs happen, or none')
    .argument('<from>', 'the account that pays, such as bank-a/alice')
    .argument('<to>', 'the account that gets it')
    .argument('<amount>', 'as people write it: 25.00 or 25 in USD, 500 in JPY')
    .argument('<currency>', 'an ISO 4217 code, such as USD')
    .argument('[more...]', 'further legs: the same four words for each')
    .option('--reference <text>', 'what it is for; shown with the transfer')
    .option('--metadata <name=value>', 'kept with the transfer; may be repeated', addPair)
    .option(
      '--vote-timeout <seconds>',
      'how long the votes may take, 0.05 to 600',
      parseVoteTimeout,
    )
    .addOption(
      new Option('--wait <seconds>', 'how long to wait for all to confirm, 0 to 60').argParser(
        (text) => parseWhole(text, 0, 60),
      ),
    )
    .option('--async', 'do not wait for the decision: exit code 3, and its id, without one')
    .option(
      '--idempotency-key <key>',
      'repeat a transfer safely; default: a new one',
      parseVisible,
    );
  const one = 'transfer bank-a/alice bank-b/bob 25.00 USD';
  const two = `${one} bank-b/bob bank-a/alice 0.25 USD --reference "invoice 7"`;
  addShared(command, io, one, two).action(
    (
      from: string,
      to: string,
      amount: string,
      currency: string,
      more: string[],
      options: TransferOptions,
    ) => transfer([from, to, amount, currency, ...more], options, io),
  );
}

/** @throws {InvalidArgumentError} unless it is a new name, an equals sign and any value */
function addPair(text: string, pairs: Record<string, string> = {}): Record<string, string> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError('It must look like order=1009.');
  }
  if (Object.hasOwn(pairs, name)) throw new InvalidArgumentError(`It gives ${name} twice.`);
  return { ...pairs, [name]: value };
}

/** @returns milliseconds */
function parseVoteTimeout(text: string): number {
  const ms = Math.round(Number(text) * 1000);
  if (/^\d{1,3}(\.\d{1,3})?$/.test(text) && ms >= 50 && ms <= 600_000) return ms;
  throw new InvalidArgumentError('It must be a number of seconds from 0.05 to 600.');
}

/** @throws {CommandError} unless each leg is whole, between two accounts and of a right amount */
function readLegs(words: readonly string[]): Leg[] {
  const legs = [];
  for (let at = 0; at < words.length; at += 4) {
    const [from = '', to = '', amount, currency] = words.slice(at, at + 4);
    if (amount === undefined || currency === undefined) {
      const left = words.slice(at).join(' ');
      throw new CommandError(2, `a leg is FROM TO AMOUNT CURRENCY, four words; "${left}" is not`);
    }
    for (const account of [from, to]) parsePath(account, 'bank-a/alice');
    const parsed = parseAmount(amount, currency);
    if ('error' in parsed) throw new CommandError(2, parsed.error);
    legs.push({ from, to, ...parsed });
  }
  return legs;
}

async function transfer(words: readonly string[], options: TransferOptions, io: Io): Promise<void> {
  const { reference, metadata, voteTimeout: timeoutMs, wait: waitSeconds, json } = options;
  const { idempotencyKey = randomUUID() } = options;
  const [first, ...others] = readLegs(words);
  if (!first) return;
  const body = {
    ...(others.length === 0 ? first : { legs: [first, ...others] }),
    ...(reference !== undefined && { reference }),
    ...(metadata && { metadata }),
    ...(timeoutMs !== undefined && { timeoutMs }),
  };
  const stop = new AbortController();
  void io.untilStopped().then(() => {
    stop.abort();
  });
  const asked = coordinatorOf(options, attemptMs).transfer(body, {
    idempotencyKey,
    waitSeconds,
    respondAsync: options.async,
    patienceMs: (options.timeout + (waitSeconds ?? 0)) * 1000,
    signal: stop.signal,
  });
  const outcome = await asked.catch((error: unknown) => {
    if (stop.signal.aborted) return notKnown('when it was stopped', idempotencyKey, options, io);
    if (!(error instanceof ApiError)) throw error;
    const { code, definite, retryable, message, problem } = error;
    if (json) io.out(jsonLine(problem ?? { code, definite, retryable, detail: message }));
    const said = sentenceOf(error);
    throw new CommandError(1, problem ? oneLine(`nothing was begun (${code}): ${said}`) : said);
  });
  report(outcome, options, io);
}

/** @throws {CommandError} unless it happened */
function report(outcome: Outcome, options: TransferOptions, io: Io): void {
  const { json, timeout } = options;
  if (outcome.state === 'unknown') {
    const { idempotencyKey, error } = outcome;
    notKnown(`after ${timeout} s (${sentenceOf(error)})`, idempotencyKey, options, io);
  }
  if (json) io.out(jsonLine(outcome));
  if (outcome.state === 'aborted') {
    const { id, code } = outcome;
    throw new CommandError(1, oneLine(`aborted ${id} (${code}): ${because(outcome)}`));
  }
  const { id, state } = outcome;
  const moved = outcome.legs.map(({ from, to, amount, currency }) => {
    return `${money(amount, currency)} from ${from} to ${to}`;
  });
  const said = oneLine(`${state} ${id}: ${moved.join(', ')}`);
  if (json) io.err(said);
  else io.out(said, state === 'committed' ? 'good' : 'plain');
  if (state === 'preparing')
    throw new CommandError(3, oneLine(`not decided yet: unanimous show ${id}`));
}

/** @throws {CommandError} that says how to ask again; `why` follows "not known yet" */
function notKnown(why: string, idempotencyKey: string, { json }: ClientOptions, io: Io): never {
  if (json) io.out(jsonLine({ state: 'unknown', idempotencyKey }));
  const again = `ask again with --idempotency-key ${idempotencyKey}`;
  throw new CommandError(3, `not known yet ${why}; ${again}`);
}

function because({ title, detail, errors = [] }: Aborted): string {
  const fields = errors.map((error) => `${error.pointer} ${error.detail}`).join('; ');
  return [title, errors.length > 1 ? fields : detail].filter(Boolean).join(': ');
}
