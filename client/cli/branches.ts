/** The command about branches: the parts of transfers at each participant. */
import { Option, type Command } from 'commander';
import type { Branch, BranchFilter, BranchState, DamageEntry } from '../sdk/index.ts';
import { money } from './amounts.ts';
import {
  addShared,
  fromEach,
  parsePath,
  participantOf,
  type ClientOptions,
} from './client-command.ts';
import type { Io } from './io.ts';
import { printList, printOne, type Listing } from './print.ts';

interface BranchOptions extends ClientOptions, BranchFilter {}

/** A branch, and where it is. */
export type ListedBranch = Branch & { participant: string };

const listing: Listing<ListedBranch> = {
  columns: { texts: ['BRANCH', 'STATE', 'PREPARED'], last: 'LEGS' },
  row: (branch) => {
    const { participant, id, state, preparedAt = '', legs } = branch;
    return {
      cells: [`${participant}/${id}`, state, preparedAt, legs.map(describeLegOf).join(', ')],
      ...(state === 'damaged' && { look: 'bad' }),
    };
  },
  none: 'no branches',
};

const states: readonly BranchState[] = ['prepared', 'committed', 'aborted', 'resolved', 'damaged'];

/** Adds `branches`. */
export function addBranchCommand(program: Command, io: Io): void {
  const command = program
    .command('branches [participant[/transfer]]')
    .description('list the parts of transfers at all participants or at one, or show one in full')
    .addOption(
      new Option(
        '--state <state>',
        'only those in this state: prepared ones are in doubt, resolved and damaged ones were ' +
          'settled by an operator',
      ).choices(states),
    )
    .option('--account <account>', 'only those with a leg on this account, such as alice');
  const examples = [
    'branches --state prepared',
    'branches bank-a',
    'branches bank-a/k3f9q2ma-1-42',
    'branches --state damaged',
  ];
  addShared(command, io, ...examples).action((which: string | undefined, options: BranchOptions) =>
    which?.includes('/') ? show(which, options, io) : showAll(which, options, io),
  );
}

function showAll(name: string | undefined, options: BranchOptions, io: Io): Promise<void> {
  const { state, account } = options;
  const filter = { ...(state && { state }), ...(account !== undefined && { account }) };
  const branches = fromEach(options, name, (participant) => participant.branches(filter));
  return printList(branches, options, listing, io);
}

async function show(which: string, options: ClientOptions, io: Io): Promise<void> {
  const { participant, id } = parsePath(which, 'bank-a/k3f9q2ma-1-42');
  const branch = await (await participantOf(options, participant)).branch(id);
  printBranch({ participant, ...branch }, options, io);
}

/** Prints all there is to know of one. */
export function printBranch(branch: ListedBranch, options: ClientOptions, io: Io): void {
  const { participant, id, state, code, coordinator, legs, peers } = branch;
  const { timestamp, preparedAt, decidedAt, resolution, damage, dismissal } = branch;
  const fields = {
    state: code ? `${state} (${code})` : state,
    legs: legs.map(describeLegOf).join(', '),
    with: peers.join(', '),
    coordinator: `store ${coordinator.store}, epoch ${coordinator.epoch}`,
    timestamp: timestamp?.toString(),
    prepared: preparedAt,
    decided: decidedAt,
    resolved: resolution && `${resolution.outcome} at ${resolution.at}: ${resolution.reason}`,
    damage: damage && `it was ${damage.state}; missing: ${describeDamage(damage.entries)}`,
    dismissed: dismissal && `at ${dismissal.at}: ${dismissal.reason}`,
    booked: dismissal && (dismissal.compensated ? 'what was missing' : 'nothing'),
  };
  printOne(branch, options, `${participant}/${id}`, fields, io);
}

/** What an account gets, or gives: `alice -25.00 USD`. */
export const describeLegOf = ({ account, amount, currency }: DamageEntry) =>
  `${account} ${amount > 0 ? '+' : ''}${money(amount, currency)}`;

/** What would make accounts right. */
export const describeDamage = (entries: readonly DamageEntry[]) =>
  entries.map(describeLegOf).join(', ');
