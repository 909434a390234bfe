/** The command that makes many transfers. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { ApiError, type ManyRequest, type Outcome, type Refused } from '../sdk/index.ts';
import { addShared, attemptMs, coordinatorOf, sentenceOf } from './client-command.ts';
import { CommandError, jsonLine, type Io } from './io.ts';
import {
  addWaitingOptions,
  because,
  describeMoved,
  stopSignal,
  type WaitingOptions,
} from './outcome.ts';
import { oneLine, tablePrinter, type Row } from './table.ts';

/** What one of them came to; those after a stop have come to nothing yet. */
type Result = Outcome | Refused;

/** How many are sent together, and printed when they are answered. */
const together = 1_000;

/** Adds `bulk`. */
export function addBulkCommand(program: Command, io: Io): void {
  const command = program
    .command('bulk <file>')
    .description(
      'make many transfers that have nothing to do with each other, from a file or from - (stdin)',
    )
    .addHelpText(
      'after',
      `
The file has transfers as POST /transfers takes them, amounts in minor units, as one JSON array or
one a line; each may have an "idempotencyKey":
  {"from": "bank-a/alice", "to": "bank-b/bob", "amount": 2500, "currency": "USD"}`,
    );
  addWaitingOptions(
    command,
    'repeat all of them safely: those without a key get this one and their number',
  );
  addShared(command, io, 'bulk payroll.json', 'bulk - --json < payroll.jsonl').action(
    (file: string, options: WaitingOptions) => bulk(file, options, io),
  );
}

async function bulk(file: string, options: WaitingOptions, io: Io): Promise<void> {
  const { idempotencyKey: base = randomUUID(), wait: waitSeconds, json } = options;
  const requests = parse(await read(file, io)).map((request, index) => {
    return { idempotencyKey: `${base}-${index + 1}`, ...request };
  });
  const unanimous = coordinatorOf(options, attemptMs);
  const signal = stopSignal(io);
  const print = tablePrinter({ texts: ['LINE', 'STATE', 'ID'], last: 'WHAT' }, (line, look) => {
    io.out(line, look);
  });
  const results: Result[] = [];
  let trouble: string | undefined;
  while (results.length < requests.length && trouble === undefined) {
    const some = requests.slice(results.length, results.length + together);
    const patienceMs = (options.timeout + (waitSeconds ?? 0)) * 1000;
    const how = { waitSeconds, respondAsync: options.async, patienceMs, signal };
    const answers = await unanimous.transferMany(some, how).catch((error: unknown) => {
      if (signal.aborted) return 'stopped before the end';
      if (error instanceof ApiError) return `nothing was begun: ${sentenceOf(error)}`;
      throw error;
    });
    if (typeof answers === 'string') trouble = answers;
    else {
      const rows = answers.map((one, index) => rowOf(one, results.length + index + 1));
      if (json) for (const one of answers) io.out(jsonLine(shown(one)));
      else print(rows);
      results.push(...answers);
    }
  }
  conclude(results, { total: requests.length, base, trouble, stopped: signal.aborted }, io);
}

async function read(file: string, io: Io): Promise<string> {
  if (file === '-') return text(io.typed().input);
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw new CommandError(2, `cannot read ${file}: ${messageOf(error)}`);
  });
}

/** @throws {CommandError} unless it is objects, in an array or one a line */
function parse(content: string): ManyRequest[] {
  const isArray = content.trimStart().startsWith('[');
  const lines = isArray ? [content] : content.split('\n').filter((line) => line.trim() !== '');
  const parsed = lines.flatMap((line, index): unknown[] => {
    try {
      const value: unknown = JSON.parse(line);
      return isArray && Array.isArray(value) ? value : [value];
    } catch (error) {
      const where = isArray ? 'the array' : `transfer ${index + 1}`;
      throw new CommandError(2, `${where} is not JSON: ${messageOf(error)}`);
    }
  });
  if (parsed.length === 0) throw new CommandError(2, 'there are no transfers in it');
  return parsed.map((value, index) => {
    if (isRequest(value)) return value;
    throw new CommandError(2, `transfer ${index + 1} is not a JSON object`);
  });
}

/** What else is wrong with it is told by the coordinator, as its own outcome. */
const isRequest = (value: unknown): value is ManyRequest =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

function rowOf(result: Result, line: number): Row {
  const row = (id: string, what: string, look: Row['look'] = 'bad') => {
    return { cells: [String(line), result.state, id, what], look };
  };
  switch (result.state) {
    case 'committed':
      return row(result.id, describeMoved(result), 'plain');
    case 'preparing':
      return row(result.id, describeMoved(result));
    case 'aborted':
      return row(result.id, because(result));
    case 'refused':
    case 'unknown':
      return row('', sentenceOf(result.error));
  }
}

/** As JSON: an error has no form of its own there. */
function shown(result: Result): object {
  if (result.state !== 'refused' && result.state !== 'unknown') return result;
  const { error, ...rest } = result;
  const { code, definite, retryable, message, problem } = error;
  return { ...rest, problem: problem ?? { code, definite, retryable, detail: message } };
}

/** @throws {CommandError} unless all of them happened */
function conclude(
  results: readonly Result[],
  rest: { total: number; base: string; trouble: string | undefined; stopped: boolean },
  io: Io,
): void {
  const { total, base, trouble, stopped } = rest;
  const count = (...states: Result['state'][]) =>
    results.filter(({ state }) => states.includes(state)).length;
  const [failed, open] = [count('aborted', 'refused'), count('unknown', 'preparing')];
  const told = [
    ...(trouble === undefined ? [] : [oneLine(trouble)]),
    `of ${total} transfers ${count('committed')} happened`,
    ...(failed > 0 ? [`${failed} did not`] : []),
    ...(open > 0 ? [`${open} are not known yet`] : []),
    ...(results.length < total ? [`${total - results.length} were not answered`] : []),
  ].join(', ');
  if (open > 0 || stopped) {
    throw new CommandError(3, `${told}; ask again with --idempotency-key ${base}`);
  }
  if (failed > 0 || results.length < total) throw new CommandError(1, told);
  io.err(told);
}
