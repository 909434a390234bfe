/**
 * The coordinator in the model: the production machine, its log of which a prefix is forced, and
 * what waits for the log. What waits for what is as in coordinator.ts (#react and #follow).
 */
import type { Event, Fact, Message, State, Transfer } from '../../coordinator/records.ts';
import { coordinatorFacts, durableTimestamp, type CoordinatorFacts, type Ids } from './facts.ts';
import type { Machines } from './machines.ts';
import type { Settings } from './settings.ts';
import {
  Numbered,
  released,
  sorted,
  type Signal,
  type Step,
  type Violation,
  type Waiting,
} from './signals.ts';

export const store = 'k3f9q2ma';
const at = '';

export interface CoordinatorNode {
  readonly state: State;
  readonly log: readonly Fact[];
  readonly forced: number;
  readonly waiting: readonly Waiting[];
}

export type CoordinatorEvent = {
  /** Which of several; one alone is the first. */
  readonly process?: number;
} & (
  | { readonly type: 'begin'; readonly request: number }
  | { readonly type: 'reply'; readonly signal: number }
  | { readonly type: 'expire'; readonly id: string }
  /** All that is not forced, or so many records of it. */
  | { readonly type: 'force'; readonly many?: number }
  /** A crash that keeps so many of the records that were not forced, and the next start. */
  | { readonly type: 'crash'; readonly kept: number }
  /** Another process takes the store. */
  | { readonly type: 'take' }
  /** A participant asks about a transfer. */
  | { readonly type: 'ask'; readonly by: string; readonly id: string }
  | { readonly type: 'mark' }
  /** What is owed is sent again. */
  | { readonly type: 'resend' }
);

/** One coordinator, or several: what the rest of the model sees of them. */
export interface Coordinators {
  first(): number;
  step(number: number, event: CoordinatorEvent): Step;
  /** What can happen by itself. */
  events(number: number): CoordinatorEvent[];
  /** Those that hear, and are asked. */
  processes(number: number): readonly number[];
  /** Whether a write cannot fail, as long as nobody crashes or takes the store. */
  holds(number: number, process: number | undefined): boolean;
  /** Equal for nodes that differ in what waits for the log only. */
  core(number: number): number;
  /** What a core stands for. */
  coreText(number: number): string;
  facts(ids: Ids, number: number): CoordinatorFacts;
  /** Those that may be left once faults end. */
  survivors(number: number): readonly number[];
}

/** A node that is being changed. */
interface Draft {
  state: State;
  log: Fact[];
  forced: number;
  waiting: Waiting[];
  signals: number[];
  violation?: Violation;
}

export class CoordinatorNodes implements Coordinators {
  readonly nodes = new Numbered<CoordinatorNode>();
  readonly #cores: number[] = [];
  readonly #keys = new Numbered<string>();
  readonly #machines: Machines;
  readonly #settings: Settings;
  readonly #signals: Numbered<Signal>;

  constructor(machines: Machines, settings: Settings, signals: Numbered<Signal>) {
    this.#machines = machines;
    this.#settings = settings;
    this.#signals = signals;
  }

  /** An empty log at its first start. */
  first(): number {
    const state = this.#machines.coordinator.initial(store, 1);
    return this.#number({ state, log: [], forced: 0, waiting: [], signals: [] });
  }

  /** What a store with this log is to whoever takes it next. */
  row(log: readonly Fact[], epoch: number): number {
    const state = this.#machines.coordinator.initial(store, epoch);
    for (const record of log) this.#machines.coordinator.apply(state, record);
    return this.#number({ state, log: [...log], forced: log.length, waiting: [], signals: [] });
  }

  events(number: number): CoordinatorEvent[] {
    const { log, forced, state } = this.nodes.item(number);
    const undecided = [...state.transfers.values()].filter(({ decided }) => !decided);
    return [
      ...this.#settings.requests.map((_, request) => ({ type: 'begin', request }) as const),
      ...undecided.map(({ begun: { id } }) => ({ type: 'expire', id }) as const),
      ...(forced < log.length ? [{ type: 'force' } as const] : []),
      ...crashes(log.length - forced).map((kept) => ({ type: 'crash', kept }) as const),
      { type: 'resend' },
      ...(this.#marks(state) ? [{ type: 'mark' } as const] : []),
    ];
  }

  #marks(state: State): boolean {
    const isLate = state.transfers.size === 0 && (state.sequence > 0 || state.epoch > 1);
    const { forgets } = this.#settings;
    return forgets === 'always' || (forgets === 'late' && isLate);
  }

  processes(): readonly number[] {
    return [0];
  }

  holds(): boolean {
    return true;
  }

  facts(ids: Ids, number: number): CoordinatorFacts {
    return coordinatorFacts(ids, this.#machines, this.nodes.item(number));
  }

  survivors(number: number): readonly number[] {
    return [number];
  }

  step(number: number, event: CoordinatorEvent): Step {
    const { state, log, forced, waiting } = this.nodes.item(number);
    const draft: Draft = {
      state: structuredClone(state),
      log: [...log],
      forced,
      waiting: [...waiting],
      signals: [],
    };
    try {
      this.#change(draft, event);
    } catch (error) {
      return { next: number, signals: [], violation: brokenBy(error) };
    }
    const { signals, violation } = draft;
    return { next: this.#number(draft), signals, ...(violation && { violation }) };
  }

  coreText(number: number): string {
    return this.#keys.item(this.core(number));
  }

  core(number: number): number {
    return (this.#cores[number] ??= this.#keys.numberOf(
      keyOf({ ...this.nodes.item(number), waiting: [] }),
    ));
  }

  #number({ state, log, forced, waiting }: Draft): number {
    const node = { state, log, forced, waiting: sorted(waiting) };
    return this.nodes.numberOf(node, keyOf(node));
  }

  #change(draft: Draft, event: CoordinatorEvent): void {
    switch (event.type) {
      case 'begin': {
        const request = this.#settings.requests[event.request];
        if (!request) throw new Error(`there is no request ${event.request}`);
        // As Coordinator.begin: a key that is known begins nothing.
        const { key } = request;
        if (key && this.#machines.coordinator.begunBy(draft.state, key) !== undefined) return;
        const lowerTs = durableTimestamp(draft);
        this.#react(draft, { type: 'begin', at, lowerTs, timeoutMs: 1, ...request });
        return;
      }
      case 'reply':
        this.#hear(draft, this.#signals.item(event.signal));
        return;
      case 'expire':
        this.#react(draft, { type: 'expire', at, id: event.id });
        return;
      case 'force':
        draft.forced += event.many ?? draft.log.length - draft.forced;
        this.#release(draft);
        return;
      case 'crash':
        this.#restart(draft, event.kept);
        return;
      case 'take':
        throw new Error('one process alone takes its store when it starts');
      case 'ask':
        this.#answer(draft, event.by, event.id);
        return;
      case 'mark':
        draft.signals.push(this.#watermark(draft));
        return;
      case 'resend': {
        const owed = this.#machines.coordinator.owed(draft.state);
        for (const message of owed) this.#send(draft, message);
      }
    }
  }

  /** As #react: prepares and aborts leave at once, commits wait for the log. */
  #react(draft: Draft, event: Event): void {
    const { receive, apply } = this.#machines.coordinator;
    const { notes, records, messages } = receive(draft.state, event);
    for (const note of notes) apply(draft.state, note);
    for (const record of records) {
      draft.log.push(record);
      apply(draft.state, record);
    }
    for (const record of records) {
      if (record.type === 'decided') this.#tell(draft, record);
    }
    for (const message of messages) this.#send(draft, message);
    this.#release(draft);
  }

  #send(draft: Draft, message: Message): void {
    const { type } = message;
    const waits = type === 'commit' || type === 'commit-one-phase';
    const free = !waits || !this.#settings.commitsWait;
    draft.waiting.push([free ? 0 : draft.log.length, this.#request(draft.state, message)]);
    this.#release(draft);
  }

  /** The sender's epoch of a commit is left out: participants look at its store only. */
  #request(state: State, { type, to, id }: Message): number {
    const { begun, decided } = known(state, id);
    const common = { at, id, coordinator: { store, epoch: this.#epochOf(state, id, type) } };
    const legs = this.#machines.coordinator.branchOf(begun, to);
    const { lowerTs, timestamp = 0, participants, timeoutMs } = begun;
    const peers = participants.filter((name) => name !== to);
    const asked = { ...common, legs, lowerTs, timeoutMs };
    const signalOf = (request: (Signal & { kind: 'request' })['request']) =>
      this.#signals.numberOf({ kind: 'request', to, request });
    switch (type) {
      case 'prepare':
        return signalOf({ type, ...asked, peers });
      case 'commit-one-phase':
        return signalOf({ type, ...asked, timestamp });
      case 'abort':
        return signalOf({ type, ...common });
      case 'commit': {
        if (decided?.state !== 'committed') throw new Error(`${id} commits as it is committed`);
        const coordinator = { store, epoch: 0 };
        return signalOf({ type, at, id, coordinator, timestamp: decided.timestamp });
      }
    }
  }

  /**
   * With one transfer alone, an abort may name the start that began it: nothing comes after it. A
   * process that has lost the store is then refused less, and refused is as good as lost.
   */
  #epochOf({ epoch }: State, id: string, type: Message['type']): number {
    const { keepsAll, requests } = this.#settings;
    if (type !== 'abort' || keepsAll || requests.length > 1) return epoch;
    return this.#machines.coordinator.parseId(id)?.epoch ?? epoch;
  }

  #tell(draft: Draft, decided: Fact & { type: 'decided' }): void {
    const { id, state } = decided;
    const when = decided.state === 'committed' && { timestamp: decided.timestamp };
    const signal = this.#signals.numberOf({ kind: 'told', id, state, ...when });
    draft.waiting.push([this.#settings.answersWait ? draft.log.length : 0, signal]);
  }

  /** What waited for the log: signals leave, durable ends are forgotten (#follow). */
  #release(draft: Draft): void {
    const { signals, waiting } = released(draft.waiting, draft.forced);
    draft.signals.push(...signals);
    draft.waiting = waiting;
    for (const record of draft.log.slice(0, draft.forced)) {
      if (record.type === 'ended' && draft.state.transfers.get(record.id)?.ended) {
        this.#machines.coordinator.apply(draft.state, { type: 'forgotten', id: record.id });
      }
    }
  }

  /** As Coordinator.open: what is replayed was forced first. */
  #restart(draft: Draft, kept: number): void {
    const { initial, apply, owed } = this.#machines.coordinator;
    draft.log = draft.log.slice(0, draft.forced + kept);
    draft.forced = draft.log.length;
    draft.waiting = [];
    draft.state = initial(store, draft.state.epoch + (this.#settings.epochsRise ? 1 : 0));
    for (const record of draft.log) {
      apply(draft.state, record);
      if (record.type === 'decided') this.#tell(draft, record);
    }
    this.#release(draft);
    this.#react(draft, { type: 'start', at });
    for (const { begun, decided, expired } of draft.state.transfers.values()) {
      if (decided || expired) continue;
      const rule = 'a restart leaves nothing undecided';
      draft.violation = { rule, detail: `${begun.id} is as it was` };
    }
    for (const message of owed(draft.state)) {
      draft.waiting.push([draft.log.length, this.#request(draft.state, message)]);
    }
    this.#release(draft);
  }

  /** As the routes: an answer waits until what it was computed from is forced. */
  #answer(draft: Draft, by: string, id: string): void {
    const finding = this.#machines.coordinator.inquire(draft.state, id, this.#find(draft, id));
    const { state } = finding;
    if (state === 'pending') return;
    if (state === 'never-issued' || state === 'wrong-store') {
      const detail = `${by} asks about ${id}, and is answered ${state}`;
      draft.violation = { rule: 'nobody is alarmed', detail };
      return;
    }
    const when = finding.state === 'committed' && { timestamp: finding.timestamp };
    const signal = this.#signals.numberOf({ kind: 'decision', to: by, id, ...when });
    draft.waiting.push([this.#settings.answersWait ? draft.log.length : 0, signal]);
    this.#release(draft);
  }

  /** As Archive.find: what is not in memory is read from the forced log. */
  #find({ state, log, forced }: Draft, id: string): Transfer | undefined {
    const inMemory = state.transfers.get(id);
    if (inMemory) return inMemory;
    const { initial, apply } = this.#machines.coordinator;
    const past = initial(store, state.epoch);
    for (const record of log.slice(0, forced)) if (record.id === id) apply(past, record);
    return past.transfers.get(id);
  }

  #watermark({ state }: Draft): number {
    const watermark = this.#machines.coordinator.watermark(state);
    return this.#signals.numberOf({ kind: 'watermark', watermark });
  }

  /** As delivery.ts (#understand) and coordinator.ts (#events). */
  #hear(draft: Draft, signal: Signal): void {
    if (signal.kind !== 'reply') return;
    const { from: participant, re, id, reply } = signal;
    const concerning = { at, id, participant };
    if ('refused' in reply) {
      if (reply.refused === 'already-committed') this.#committedBefore(draft, id, participant);
      return;
    }
    if ('vote' in reply) {
      const { vote } = reply;
      this.#react(draft, { type: 'vote', ...concerning, vote });
      return;
    }
    const { state } = reply;
    if (state === 'unknown') return;
    if (re === 'commit-one-phase') {
      this.#react(draft, { type: 'outcome', ...concerning, state });
    } else if (state !== 'prepared' && state === (re === 'commit' ? 'committed' : 'aborted')) {
      this.#react(draft, { type: 'acknowledge', ...concerning, state });
    }
  }

  #committedBefore(draft: Draft, id: string, participant: string): void {
    const transfer = draft.state.transfers.get(id);
    if (!transfer || transfer.decided?.state === 'committed') return;
    if (transfer.decided || !this.#machines.coordinator.isOnePhase(transfer)) {
      const detail = `${participant} has committed ${id}, and the coordinator takes itself for old`;
      draft.violation = { rule: 'nobody is alarmed', detail };
      return;
    }
    this.#react(draft, { type: 'outcome', at, id, participant, state: 'committed' });
  }
}

/** How many of the records that are not forced a crash may keep: any prefix. */
export const crashes = (unforced: number) => Array.from({ length: unforced + 1 }, (_, k) => k);

/** A machine has found out by itself. */
export function brokenBy(error: unknown): Violation {
  const detail = error instanceof Error ? error.message : String(error);
  return { rule: 'the machine keeps its own invariants', detail };
}

function known(state: State, id: string): Transfer {
  const transfer = state.transfers.get(id);
  if (!transfer) throw new Error(`${id} is known when it is sent`);
  return transfer;
}

/**
 * Votes and acknowledgements are sets: in which order they came makes no other state. Once a
 * transfer is aborted, a yes and a missing vote are owed the abort alike; only a no is not.
 */
function keyOf({ state, log, forced, waiting }: CoordinatorNode): string {
  const { epoch, sequence, timestamp, decidedTimestamp } = state;
  const transfers = [...state.transfers].map(([id, transfer]) => {
    const { votes, acknowledged, expired, decided, ended } = transfer;
    const ballots = [...votes].filter(([, { vote }]) => decided === undefined || vote === 'no');
    return [id, ballots.sort(), [...acknowledged].sort(), expired, !!decided, !!ended];
  });
  const records = log.map((record) => {
    if (record.type !== 'decided' || record.state === 'committed') return record;
    return [record.id, Object.entries(record.votes).filter(([, { vote }]) => vote === 'no')];
  });
  const active = [...state.active];
  const counters = [epoch, sequence, timestamp, decidedTimestamp, forced];
  return JSON.stringify([counters, transfers, active, records, waiting]);
}
