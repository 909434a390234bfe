/** The command that asks every node how it is. */
import type { Command } from 'commander';
import {
  ApiError,
  type Participant,
  type ParticipantInfo,
  type Ready,
  type Unanimous,
} from '../sdk/index.ts';
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
  /** Of the error that it has answered, if that is the problem. */
  code?: string;
  /** Transfers that an operator has settled there, and the decision is not known. */
  resolved?: string[];
  /** Those that were decided otherwise, and are not made right yet. */
  damaged?: string[];
}

const listing: Listing<NodeStatus> = {
  columns: { texts: ['NODE', 'ADDRESS', 'LIVE', 'READY'], last: 'SETTLED BY HAND' },
  row: ({ name, address, live, ready, resolved = [], damaged = [] }) => {
    const settled = [
      ...(resolved.length === 0 ? [] : [`${count(resolved)} resolved`]),
      ...(damaged.length === 0 ? [] : [`${count(damaged)} damaged`]),
    ].join(', ');
    return {
      cells: [name, address, live ? 'yes' : 'no', ready ? 'yes' : 'no', settled],
      look: ready && damaged.length === 0 ? 'good' : 'bad',
    };
  },
  none: 'no nodes',
};

/** Nodes that are asked at the same time. */
const mostAtOnce = 16;

/** Transfers that were settled by hand are named up to here. */
const mostSettled = 100;

const count = ({ length }: readonly string[]) =>
  length < mostSettled ? String(length) : `${mostSettled} or more`;

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
  // One that waits for participants knows where they are.
  if (!coordinator.ready && coordinator.code !== 'not-ready') return;
  const participants = await participantsOf(options, undefined);
  while (participants.length > 0) {
    const asked = participants.splice(0, mostAtOnce).map((info) => askParticipant(info, options));
    for (const one of await Promise.all(asked)) yield note(one);
  }
}

async function askParticipant(info: ParticipantInfo, options: ClientOptions): Promise<NodeStatus> {
  const participant = participantAt(info, options);
  const status = await askNode(participant, info.address, info.name);
  if (!status.ready) return status;
  try {
    const resolved = await settledAt(participant, 'resolved');
    return { ...status, resolved, damaged: await settledAt(participant, 'damaged') };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { ...status, ready: false, problem: sentenceOf(error) };
  }
}

async function settledAt(participant: Participant, state: 'resolved' | 'damaged') {
  const ids: string[] = [];
  for await (const { id } of participant.branches({ state })) {
    ids.push(id);
    if (ids.length === mostSettled) break;
  }
  return ids;
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
    ...(ready instanceof ApiError && { code: ready.code }),
  };
}

/** A port may have been taken by another node since. */
function strangerAt(expected: string, { role, name = role }: Ready): string | undefined {
  return name === expected ? undefined : oneLine(`${name} answers at its address`);
}
