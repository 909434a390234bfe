/**
 * The coordinator's half of two-phase commit with presumed abort (PROTOCOL.md, coordinator).
 *
 *                 all voted yes             all acknowledged
 *   preparing ───────────────► committed ───────────────────► ended
 *       │     a no, the deadline,            all acknowledged
 *       └────────────────────► aborted ─────────────────────► ended
 *             or a restart
 *
 * Pure: no clock, randomness or IO. `receive` decides and changes nothing; `apply` alone changes
 * the state, live and in replay.
 */

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

/** What a client asked for. */
export interface TransferRequest {
  readonly legs: readonly Leg[];
  readonly timeoutMs: number;
  readonly key?: string;
  /** Of the request's body: tells a repeated request from another one under the same key. */
  readonly fingerprint?: string;
  readonly reference?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface Begun extends TransferRequest {
  readonly type: 'begun';
  readonly at: string;
  readonly id: string;
  /** In the order in which the legs name them. */
  readonly participants: readonly string[];
  /** The highest durable commit timestamp when the transfer began. */
  readonly lowerTs: number;
}

interface Decision {
  readonly type: 'decided';
  readonly at: string;
  readonly id: string;
  readonly votes: Readonly<Record<string, Ballot>>;
  /** How the prepares went; for people. */
  readonly trace?: Trace;
}

export type Decided =
  | (Decision & { readonly state: 'committed'; readonly timestamp: number })
  | (Decision & { readonly state: 'aborted'; readonly reason: string });

/** Every participant that was owed the decision has acknowledged it. */
export interface Ended {
  readonly type: 'ended';
  readonly at: string;
  readonly id: string;
  /** How the commits or aborts went; for people. */
  readonly trace?: Trace;
}

/** What the log keeps. */
export type Fact = Begun | Decided | Ended;

/** What only memory keeps: after a crash it is asked for again. */
export type Note =
  | ({ readonly type: 'voted'; readonly id: string; readonly participant: string } & Ballot)
  | { readonly type: 'acknowledged'; readonly id: string; readonly participant: string };

export type Event =
  | ({ readonly type: 'begin'; readonly at: string; readonly lowerTs: number } & TransferRequest)
  | ({ readonly type: 'vote'; readonly at: string; readonly id: string } & {
      readonly participant: string;
    } & Ballot)
  | { readonly type: 'expire'; readonly at: string; readonly id: string }
  | {
      readonly type: 'acknowledge';
      readonly at: string;
      readonly id: string;
      readonly participant: string;
      readonly state: 'committed' | 'aborted';
    }
  | { readonly type: 'start'; readonly at: string };

/** What is owed to a participant. The content is read from the state when it is sent. */
export interface Message {
  readonly type: 'prepare' | 'commit' | 'abort';
  readonly to: string;
  readonly id: string;
}

export interface Reaction {
  readonly notes: readonly Note[];
  readonly records: readonly Fact[];
  /** Prepares and aborts may leave at once; a commit waits until `records` are durable. */
  readonly messages: readonly Message[];
}

export interface Transfer {
  readonly begun: Begun;
  readonly votes: Map<string, Ballot>;
  readonly acknowledged: Set<string>;
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
  /** In the order in which they began. */
  readonly transfers: Map<string, Transfer>;
  /** Idempotency key → transfer id. */
  readonly keys: Map<string, string>;
  /** Transfers that have not ended. */
  readonly active: Set<string>;
}

/** What an inquiry about an id is answered; the last two are not decisions at all. */
export type Finding =
  | { readonly state: 'committed'; readonly timestamp: number }
  | { readonly state: 'aborted' | 'pending' | 'presumed-aborted' | 'never-issued' | 'wrong-store' };

/** The state of an empty log. `epoch` is this start's: higher than in any record. */
export function initial(store: string, epoch: number): State {
  return {
    store,
    epoch,
    sequence: 0,
    timestamp: 0,
    transfers: new Map(),
    keys: new Map(),
    active: new Set(),
  };
}

/** Decides what an event leads to. A late or repeated event leads to nothing. */
export function receive(state: State, event: Event): Reaction {
  switch (event.type) {
    case 'begin':
      return begin(state, event);
    case 'vote':
      return vote(state, event);
    case 'expire': {
      const transfer = state.transfers.get(event.id);
      if (!transfer || transfer.decided) return nothing;
      return decide(state, transfer, transfer.votes, event.at, 'vote-timeout');
    }
    case 'acknowledge':
      return acknowledge(state, event);
    case 'start': {
      const undecided = [...state.active].flatMap((id) => {
        const transfer = state.transfers.get(id);
        return transfer && !transfer.decided ? [transfer] : [];
      });
      const reactions = undecided.map((transfer) =>
        decide(state, transfer, transfer.votes, event.at, 'coordinator-restarted'),
      );
      return {
        notes: [],
        records: reactions.flatMap(({ records }) => records),
        messages: reactions.flatMap(({ messages }) => messages),
      };
    }
  }
}

const nothing: Reaction = { notes: [], records: [], messages: [] };

function begin(state: State, event: Event & { type: 'begin' }): Reaction {
  const { type, at, lowerTs, ...wanted } = event;
  invariant(wanted.legs.length > 0, 'a transfer has a leg');
  for (const { from, to, amount } of wanted.legs) {
    invariant(Number.isSafeInteger(amount) && amount > 0, `amount ${amount} is 1 to 2^53 − 1`);
    invariant(from !== to, `a leg moves money between two accounts, not from ${from} to itself`);
  }
  invariant(!wanted.key || !state.keys.has(wanted.key), 'an idempotency key begins one transfer');
  const id = `${state.store}-${state.epoch}-${state.sequence + 1}`;
  const names = wanted.legs.flatMap(({ from, to }) => [participantOf(from), participantOf(to)]);
  const participants = [...new Set(names)];
  const begun: Begun = { type: 'begun', at, id, participants, lowerTs, ...wanted };
  const messages = participants.map((to): Message => ({ type: 'prepare', to, id }));
  return { notes: [], records: [begun], messages };
}

function vote(state: State, event: Event & { type: 'vote' }): Reaction {
  const { type, at, id, participant, ...ballot } = event;
  const transfer = state.transfers.get(id);
  const expected = transfer && !transfer.decided && isUnvoted(transfer, participant);
  if (!expected) return nothing;
  const note: Note = { type: 'voted', id, participant, ...ballot };
  const votes = new Map(transfer.votes).set(participant, ballot);
  if (votes.size < transfer.begun.participants.length) return { ...nothing, notes: [note] };
  return { ...decide(state, transfer, votes, at, 'vote-timeout'), notes: [note] };
}

/** Commit only with every yes; `otherwise` is the reason when nobody has said no. */
function decide(
  state: State,
  transfer: Transfer,
  votes: ReadonlyMap<string, Ballot>,
  at: string,
  otherwise: string,
): Reaction {
  const { id, participants } = transfer.begun;
  const none: Ballot = { vote: 'none' };
  const ballots = participants.map((name) => [name, votes.get(name) ?? none] as const);
  const decision: Decision = { type: 'decided', at, id, votes: Object.fromEntries(ballots) };
  if (ballots.every(([, { vote }]) => vote === 'yes')) {
    const timestamp = state.timestamp + 1;
    invariant(timestamp > transfer.begun.lowerTs, 'a commit timestamp is above its lowerTs');
    const decided: Decided = { ...decision, state: 'committed', timestamp };
    const messages = participants.map((to): Message => ({ type: 'commit', to, id }));
    return { notes: [], records: [decided], messages };
  }
  const refused = ballots.find(([, { vote }]) => vote === 'no');
  const reason = refused ? (refused[1].code ?? 'refused-by-participant') : otherwise;
  const decided: Decided = { ...decision, state: 'aborted', reason };
  const to = ballots.filter(([, { vote }]) => vote !== 'no').map(([name]) => name);
  const messages = to.map((name): Message => ({ type: 'abort', to: name, id }));
  const ended: Fact[] = to.length === 0 ? [{ type: 'ended', at, id }] : [];
  return { notes: [], records: [decided, ...ended], messages };
}

function acknowledge(state: State, event: Event & { type: 'acknowledge' }): Reaction {
  const { id, participant, at } = event;
  const transfer = state.transfers.get(id);
  if (!transfer || transfer.ended || transfer.decided?.state !== event.state) return nothing;
  const missing = unacknowledged(transfer);
  if (!missing.includes(participant)) return nothing;
  const notes: Note[] = [{ type: 'acknowledged', id, participant }];
  return { notes, records: missing.length === 1 ? [{ type: 'ended', at, id }] : [], messages: [] };
}

/** The only thing that changes the state; also the replay after a crash. */
export function apply(state: State, change: Fact | Note): void {
  if (change.type === 'begun') {
    begunApplied(state, change);
    return;
  }
  const transfer = state.transfers.get(change.id);
  invariant(transfer !== undefined, `${change.type} ${change.id} follows its begun record`);
  switch (change.type) {
    case 'voted': {
      const { vote, code, account } = change;
      const reason = { ...(code && { code }), ...(account && { account }) };
      transfer.votes.set(change.participant, { vote, ...reason });
      return;
    }
    case 'acknowledged':
      transfer.acknowledged.add(change.participant);
      return;
    case 'decided':
      invariant(!transfer.decided, `the decision on ${change.id} never changes`);
      transfer.decided = change;
      for (const [name, ballot] of Object.entries(change.votes)) {
        if (ballot.vote !== 'none') transfer.votes.set(name, ballot);
      }
      if (change.state === 'committed') {
        // A summary lists transfers as they began, not as they committed.
        state.timestamp = Math.max(state.timestamp, change.timestamp);
      }
      return;
    case 'ended':
      invariant(transfer.decided !== undefined, `${change.id} ends after its decision`);
      transfer.ended = change;
      state.active.delete(change.id);
      return;
  }
}

function begunApplied(state: State, begun: Begun): void {
  const { id, key } = begun;
  invariant(!state.transfers.has(id), `transfer id ${id} is issued once`);
  const { epoch, sequence } = parseId(id) ?? { epoch: 0, sequence: 0 };
  if (epoch === state.epoch) state.sequence = sequence;
  state.transfers.set(id, {
    begun,
    votes: new Map(),
    acknowledged: new Set(),
    decided: undefined,
    ended: undefined,
  });
  if (key) state.keys.set(key, id);
  state.active.add(id);
}

/** What must still be sent: with `start`, all that a recovery has to do. */
export function owed(state: State): Message[] {
  return [...state.active].flatMap((id) => {
    const transfer = state.transfers.get(id);
    invariant(transfer !== undefined, `active transfer ${id} is known`);
    return transfer.begun.participants
      .map((to): Message => ({ type: phaseOf(transfer), to, id }))
      .filter((message) => isOwed(state, message));
  });
}

/** Whether a message still has a purpose: else it is not sent any more. */
export function isOwed(state: State, { type, to, id }: Message): boolean {
  const transfer = state.transfers.get(id);
  if (!transfer || phaseOf(transfer) !== type) return false;
  return type === 'prepare' ? isUnvoted(transfer, to) : unacknowledged(transfer).includes(to);
}

function phaseOf({ decided }: Transfer): Message['type'] {
  if (!decided) return 'prepare';
  return decided.state === 'committed' ? 'commit' : 'abort';
}

function isUnvoted({ begun, votes }: Transfer, participant: string): boolean {
  return begun.participants.includes(participant) && !votes.has(participant);
}

/** Whoever has not acknowledged the decision; nobody owes that for an abort it voted for. */
function unacknowledged({ begun, votes, acknowledged }: Transfer): string[] {
  return begun.participants.filter(
    (name) => !acknowledged.has(name) && votes.get(name)?.vote !== 'no',
  );
}

/** The shortest log that rebuilds this state. */
export function* summarise(state: State): Iterable<Fact> {
  for (const { begun, decided, ended } of state.transfers.values()) {
    yield begun;
    if (decided) yield decided;
    if (ended) yield ended;
  }
}

/** Answers an inquiry. No record of an id that was issued means abort (presumed abort). */
export function inquire(state: State, id: string): Finding {
  const parsed = parseId(id);
  if (parsed?.store !== state.store) return { state: 'wrong-store' };
  const transfer = state.transfers.get(id);
  if (transfer?.decided?.state === 'committed') {
    return { state: 'committed', timestamp: transfer.decided.timestamp };
  }
  if (transfer) return { state: transfer.decided ? 'aborted' : 'pending' };
  const { epoch, sequence } = parsed;
  const issued = epoch < state.epoch || (epoch === state.epoch && sequence <= state.sequence);
  return { state: issued ? 'presumed-aborted' : 'never-issued' };
}

/** What one participant is asked to do: its legs, debits negative. */
export function branchOf({ legs }: Begun, participant: string) {
  return legs.flatMap(({ from, to, amount, currency }) => [
    ...(participantOf(from) === participant
      ? [{ account: accountOf(from), amount: -amount, currency }]
      : []),
    ...(participantOf(to) === participant ? [{ account: accountOf(to), amount, currency }] : []),
  ]);
}

/** `bank-a/alice` → `bank-a`. */
export const participantOf = (address: string) => address.slice(0, address.indexOf('/'));

const accountOf = (address: string) => address.slice(address.indexOf('/') + 1);

function parseId(id: string) {
  const [store, epoch, sequence, ...rest] = id.split('-');
  if (store === undefined || sequence === undefined || rest.length > 0) return undefined;
  return { store, epoch: Number(epoch), sequence: Number(sequence) };
}

function invariant(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new Error(`broken invariant: ${rule}`);
}
