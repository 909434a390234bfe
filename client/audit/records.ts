/**
 * What the audit reads of the records of both roles (PROTOCOL.md, records). It has its own view of
 * them, and its own arithmetic: it checks what the nodes have written, not what they meant.
 */
import { createHash } from 'node:crypto';

/** One leg as a participant sees it: a debit is negative. Minor units. */
export interface BranchLeg {
  readonly account: string;
  readonly amount: number;
  readonly currency: string;
}

/** What was booked to an account, and its balance after that. */
export interface Booked {
  readonly account: string;
  readonly amount: number;
  readonly balance: number;
}

type Outcome = 'committed' | 'aborted';

export interface Opened {
  readonly type: 'opened';
  readonly at: string;
  readonly id: string;
  readonly currency: string;
  readonly balance: number;
  readonly minimum: number;
}

export interface Prepared {
  readonly type: 'prepared';
  readonly at: string;
  readonly id: string;
  readonly legs: readonly BranchLeg[];
  readonly lowerTs: number;
}

export interface Committed {
  readonly type: 'committed';
  readonly at: string;
  readonly id: string;
  readonly timestamp: number;
  readonly entries: readonly Booked[];
}

/** Every transfer of a coordinator's store below (epoch, seq) has ended, unless it is listed. */
export interface Watermarked {
  readonly type: 'watermark';
  readonly store: string;
  readonly watermark: {
    readonly epoch: number;
    readonly seq: number;
    readonly except: readonly string[];
  };
}

export interface Resolved {
  readonly type: 'resolved';
  readonly at: string;
  readonly id: string;
  readonly outcome: Outcome;
  readonly entries?: readonly Booked[];
}

/** The true decision, as a participant heard it after an operator had resolved the branch. */
export interface Confirmed {
  readonly type: 'confirmed';
  readonly id: string;
  readonly state: Outcome;
  readonly timestamp?: number;
}

/** The decision that could not be carried out, and what has to be added to make it right. */
export interface Damaged {
  readonly type: 'damaged';
  readonly id: string;
  readonly state: Outcome;
  readonly timestamp?: number;
  readonly damage: readonly BranchLeg[];
}

export interface Dismissed {
  readonly type: 'dismissed';
  readonly at: string;
  readonly id: string;
  readonly entries: readonly Booked[];
}

export interface Named {
  readonly type: 'named';
  readonly name: string;
  readonly coordinator: { readonly store: string; readonly epoch: number };
}

export type ParticipantRecord =
  | Opened
  | Prepared
  | Committed
  | { readonly type: 'aborted'; readonly id: string }
  | Watermarked
  | Resolved
  | Confirmed
  | Damaged
  | Dismissed
  | Named
  | { readonly type: 'frozen' | 'unfrozen'; readonly id: string };

export interface Leg {
  readonly from: string;
  readonly to: string;
  readonly amount: number;
  readonly currency: string;
}

export interface Begun {
  readonly type: 'begun';
  readonly id: string;
  readonly legs: readonly Leg[];
  readonly participants: readonly string[];
  readonly lowerTs: number;
  readonly key?: string;
  readonly fingerprint?: string;
  /** One phase: what the only participant commits with, without a decision before it. */
  readonly timestamp?: number;
  readonly reverses?: {
    readonly id: string;
    /** Which legs of the original, by index from 0, and how much of each. */
    readonly legs: readonly { readonly leg: number; readonly amount: number }[];
  };
}

export interface Decided {
  readonly type: 'decided';
  readonly id: string;
  readonly state: Outcome;
  readonly timestamp?: number;
  readonly votes: Readonly<Record<string, { readonly vote: string }>>;
}

export interface Ended {
  readonly type: 'ended';
  readonly id: string;
  /** What participants have reported instead of an acknowledgement. */
  readonly damage?: Readonly<Record<string, readonly BranchLeg[]>>;
}

export interface Registered {
  readonly type: 'registered';
  readonly name: string;
  readonly store: string;
  readonly epoch: number;
}

/** An hour of running time; keys of more than `hours` such hours ago are not known any more. */
export interface Elapsed {
  readonly type: 'elapsed';
  readonly hours: number;
}

export type CoordinatorRecord = Begun | Decided | Ended | Registered | Elapsed;

/** The types of records that logs have; those of checkpoints only are not among them. */
export const knownTypes: Readonly<Record<'coordinator' | 'participant', ReadonlySet<string>>> = {
  coordinator: new Set(['begun', 'decided', 'ended', 'registered', 'elapsed']),
  participant: new Set([
    'opened',
    'prepared',
    'committed',
    'aborted',
    'watermark',
    'resolved',
    'confirmed',
    'damaged',
    'dismissed',
    'named',
    'frozen',
    'unfrozen',
  ]),
};

/** A transfer's id in its parts: the coordinator's store, its epoch, and a number from 1. */
export interface TransferId {
  readonly store: string;
  readonly epoch: number;
  readonly number: number;
}

export function parseId(id: string): TransferId | undefined {
  const [, store, epoch, number] = /^([a-z0-9]{8})-(\d{1,15})-(\d{1,15})$/.exec(id) ?? [];
  if (store === undefined) return undefined;
  return { store, epoch: Number(epoch), number: Number(number) };
}

/** Below 0 when `a` was begun before `b`. */
export const compareIds = (a: Omit<TransferId, 'store'>, b: Omit<TransferId, 'store'>): number =>
  a.epoch - b.epoch || a.number - b.number;

/** What one participant is asked to do in a transfer. */
export function branchOf(legs: readonly Leg[], participant: string): BranchLeg[] {
  return legs.flatMap(({ from, to, amount, currency }) =>
    [
      { address: from, amount: -amount },
      { address: to, amount },
    ]
      .filter(({ address }) => participantOf(address) === participant)
      .map((side) => ({
        account: side.address.slice(participant.length + 1),
        amount: side.amount,
        currency,
      })),
  );
}

/** `bank-a/alice` → `bank-a`. */
export const participantOf = (address: string): string => address.slice(0, address.indexOf('/'));

/** A number that legs are told apart by: 48 bits of a hash. */
export const digestOf = (text: string): number =>
  createHash('sha1').update(text).digest().readUIntBE(0, 6);

export const digestOfLegs = (legs: readonly BranchLeg[]): number =>
  digestOf(legs.map(({ account, amount, currency }) => `${account} ${amount} ${currency}`).join());

/** The opposite of what these legs do. */
export const negated = (legs: readonly BranchLeg[]): BranchLeg[] =>
  legs.map((leg) => ({ ...leg, amount: -leg.amount }));
