/**
 * Several processes of the coordinator on one store, as in log/postgres: the row of the store, and
 * what each process has in memory that believes that it holds it. Any process may take the store at
 * any time; leases only make that rare. So a crash needs no step of its own: whoever has crashed is
 * one that does nothing any more, while another takes the store.
 */
import {
  brokenBy,
  type CoordinatorEvent,
  type CoordinatorNodes,
  type Coordinators,
} from './coordinator-node.ts';
import type { CoordinatorFacts, Ids } from './facts.ts';
import type { Settings } from './settings.ts';
import { Numbered, type Step } from './signals.ts';

/** That of a process which has found out that it has lost the store. */
const gone = -1;

interface Shared {
  /** The durable records and the epoch, as a node that has nothing but them. */
  readonly row: number;
  /** By take: the last one is the holder that the row names. */
  readonly machines: readonly number[];
}

export class SharedStore implements Coordinators {
  readonly #all = new Numbered<Shared>();
  readonly #nodes: CoordinatorNodes;
  readonly #settings: Settings;
  readonly #steps = new Map<string, Step>();
  readonly #cores: number[] = [];
  readonly #coreTexts = new Numbered<string>();
  readonly #facts: CoordinatorFacts[] = [];

  constructor(nodes: CoordinatorNodes, settings: Settings) {
    this.#nodes = nodes;
    this.#settings = settings;
  }

  /** The first process has just taken an empty store. */
  first(): number {
    const node = this.#nodes.first();
    return this.#number({ row: node, machines: [node] });
  }

  processes(number: number): readonly number[] {
    const { machines } = this.#all.item(number);
    return [...machines.keys()].filter((process) => machines[process] !== gone);
  }

  holds(number: number, process: number | undefined): boolean {
    return process === this.#holder(this.#all.item(number));
  }

  /** A statement may hold fewer records than all that wait. */
  events(number: number): CoordinatorEvent[] {
    const { machines } = this.#all.item(number);
    const working = this.processes(number);
    const events = working.flatMap((process) => {
      const node = machines[process] ?? gone;
      const { log, forced } = this.#nodes.nodes.item(node);
      const parts = Array.from({ length: Math.max(0, log.length - forced - 1) }, (_, part) => {
        return { type: 'force', many: part + 1, process } as const;
      });
      const own = this.#nodes.events(node).filter(({ type }) => type !== 'crash');
      return [...own.map((event): CoordinatorEvent => ({ ...event, process })), ...parts];
    });
    const isFree = working.length < this.#settings.processes;
    return isFree ? [...events, { type: 'take' }] : events;
  }

  step(number: number, event: CoordinatorEvent): Step {
    const shared = this.#all.item(number);
    try {
      if (event.type === 'take') return this.#take(shared);
      const process = event.process ?? this.#holder(shared);
      if (event.type === 'force') return this.#write(shared, process, event);
      const isHolder = process === this.#holder(shared);
      // An answer is given when it is made, or when it is written, or never.
      const mayAnswer = isHolder || !this.#settings.answersCheck;
      if (event.type === 'ask' && !mayAnswer) return this.#lose(shared, process);
      const step = this.#own(shared.machines[process] ?? gone, event);
      const isAlarmed = event.type === 'reply' && step.violation?.rule === 'nobody is alarmed';
      if (isAlarmed && !isHolder) return this.#lose(shared, process);
      return { ...step, next: this.#number(changed(shared, process, step.next)) };
    } catch (error) {
      return { next: number, signals: [], violation: brokenBy(error) };
    }
  }

  core(number: number): number {
    return (this.#cores[number] ??= this.#coreTexts.numberOf(this.#coreTextOf(number)));
  }

  coreText(number: number): string {
    return this.#coreTexts.item(this.core(number));
  }

  survivors(number: number): readonly number[] {
    const { row, machines } = this.#all.item(number);
    const holder = machines.length - 1;
    const alone = machines.map((node, process) => (process === holder ? node : gone));
    const another = this.#take({ row, machines: machines.map(() => gone) });
    return [this.#number({ row, machines: alone }), another.next];
  }

  /** What the row says, and what its holder has in memory. */
  facts(ids: Ids, number: number): CoordinatorFacts {
    const shared = this.#all.item(number);
    const factsOf = (node: number) => (this.#facts[node] ??= this.#nodes.facts(ids, node));
    const onRecord = factsOf(shared.row);
    const all = this.processes(number).map((process) => factsOf(shared.machines[process] ?? gone));
    const holder = shared.machines[this.#holder(shared)] ?? gone;
    const base = holder !== gone && this.#continues(shared, holder) ? factsOf(holder) : onRecord;
    const union = (set: (facts: CoordinatorFacts) => number) => {
      return [onRecord, ...all].reduce((sum, facts) => sum | set(facts), 0);
    };
    const durably = union(({ committedForced }) => committedForced);
    const differ =
      (durably & ~onRecord.committed) |
      (union(({ abortedForced }) => abortedForced) & ~onRecord.aborted);
    const detail = 'a process takes for durable what the row does not have';
    const mistaken = differ === 0 ? undefined : ({ rule: 'one decision', detail } as const);
    const violation = mistaken ?? [onRecord, ...all].find((facts) => facts.violation)?.violation;
    const known = all.reduce((sum, facts) => sum | facts.known, 0);
    return {
      ...base,
      awaited: union(({ undecided }) => undecided),
      over: ~(known | (onRecord.known & ~onRecord.endedForced)),
      opposed: union(({ committed }) => committed) & union(({ aborted }) => aborted),
      ...(violation && { violation }),
    };
  }

  #holder({ machines }: Shared): number {
    return machines.length - 1;
  }

  /** Processes that keep their names take turns. */
  #isNamed(shared: Shared, process: number): boolean {
    const nameOf = (one: number) => (this.#settings.namesChange ? one : one % 2);
    return nameOf(process) === nameOf(this.#holder(shared));
  }

  #continues({ row }: Shared, node: number): boolean {
    return this.#nodes.nodes.item(row).log.length === this.#nodes.nodes.item(node).forced;
  }

  /** As HeldStore.take, then Coordinator.open: the row names another from then on. */
  #take({ row, machines }: Shared): Step {
    const { log } = this.#nodes.nodes.item(row);
    const step = this.#own(row, { type: 'crash', kept: 0 });
    const { epoch } = this.#nodes.nodes.item(step.next).state;
    const taken = { row: this.#nodes.row(log, epoch), machines: [...machines, step.next] };
    return { ...step, next: this.#number(taken) };
  }

  /** As WRITE in log/postgres/log.ts. */
  #write(shared: Shared, process: number, event: CoordinatorEvent & { type: 'force' }): Step {
    const node = shared.machines[process] ?? gone;
    const isHeld = !this.#settings.writesCheck || this.#isNamed(shared, process);
    if (!isHeld || !this.#continues(shared, node)) return this.#lose(shared, process);
    const step = this.#own(node, event);
    const { log, forced } = this.#nodes.nodes.item(step.next);
    const { epoch } = this.#nodes.nodes.item(shared.row).state;
    const row = this.#nodes.row(log.slice(0, forced), epoch);
    const written = { ...changed(shared, process, step.next), row };
    return { ...step, next: this.#number(written) };
  }

  /** It follows the row from now on: nothing leaves of what it has in memory. */
  #lose(shared: Shared, process: number): Step {
    return { next: this.#number(changed(shared, process, gone)), signals: [] };
  }

  #own(node: number, { process: _, ...event }: CoordinatorEvent): Step {
    const key = `${node} ${JSON.stringify(event)}`;
    const known = this.#steps.get(key) ?? this.#nodes.step(node, event);
    this.#steps.set(key, known);
    return known;
  }

  #number(shared: Shared): number {
    return this.#all.numberOf(shared, `${shared.row} ${shared.machines.join(' ')}`);
  }

  #coreTextOf(number: number): string {
    const { row, machines } = this.#all.item(number);
    const texts = machines.map((node) => (node === gone ? '' : this.#nodes.coreText(node)));
    return [this.#nodes.coreText(row), ...texts].join('\n');
  }
}

function changed({ row, machines }: Shared, process: number, node: number): Shared {
  return { row, machines: machines.with(process, node) };
}
