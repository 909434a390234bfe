/** The command about branches: the parts of transfers at each participant. */
import { Option, type Command } from 'commander';
import type { Branch, BranchState } from '../sdk/index.ts';
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

interface BranchOptions extends ClientOptions {
  state?: BranchState;
}

type ListedBranch = Branch & { participant: string };

const listing: Listing<ListedBranch> = {
  columns: { texts: ['BRANCH', 'STATE', 'PREPARED'], last: 'LEGS' },
  row: (branch) => {
    const { participant, id, state, preparedAt = '', legs } = branch;
    return { cells: [`${participant}/${id}`, state, preparedAt, legs.map(describe).join(', ')] };
  },
  none: 'no branches',
};

const states: readonly BranchState[] = ['prepared', 'committed', 'aborted'];

/** Adds `branches`. */
export function addBranchCommand(program: Command, io: Io): void {
  const command = program
    .command('branches [participant[/transfer]]')
    .description('list the parts of transfers at all participants or at one, or show one in full')
    .addOption(
      new Option('--state <state>', 'only those in this state; prepared ones are in doubt').choices(
        states,
      ),
    );
  const examples = [
    'branches --state prepared',
    'branches bank-a',
    'branches bank-a/k3f9q2ma-1-42',
  ];
  addShared(command, io, ...examples).action((which: string | undefined, options: BranchOptions) =>
    which?.includes('/') ? show(which, options, io) : showAll(which, options, io),
  );
}

function showAll(name: string | undefined, options: BranchOptions, io: Io): Promise<void> {
  const { state } = options;
  const filter = state ? { state } : {};
  const branches = fromEach(options, name, (participant) => participant.branches(filter));
  return printList(branches, options, listing, io);
}

async function show(which: string, options: ClientOptions, io: Io): Promise<void> {
  const { participant, id } = parsePath(which, 'bank-a/k3f9q2ma-1-42');
  const branch = await (await participantOf(options, participant)).branch(id);
  const { state, code, coordinator, legs, peers, timestamp, preparedAt, decidedAt } = branch;
  const fields = {
    state: code ? `${state} (${code})` : state,
    legs: legs.map(describe).join(', '),
    with: peers.join(', '),
    coordinator: `store ${coordinator.store}, epoch ${coordinator.epoch}`,
    timestamp: timestamp?.toString(),
    prepared: preparedAt,
    decided: decidedAt,
  };
  printOne({ participant, ...branch }, options, `${participant}/${branch.id}`, fields, io);
}

const describe = ({ account, amount, currency }: Branch['legs'][number]) =>
  `${account} ${amount > 0 ? '+' : ''}${money(amount, currency)}`;
