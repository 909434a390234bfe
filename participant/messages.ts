/** What reaches the participant's machine, and what it answers (PROTOCOL.md, messages). */
import type { BranchLeg, BranchRecord, Promised, Refusal, Sender } from './records.ts';

interface Common {
  readonly at: string;
  readonly id: string;
  readonly coordinator: Sender;
}

export type Prepare = { readonly type: 'prepare' } & Common & Promised;

export type Commit = { readonly type: 'commit'; readonly timestamp: number } & Common;

export type Abort = { readonly type: 'abort' } & Common;

/** All legs of the transfer are here: whoever votes yes decides. */
export type CommitOnePhase = {
  readonly type: 'commit-one-phase';
  readonly timestamp: number;
} & Common &
  Omit<Promised, 'peers'>;

/** A peer that is in doubt asks what is known here. */
export type Inquire = { readonly type: 'inquire' } & Common;

/** What the coordinator says that this store once promised: committed, or not decided yet. */
export type CatchUp = {
  readonly type: 'catch-up';
  readonly timestamp?: number;
  /** Nothing else is missing any more: what cannot be booked now never can be. */
  readonly isLast: boolean;
} & Common &
  Promised;

export type Event = Prepare | Commit | Abort | CommitOnePhase | Inquire | CatchUp;

/** What the node knows that is not on record. */
export interface Conditions {
  /** The highest timestamp that balances were served at. */
  readonly served: number;
  /** Whether the coordinator has confirmed, since the start, that this store is not an old one. */
  readonly isConfirmed: boolean;
  /** Whether the disk has no room for new promises. */
  readonly isStorageLow: boolean;
}

/** What became of a branch, or is known of it. */
export interface Outcome extends Partial<Refusal> {
  readonly id: string;
  readonly state: 'prepared' | 'committed' | 'aborted' | 'unknown';
  /** Of a commit, to a peer. */
  readonly timestamp?: number;
  /** What the decision lacks on the accounts. */
  readonly damage?: readonly BranchLeg[];
}

/** The answer to one event. `refused` breaks the protocol: it is no vote, and an alarm. */
export type Reply =
  | { readonly id: string; readonly vote: 'yes' }
  | ({ readonly id: string; readonly vote: 'no'; readonly code: string } & Partial<Refusal>)
  | Outcome
  | { readonly id: string; readonly refused: Breach };

export type Breach =
  | 'unknown-branch'
  | 'already-committed'
  | 'already-aborted'
  | 'legs-differ'
  | 'wrong-store'
  | 'forgotten'
  | 'resolved';

export interface Reaction {
  readonly records: readonly BranchRecord[];
  readonly reply: Reply;
  /** Whether the reply waits until the log is durable; presumed abort lets a no go at once. */
  readonly forced: boolean;
}
