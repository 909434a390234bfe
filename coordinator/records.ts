/** What the coordinator's machine is made of: records, events, messages, state (PROTOCOL.md). */
import type { Keyed, KeyWindow } from './key-window.ts';
import type { Trace } from './trace.ts';

/** One movement of money. `from` and `to` are `participant/account`; amounts in minor units. */
export interface Leg {
  readonly from: string;
  readonly to: string;
  /** 1 to 2^53 − 1. */
  readonly amount: number;
  readonly currency: string;
}

/** What one participant has said: `none` until its vote is in. */
export interface Ballot {
  readonly vote: 'yes' | 'no' | 'none';
  /** Why it voted no, and about which of its accounts. */
  readonly code?: string;
  readonly account?: string;
}

/** What a participant owes an account since an operator resolved against the decision. */
export interface Damage {
  readonly account: string;
  readonly currency: string;
  /** What has to be added to the account to make it right. Minor units. */
  readonly amount: number;
}

/** How much of which leg of an earlier transfer goes back. */
export interface Reversal {
  readonly id: string;
  readonly legs: readonly { readonly leg: number; readonly amount: number }[];
}

/** What a client asked for. */
export interface TransferRequest {
  readonly legs: readonly Leg[];
  readonly timeoutMs: number;
  readonly key?: string;
  /** Of the request's body: tells a repeated request from another one under the same key. */
  readonly fingerprint?: string;
  readonly reference?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** The transfer that this one takes back, whole or in part. */
  readonly reverses?: Reversal;
}

export interface Begun extends TransferRequest {
  readonly type: 'begun';
  readonly at: string;
  readonly id: string;
  /** In the order in which the legs name them. */
  readonly participants: readonly string[];
  /** The highest durable commit timestamp when the transfer began. */
  readonly lowerTs: number;
  /** Of a one-phase transfer: the commit timestamp, if its participant commits it at once. */
  readonly timestamp?: number;
}

export interface Decision {
  readonly type: 'decided';
  readonly at: string;
  readonly id: string;
  readonly votes: Readonly<Record<string, Ballot>>;
  /** How the prepares went; for people. */
  readonly trace?: Trace;
  /** By participant: the highest sequence of its log that was seen, if no earlier record has it. */
  readonly sequences?: Readonly<Record<string, number>>;
}

export type Decided =
  | (Decision & { readonly state: 'committed'; readonly timestamp: number })
  | (Decision & { readonly state: 'aborted'; readonly reason: string });

/** Every participant that was owed the decision has acknowledged it. */
export interface Ended {
  readonly type: 'ended';
  readonly at: string;
  readonly id: string;
  /** By participant: what went wrong there as an operator had resolved otherwise. */
  readonly damage?: Readonly<Record<string, readonly Damage[]>>;
  /** How the commits or aborts went; for people. */
  readonly trace?: Trace;
  readonly sequences?: Readonly<Record<string, number>>;
}

/** About one transfer. */
export type Fact = Begun | Decided | Ended;

/** An hour of running time has passed. */
export interface Elapsed {
  readonly type: 'elapsed';
  readonly at: string;
  /** Keys that are older than so many such hours are forgotten by it. */
  readonly hours: number;
}

/** What only checkpoints keep: what is left of the transfers that are forgotten. */
export type Summary =
  | {
      readonly type: 'counted';
      /** The last commit timestamp that was issued, and the last that was decided. */
      readonly timestamp: number;
      readonly decided: number;
    }
  | Keyed
  | { readonly type: 'reversed'; readonly by: string; readonly reverses: Reversal };

/** Why the coordinator gives up on a transfer that nobody has refused. */
export type Otherwise = 'vote-timeout' | 'coordinator-restarted' | 'cancelled';

/** What only memory keeps: after a crash it is asked for again. */
export type Note =
  | ({ readonly type: 'voted'; readonly id: string; readonly participant: string } & Ballot)
  | { readonly type: 'expired'; readonly id: string; readonly reason: Otherwise }
  | {
      readonly type: 'acknowledged';
      readonly id: string;
      readonly participant: string;
      readonly damage?: readonly Damage[];
    }
  /** Its end is durable: the log answers for it from now on. */
  | { readonly type: 'forgotten'; readonly id: string };

/** About one transfer, and when. */
interface Concerning {
  readonly at: string;
  readonly id: string;
}

export type Event =
  | ({ readonly type: 'begin'; readonly at: string; readonly lowerTs: number } & TransferRequest)
  | ({ readonly type: 'vote'; readonly participant: string } & Concerning & Ballot)
  /** The answer of the one participant to a commit in one phase, or to the abort that asks. */
  | ({ readonly type: 'outcome'; readonly participant: string } & Concerning & OnePhaseOutcome)
  | ({ readonly type: 'expire' | 'cancel' } & Concerning)
  | ({
      readonly type: 'acknowledge';
      readonly participant: string;
      readonly state: 'committed' | 'aborted';
      readonly damage?: readonly Damage[];
    } & Concerning)
  | { readonly type: 'start'; readonly at: string };

/** `prepared`: it promises only, as a snapshot has been served that the commit would change. */
export type OnePhaseOutcome =
  | { readonly state: 'committed' | 'prepared' }
  | { readonly state: 'aborted'; readonly code?: string; readonly account?: string };

/** What is owed to a participant. The content is read from the state when it is sent. */
export interface Message {
  readonly type: 'prepare' | 'commit' | 'abort' | 'commit-one-phase';
  readonly to: string;
  readonly id: string;
}

export interface Reaction {
  readonly notes: readonly Note[];
  readonly records: readonly Fact[];
  /** Prepares and aborts leave at once; commits of both kinds wait for durable `records`. */
  readonly messages: readonly Message[];
}

export interface Transfer {
  readonly begun: Begun;
  readonly votes: Map<string, Ballot>;
  readonly acknowledged: Set<string>;
  readonly damage: Map<string, readonly Damage[]>;
  /** A one-phase transfer that is given up, if its participant has not committed it. */
  expired: Otherwise | undefined;
  decided: Decided | undefined;
  ended: Ended | undefined;
}

export interface State {
  readonly store: string;
  readonly epoch: number;
  /** The number of the last transfer of this epoch. */
  sequence: number;
  /** The last commit timestamp that was issued. */
  timestamp: number;
  /** The highest commit timestamp of a decision: what a snapshot reads at, once it is durable. */
  decidedTimestamp: number;
  /** Those whose end is not durable yet, in the order in which they began. */
  readonly transfers: Map<string, Transfer>;
  /** Which transfers the idempotency keys have begun. */
  readonly keys: KeyWindow;
  /** By the transfer that is taken back: the reversals of it that are not aborted. */
  readonly reversals: Map<string, Map<string, Reversal['legs']>>;
  /** Transfers that have not ended. */
  readonly active: Set<string>;
}

/** Every transfer below it has a durable end, except those that are listed. */
export interface Watermark {
  readonly epoch: number;
  readonly seq: number;
  readonly except: readonly string[];
}
