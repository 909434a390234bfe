/** What is on record about branches (PROTOCOL.md, records), and what takes part in them. */

/** One leg as this participant sees it: a debit is negative. Minor units. */
export interface BranchLeg {
  readonly account: string;
  readonly amount: number;
  readonly currency: string;
}

/** What a booking does to one account. */
export interface Entry {
  readonly account: string;
  readonly amount: number;
  /** The account's balance after it. */
  readonly balance: number;
}

/** Why a branch cannot be promised: a problem code, and the account it is about. */
export interface Refusal {
  readonly code: string;
  readonly account?: string;
  readonly detail: string;
}

/**
 * What takes part in transfers: the ledger here, or a resource of your own. The imperative
 * methods decide and change nothing; the past tense ones apply what the log has recorded, live
 * and in replay, and must not fail. After `prepared`, commit cannot be refused.
 */
export interface Resource {
  /**
   * The vote: null is a yes. With `decided` the legs are to be booked whatever anybody wishes:
   * only what cannot be booked at all is refused (PROTOCOL.md, operators).
   */
  prepare(legs: readonly BranchLeg[], decided?: boolean): Refusal | null;
  prepared(legs: readonly BranchLeg[]): void;
  /** What committing these legs will do; they are prepared, or will be in the same step. */
  commit(legs: readonly BranchLeg[]): readonly Entry[];
  committed(legs: readonly BranchLeg[], entries: readonly Entry[]): void;
  aborted(legs: readonly BranchLeg[]): void;
}

/** A coordinator as a message names it. */
export interface Sender {
  readonly store: string;
  readonly epoch: number;
}

/**
 * Every transfer of a coordinator's store below (epoch, seq) is settled for good, except the
 * listed ones.
 */
export interface Watermark {
  readonly epoch: number;
  readonly seq: number;
  readonly except: readonly string[];
}

/** What a branch promises. */
export interface Promised {
  readonly coordinator: Sender;
  readonly peers: readonly string[];
  readonly legs: readonly BranchLeg[];
  readonly lowerTs: number;
  /** The time that was left to vote: an inquiry waits twice as long. Milliseconds. */
  readonly timeoutMs: number;
}

interface Of<Type extends string> {
  readonly type: Type;
  readonly at: string;
  readonly id: string;
}

export interface Prepared extends Of<'prepared'>, Promised {}

export interface Committed extends Of<'committed'> {
  readonly timestamp: number;
  readonly entries: readonly Entry[];
}

export interface Aborted extends Of<'aborted'> {
  readonly coordinator: Sender;
  /** Why this participant voted no. */
  readonly code?: string;
  readonly account?: string;
}

/** An operator has ended the doubt, before the decision was known. */
export interface Resolved extends Of<'resolved'> {
  readonly outcome: 'committed' | 'aborted';
  readonly reason: string;
  /** Booked at once; none for an abort. */
  readonly entries: readonly Entry[];
}

/** The decision agrees with the resolution. */
export interface Confirmed extends Of<'confirmed'> {
  readonly state: 'committed' | 'aborted';
  readonly timestamp?: number;
}

/** The decision is not what the accounts show: it differs from the resolution, or was missed. */
export interface Damaged extends Of<'damaged'> {
  readonly state: 'committed' | 'aborted';
  readonly timestamp?: number;
  /** What has to be added to the accounts to make them right. */
  readonly damage: readonly BranchLeg[];
  /** Of a branch that has no other record. */
  readonly coordinator?: Sender;
}

/** An operator has dealt with the damage. */
export interface Dismissed extends Of<'dismissed'> {
  readonly reason: string;
  /** The compensation; none if the operator wanted none. */
  readonly entries: readonly Entry[];
}

/** What the watermark allows to forget is forgotten. */
export interface Watermarked {
  readonly type: 'watermark';
  readonly at: string;
  readonly store: string;
  readonly watermark: Watermark;
}

/** A branch in a checkpoint that is not prepared: its entries are in the balances already. */
export interface Remembered {
  readonly type: 'remembered';
  readonly branch: Branch;
}

/** What was seen of a coordinator's store, in a checkpoint. */
export interface SeenBefore extends Seen {
  readonly type: 'seen';
  readonly store: string;
}

export type BranchRecord =
  | Prepared
  | Committed
  | Aborted
  | Resolved
  | Confirmed
  | Damaged
  | Dismissed
  | Watermarked
  | Remembered
  | SeenBefore;

/** What was seen of one coordinator's store. */
export interface Seen {
  /** Its highest epoch. */
  readonly epoch: number;
  /** Its highest transfer with a record here. */
  readonly highest?: string;
  /** Its highest commit timestamp or `lowerTs`. */
  readonly timestamp: number;
  /** The highest commit timestamp that was applied here. */
  readonly committed: number;
}

/** This node's part of a transfer. */
export interface Branch {
  readonly id: string;
  readonly state: 'prepared' | 'committed' | 'aborted' | 'resolved' | 'damaged';
  readonly coordinator: Sender;
  readonly peers: readonly string[];
  readonly legs: readonly BranchLeg[];
  readonly lowerTs?: number;
  readonly timeoutMs?: number;
  readonly timestamp?: number;
  readonly code?: string;
  readonly account?: string;
  readonly preparedAt?: string;
  readonly decidedAt?: string;
  /** What an operator has said before the decision was known. */
  readonly resolution?: Pick<Resolved, 'outcome' | 'reason' | 'at'>;
  /** The decision that the accounts do not show, and what it lacks there. */
  readonly damage?: {
    readonly state: 'committed' | 'aborted';
    readonly entries: readonly BranchLeg[];
  };
  readonly dismissal?: {
    readonly reason: string;
    readonly at: string;
    readonly compensated: boolean;
  };
}
