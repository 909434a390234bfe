import type { Membership } from './participant.ts';
import type { BranchLeg, Promised, Watermark } from './records.ts';

/** What the coordinator has answered to an inquiry. */
export type DecisionReply = { readonly id: string; readonly store: string } & (
  | { readonly state: 'committed'; readonly timestamp: number }
  | { readonly state: 'aborted' | 'presumed-aborted' | 'pending' }
);

/** The decision in a reply, or undefined if it is not exactly one: nothing is ever guessed. */
export function parseDecision(status: number, body: unknown): DecisionReply | undefined {
  if (status !== 200) return undefined;
  const { id, state, timestamp, coordinator } = fieldsOf(body);
  const { store } = fieldsOf(coordinator);
  if (typeof id !== 'string' || typeof store !== 'string') return undefined;
  if (state === 'committed') {
    return isTimestamp(timestamp) ? { id, store, state, timestamp } : undefined;
  }
  const undecided = state === 'aborted' || state === 'presumed-aborted' || state === 'pending';
  return undecided ? { id, store, state } : undefined;
}

/** What the coordinator has answered to a registration. */
export interface RegisteredReply {
  readonly membership: Membership;
  /** `quarantined`: this node's log went back. */
  readonly state: 'confirmed' | 'quarantined';
  /** The coordinator's highest durable commit timestamp. */
  readonly timestamp: number;
  /** The highest sequence that it has seen of this node's log. */
  readonly sequence: number;
}

/** The answer to a registration, or undefined if it is not that. */
export function parseRegistered(status: number, body: unknown): RegisteredReply | undefined {
  if (status !== 200 && status !== 201) return undefined;
  const { name, coordinator, peers, state, timestamp, sequence } = fieldsOf(body);
  const { store, epoch } = fieldsOf(coordinator);
  if (typeof name !== 'string' || typeof store !== 'string') return undefined;
  if (!isCount(epoch, 1) || !isListOf(peers, isPeer)) return undefined;
  if (state !== 'confirmed' && state !== 'quarantined') return undefined;
  if (!isCount(timestamp, 0) || !isCount(sequence, 0)) return undefined;
  const membership = { name, coordinator: { store, epoch }, peers };
  return { membership, state, timestamp, sequence };
}

/** A transfer that this node has promised or committed; without `timestamp` it is undecided. */
export interface Missed extends Promised {
  readonly id: string;
  readonly timestamp?: number;
}

/** A page of them, and whose word it is. */
export interface MissedPage {
  readonly store: string;
  readonly watermark: Watermark;
  readonly items: readonly Missed[];
  readonly nextCursor: string | null;
}

/** A page of decisions, or undefined if it is none: what is applied is never guessed. */
export function parseDecisionList(status: number, body: unknown): MissedPage | undefined {
  const { coordinator, data, page, watermark } = fieldsOf(body);
  const { store } = fieldsOf(coordinator);
  const { epoch, seq, except } = fieldsOf(watermark);
  if (!isCount(epoch, 1) || !isCount(seq, 0) || !isListOf(except, isText)) return undefined;
  const { nextCursor } = fieldsOf(page);
  if (status !== 200 || typeof store !== 'string' || !Array.isArray(data)) return undefined;
  // An empty one would ask for the first page again, and again.
  if (nextCursor !== null && (!isText(nextCursor) || nextCursor === '')) return undefined;
  const items = data.map(parseMissed).filter((item) => item !== undefined);
  return items.length === data.length
    ? { store, watermark: { epoch, seq, except }, items, nextCursor }
    : undefined;
}

function parseMissed(item: unknown): Missed | undefined {
  const { id, state, timestamp, coordinator, legs, peers, lowerTs, timeoutMs } = fieldsOf(item);
  const { store, epoch } = fieldsOf(coordinator);
  if (typeof id !== 'string' || typeof store !== 'string') return undefined;
  if (!isCount(epoch, 1) || !isListOf(legs, isLeg) || !isListOf(peers, isText)) return undefined;
  if (!isCount(lowerTs, 0) || !isCount(timeoutMs, 0) || legs.length === 0) return undefined;
  const promised = { id, coordinator: { store, epoch }, legs, peers, lowerTs, timeoutMs };
  if (state === 'pending') return promised;
  return state === 'committed' && isTimestamp(timestamp) ? { ...promised, timestamp } : undefined;
}

/** What a peer knows of one transfer. */
export type PeerOutcome =
  | { readonly state: 'committed'; readonly timestamp: number }
  | { readonly state: 'aborted' | 'unknown' };

/** What the peer that has this store says, by transfer id; undefined if it is not its answer. */
export function parsePeerOutcomes(
  status: number,
  body: unknown,
  store: string,
): Map<string, PeerOutcome> | undefined {
  const { participant, outcomes } = fieldsOf(body);
  if (status !== 200 || fieldsOf(participant).store !== store) return undefined;
  if (!Array.isArray(outcomes)) return undefined;
  const said = new Map<string, PeerOutcome>();
  for (const outcome of outcomes) {
    const { id, state, timestamp } = fieldsOf(outcome);
    if (typeof id !== 'string') continue;
    if (state === 'aborted' || state === 'unknown') said.set(id, { state });
    if (state === 'committed' && isTimestamp(timestamp)) said.set(id, { state, timestamp });
  }
  return said;
}

/** The code of an error. */
export function codeOf(body: unknown): unknown {
  return fieldsOf(body).code;
}

/** Where the coordinator says that the answer was moved to; undefined for any other answer. */
export function archivedOf(body: unknown): string | undefined {
  const { code, archivedTo } = fieldsOf(body);
  const isArchived = code === 'transfer-archived' || code === 'records-archived';
  return isArchived && isText(archivedTo) ? archivedTo : undefined;
}

const isCount = (value: unknown, least: number): value is number =>
  Number.isSafeInteger(value) && Number(value) >= least;

const isTimestamp = (value: unknown): value is number => isCount(value, 1);

const isText = (value: unknown): value is string => typeof value === 'string';

const isListOf = <T>(value: unknown, is: (item: unknown) => item is T): value is T[] =>
  Array.isArray(value) && value.every(is);

function isPeer(value: unknown): value is Membership['peers'][number] {
  const { name, store, address } = fieldsOf(value);
  return isText(name) && isText(store) && isText(address);
}

function isLeg(value: unknown): value is BranchLeg {
  const { account, amount, currency } = fieldsOf(value);
  const isAmount = Number.isSafeInteger(amount) && amount !== 0;
  return isText(account) && isAmount && isText(currency);
}

function fieldsOf(value: unknown): Readonly<Partial<Record<Field, unknown>>> {
  return typeof value === 'object' && value !== null ? value : {};
}

type Field =
  | (
      | 'id'
      | 'state'
      | 'timestamp'
      | 'watermark'
      | 'seq'
      | 'except'
      | 'coordinator'
      | 'store'
      | 'epoch'
      | 'name'
      | 'peers'
      | 'code'
      | 'archivedTo'
    )
  | ('sequence' | 'data' | 'page' | 'nextCursor' | 'legs' | 'lowerTs' | 'timeoutMs')
  | ('participant' | 'outcomes' | 'address' | 'account' | 'amount' | 'currency');
