/** The command that asks every node how it is. */
import type { Command } from 'commander';
import { ApiError, type Participant, type Ready, type Unanimous } from '../sdk/index.ts';
import {
  addShared,
  coordinatorOf,
  participantAt,
  participantsOf,
  sentenceOf,
  type ClientOptions,
} from './client-command.ts';
import { CommandError, type Io } from './io.ts';
import { printList, type Listing } from './print.ts';
import { oneLine } from './table.ts';

/** How one node is; without `problem` all is well. */
interface NodeStatus {
  name: string;
  address: string;
  live: boolean;
  ready: boolean;
  problem?: string;
}

const listing: Listing<NodeStatus> = {
  columns: { texts: ['NODE', 'ADDRESS', 'LIVE', 'READY'] },
  row: ({ name, address, live, ready }) => ({
    cells: [name, address, live ? 'yes' : 'no', ready ? 'yes' : 'no'],
    look: ready ? 'good' : 'bad',
  }),
  none: 'no nodes',
};

/** Nodes that are asked at the same time. */
const mostAtOnce = 16;

/** Adds `status`. */
export function addStatusCommand(program: Command, io: Io): void {
  const command = program
    .command('status')
    .description('ask the coordinator and every participant whether they are live and ready');
  addShared(command, io, 'status', 'status --json').action(async (options: ClientOptions) => {
    const problems: string[] = [];
    await printList(askAll(options, problems), options, listing, io);
    if (problems.length > 0) throw new CommandError(1, problems.join('; '));
  });
}

async function* askAll(options: ClientOptions, problems: string[]): AsyncGenerator<NodeStatus> {
  const note = (one: NodeStatus) => {
    if (one.problem !== undefined) problems.push(`${one.name} is not ready: ${one.problem}`);
    return one;
  };
  const coordinator = await askNode(coordinatorOf(options), options.coordinator, 'coordinator');
  yield note(coordinator);
  if (!coordinator.ready) return;
  const participants = await participantsOf(options, undefined);
  while (participants.length > 0) {
    const asked = participants.splice(0, mostAtOnce).map((info) => {
      return askNode(participantAt(info, options), info.address, info.name);
    });
    for (const one of await Promise.all(asked)) yield note(one);
  }
}

async function askNode(
  node: Unanimous | Participant,
  address: string,
  name: string,
): Promise<NodeStatus> {
  const asError = (error: unknown) => {
    if (error instanceof ApiError) return error;
    throw error;
  };
  const [live, ready] = await Promise.all([
    node.live().catch(asError),
    node.ready().catch(asError),
  ]);
  const problem = ready instanceof ApiError ? sentenceOf(ready) : strangerAt(name, ready);
  return {
    name,
    address,
    live: !(live instanceof ApiError),
    ready: problem === undefined,
    ...(problem !== undefined && { problem }),
  };
}

/** A port may have been taken by another node since. */
function strangerAt(expected: string, { role, name = role }: Ready): string | undefined {
  return name === expected ? undefined : oneLine(`${name} answers at its address`);
}
