/**
 * What the model looks at in one node, worked out once for each node and kept as sets of transfers
 * (bits). It is taken from the logs, which keep what the machines may forget.
 */
import type { CoordinatorNode } from './coordinator-node.ts';
import type { Machines } from './machines.ts';
import type { Entry, Machine, ParticipantNode, ParticipantNodes } from './participant-node.ts';
import type { Numbered, Rule, Violation } from './signals.ts';

/** Numbers the transfers: a set of them is a number whose bits say which. */
export type Ids = Numbered<string>;

export const bitOf = (ids: Ids, id: string) => 1 << ids.numberOf(id);

export interface ParticipantFacts {
  readonly prepared: number;
  readonly preparedForced: number;
  readonly committed: number;
  readonly committedForced: number;
  readonly aborted: number;
  readonly abortedForced: number;
  /** The epoch of the forced watermark. */
  readonly heeded: number;
  /** It has all the legs: it decides by itself. */
  readonly onePhase: number;
  readonly inDoubt: number;
  readonly timestamps: ReadonlyMap<string, number>;
  readonly violation?: Violation;
}

export function participantFacts(
  ids: Ids,
  machines: Machines,
  nodes: ParticipantNodes,
  number: number,
  balance: number,
): ParticipantFacts {
  const node = nodes.nodes.item(number);
  const machine = nodes.machine(number);
  const sets = { prepared: 0, preparedForced: 0, committed: 0, committedForced: 0, onePhase: 0 };
  let [aborted, abortedForced, heeded] = [0, 0, 0];
  const timestamps = new Map<string, number>();
  let violation = guarded(() => {
    return participantFlaw(machines, node, machine, (log) => nodes.replay(log), balance);
  });
  for (const [index, { record }] of node.log.entries()) {
    const isForced = index < node.forced;
    if (record.type === 'watermark' && isForced) heeded = record.watermark.epoch;
    if (record.type !== 'prepared' && record.type !== 'committed' && record.type !== 'aborted') {
      continue;
    }
    const bit = bitOf(ids, record.id);
    if (record.type === 'prepared') {
      sets.prepared |= bit;
      if (isForced) sets.preparedForced |= bit;
      if (record.peers.length === 0) sets.onePhase |= bit;
      continue;
    }
    if ((sets.committed | aborted) & bit) {
      violation = { rule: 'one decision', detail: `${node.name} decides ${record.id} twice` };
    }
    if (record.type === 'aborted') {
      aborted |= bit;
      if (isForced) abortedForced |= bit;
    } else {
      sets.committed |= bit;
      if (isForced) sets.committedForced |= bit;
      timestamps.set(record.id, record.timestamp);
    }
  }
  const inDoubt = [...machine.state.prepared].reduce((all, id) => all | bitOf(ids, id), 0);
  const settled = { aborted, abortedForced, heeded };
  return { ...sets, ...settled, inDoubt, timestamps, ...(violation && { violation }) };
}

/** A machine that cannot be summed up is broken as well. */
function guarded(look: () => Violation | undefined): Violation | undefined {
  try {
    return look();
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { rule: 'replaying a summary changes nothing', detail };
  }
}

/** What is wrong in a participant alone. */
export function participantFlaw(
  machines: Machines,
  { name, log }: ParticipantNode,
  { state, ledger }: Machine,
  replay: (log: readonly Entry[]) => Machine,
  balance: number,
): Violation | undefined {
  const flaw = (rule: Rule, detail: string) => ({ rule, detail: `${name}: ${detail}` });
  const legsOf = new Map(
    log.flatMap(({ record }) => (record.type === 'prepared' ? [[record.id, record.legs]] : [])),
  );
  const decided = new Set<string>();
  const posted = new Map<string, number>();
  const servedAt = new Map<string, number>();
  for (const { record, served } of log) {
    if (record.type === 'prepared') servedAt.set(record.id, served);
    if (record.type === 'aborted') decided.add(record.id);
    if (record.type !== 'committed') continue;
    decided.add(record.id);
    const { id, timestamp } = record;
    if (timestamp <= (servedAt.get(id) ?? 0)) {
      const detail = `${id} commits at ${timestamp}, below what it was promised after`;
      return flaw('nothing commits unseen below what was served', detail);
    }
    for (const { account, amount } of legsOf.get(id) ?? []) {
      posted.set(account, (posted.get(account) ?? 0) + amount);
    }
  }
  const held = new Map<string, number>();
  for (const [id, legs] of legsOf) {
    if (decided.has(id)) continue;
    if (state.branches.get(id)?.state !== 'prepared') {
      return flaw('one decision', `${id} was promised and is not decided, and is not prepared`);
    }
    for (const { account, amount } of legs) {
      held.set(account, (held.get(account) ?? 0) + Math.max(0, -amount));
    }
  }
  for (const account of ledger.accounts()) {
    const { id, available } = account;
    if (account.posted !== balance + (posted.get(id) ?? 0)) {
      return flaw('applied once', `${id} has ${account.posted}`);
    }
    if (account.held !== (held.get(id) ?? 0) || available !== account.posted - account.held) {
      return flaw('held is what is prepared', `${id} holds ${account.held}`);
    }
    if (available < 0) return flaw('held is what is prepared', `${id} has ${available} available`);
  }
  const summary = [...machines.participant.summarise(state)];
  const again = replay([]);
  for (const { id, currency, posted: had } of ledger.accounts()) {
    const lacks = had - (again.ledger.account(id)?.posted ?? 0);
    if (lacks !== 0) book(again, id, currency, lacks);
  }
  for (const record of summary) machines.applying.apply(again.state, record);
  if (imageOf(again) !== imageOf({ state, ledger })) {
    const detail = `${imageOf({ state, ledger })} became ${imageOf(again)}`;
    return flaw('replaying a summary changes nothing', detail);
  }
  return undefined;
}

/** Gives an account the balance that the ledger's own summary opens it with. */
function book({ ledger }: Machine, account: string, currency: string, amount: number): void {
  const legs = [{ account, amount, currency }];
  ledger.prepared(legs);
  ledger.committed(legs, ledger.commit(legs));
}

/** What a machine is, as text. */
export function imageOf({ state, ledger }: Machine): string {
  const { branches, prepared, coordinators, watermarks } = state;
  const image = [[...branches].sort(), [...prepared].sort(), [...coordinators], [...watermarks]];
  return JSON.stringify([...image, [...ledger.accounts()]]);
}

export interface CoordinatorFacts {
  readonly committed: number;
  readonly committedForced: number;
  readonly aborted: number;
  readonly abortedForced: number;
  readonly endedForced: number;
  readonly onePhase: number;
  /** What is in memory and not decided. */
  readonly undecided: number;
  readonly active: number;
  readonly known: number;
  /** Votes may still count for some process. */
  readonly awaited: number;
  /** No answer changes anything for any process, now or after a restart. */
  readonly over: number;
  /** Decided both ways, by different processes: at most one of them can be on record. */
  readonly opposed: number;
  /** By participant. */
  readonly takingPart: ReadonlyMap<string, number>;
  readonly timestamps: ReadonlyMap<string, number>;
  /** The highest commit timestamp that is forced. */
  readonly durable: number;
  readonly violation?: Violation;
}

export function coordinatorFacts(
  ids: Ids,
  machines: Machines,
  node: CoordinatorNode,
): CoordinatorFacts {
  const { state, log, forced } = node;
  const sets = { committed: 0, committedForced: 0, aborted: 0, abortedForced: 0, onePhase: 0 };
  let endedForced = 0;
  const timestamps = new Map<string, number>();
  const takingPart = new Map<string, number>();
  const lower = new Map<string, number>();
  const keys = new Set<string>();
  let violation = guarded(() => coordinatorFlaw(machines, { state, log }));
  for (const [index, record] of log.entries()) {
    const { id } = record;
    const bit = bitOf(ids, id);
    if (record.type === 'begun') {
      const { key } = record;
      if (key && keys.has(key)) {
        violation = { rule: 'a key begins one transfer', detail: `${key} has begun ${id} as well` };
      }
      if (key) keys.add(key);
      if (record.timestamp !== undefined) sets.onePhase |= bit;
      lower.set(id, record.lowerTs);
      for (const name of record.participants) {
        takingPart.set(name, (takingPart.get(name) ?? 0) | bit);
      }
    }
    if (record.type === 'ended' && index < forced) endedForced |= bit;
    if (record.type !== 'decided') continue;
    if ((sets.committed | sets.aborted) & bit) {
      violation = { rule: 'one decision', detail: `the coordinator decides ${id} twice` };
    }
    if (record.state === 'aborted') {
      sets.aborted |= bit;
      if (index < forced) sets.abortedForced |= bit;
    } else {
      const { timestamp } = record;
      sets.committed |= bit;
      if (index < forced) sets.committedForced |= bit;
      if ([...timestamps.values()].includes(timestamp) || timestamp <= (lower.get(id) ?? 0)) {
        const detail = `${id} commits at ${timestamp}, with a lowerTs of ${lower.get(id) ?? 0}`;
        violation = { rule: 'unique timestamps above lowerTs', detail };
      }
      timestamps.set(id, timestamp);
    }
  }
  const bitsOf = (all: Iterable<string>) => [...all].reduce((set, id) => set | bitOf(ids, id), 0);
  const live = [...state.transfers.values()].filter(({ decided }) => !decided);
  const undecided = bitsOf(live.map(({ begun }) => begun.id));
  const [known, active] = [bitsOf(state.transfers.keys()), bitsOf(state.active)];
  const alone = { awaited: undecided, over: endedForced, opposed: 0 };
  const facts = { ...sets, endedForced, undecided, active, known, ...alone };
  const durable = durableTimestamp(node);
  return { ...facts, timestamps, takingPart, durable, ...(violation && { violation }) };
}

/** The highest commit timestamp whose decision is forced. */
export function durableTimestamp({ log, forced }: Pick<CoordinatorNode, 'log' | 'forced'>): number {
  const decisions = log.slice(0, forced).map((record) => {
    return record.type === 'decided' && record.state === 'committed' ? record.timestamp : 0;
  });
  return Math.max(0, ...decisions);
}

/** A summary, and the log itself, must rebuild what is in memory, but for notes. */
function coordinatorFlaw(
  { coordinator }: Machines,
  { state, log }: Pick<CoordinatorNode, 'state' | 'log'>,
): Violation | undefined {
  const rule = 'replaying a summary changes nothing';
  const bySummary = coordinator.initial(state.store, state.epoch);
  for (const record of coordinator.summarise(state)) coordinator.apply(bySummary, record);
  const byLog = coordinator.initial(state.store, state.epoch);
  for (const record of log) coordinator.apply(byLog, record);
  for (const id of byLog.transfers.keys()) if (!state.transfers.has(id)) byLog.transfers.delete(id);
  const image = (one: typeof state) => {
    const { timestamp, decidedTimestamp, transfers, active } = one;
    const known = [...transfers].map(([id, { begun, decided, ended }]) => {
      return [id, begun, decided, ended];
    });
    return JSON.stringify([timestamp, decidedTimestamp, known, [...active]]);
  };
  for (const [how, again] of Object.entries({ summary: bySummary, log: byLog })) {
    if (image(again) === image(state)) continue;
    return { rule, detail: `by ${how} ${image(state)} became ${image(again)}` };
  }
  return undefined;
}
