/** The commands of a client. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { formatAmount, parseAmount } from './amounts.ts';
import {
  ApiError,
  connect,
  connectParticipant,
  type Aborted,
  type Leg,
  type Outcome,
  type Transfer,
  type TransferFilter,
  type Unanimous,
} from '../sdk/index.ts';
import { CommandError, type Io } from './io.ts';
import { table } from './table.ts';

interface ClientOptions {
  json: boolean;
  coordinator: string;
  key?: string;
  timeout: number;
}

interface TransferOptions extends ClientOptions {
  reference?: string;
  idempotencyKey?: string;
}

interface ListOptions extends ClientOptions, Omit<TransferFilter, 'pageSize'> {
  limit: string;
}

/** One attempt may take this long: a vote deadline, the confirmations, and some patience. */
const attemptMs = 10_000;

/** Adds `transfer`, `show`, `transfers`, `accounts` and `participants`. */
export function addClientCommands(program: Command, io: Io): void {
  const clientCommand = (usage: string) => commandOf(program, io, usage);
  clientCommand('transfer <from> <to> <amount> <currency>')
    .description('move money from one account to another, atomically')
    .option('--reference <text>', 'what it is for; shown with the transfer')
    .option('--idempotency-key <key>', 'repeat a transfer safely; default: a new one', parseVisible)
    .addHelpText('after', '\nExample:\n  unanimous transfer bank-a/alice bank-b/bob 25.00 USD')
    .action(
      (from: string, to: string, amount: string, currency: string, options: TransferOptions) =>
        transfer({ from, to, amount, currency }, options, io),
    );
  clientCommand('show <id>')
    .description('show one transfer: its state, legs and votes')
    .action(async (id: string, options: ClientOptions) => {
      const found = await coordinatorOf(options).getTransfer(id);
      io.out(options.json ? JSON.stringify(found) : describe(found));
    });
  clientCommand('transfers')
    .description('list transfers, newest first')
    .addOption(new Option('--state <state>').choices(['preparing', 'committed', 'aborted']))
    .option('--participant <name>')
    .option('--account <participant/account>')
    .option('--reference <text>')
    .option('--limit <n>', 'at most this many, 1 to 100', '20')
    .action((options: ListOptions) => transfers(options, io));
  clientCommand('accounts [participants...]')
    .description('list the accounts of all or some participants')
    .action((names: string[], options: ClientOptions) => accounts(names, options, io));
  clientCommand('participants')
    .description('list the participants and their health')
    .action(async (options: ClientOptions) => {
      const data = await all(coordinatorOf(options).participants());
      if (options.json) {
        io.out(JSON.stringify({ data }));
        return;
      }
      const rows = data.map(({ name, address, health, inDoubt }) => {
        return [name, health, address, String(inDoubt.length)];
      });
      for (const line of table(['NAME', 'HEALTH', 'ADDRESS', 'IN DOUBT'], rows)) io.out(line);
    });
}

function commandOf(program: Command, { env }: Io, usage: string): Command {
  return program
    .command(usage)
    .option('--json', 'print JSON for scripts', false)
    .option(
      '--coordinator <url>',
      'address of the coordinator (UNANIMOUS_COORDINATOR)',
      env['UNANIMOUS_COORDINATOR'] ?? 'http://127.0.0.1:7700',
    )
    .addOption(
      new Option('--key <key>', 'client key, if it asks for one (UNANIMOUS_KEY)')
        .default(env['UNANIMOUS_KEY'], 'none')
        .argParser(parseVisible),
    )
    .option('--timeout <seconds>', 'how long to try, 1 to 600', parseSeconds, 30);
}

function parseVisible(text: string): string {
  if (/^[\x21-\x7e]{1,255}$/.test(text)) return text;
  throw new InvalidArgumentError('It must be 1 to 255 visible ASCII characters.');
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (/^\d{1,3}$/.test(text) && seconds >= 1 && seconds <= 600) return seconds;
  throw new InvalidArgumentError('It must be a whole number of seconds from 1 to 600.');
}

/** `timeoutMs`: for one request. */
function coordinatorOf(
  { coordinator, key, timeout }: ClientOptions,
  timeoutMs = timeout * 1000,
): Unanimous {
  if (!/^https?:\/\/[^/?#@\s]+\/?$/.test(coordinator)) {
    throw new CommandError(2, `--coordinator ${coordinator} must look like http://127.0.0.1:7700`);
  }
  return connect(coordinator, { key, timeoutMs });
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found = [];
  for await (const item of items) found.push(item);
  return found;
}

async function transfer(
  wanted: { from: string; to: string; amount: string; currency: string },
  options: TransferOptions,
  io: Io,
): Promise<void> {
  const { from, to } = wanted;
  const parsed = parseAmount(wanted.amount, wanted.currency);
  if ('error' in parsed) throw new CommandError(2, parsed.error);
  const { reference, idempotencyKey, timeout, json } = options;
  const body = { from, to, ...parsed, ...(reference && { reference }) };
  const limits = { idempotencyKey, patienceMs: timeout * 1000 };
  const outcome = await coordinatorOf(options, attemptMs)
    .transfer(body, limits)
    .catch((error: unknown) => {
      if (!(error instanceof ApiError) || !error.problem) throw error;
      if (json) io.out(JSON.stringify(error.problem));
      throw new CommandError(1, `nothing was begun (${error.code}): ${error.message}`);
    });
  report(outcome, options, io);
}

/** @throws {CommandError} unless it happened */
function report(outcome: Outcome, { json, timeout }: TransferOptions, io: Io): void {
  switch (outcome.state) {
    case 'committed':
    case 'preparing': {
      if (json) io.out(JSON.stringify(outcome));
      const moved = outcome.legs.map((leg) => {
        return `${money(leg.amount, leg.currency)} from ${leg.from} to ${leg.to}`;
      });
      const said = `${outcome.state} ${outcome.id}: ${moved.join(', ')}`;
      if (json) io.err(said);
      else io.out(said);
      return;
    }
    case 'aborted':
      if (json) io.out(JSON.stringify(outcome));
      throw new CommandError(1, `aborted ${outcome.id} (${outcome.code}): ${because(outcome)}`);
    case 'unknown': {
      const { state, idempotencyKey, error } = outcome;
      if (json) io.out(JSON.stringify({ state, idempotencyKey }));
      const again = `ask again with --idempotency-key ${idempotencyKey}`;
      throw new CommandError(3, `not known yet after ${timeout} s (${error.message}); ${again}`);
    }
  }
}

function because({ title, detail, errors = [] }: Aborted): string {
  const fields = errors.map((error) => `${error.pointer} ${error.detail}`).join('; ');
  return [title, detail, fields].filter(Boolean).join(': ');
}

async function transfers(options: ListOptions, io: Io): Promise<void> {
  const { json, state, participant, account, reference } = options;
  const pageSize = Number(options.limit);
  const filter = {
    ...(state && { state }),
    ...(participant && { participant }),
    ...(account && { account }),
    ...(reference && { reference }),
    pageSize,
  };
  const data = [];
  for await (const one of coordinatorOf(options).transfers(filter)) {
    data.push(one);
    if (data.length === pageSize) break;
  }
  if (json) {
    io.out(JSON.stringify({ data }));
    return;
  }
  const rows = data.map((one) => {
    return [one.id, one.state, one.legs.map(describeLeg).join(', '), one.reason ?? ''];
  });
  for (const line of table(['ID', 'STATE', 'LEGS', 'REASON'], rows)) io.out(line);
}

async function accounts(names: string[], options: ClientOptions, io: Io): Promise<void> {
  const known = (await all(coordinatorOf(options).participants())).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  const unknown = names.filter((name) => !known.some((one) => one.name === name));
  if (unknown.length > 0) throw new CommandError(1, `no participant ${unknown.join(', ')}`);
  const asked = known.filter(({ name }) => names.length === 0 || names.includes(name));
  const data = [];
  for (const { name, address } of asked) {
    const { key, timeout } = options;
    const participant = connectParticipant(address, { key, timeoutMs: timeout * 1000 });
    for await (const account of participant.accounts())
      data.push({ participant: name, ...account });
  }
  if (options.json) {
    io.out(JSON.stringify({ data }));
    return;
  }
  const rows = data.map(({ participant, id, currency, posted, held, available }) => [
    `${participant}/${id}`,
    currency,
    formatAmount(posted, currency),
    formatAmount(held, currency),
    formatAmount(available, currency),
  ]);
  for (const line of table(['ACCOUNT', 'CURRENCY', 'POSTED', 'HELD', 'AVAILABLE'], rows))
    io.out(line);
}

function describe(transfer: Transfer): string {
  const { id, state, applied, reason, legs, participants, reference } = transfer;
  const { createdAt, decidedAt } = transfer;
  const waiting = state === 'committed' && !applied ? ', not confirmed by everyone yet' : '';
  return [
    `${id}: ${state}${reason ? ` (${reason})` : ''}${waiting}`,
    ...(reference ? [`  for      ${reference}`] : []),
    ...legs.map((leg) => `  moves    ${describeLeg(leg)}`),
    ...participants.map(({ name, vote, code, state: now }) => {
      return `  ${name.padEnd(8)} voted ${vote}${code ? ` (${code})` : ''}, ${now}`;
    }),
    `  began    ${createdAt}`,
    ...(decidedAt ? [`  decided  ${decidedAt}`] : []),
  ].join('\n');
}

const describeLeg = ({ from, to, amount, currency }: Leg) =>
  `${money(amount, currency)} ${from} → ${to}`;

const money = (amount: number, currency: string) => `${formatAmount(amount, currency)} ${currency}`;
