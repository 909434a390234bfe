/**
 * The coordinator's half of two-phase commit with presumed abort (PROTOCOL.md, coordinator).
 *
 *                 all voted yes             all acknowledged
 *   preparing ───────────────► committed ───────────────────► ended
 *       │     a no, the deadline,            all acknowledged
 *       └────────────────────► aborted ─────────────────────► ended
 *             or a restart
 *
 * When one participant alone has all the legs, it decides instead (one-phase commit):
 *
 *                 it has committed
 *   preparing ─────────────────────────► ended      it votes yes: as above, in two phases
 *       │  it has refused, or has nothing when an abort asks
 *       └──────────────────────────────► ended
 *
 * Pure: no clock, randomness or IO. `receive` decides and changes nothing; `apply` alone changes
 * the state, live and in replay.
 */

import { elapse, noKeys, originOf, remember, restoreKeys, summariseKeys } from './key-window.ts';
import type {
  Ballot,
  Begun,
  Decided,
  Elapsed,
  Ended,
  Event,
  Fact,
  Message,
  Note,
  Otherwise,
  Reaction,
  Reversal,
  State,
  Summary,
  Transfer,
  Watermark,
} from './records.ts';

export type * from './records.ts';

/** What an inquiry about an id is answered; the last two are not decisions at all. */
export type Finding =
  | { readonly state: 'committed'; readonly timestamp: number }
  | { readonly state: 'aborted' | 'pending' | 'presumed-aborted' | 'never-issued' | 'wrong-store' };

type OnePhase = Transfer & { readonly begun: { readonly timestamp: number } };

/** The state of an empty log. `epoch` is this start's: higher than in any record. */
export function initial(store: string, epoch: number): State {
  return {
    store,
    epoch,
    sequence: 0,
    timestamp: 0,
    decidedTimestamp: 0,
    transfers: new Map(),
    keys: noKeys(),
    reversals: new Map(),
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
    case 'outcome':
      return outcome(state, event);
    case 'expire':
      return giveUp(state, state.transfers.get(event.id), event.at, 'vote-timeout');
    case 'cancel': {
      const transfer = state.transfers.get(event.id);
      return transfer && isOnePhase(transfer)
        ? nothing
        : giveUp(state, transfer, event.at, 'cancelled');
    }
    case 'acknowledge':
      return acknowledge(state, event);
    case 'start': {
      const reactions = [...state.active].map((id) => restart(state, id, event.at));
      return {
        notes: reactions.flatMap(({ notes }) => notes),
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
  invariant(!wanted.key || !begunBy(state, wanted.key), 'an idempotency key begins one transfer');
  const id = `${state.store}-${state.epoch}-${state.sequence + 1}`;
  const names = wanted.legs.flatMap(({ from, to }) => [participantOf(from), participantOf(to)]);
  const participants = [...new Set(names)];
  const begun: Begun = { type: 'begun', at, id, participants, lowerTs, ...wanted };
  if (participants.length > 1) {
    const messages = participants.map((to): Message => ({ type: 'prepare', to, id }));
    return { notes: [], records: [begun], messages };
  }
  const messages = participants.map((to): Message => ({ type: 'commit-one-phase', to, id }));
  return {
    notes: [],
    records: [Object.assign(begun, { timestamp: state.timestamp + 1 })],
    messages,
  };
}

function vote(state: State, event: Event & { type: 'vote' }): Reaction {
  const { type, at, id, participant, ...ballot } = event;
  const transfer = state.transfers.get(id);
  const expected = transfer && !transfer.decided && isUnvoted(transfer, participant);
  if (!expected) return nothing;
  const note: Note = { type: 'voted', id, participant, ...ballot };
  const votes = new Map(transfer.votes).set(participant, ballot);
  if (votes.size < transfer.begun.participants.length)
    return { notes: [note], records: [], messages: [] };
  const { records, messages } = decide(state, transfer, votes, at, 'vote-timeout');
  return { notes: [note], records, messages };
}

/** The one participant of a one-phase transfer has decided it, or promises only. */
function outcome(state: State, event: Event & { type: 'outcome' }): Reaction {
  const { id, at, participant } = event;
  const transfer = state.transfers.get(id);
  if (!transfer || transfer.decided || !isOnePhase(transfer)) return nothing;
  if (!transfer.begun.participants.includes(participant)) return nothing;
  switch (event.state) {
    case 'committed':
      return settleOnePhase(transfer, at, {
        state: 'committed',
        timestamp: transfer.begun.timestamp,
        votes: { [participant]: { vote: 'yes' } },
      });
    case 'aborted': {
      const { code = 'refused-by-participant', account } = event;
      const ballot: Ballot = { vote: 'no', code, ...(account !== undefined && { account }) };
      const votes = { [participant]: ballot };
      return settleOnePhase(transfer, at, { state: 'aborted', reason: code, votes });
    }
    case 'prepared':
      // The abort that asks is on its way, and releases what was promised.
      if (transfer.expired) return nothing;
      return vote(state, { type: 'vote', at, id, participant, vote: 'yes' });
  }
}

/** The participant has acted already: nothing is owed to it. */
function settleOnePhase(
  { begun: { id } }: Transfer,
  at: string,
  decision:
    | Pick<Decided & { state: 'committed' }, 'state' | 'timestamp' | 'votes'>
    | Pick<Decided & { state: 'aborted' }, 'state' | 'reason' | 'votes'>,
  damage?: Ended['damage'],
): Reaction {
  const decided: Decided = { type: 'decided', at, id, ...decision };
  const ended: Ended = { type: 'ended', at, id, ...(damage && { damage }) };
  return { notes: [], records: [decided, ended], messages: [] };
}

/** No decision can be waited for any longer. A one-phase transfer is asked about, by an abort. */
function giveUp(
  state: State,
  transfer: Transfer | undefined,
  at: string,
  reason: Otherwise,
): Reaction {
  if (!transfer || transfer.decided) return nothing;
  if (!isOnePhase(transfer)) return decide(state, transfer, transfer.votes, at, reason);
  if (transfer.expired) return nothing;
  const { id, participants } = transfer.begun;
  const messages = participants.map((to): Message => ({ type: 'abort', to, id }));
  return { notes: [{ type: 'expired', id, reason }], records: [], messages };
}

/** A torn write may keep a decision that nobody is owed, and lose the end that came with it. */
function restart(state: State, id: string, at: string): Reaction {
  const transfer = state.transfers.get(id);
  if (transfer?.decided && unacknowledged(transfer).length === 0) {
    return { ...nothing, records: [{ type: 'ended', at, id }] };
  }
  return giveUp(state, transfer, at, 'coordinator-restarted');
}

/** Commit only with every yes; `otherwise` is the reason when nobody has said no. */
function decide(
  state: State,
  transfer: Transfer,
  votes: ReadonlyMap<string, Ballot>,
  at: string,
  otherwise: Otherwise,
): Reaction {
  const { id, participants } = transfer.begun;
  const none: Ballot = { vote: 'none' };
  const ballots = participants.map((name) => [name, votes.get(name) ?? none] as const);
  const said = Object.fromEntries(ballots);
  if (ballots.every(([, { vote }]) => vote === 'yes')) {
    const timestamp = state.timestamp + 1;
    invariant(timestamp > transfer.begun.lowerTs, 'a commit timestamp is above its lowerTs');
    const decided: Decided = {
      type: 'decided',
      at,
      id,
      state: 'committed',
      timestamp,
      votes: said,
    };
    const messages = participants.map((to): Message => ({ type: 'commit', to, id }));
    return { notes: [], records: [decided], messages };
  }
  const refused = ballots.find(([, { vote }]) => vote === 'no');
  const reason = refused ? (refused[1].code ?? 'refused-by-participant') : otherwise;
  const decided: Decided = { type: 'decided', at, id, state: 'aborted', reason, votes: said };
  const to = ballots.filter(([, { vote }]) => vote !== 'no').map(([name]) => name);
  const messages = to.map((name): Message => ({ type: 'abort', to: name, id }));
  const ended: Fact[] = to.length === 0 ? [{ type: 'ended', at, id }] : [];
  return { notes: [], records: [decided, ...ended], messages };
}

function acknowledge(state: State, event: Event & { type: 'acknowledge' }): Reaction {
  const { id, participant, at, damage } = event;
  const transfer = state.transfers.get(id);
  if (!transfer || transfer.ended) return nothing;
  if (!transfer.decided && transfer.expired && event.state === 'aborted') {
    const votes = { [participant]: { vote: 'none' as const } };
    const decision = { state: 'aborted', reason: transfer.expired, votes } as const;
    return settleOnePhase(transfer, at, decision, damage && { [participant]: damage });
  }
  const missing = unacknowledged(transfer);
  const expected = transfer.decided?.state === event.state && missing.includes(participant);
  if (!expected) return nothing;
  const notes: Note[] = [{ type: 'acknowledged', id, participant, ...(damage && { damage }) }];
  if (missing.length > 1) return { notes, records: [], messages: [] };
  const all = new Map(transfer.damage);
  if (damage) all.set(participant, damage);
  const damaged = all.size > 0 && { damage: Object.fromEntries(all) };
  return { notes, records: [{ type: 'ended', at, id, ...damaged }], messages: [] };
}

/** The only thing that changes the state; also the replay after a crash. */
export function apply(state: State, change: Fact | Elapsed | Note | Summary): void {
  switch (change.type) {
    case 'begun':
      applyBegun(state, change);
      return;
    case 'counted':
      state.timestamp = Math.max(state.timestamp, change.timestamp);
      state.decidedTimestamp = Math.max(state.decidedTimestamp, change.decided);
      return;
    case 'keyed':
      restoreKeys(state.keys, change);
      return;
    case 'elapsed':
      applyElapsed(state, change);
      return;
    case 'reversed':
      addReversal(state, change.by, change.reverses);
      return;
    default: {
      const transfer = state.transfers.get(change.id);
      invariant(transfer !== undefined, `${change.type} ${change.id} follows its begun record`);
      applyTo(state, transfer, change);
    }
  }
}

function applyTo(state: State, transfer: Transfer, change: Exclude<Fact, Begun> | Note): void {
  const { id } = change;
  switch (change.type) {
    case 'voted': {
      const { vote, code, account } = change;
      const reason = { ...(code && { code }), ...(account && { account }) };
      transfer.votes.set(change.participant, { vote, ...reason });
      return;
    }
    case 'expired':
      transfer.expired = change.reason;
      return;
    case 'acknowledged':
      transfer.acknowledged.add(change.participant);
      if (change.damage) transfer.damage.set(change.participant, change.damage);
      return;
    case 'decided':
      applyDecided(state, transfer, change);
      return;
    case 'ended':
      applyEnded(state, transfer, change);
      return;
    case 'forgotten':
      invariant(transfer.ended !== undefined, `${id} is forgotten after its end`);
      state.transfers.delete(id);
      return;
  }
}

function applyBegun(state: State, begun: Begun): void {
  const { id, key, reverses, timestamp } = begun;
  invariant(!state.transfers.has(id), `transfer id ${id} is issued once`);
  const { epoch, sequence } = parseId(id) ?? { epoch: 0, sequence: 0 };
  if (epoch === state.epoch) state.sequence = sequence;
  if (timestamp !== undefined) state.timestamp = Math.max(state.timestamp, timestamp);
  state.transfers.set(id, {
    begun,
    votes: new Map(),
    acknowledged: new Set(),
    damage: new Map(),
    expired: undefined,
    decided: undefined,
    ended: undefined,
  });
  // A checkpoint has the key already.
  if (key && begunBy(state, key) !== id) remember(state.keys, key, { epoch, sequence });
  if (reverses) addReversal(state, id, reverses);
  state.active.add(id);
}

/** The key of a transfer that is still in memory is not forgotten. */
function applyElapsed(state: State, { hours }: Elapsed): void {
  elapse(state.keys, hours);
  for (const { begun } of state.transfers.values()) {
    const { id, key } = begun;
    const origin = parseId(id);
    if (key && origin && !begunBy(state, key)) remember(state.keys, key, origin);
  }
}

/** The transfer that an idempotency key has begun, if the key is known still. */
export function begunBy({ store, keys }: State, key: string): string | undefined {
  const origin = originOf(keys, key);
  return origin && `${store}-${origin.epoch}-${origin.sequence}`;
}

function addReversal({ reversals }: State, by: string, { id, legs }: Reversal): void {
  const known = reversals.get(id) ?? new Map<string, Reversal['legs']>();
  reversals.set(id, known.set(by, legs));
}

function applyDecided(state: State, transfer: Transfer, decided: Decided): void {
  const { id, reverses } = transfer.begun;
  invariant(!transfer.decided, `the decision on ${id} never changes`);
  transfer.decided = decided;
  for (const [name, ballot] of Object.entries(decided.votes)) {
    if (ballot.vote !== 'none') transfer.votes.set(name, ballot);
  }
  if (decided.state === 'committed') {
    // A summary lists transfers as they began, not as they committed.
    state.timestamp = Math.max(state.timestamp, decided.timestamp);
    state.decidedTimestamp = Math.max(state.decidedTimestamp, decided.timestamp);
  } else if (reverses) {
    const known = state.reversals.get(reverses.id);
    known?.delete(id);
    if (known?.size === 0) state.reversals.delete(reverses.id);
  }
}

function applyEnded(state: State, transfer: Transfer, ended: Ended): void {
  const { id } = ended;
  invariant(transfer.decided !== undefined, `${id} ends after its decision`);
  transfer.ended = ended;
  for (const [name, damage] of Object.entries(ended.damage ?? {})) {
    transfer.damage.set(name, damage);
  }
  state.active.delete(id);
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
  const votes = type === 'prepare' || type === 'commit-one-phase';
  return votes ? isUnvoted(transfer, to) : unacknowledged(transfer).includes(to);
}

function phaseOf({ begun, decided, expired }: Transfer): Message['type'] {
  if (decided) return decided.state === 'committed' ? 'commit' : 'abort';
  if (begun.timestamp === undefined) return 'prepare';
  return expired ? 'abort' : 'commit-one-phase';
}

/** Whether its only participant decides it. */
export function isOnePhase(transfer: Transfer): transfer is OnePhase {
  return transfer.begun.timestamp !== undefined;
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
export function* summarise(state: State): Iterable<Fact | Summary> {
  const { timestamp, decidedTimestamp: decided, transfers } = state;
  yield { type: 'counted', timestamp, decided };
  yield* summariseKeys(state.keys);
  for (const [id, reversals] of state.reversals) {
    for (const [by, legs] of reversals) {
      if (!transfers.has(by)) yield { type: 'reversed', by, reverses: { id, legs } };
    }
  }
  for (const { begun, decided: decision, ended } of transfers.values()) {
    yield begun;
    if (decision) yield decision;
    if (ended) yield ended;
  }
}

/** As many transfers as a watermark lists at the most: one dead participant holds up nobody. */
const mostExcepted = 100;

/**
 * Up to where participants may forget (PROTOCOL.md, forgetting). What is in memory has no durable
 * end; what waits for a participant that is away is listed, and the rest is below the watermark.
 */
export function watermark({ store, epoch, sequence, transfers }: State): Watermark {
  const except: string[] = [];
  for (const [id, { decided, expired }] of transfers) {
    if ((!decided && !expired) || except.length === mostExcepted) {
      const border = parseId(id);
      invariant(border?.store === store, `transfer ${id} is this store's own`);
      return { epoch: border.epoch, seq: border.sequence, except };
    }
    except.push(id);
  }
  return { epoch, seq: sequence + 1, except };
}

/** Answers an inquiry about a transfer, as it is in memory or in the log. */
export function inquire(state: State, id: string, transfer: Transfer | undefined): Finding {
  const parsed = parseId(id);
  if (parsed?.store !== state.store) return { state: 'wrong-store' };
  if (transfer?.decided?.state === 'committed') {
    return { state: 'committed', timestamp: transfer.decided.timestamp };
  }
  if (transfer) return { state: transfer.decided ? 'aborted' : 'pending' };
  // No record of an id that was issued means abort (presumed abort).
  return { state: isIssued(state, id) ? 'presumed-aborted' : 'never-issued' };
}

/** Whether an id was given out by this store. */
export function isIssued(state: State, id: string): boolean {
  const parsed = parseId(id);
  if (parsed?.store !== state.store) return false;
  const { epoch, sequence } = parsed;
  return epoch < state.epoch || (epoch === state.epoch && sequence <= state.sequence);
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

/** The parts of a transfer id; undefined if it is none. */
export function parseId(id: string) {
  const [store, epoch, sequence, ...rest] = id.split('-');
  if (store === undefined || sequence === undefined || rest.length > 0) return undefined;
  return { store, epoch: Number(epoch), sequence: Number(sequence) };
}

function invariant(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new Error(`broken invariant: ${rule}`);
}
