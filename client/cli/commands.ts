/** The commands of a client. */
import { randomUUID } from 'node:crypto';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { formatAmount, parseAmount } from './amounts.ts';
import {
  asAccount,
  asPage,
  asParticipant,
  asProblem,
  asTransfer,
  openApi,
  type Api,
  type ApiReply,
  type TransferView,
} from './api.ts';
import { CommandError, type Io } from './io.ts';
import { table } from './table.ts';
import { sendTransfer } from './transfer.ts';

/** Of 100 accounts each: a participant that never ends its list does not hang the command. */
const mostPages = 10_000;

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
      const reply = await read(connect(options), `/transfers/${encodeURIComponent(id)}`);
      if (options.json) io.out(JSON.stringify(reply.body));
      else io.out(describe(asTransfer(reply.body)));
    });
  clientCommand('transfers')
    .description('list transfers, newest first')
    .addOption(new Option('--state <state>').choices(['preparing', 'committed', 'aborted']))
    .option('--participant <name>')
    .option('--account <participant/account>')
    .option('--reference <text>')
    .option('--limit <n>', 'at most this many, 1 to 100', '20')
    .action((options: ClientOptions & Record<string, string>) => transfers(options, io));
  clientCommand('accounts [participants...]')
    .description('list the accounts of all or some participants')
    .action((names: string[], options: ClientOptions) => accounts(names, options, io));
  clientCommand('participants')
    .description('list the participants and their health')
    .action(async (options: ClientOptions) => {
      const { body } = await read(connect(options), '/participants');
      if (options.json) {
        io.out(JSON.stringify(body));
        return;
      }
      const rows = asPage(body).data.map((item) => {
        const { name, address, health, inDoubt } = asParticipant(item);
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

function connect({ coordinator, key, timeout }: ClientOptions): Api {
  if (!/^https?:\/\/[^/?#@\s]+\/?$/.test(coordinator)) {
    throw new CommandError(2, `--coordinator ${coordinator} must look like http://127.0.0.1:7700`);
  }
  return openApi({ address: coordinator.replace(/\/$/, ''), key, timeoutMs: timeout * 1000 });
}

/** A GET that must succeed. */
async function read(api: Api, path: string): Promise<ApiReply> {
  const reply = await api.send('GET', path);
  if (reply.status === 200) return reply;
  throw new CommandError(1, sentence(reply));
}

/** What went wrong, in one line. */
function sentence({ status, body }: ApiReply): string {
  const { title, detail, errors = [] } = asProblem(body);
  const fields = errors.map((error) => `${error.pointer} ${error.detail}`).join('; ');
  return [title ?? `status ${status}`, detail, fields].filter(Boolean).join(': ');
}

async function transfer(
  wanted: { from: string; to: string; amount: string; currency: string },
  options: TransferOptions,
  io: Io,
): Promise<void> {
  const { from, to, currency } = wanted;
  const parsed = parseAmount(wanted.amount, currency);
  if ('error' in parsed) throw new CommandError(2, parsed.error);
  const { reference, idempotencyKey: key = randomUUID(), timeout } = options;
  const body = { from, to, amount: parsed.amount, currency, ...(reference && { reference }) };
  const patience = { key, timeoutMs: timeout * 1000, random: Math.random };
  const reply = await sendTransfer(connect(options), body, patience).catch((error: unknown) => {
    const unknown = options.json && error instanceof CommandError && error.exitCode === 3;
    if (unknown) io.out(JSON.stringify({ state: 'unknown', idempotencyKey: key }));
    throw error;
  });
  if (options.json) io.out(JSON.stringify(reply.body));
  if (reply.status === 201) {
    const { id } = asTransfer(reply.body);
    const moved = money(parsed.amount, currency);
    const said = `committed ${id}: ${moved} from ${from} to ${to}`;
    if (options.json) io.err(said);
    else io.out(said);
    return;
  }
  const { code, transferId, state } = asProblem(reply.body);
  const what = state === 'aborted' ? `aborted ${transferId ?? ''}` : 'nothing was begun';
  throw new CommandError(1, `${what} (${code ?? reply.status}): ${sentence(reply)}`);
}

async function transfers(options: ClientOptions & Record<string, string>, io: Io): Promise<void> {
  const { state, participant, account, reference, limit } = options;
  const given = Object.entries({ state, participant, account, reference, limit });
  const query = new URLSearchParams(
    given.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  const { body } = await read(connect(options), `/transfers?${query}`);
  if (options.json) {
    io.out(JSON.stringify(body));
    return;
  }
  const rows = asPage(body).data.map((item) => {
    const one = asTransfer(item);
    return [one.id, one.state, one.legs.map(describeLeg).join(', '), one.reason ?? ''];
  });
  for (const line of table(['ID', 'STATE', 'LEGS', 'REASON'], rows)) io.out(line);
}

async function accounts(names: string[], options: ClientOptions, io: Io): Promise<void> {
  const { body } = await read(connect(options), '/participants');
  const known = asPage(body)
    .data.map(asParticipant)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const unknown = names.filter((name) => !known.some((one) => one.name === name));
  if (unknown.length > 0) throw new CommandError(1, `no participant ${unknown.join(', ')}`);
  const asked = known.filter(({ name }) => names.length === 0 || names.includes(name));
  const found = [];
  for (const { name, address } of asked) {
    const api = openApi({ address, key: options.key, timeoutMs: options.timeout * 1000 });
    let cursor: string | null = '';
    for (let pages = 0; cursor !== null && pages < mostPages; pages += 1) {
      const more: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page = asPage((await read(api, `/accounts?limit=100${more}`)).body);
      found.push(...page.data.map((item) => ({ participant: name, ...asAccount(item) })));
      cursor = page.page.nextCursor;
    }
  }
  if (options.json) {
    io.out(JSON.stringify({ data: found }));
    return;
  }
  const rows = found.map(({ participant, id, currency, posted, held, available }) => [
    `${participant}/${id}`,
    currency,
    formatAmount(posted, currency),
    formatAmount(held, currency),
    formatAmount(available, currency),
  ]);
  for (const line of table(['ACCOUNT', 'CURRENCY', 'POSTED', 'HELD', 'AVAILABLE'], rows))
    io.out(line);
}

function describe(transfer: TransferView): string {
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

const describeLeg = ({ from, to, amount, currency }: TransferView['legs'][number]) =>
  `${money(amount, currency)} ${from} → ${to}`;

const money = (amount: number, currency: string) => `${formatAmount(amount, currency)} ${currency}`;
