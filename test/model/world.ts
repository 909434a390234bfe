/**
 * A whole cluster in the model: every state it can be in, and every step from there. A state is a
 * row of numbers: nodes and networks are numbered, and each step of a node is worked out once.
 */
import type { Opened } from '../../participant/ledger.ts';
import {
  CoordinatorNodes,
  crashes,
  type CoordinatorEvent,
  type Coordinators,
} from './coordinator-node.ts';
import { participantFacts, type CoordinatorFacts, type ParticipantFacts } from './facts.ts';
import { isLive } from './live.ts';
import type { Machines } from './machines.ts';
import { Networks } from './networks.ts';
import { ParticipantNodes, type ParticipantEvent } from './participant-node.ts';
import { nameOf, type Settings } from './settings.ts';
import { SharedStore } from './shared-store.ts';
import { Numbered, type Signal, type Step } from './signals.ts';

export interface State {
  readonly coordinator: number;
  readonly participants: readonly number[];
  readonly network: number;
  /** How many requests of clients have begun. */
  readonly begun: number;
  /** Or takes of the store, when several processes share it. */
  readonly coordinatorCrashes: number;
  readonly participantCrashes: number;
}

export type Happening =
  | { readonly at: 'coordinator'; readonly event: CoordinatorEvent }
  | { readonly at: number; readonly event: ParticipantEvent };

export interface Successor {
  readonly happening: Happening;
  readonly state: State;
  readonly step: Step;
}

interface Option<Event> {
  readonly event: Event;
  readonly step: Step;
}

/** More signals, and processes, than any model has: with a node they make one key. */
const [mostSignals, mostProcesses] = [4_096, 8];

export class World {
  readonly settings: Settings;
  readonly ids = new Numbered<string>();
  readonly signals = new Numbered<Signal>();
  readonly networks: Networks;
  readonly coordinators: Coordinators;
  readonly participants: readonly ParticipantNodes[];
  readonly #machines: Machines;
  readonly #coordinatorOptions: Option<CoordinatorEvent>[][] = [];
  readonly #participantOptions: Option<ParticipantEvent>[][][];
  readonly #heard = new Map<number, Option<CoordinatorEvent>>();
  readonly #received: Map<number, Option<ParticipantEvent>[]>[];
  readonly #asked = new Map<string, Step>();
  readonly #coordinatorFacts: CoordinatorFacts[] = [];
  readonly #participantFacts: ParticipantFacts[][];

  constructor(machines: Machines, settings: Settings) {
    this.#machines = machines;
    this.settings = settings;
    const names = Array.from({ length: settings.participants }, (_, index) => nameOf(index));
    this.networks = new Networks(this.signals, this.ids, names);
    const nodes = new CoordinatorNodes(machines, settings, this.signals);
    this.coordinators = settings.processes > 1 ? new SharedStore(nodes, settings) : nodes;
    const opened = ['cash', 'pool'].map((id): Opened => {
      return { type: 'opened', at: '', id, currency: 'USD', balance: settings.balance, minimum: 0 };
    });
    this.participants = names.map(
      (name) => new ParticipantNodes(name, machines, settings, this.signals, opened),
    );
    this.#participantOptions = names.map(() => []);
    this.#received = names.map(() => new Map());
    this.#participantFacts = names.map(() => []);
  }

  first(): State {
    return {
      coordinator: this.coordinators.first(),
      participants: this.participants.map((nodes) => nodes.first()),
      network: this.networks.empty,
      begun: 0,
      coordinatorCrashes: 0,
      participantCrashes: 0,
    };
  }

  /** All that can happen next; what changes nothing is left out. */
  *successors(state: State): Iterable<Successor> {
    const { coordinator, participants, network } = state;
    for (const { event, step } of this.#optionsOfCoordinator(coordinator)) {
      if (event.type === 'begin' && event.request !== state.begun) continue;
      if (isStart(event) && state.coordinatorCrashes === 0) continue;
      yield* this.#after(state, { at: 'coordinator', event }, step);
    }
    for (const signal of this.networks.toCoordinator(network)) {
      for (const process of this.coordinators.processes(coordinator)) {
        const { event, step } = this.#hear(coordinator, signal, process);
        yield* this.#after(state, { at: 'coordinator', event }, step);
      }
    }
    for (const [at, node] of participants.entries()) {
      for (const { event, step } of this.#optionsOfParticipant(at, node)) {
        if (event.type === 'crash' && state.participantCrashes === 0) continue;
        yield* this.#after(state, { at, event }, step);
      }
      for (const signal of this.networks.toParticipant(network, at)) {
        for (const { event, step } of this.#receive(at, node, signal)) {
          yield* this.#after(state, { at, event }, step);
        }
      }
      yield* this.#inquiries(state, at);
    }
    if (this.settings.reads) yield* this.#readings(state);
  }

  /** What is known of a node of the coordinator. */
  factsOfCoordinator(number: number): CoordinatorFacts {
    return (this.#coordinatorFacts[number] ??= this.coordinators.facts(this.ids, number));
  }

  factsOfParticipant(index: number, number: number): ParticipantFacts {
    const [facts, nodes] = [this.#participantFacts[index], this.participants[index]];
    if (!facts || !nodes) throw new Error(`there is no participant ${index}`);
    return (facts[number] ??= participantFacts(
      this.ids,
      this.#machines,
      nodes,
      number,
      this.settings.balance,
    ));
  }

  /** The state after a step. */
  after(state: State, { at, event }: Happening, { next, signals }: Step): State {
    const network = this.networks.with(state.network, signals);
    if (at === 'coordinator') {
      const begun = state.begun + (event.type === 'begin' ? 1 : 0);
      const coordinatorCrashes = state.coordinatorCrashes - (isStart(event) ? 1 : 0);
      return { ...state, coordinator: next, network, begun, coordinatorCrashes };
    }
    const participants = state.participants.with(at, next);
    const participantCrashes = state.participantCrashes - (event.type === 'crash' ? 1 : 0);
    return { ...state, participants, network, participantCrashes };
  }

  /**
   * A step that only sends, now or once a log is forced, takes nothing away, so it may as well come
   * first: what is on its way may always be lost. So may a forced write when no crash can come any
   * more, and that of a watermark alone: who loses one might as well not have heard it yet. This
   * makes many states one.
   */
  *quietSteps(state: State): Iterable<Successor> {
    for (const successor of this.successors(state)) {
      if (this.#isQuiet(state, successor.happening, successor.step)) yield successor;
    }
  }

  #isQuiet(state: State, { at, event }: Happening, { next, violation }: Step): boolean {
    if (violation || isStart(event) || event.type === 'begin') return false;
    if (at === 'coordinator') {
      const before = state.coordinator;
      if (event.type === 'force') {
        return state.coordinatorCrashes === 0 && this.coordinators.holds(before, event.process);
      }
      return next === before || this.coordinators.core(next) === this.coordinators.core(before);
    }
    const [before, nodes] = [state.participants[at], this.participants[at]];
    if (before === undefined || !nodes) return false;
    if (event.type === 'force') {
      return state.participantCrashes === 0 || nodes.lacksOnlyWatermark(before);
    }
    return next === before || nodes.core(next) === nodes.core(before);
  }

  /** After all quiet steps, with what is live on its way. */
  quiet(before: State): State {
    return this.live(this.still(before));
  }

  /** After all quiet steps, with all that they have said. */
  still(before: State): State {
    let state = before;
    for (let after = this.#quieter(state); after !== state; after = this.#quieter(state)) {
      state = after;
    }
    return state;
  }

  /** The same state when all that is on its way is live. */
  live(state: State): State {
    if (this.settings.keepsAll) return state;
    const network = this.#live(state, state.network);
    return network === state.network ? state : { ...state, network };
  }

  /** The same state, when no quiet step changes anything. */
  #quieter(before: State): State {
    let state = before;
    const take = (happening: Happening, step: Step) => {
      if (!this.#changes(state, happening, step)) return;
      if (this.#isQuiet(state, happening, step)) state = this.after(state, happening, step);
    };
    for (const { event } of this.#optionsOfCoordinator(before.coordinator)) {
      if (isStart(event) || event.type === 'begin') continue;
      const option = this.#optionsOfCoordinator(state.coordinator).find((one) => {
        return one.event.type === event.type && one.event.process === event.process;
      });
      if (option) take({ at: 'coordinator', event: option.event }, option.step);
    }
    for (const signal of this.networks.toCoordinator(state.network)) {
      for (const process of this.coordinators.processes(state.coordinator)) {
        const { event, step } = this.#hear(state.coordinator, signal, process);
        take({ at: 'coordinator', event }, step);
      }
    }
    for (const at of before.participants.keys()) {
      const nodeOf = () => state.participants[at] ?? 0;
      for (const signal of this.networks.toParticipant(state.network, at)) {
        for (const { event, step } of this.#receive(at, nodeOf(), signal))
          take({ at, event }, step);
      }
      const force = this.#optionsOfParticipant(at, nodeOf()).find(({ event }) => {
        return event.type === 'force';
      });
      if (force) take({ at, event: force.event }, force.step);
      for (const { happening, step } of this.#inquiries(state, at)) {
        const before = state;
        take(happening, step);
        // The next one is a step of the state that was.
        if (state !== before) break;
      }
    }
    return state;
  }

  #changes(state: State, { at, event }: Happening, { next, signals }: Step): boolean {
    const before = at === 'coordinator' ? state.coordinator : state.participants[at];
    if (before !== next || isStart(event)) return true;
    return this.networks.with(state.network, signals) !== state.network;
  }

  #live(state: State, network: number): number {
    const participants = state.participants.map((node, at) => this.factsOfParticipant(at, node));
    const nodes = {
      ids: this.ids,
      coordinator: this.factsOfCoordinator(state.coordinator),
      participants,
      participant: (name: string) => {
        const facts = participants[this.participants.findIndex((one) => one.name === name)];
        if (!facts) throw new Error(`there is no participant ${name}`);
        return facts;
      },
    };
    return this.networks.only(network, (signal) => isLive(signal, nodes));
  }

  *#after(state: State, happening: Happening, step: Step): Iterable<Successor> {
    if (!this.#changes(state, happening, step) && !step.violation) return;
    yield { happening, state: this.after(state, happening, step), step };
  }

  #optionsOfCoordinator(number: number): readonly Option<CoordinatorEvent>[] {
    const known = this.#coordinatorOptions[number];
    if (known) return known;
    const events = this.coordinators.events(number);
    const options = events.map((event) => ({ event, step: this.coordinators.step(number, event) }));
    this.#coordinatorOptions[number] = options;
    return options;
  }

  #optionsOfParticipant(index: number, number: number): readonly Option<ParticipantEvent>[] {
    const [all, nodes] = [this.#participantOptions[index], this.participants[index]];
    if (!all || !nodes) throw new Error(`there is no participant ${index}`);
    const known = all[number];
    if (known) return known;
    const { log, forced, served } = nodes.nodes.item(number);
    const events: ParticipantEvent[] = [
      ...(forced < log.length ? [{ type: 'force' } as const] : []),
      ...crashes(log.length - forced).map((kept) => ({ type: 'crash', kept, served }) as const),
    ];
    const options = events.map((event) => ({ event, step: nodes.step(number, event) }));
    all[number] = options;
    return options;
  }

  #hear(number: number, signal: number, process: number): Option<CoordinatorEvent> {
    const key = (number * mostSignals + signal) * mostProcesses + process;
    const known = this.#heard.get(key);
    if (known) return known;
    const event = { type: 'reply', signal, process } as const;
    const option = { event, step: this.coordinators.step(number, event) };
    this.#heard.set(key, option);
    return option;
  }

  #receive(index: number, number: number, signal: number): readonly Option<ParticipantEvent>[] {
    const [heard, nodes] = [this.#received[index], this.participants[index]];
    if (!heard || !nodes) throw new Error(`there is no participant ${index}`);
    const key = number * mostSignals + signal;
    const known = heard.get(key);
    if (known) return known;
    const sent = this.signals.item(signal);
    const asksForVote =
      sent.kind === 'request' &&
      (sent.request.type === 'prepare' || sent.request.type === 'commit-one-phase');
    const conditions = asksForVote && this.settings.storageLow ? [false, true] : [false];
    const options = conditions.map((isStorageLow) => {
      const event = { type: 'signal', signal, isStorageLow } as const;
      return { event, step: nodes.step(number, event) };
    });
    heard.set(key, options);
    return options;
  }

  /** Whoever has promised asks the coordinator, or a peer; the question may come late. */
  *#inquiries(state: State, index: number): Iterable<Successor> {
    const asking = this.participants[index];
    const number = state.participants[index];
    if (!asking || number === undefined) return;
    const { prepared, onePhase } = this.factsOfParticipant(index, number);
    const { name: by } = asking;
    for (let bit = 0; prepared >> bit > 0; bit++) {
      if ((prepared & (1 << bit)) === 0) continue;
      const id = this.ids.item(bit);
      const { coordinator } = state;
      for (const process of this.coordinators.processes(coordinator)) {
        const event = { type: 'ask', by, id, process } as const;
        const key = `${coordinator} ${process} ${by} ${id}`;
        const step = this.#ask(key, () => this.coordinators.step(coordinator, event));
        yield* this.#after(state, { at: 'coordinator', event }, step);
      }
      if (onePhase & (1 << bit)) continue;
      for (const [at, peer] of this.participants.entries()) {
        const node = state.participants[at];
        if (at === index || node === undefined) continue;
        const question = { type: 'asked', by, id } as const;
        const said = this.#ask(`${node} ${peer.name} ${by} ${id}`, () => peer.step(node, question));
        yield* this.#after(state, { at, event: question }, said);
      }
    }
  }

  #ask(key: string, work: () => Step): Step {
    const known = this.#asked.get(key);
    if (known) return known;
    const step = work();
    this.#asked.set(key, step);
    return step;
  }

  /** Balances are read at the coordinator's durable timestamp. */
  *#readings(state: State): Iterable<Successor> {
    const { durable: timestamp } = this.factsOfCoordinator(state.coordinator);
    for (const [at, nodes] of this.participants.entries()) {
      const node = state.participants[at];
      if (node === undefined) continue;
      const event = { type: 'serve', timestamp } as const;
      const step = this.#ask(`${node} ${at} at ${timestamp}`, () => nodes.step(node, event));
      yield* this.#after(state, { at, event }, step);
    }
  }
}

/** What the settings let happen so many times only. */
const isStart = ({ type }: Happening['event']) => type === 'crash' || type === 'take';
