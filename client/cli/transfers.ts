/** The command that lists transfers. */
import { Option, type Command } from 'commander';
import type { Leg, Transfer, TransferFilter } from '../sdk/index.ts';
import { money } from './amounts.ts';
import {
  addLimit,
  addShared,
  coordinatorOf,
  limitOf,
  tellArchived,
  type ClientOptions,
  type LimitOptions,
} from './client-command.ts';
import type { Io } from './io.ts';
import { printList, type Listing } from './print.ts';

interface ListOptions extends ClientOptions, LimitOptions, Omit<TransferFilter, 'pageSize'> {}

const listing: Listing<Transfer> = {
  columns: { texts: ['ID', 'STATE', 'LEGS', 'REASON'], last: 'REFERENCE' },
  row: ({ id, state, legs, reason = '', reference = '' }) => ({
    cells: [id, state, describeLegs(legs), reason, reference],
    ...(state === 'aborted' && { look: 'bad' }),
  }),
  none: 'no transfers',
};

/** The most that one page can have. */
const mostOnPage = 100;

/** Adds `transfers`. */
export function addTransfersCommand(program: Command, io: Io): void {
  const command = program
    .command('transfers')
    .description('list transfers, newest first')
    .addOption(
      new Option('--state <state>', 'only those in this state').choices([
        'preparing',
        'committed',
        'aborted',
      ]),
    )
    .option('--participant <participant>', 'only with a leg from or to it')
    .option('--account <participant/account>', 'only with a leg from or to it')
    .option('--reference <text>', 'only with exactly this reference');
  addLimit(command);
  const filtered = 'transfers --state aborted --account bank-a/alice';
  addShared(command, io, 'transfers', filtered, 'transfers --all --json').action(
    (options: ListOptions) => listTransfers(options, io),
  );
}

function listTransfers(options: ListOptions, io: Io): Promise<void> {
  const { json, coordinator, key, tlsCa, timeout, all, limit: told, ...conditions } = options;
  const limit = limitOf(options);
  const filter = { ...conditions, pageSize: Math.min(limit, mostOnPage) };
  const print = (onArchived: (folder: string) => void) => {
    const list = coordinatorOf(options).transfers(filter, { onArchived });
    return printList(list, options, listing, io, limit);
  };
  return tellArchived(print, io);
}

/** The first of them, and how many more there are. */
function describeLegs(legs: readonly Leg[]): string {
  const [first, ...more] = legs.map(describeLeg);
  return more.length === 0 ? (first ?? '') : `${first ?? ''} and ${more.length} more`;
}

/** One leg in a few words. */
export const describeLeg = ({ from, to, amount, currency }: Leg) =>
  `${money(amount, currency)} ${from} → ${to}`;
