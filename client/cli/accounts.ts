/** The commands about accounts. */
import type { Command } from 'commander';
import { ApiError, type Account, type AccountFilter } from '../sdk/index.ts';
import { currencyNamed, formatAmount, largestAmount, money, parseAmount } from './amounts.ts';
import {
  addShared,
  fromEach,
  parsePath,
  participantOf,
  sentenceOf,
  type ClientOptions,
} from './client-command.ts';
import { CommandError, type Io } from './io.ts';
import { printList, printOne, type Listing } from './print.ts';

interface OpenOptions extends ClientOptions {
  minimum: string;
}

interface ListOptions extends ClientOptions {
  currency?: string;
  frozen?: boolean;
}

interface FreezeOptions extends ClientOptions {
  reason?: string;
}

type ListedAccount = Account & { participant: string };

const listing: Listing<ListedAccount> = {
  columns: {
    texts: ['ACCOUNT', 'CURRENCY'],
    numbers: ['POSTED', 'HELD', 'AVAILABLE'],
    last: 'FROZEN',
  },
  row: ({ participant, id, currency, frozen, ...amounts }) => {
    const { posted, held, available } = amounts;
    const shown = [posted, held, available].map((amount) => formatAmount(amount, currency));
    return { cells: [`${participant}/${id}`, currency, ...shown, frozen ? 'frozen' : ''] };
  },
  none: 'no accounts',
};

/** Adds `accounts`, `open`, `freeze` and `unfreeze`. */
export function addAccountCommands(program: Command, io: Io): void {
  const list = program
    .command('accounts [participant[/account]]')
    .description('list the accounts of all participants or of one, or show one account in full')
    .option('--currency <currency>', 'only those in this currency')
    .option('--frozen', 'only those that are frozen')
    .option('--no-frozen', 'only those that are not');
  const frozen = 'accounts --currency USD --frozen';
  addShared(list, io, 'accounts', 'accounts bank-a', 'accounts bank-a/alice', frozen).action(
    (which: string | undefined, options: ListOptions) =>
      which?.includes('/') ? show(which, options, io) : showAll(which, options, io),
  );
  const open = program
    .command('open <participant/account> <amount> <currency>')
    .description('open an account with a first balance: this creates its money')
    .option('--minimum <amount>', 'how low it may go; below 0 is an overdraft', '0');
  const overdraft = 'open bank-b/dave 0 USD --minimum -50.00';
  addShared(open, io, 'open bank-a/carol 100.00 USD', overdraft).action(
    (path: string, amount: string, currency: string, options: OpenOptions) =>
      openAccount({ path, amount, currency }, options, io),
  );
  for (const act of ['freeze', 'unfreeze'] as const) {
    const command = program
      .command(`${act} <participant/account>`)
      .description(
        act === 'freeze'
          ? 'refuse new transfers that touch an account; what is prepared goes on'
          : 'let new transfers touch an account again',
      )
      .option('--reason <text>', 'why, for the record');
    addShared(command, io, `${act} bank-a/alice`).action((path: string, options: FreezeOptions) =>
      setFrozen(path, act, options, io),
    );
  }
}

function showAll(name: string | undefined, options: ListOptions, io: Io): Promise<void> {
  const { currency: code, frozen } = options;
  const currency = code === undefined ? undefined : currencyNamed(code);
  if (currency && 'error' in currency) throw new CommandError(2, currency.error);
  const filter: AccountFilter = { ...currency, ...(frozen !== undefined && { frozen }) };
  const accounts = fromEach(options, name, (participant) => participant.accounts(filter));
  return printList(accounts, options, listing, io);
}

async function show(which: string, options: ClientOptions, io: Io): Promise<void> {
  const { participant, id } = parsePath(which, 'bank-a/alice');
  const account = await (await participantOf(options, participant)).account(id);
  print({ participant, ...account }, options, io);
}

async function openAccount(
  wanted: { path: string; amount: string; currency: string },
  options: OpenOptions,
  io: Io,
): Promise<void> {
  const { participant, id } = parsePath(wanted.path, 'bank-a/carol');
  const read = (text: string, least: bigint) => {
    const parsed = parseAmount(text, wanted.currency, least);
    if ('error' in parsed) throw new CommandError(2, parsed.error);
    return parsed;
  };
  const { amount: balance, currency } = read(wanted.amount, 0n);
  const minimum = read(options.minimum, -largestAmount).amount;
  const ledger = await participantOf(options, participant);
  const opening = { id, currency, balance, minimum };
  const opened = await ledger.openAccount(opening).catch((error: unknown) => {
    if (!(error instanceof ApiError) || error.definite) throw error;
    const look = `look with unanimous accounts ${participant}/${id}`;
    throw new CommandError(3, `not known whether it was opened (${sentenceOf(error)}); ${look}`);
  });
  print({ participant, ...opened }, options, io);
  io.err(`opened ${participant}/${id} and created ${money(balance, currency)}`);
}

async function setFrozen(
  path: string,
  act: 'freeze' | 'unfreeze',
  options: FreezeOptions,
  io: Io,
): Promise<void> {
  const { participant, id } = parsePath(path, 'bank-a/alice');
  const remark = options.reason === undefined ? {} : { reason: options.reason };
  const account = await (await participantOf(options, participant))[act](id, remark);
  print({ participant, ...account }, options, io);
}

function print(account: ListedAccount, options: ClientOptions, io: Io): void {
  const { participant, id, currency, posted, held, available, minimum, frozen } = account;
  const fields = {
    posted: money(posted, currency),
    held: money(held, currency),
    available: money(available, currency),
    minimum: money(minimum, currency),
    frozen: frozen ? 'yes: new transfers are refused' : 'no',
  };
  printOne(account, options, `${participant}/${id}`, fields, io);
}
