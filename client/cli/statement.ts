/** The command that shows what was booked on an account. */
import type { Command } from 'commander';
import type { Entry } from '../sdk/index.ts';
import { formatAmount } from './amounts.ts';
import {
  addLimit,
  addShared,
  limitOf,
  parsePath,
  participantOf,
  tellArchived,
  type ClientOptions,
  type LimitOptions,
} from './client-command.ts';
import type { Io } from './io.ts';
import { printList, type Listing } from './print.ts';

type StatementOptions = ClientOptions & LimitOptions;

/** Adds `statement`. */
export function addStatementCommand(program: Command, io: Io): void {
  const command = program
    .command('statement <participant/account>')
    .description('show everything that was booked on an account, newest first');
  addLimit(command);
  const all = 'statement bank-a/alice --all --json';
  addShared(command, io, 'statement bank-a/alice', all).action(
    (path: string, options: StatementOptions) => statement(path, options, io),
  );
}

async function statement(path: string, options: StatementOptions, io: Io): Promise<void> {
  const { participant, id } = parsePath(path, 'bank-a/alice');
  const ledger = await participantOf(options, participant);
  const { currency } = await ledger.account(id);
  const listing: Listing<Entry> = {
    columns: {
      texts: ['AT', 'KIND'],
      numbers: [`AMOUNT ${currency}`, 'BALANCE'],
      last: 'TRANSFER',
    },
    row: ({ at, kind, amount, balance, transferId = '' }) => {
      const [moved, after] = [formatAmount(amount, currency), formatAmount(balance, currency)];
      return { cells: [at, kind, amount > 0 ? `+${moved}` : moved, after, transferId] };
    },
    none: 'no entries',
  };
  const print = (onArchived: (folder: string) => void) => {
    return printList(ledger.entries(id, { onArchived }), options, listing, io, limitOf(options));
  };
  await tellArchived(print, io);
}
