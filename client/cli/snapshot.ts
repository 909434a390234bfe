/** The command that reads all balances as of one moment. */
import type { Command } from 'commander';
import { ApiError, type Snapshot } from '../sdk/index.ts';
import { formatAmount, money } from './amounts.ts';
import { addShared, coordinatorOf, sentenceOf, type ClientOptions } from './client-command.ts';
import { CommandError, jsonLine, type Io } from './io.ts';
import { oneLine, tablePrinter } from './table.ts';

/** Adds `snapshot`. */
export function addSnapshotCommand(program: Command, io: Io): void {
  const command = program
    .command('snapshot')
    .description('read all balances as of one moment, with their totals, also under load');
  addShared(command, io, 'snapshot', 'snapshot --json').action((options: ClientOptions) =>
    snapshot(options, io),
  );
}

async function snapshot(options: ClientOptions, io: Io): Promise<void> {
  const taken = await coordinatorOf(options).snapshot().catch(explain);
  if (options.json) io.out(jsonLine(taken));
  else print(taken, io);
}

/** Which transfers are in the way, where that is what is wrong. */
function explain(error: unknown): never {
  if (!(error instanceof ApiError)) throw error;
  const { transfers = [] } = error.problem ?? {};
  const which = transfers.length === 0 ? '' : ` (${transfers.join(', ')})`;
  throw new CommandError(1, oneLine(sentenceOf(error) + which));
}

function print({ timestamp, accounts, totals, damage }: Snapshot, io: Io): void {
  const columns = { texts: ['ACCOUNT', 'CURRENCY'], numbers: ['POSTED'] };
  const printRows = tablePrinter(columns, (line, look) => {
    io.out(line, look);
  });
  printRows([
    ...accounts.map(({ participant, account, currency, posted }) => ({
      cells: [`${participant}/${account}`, currency, formatAmount(posted, currency)],
    })),
    ...totals.map(({ currency, posted }) => ({
      cells: ['together', currency, posted === null ? tooMuch : formatAmount(posted, currency)],
      look: 'title' as const,
    })),
  ]);
  for (const { participant, transferId, account, currency, amount } of damage) {
    const missing = `${amount > 0 ? '+' : ''}${money(amount, currency)}`;
    const where = `${participant}/${account}`;
    io.out(oneLine(`damage: ${where} needs ${missing} for ${transferId}`), 'bad');
  }
  const at = timestamp === 0 ? 'before the first transfer' : `as of timestamp ${timestamp}`;
  io.err(damage.length === 0 ? at : `${at}; why: unanimous branches --state damaged`);
}

/** Of a total that a number cannot hold. */
const tooMuch = 'too much to say';
