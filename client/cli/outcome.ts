/** What becomes of a transfer that a command asks for: its options, and how it is told. */
import { randomUUID } from 'node:crypto';
import { InvalidArgumentError, Option, type Command } from 'commander';
import {
  ApiError,
  type Aborted,
  type Outcome,
  type Transfer,
  type TransferOptions as SendOptions,
  type Unanimous,
} from '../sdk/index.ts';
import { money } from './amounts.ts';
import {
  attemptMs,
  coordinatorOf,
  parseVisible,
  parseWhole,
  sentenceOf,
  type ClientOptions,
} from './client-command.ts';
import { CommandError, jsonLine, type Io } from './io.ts';
import { oneLine } from './table.ts';

export interface TransferOptions extends WaitingOptions {
  reference?: string;
  metadata?: Record<string, string>;
  /** Milliseconds. */
  voteTimeout?: number;
}

/** How long a command waits for what, and under which key it asks. */
export interface WaitingOptions extends ClientOptions {
  /** Seconds. */
  wait?: number;
  async?: true;
  idempotencyKey?: string;
}

/** Adds what can be said of any transfer. */
export function addTransferOptions(command: Command): Command {
  return command
    .option('--reference <text>', 'what it is for; shown with the transfer')
    .option('--metadata <name=value>', 'kept with the transfer; may be repeated', addPair)
    .option(
      '--vote-timeout <seconds>',
      'how long the votes may take, 0.05 to 600',
      parseVoteTimeout,
    );
}

/** Adds `--wait`, `--async` and `--idempotency-key`. */
export function addWaitingOptions(command: Command, keyed: string): Command {
  return command
    .addOption(
      new Option('--wait <seconds>', 'how long to wait for all to confirm, 0 to 60').argParser(
        (text) => parseWhole(text, 0, 60),
      ),
    )
    .option('--async', 'do not wait for the decision: exit code 3, and its id, without one')
    .option('--idempotency-key <key>', keyed, parseVisible);
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

/** What a request says of a transfer besides its amounts. */
export function termsOf({ reference, metadata, voteTimeout: timeoutMs }: TransferOptions) {
  return {
    ...(reference !== undefined && { reference }),
    ...(metadata && { metadata }),
    ...(timeoutMs !== undefined && { timeoutMs }),
  };
}

/** A signal that Ctrl-C aborts. */
export function stopSignal(io: Io): AbortSignal {
  const stop = new AbortController();
  void io.untilStopped().then(() => {
    stop.abort();
  });
  return stop.signal;
}

/**
 * Asks until the outcome is known or time is up, and tells it.
 * @throws {CommandError} unless it happened
 */
export async function tellOutcome(
  options: WaitingOptions,
  io: Io,
  ask: (coordinator: Unanimous, how: SendOptions) => Promise<Outcome>,
): Promise<void> {
  const { wait: waitSeconds, json, idempotencyKey = randomUUID() } = options;
  const signal = stopSignal(io);
  const asked = ask(coordinatorOf(options, attemptMs), {
    idempotencyKey,
    waitSeconds,
    respondAsync: options.async,
    patienceMs: (options.timeout + (waitSeconds ?? 0)) * 1000,
    signal,
  });
  const outcome = await asked.catch((error: unknown) => {
    if (signal.aborted) return notKnown('when it was stopped', idempotencyKey, options, io);
    if (!(error instanceof ApiError)) throw error;
    const { code, definite, retryable, message, problem } = error;
    if (json) io.out(jsonLine(problem ?? { code, definite, retryable, detail: message }));
    const said = sentenceOf(error);
    throw new CommandError(1, problem ? oneLine(`nothing was begun (${code}): ${said}`) : said);
  });
  report(outcome, options, io);
}

/** @throws {CommandError} unless it happened */
function report(outcome: Outcome, options: ClientOptions, io: Io): void {
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
  const said = oneLine(`${state} ${id}: ${describeMoved(outcome)}`);
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

/** What a transfer moves, leg by leg. */
export function describeMoved({ legs, reverses }: Pick<Transfer, 'legs' | 'reverses'>): string {
  const moved = legs.map(({ from, to, amount, currency }) => {
    return `${money(amount, currency)} from ${from} to ${to}`;
  });
  return moved.join(', ') + (reverses === undefined ? '' : `; it reverses ${reverses}`);
}

/** Why nothing was moved. */
export function because({ title, detail, errors = [] }: Aborted): string {
  const fields = errors.map((error) => `${error.pointer} ${error.detail}`).join('; ');
  return [title, errors.length > 1 ? fields : detail].filter(Boolean).join(': ');
}
