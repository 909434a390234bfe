/** How large a model is, and what happens in it. */
import type { Leg } from '../../coordinator/records.ts';

export interface Settings {
  readonly participants: number;
  /** Of the coordinator, on one store. */
  readonly processes: number;
  /** With several processes, how often one of them takes the store. */
  readonly coordinatorCrashes: number;
  /** Of all participants together. */
  readonly participantCrashes: number;
  /** What clients ask for, at any time, each once and in this order. */
  readonly requests: readonly { readonly legs: readonly Leg[]; readonly key?: string }[];
  /** The balance of each account at the beginning. */
  readonly balance: number;
  /** Whether a participant may have no room on its disk for promises, at any time. */
  readonly storageLow: boolean;
  /** Whether balances are read, at any time. */
  readonly reads: boolean;
  /** When a watermark may leave: at any time, or only when all that was issued is below it. */
  readonly forgets: 'always' | 'late' | 'never';
  /** Whether everything stays on the network, also what makes no difference any more. */
  readonly keepsAll: boolean;
  /** The rules of the loops around the machines; a model without one must find out. */
  readonly commitsWait: boolean;
  readonly answersWait: boolean;
  readonly repliesWait: boolean;
  readonly epochsRise: boolean;
  /** Whether a write asks if the row still names its process. */
  readonly writesCheck: boolean;
  /** Whether an answer asks that, after it was made. */
  readonly answersCheck: boolean;
  /** Whether a process that takes the store again has another name. */
  readonly namesChange: boolean;
}

export const nameOf = (index: number) => `bank-${'abcdefgh'.charAt(index)}`;

const calm: Settings = {
  participants: 2,
  processes: 1,
  coordinatorCrashes: 0,
  participantCrashes: 0,
  requests: [],
  balance: 10,
  storageLow: false,
  reads: false,
  forgets: 'late',
  keepsAll: false,
  commitsWait: true,
  answersWait: true,
  repliesWait: true,
  epochsRise: true,
  writesCheck: true,
  answersCheck: true,
  namesChange: true,
};

/** One leg from each participant to the next. */
function chain(participants: number, amount: number): { legs: Leg[] } {
  const legs = Array.from({ length: participants - 1 }, (_, index) => ({
    from: `${nameOf(index)}/${index === 0 ? 'cash' : 'pool'}`,
    to: `${nameOf(index + 1)}/cash`,
    amount,
    currency: 'USD',
  }));
  return { legs };
}

/** One transfer among all participants, in two phases. */
export function oneTransfer(
  participants: number,
  coordinatorCrashes: number,
  participantCrashes: number,
): Settings {
  const requests = [chain(participants, 3)];
  const faults = { coordinatorCrashes, participantCrashes, storageLow: true };
  return { ...calm, participants, ...faults, requests };
}

/** One transfer between two accounts of one participant, which decides it. */
export function onePhase(coordinatorCrashes: number, participantCrashes: number): Settings {
  const faults = { coordinatorCrashes, participantCrashes, storageLow: true, reads: true };
  return { ...calm, participants: 1, ...faults, requests: [{ legs: [within] }] };
}

const within = { from: 'bank-a/cash', to: 'bank-a/pool', amount: 3, currency: 'USD' };

/** Two transfers that each have one participant, while balances are read. */
export function twoOnePhase(coordinatorCrashes: number, participantCrashes: number): Settings {
  const requests = [{ legs: [within] }, { legs: [within] }];
  const faults = { coordinatorCrashes, participantCrashes };
  return { ...calm, participants: 1, ...faults, reads: true, requests };
}

/** One transfer of two phases, and one of one phase. */
export function mixed(coordinatorCrashes: number, participantCrashes: number): Settings {
  const requests = [chain(2, 3), { legs: [within] }];
  return { ...calm, coordinatorCrashes, participantCrashes, requests };
}

/** Two transfers that together are more than the first account has. */
export function twoTransfers(coordinatorCrashes: number, participantCrashes: number): Settings {
  const requests = [chain(2, 6), chain(2, 7)];
  return { ...calm, coordinatorCrashes, participantCrashes, requests };
}

/** A client that asks twice for one transfer, under a key. */
export function repeated(coordinatorCrashes: number, participantCrashes: number): Settings {
  const request = { ...chain(2, 3), key: 'k' };
  return { ...calm, coordinatorCrashes, participantCrashes, requests: [request, request] };
}

/** More than this no account may have. */
const most = Number.MAX_SAFE_INTEGER;

/** Small models: each is the smallest that shows some mistake. */
export const models = {
  'two phases': oneTransfer(2, 0, 0),
  'coordinator crash': oneTransfer(2, 1, 0),
  'participant crash': oneTransfer(2, 0, 1),
  'one phase': onePhase(1, 1),
  'one phase twice': twoOnePhase(0, 0),
  'one phase beside two': mixed(0, 0),
  'watermarks at any time': { ...oneTransfer(2, 0, 0), storageLow: false, forgets: 'always' },
  'two transfers': twoTransfers(0, 0),
  'two transfers and a restart': twoTransfers(1, 0),
  'two transfers to a full account': { ...twoTransfers(0, 0), balance: most - 10 },
  'three processes': {
    ...oneTransfer(2, 2, 0),
    ...{ processes: 3, storageLow: false, forgets: 'never' },
  },
  'three processes, one phase': { ...onePhase(2, 0), processes: 3 },
  'three processes, one key': { ...repeated(2, 0), processes: 3 },
} as const satisfies Record<string, Settings>;

export type ModelName = keyof typeof models;
