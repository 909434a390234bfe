/**
 * A participant in the model: what the production machine is after a log of which a prefix is
 * forced, and what waits for the log. What waits for what is as in participant.ts (receive).
 */
import type { Event, Reply } from '../../participant/messages.ts';
import type { BranchRecord } from '../../participant/records.ts';
import type { Ledger, Opened } from '../../participant/ledger.ts';
import type { State } from '../../participant/state.ts';
import { store } from './coordinator-node.ts';
import { imageOf } from './facts.ts';
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

const at = '';

/** A record, and the highest timestamp that balances were served at before it. */
export interface Entry {
  readonly record: BranchRecord;
  readonly served: number;
}

export interface ParticipantNode {
  readonly name: string;
  readonly log: readonly Entry[];
  readonly forced: number;
  readonly waiting: readonly Waiting[];
  readonly served: number;
}

export interface Machine {
  readonly state: State;
  readonly ledger: Ledger;
}

export type ParticipantEvent =
  | { readonly type: 'signal'; readonly signal: number; readonly isStorageLow: boolean }
  /** A peer asks what is known of a transfer. */
  | { readonly type: 'asked'; readonly by: string; readonly id: string }
  | { readonly type: 'force' }
  | { readonly type: 'crash'; readonly kept: number; readonly served: number }
  /** Balances are served at a timestamp. */
  | { readonly type: 'serve'; readonly timestamp: number };

interface Draft {
  log: Entry[];
  forced: number;
  waiting: Waiting[];
  served: number;
  signals: number[];
  violation?: Violation;
}

export class ParticipantNodes {
  readonly nodes = new Numbered<ParticipantNode>();
  readonly name: string;
  readonly #cores: number[] = [];
  readonly #keys = new Numbered<string>();
  readonly #machines: Machines;
  readonly #settings: Settings;
  readonly #signals: Numbered<Signal>;
  readonly #opened: readonly Opened[];
  readonly #built = new Map<number, Machine>();

  constructor(
    name: string,
    machines: Machines,
    settings: Settings,
    signals: Numbered<Signal>,
    opened: readonly Opened[],
  ) {
    this.name = name;
    this.#machines = machines;
    this.#settings = settings;
    this.#signals = signals;
    this.#opened = opened;
  }

  /** An empty log. */
  first(): number {
    return this.#number({ log: [], forced: 0, waiting: [], served: 0, signals: [] });
  }

  /** What a core stands for. */
  coreText(number: number): string {
    return this.#keys.item(this.core(number));
  }

  /** Equal for nodes that differ in what waits for the log only. */
  core(number: number): number {
    return (this.#cores[number] ??= this.#keys.numberOf(
      this.#keyOf({ ...this.nodes.item(number), waiting: [] }),
    ));
  }

  /** Whether a watermark is all that is not forced. */
  lacksOnlyWatermark(number: number): boolean {
    const { log, forced } = this.nodes.item(number);
    return forced === log.length - 1 && log[forced]?.record.type === 'watermark';
  }

  /** The machine of a node: only to be looked at. */
  machine(number: number): Machine {
    const built = this.#built.get(number) ?? this.replay(this.nodes.item(number).log);
    this.#built.set(number, built);
    return built;
  }

  /** What a start with these records leads to. */
  replay(log: readonly Entry[]): Machine {
    const ledger = new this.#machines.ledger.Ledger({ preparedPerAccount: 3 });
    for (const record of this.#opened) ledger.apply(record);
    const state = this.#machines.state.initial(ledger);
    for (const { record } of log) this.#machines.applying.apply(state, record);
    return { state, ledger };
  }

  step(number: number, event: ParticipantEvent): Step {
    const { log, forced, waiting, served } = this.nodes.item(number);
    const draft: Draft = { log: [...log], forced, waiting: [...waiting], served, signals: [] };
    try {
      this.#change(draft, event);
      const { signals, violation } = draft;
      const next = this.#number(draft);
      this.machine(next);
      return { next, signals, ...(violation && { violation }) };
    } catch (error) {
      const detail = `${this.name}: ${error instanceof Error ? error.message : String(error)}`;
      const violation = { rule: 'the machine keeps its own invariants', detail } as const;
      return { next: number, signals: [], violation };
    }
  }

  #number({ log, forced, waiting, served }: Draft): number {
    const node = { name: this.name, log, forced, waiting: sorted(waiting), served };
    return this.nodes.numberOf(node, this.#keyOf(node));
  }

  /** Of what is forced only the result matters, and what is on record of each transfer. */
  #keyOf({ log, forced, waiting, served }: ParticipantNode): string {
    const durable = log.slice(0, forced);
    const records = durable.flatMap(({ record, served: then }) => {
      if (record.type !== 'prepared' && record.type !== 'committed' && record.type !== 'aborted') {
        return [];
      }
      return [[record.type, record.id, 'timestamp' in record ? record.timestamp : then]];
    });
    const later = waiting.map(([after, signal]) => [after - forced, signal]);
    const image = imageOf(this.replay(durable));
    return JSON.stringify([records, image, log.slice(forced), later, served]);
  }

  #change(draft: Draft, event: ParticipantEvent): void {
    switch (event.type) {
      case 'signal':
        this.#hear(draft, this.#signals.item(event.signal), event.isStorageLow);
        return;
      case 'asked':
        this.#answerPeer(draft, event.by, event.id);
        return;
      case 'force':
        draft.forced = draft.log.length;
        this.#release(draft);
        return;
      case 'crash':
        draft.log = draft.log.slice(0, draft.forced + event.kept);
        draft.forced = draft.log.length;
        draft.waiting = [];
        draft.served = event.served;
        return;
      case 'serve':
        draft.served = Math.max(draft.served, event.timestamp);
    }
  }

  #hear(draft: Draft, signal: Signal, isStorageLow: boolean): void {
    const { state } = this.replay(draft.log);
    switch (signal.kind) {
      case 'request': {
        const { request } = signal;
        const { type, coordinator } = request;
        const votes = type === 'prepare' || type === 'commit-one-phase';
        // The routes refuse what asks for a vote, and comes from before the last known start.
        if (votes && this.#machines.state.newerEpoch(state, coordinator) !== undefined) return;
        this.#reply(draft, state, request, isStorageLow);
        return;
      }
      case 'decision':
        this.#settle(draft, state, signal);
        return;
      case 'watermark': {
        const { watermark } = signal;
        const record = this.#machines.watermark.heed(state, { at, store, watermark });
        if (record) draft.log.push({ record, served: draft.served });
        return;
      }
      case 'reply':
      case 'told':
        throw new Error(`${signal.kind} is not for a participant`);
    }
  }

  #reply(
    draft: Draft,
    state: State,
    request: (Signal & { kind: 'request' })['request'],
    isStorageLow: boolean,
  ): void {
    const reaction = this.#receive(draft, state, request, isStorageLow);
    const { id, type: re } = request;
    const { reply, forced } = reaction;
    this.#look(draft, state, request, reply);
    const said = withoutReason(reply);
    const signal = this.#signals.numberOf({ kind: 'reply', from: this.name, re, id, reply: said });
    const waits = forced && this.#settings.repliesWait;
    draft.waiting.push([waits ? draft.log.length : 0, signal]);
    this.#release(draft);
  }

  #receive(draft: Draft, state: State, event: Event, isStorageLow = false) {
    const { served } = draft;
    const conditions = { served, isConfirmed: true, isStorageLow };
    const reaction = this.#machines.participant.receive(state, event, conditions);
    for (const record of reaction.records) draft.log.push({ record, served });
    return reaction;
  }

  /** A refusal that calls for a person, where all nodes are honest. */
  #look(draft: Draft, state: State, { type, id }: Event, reply: Reply): void {
    if (!('refused' in reply)) return;
    const { refused } = reply;
    const again = type === 'prepare' || type === 'commit-one-phase';
    if (again && (refused === 'already-committed' || refused === 'forgotten')) return;
    const alone = state.branches.get(id)?.peers.length === 0;
    if (type === 'abort' && refused === 'already-committed' && alone) return;
    const detail = `${this.name} refuses to ${type} ${id}: ${refused}`;
    draft.violation = { rule: 'nobody is alarmed', detail };
  }

  /** As ask-coordinator.ts (settle): a decision that has come meanwhile is not looked at. */
  #settle(draft: Draft, state: State, { id, timestamp }: Signal & { kind: 'decision' }): void {
    const branch = state.branches.get(id);
    if (!branch || !this.#machines.state.isInDoubt(state, id)) return;
    const common = { at, id, coordinator: branch.coordinator };
    const event: Event =
      timestamp === undefined
        ? { type: 'abort', ...common }
        : { type: 'commit', ...common, timestamp };
    this.#look(draft, state, event, this.#receive(draft, state, event).reply);
  }

  #answerPeer(draft: Draft, by: string, id: string): void {
    const { state } = this.replay(draft.log);
    const [, epoch] = id.split('-');
    const coordinator = { store, epoch: Number(epoch) };
    const { reply, forced } = this.#receive(draft, state, { type: 'inquire', at, id, coordinator });
    if (!('state' in reply) || reply.state === 'unknown') return;
    const { state: decision, timestamp } = reply;
    if (decision === 'prepared') throw new Error('a promise is no decision');
    const when = decision === 'committed' && timestamp !== undefined && { timestamp };
    const signal = this.#signals.numberOf({ kind: 'decision', to: by, id, ...when });
    const waits = forced && this.#settings.repliesWait;
    draft.waiting.push([waits ? draft.log.length : 0, signal]);
    this.#release(draft);
  }

  #release(draft: Draft): void {
    const { signals, waiting } = released(draft.waiting, draft.forced);
    draft.signals.push(...signals);
    draft.waiting = waiting;
  }
}

/** Reasons are for people: no machine reads them, and with them equal states would differ. */
function withoutReason(reply: Reply): Reply {
  if ('vote' in reply && reply.vote === 'no') return { id: reply.id, vote: 'no', code: '' };
  if ('state' in reply) return { id: reply.id, state: reply.state };
  return reply;
}
