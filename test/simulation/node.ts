import type { NodeRole } from '../../http/contract.ts';
import type { Coordinator, CoordinatorLimits } from '../../coordinator/coordinator.ts';
import type { Node, NodeOptions } from '../../participant/node.ts';
import type { Participant } from '../../participant/participant.ts';
import { anyAddress } from '../fixtures/any-address.ts';
import { MemoryDisk } from '../fixtures/memory-disk.ts';
import { contracts, type Entrance, type Handlers } from './entrance.ts';
import type { Dice } from './dice.ts';
import type { Step } from './nemesis.ts';
import type { Host, Network, Reply, Sent } from './network.ts';
import type { Program } from './program.ts';
import { Run, type DiskTrouble } from './run.ts';
import type { Schedule } from './schedule.ts';

/** What all nodes of one simulation have in common. */
export interface Surroundings {
  readonly schedule: Schedule;
  readonly dice: Dice;
  readonly program: Program;
  readonly entrance: Entrance;
  readonly network: Network;
  readonly coordinatorLimits: CoordinatorLimits;
  readonly participantLimits: NodeOptions['limits'];
  readonly count: (what: string) => void;
  readonly onStep: (node: string, what: Step) => void;
  readonly tell: (text: () => string) => void;
  /** How long a write or a force takes at the most, usually. Milliseconds. */
  readonly writeMs: number;
  /** Something that must not happen has happened. */
  readonly blame: (flaw: string) => void;
}

const folder = '/data';

/** A node over all its runs: a disk, an address, and whatever runs on them. */
export class SimulatedNode implements Host {
  readonly name: string;
  readonly role: NodeRole;
  readonly store: string;
  readonly trouble: DiskTrouble;
  disk = new MemoryDisk();
  run: Run | undefined;
  coordinator: Coordinator | undefined;
  participant: Participant | undefined;
  /** An old copy of its disk has come back once. */
  wasRestored = false;
  readonly #around: Surroundings;
  #handlers: Handlers | undefined;
  #port = 1;
  #starts = 0;

  constructor(name: string, role: NodeRole, around: Surroundings) {
    this.name = name;
    this.role = role;
    this.store = name.replace(/\W/g, '').padEnd(8, '0').slice(0, 8);
    this.#around = around;
    this.trouble = { next: undefined, always: undefined, slowMs: 0, usualMs: around.writeMs };
  }

  get address(): string {
    return `http://${this.name}.${this.#port}.test`;
  }

  get isRunning(): boolean {
    return this.run !== undefined && !this.run.isOver;
  }

  /** Whether it listens. */
  get isOpen(): boolean {
    return this.isRunning && this.#handlers !== undefined;
  }

  async init(): Promise<void> {
    const { name, role, store, disk } = this;
    await this.#around.program.initStore({ folder, role, store, disk });
    this.#around.tell(() => `${name} has store ${store}`);
  }

  /** Starts, unless it runs; what goes wrong ends the run. */
  start(moves = false): void {
    if (this.isRunning) return;
    // A coordinator's address is a setting of all participants.
    if (moves && this.role === 'participant') this.#port += 1;
    const { schedule, dice, count, tell } = this.#around;
    const { disk, trouble } = this;
    const onStep = () => {
      this.#around.onStep(this.name, 'disk');
    };
    const run = new Run({ schedule, dice, disk, trouble, count, onStep });
    this.#starts += 1;
    this.run = run;
    tell(() => `${this.name} starts at ${this.address}`);
    this.#open(run).catch((error: unknown) => {
      this.#fail(run, error);
    });
  }

  async #open(run: Run): Promise<void> {
    const { program, tell } = this.#around;
    const { role, name } = this;
    const store = await program.openStore({ folder, role, disk: run.disk, pid: 1 });
    const onFailure = (error: Error) => {
      this.#fail(run, error);
    };
    if (role === 'coordinator') await this.#openCoordinator(run, { store, onFailure });
    else await this.#openParticipant(run, { store, onFailure });
    tell(() => `${name} is open`);
  }

  #common(run: Run) {
    const { network, dice, entrance } = this.#around;
    const logger = {
      info: () => undefined,
      warn: (_: object, text: string) => {
        this.#around.tell(() => `${this.name} warns: ${text}`);
      },
      error: ({ code = '' }: { code?: string }, text: string) => {
        this.#alarm(`${text} ${code}`);
      },
    };
    return {
      transport: network.from(this.name, run),
      keys: () => [entrance.keys[this.role]],
      clock: run.clock,
      random: dice.next,
      logger,
    };
  }

  async #openCoordinator(run: Run, own: Pick<NodeOptions, 'store' | 'onFailure'>): Promise<void> {
    const { program, coordinatorLimits: limits } = this.#around;
    const common = { ...this.#common(run), contract: contracts.participant };
    const coordinator = await program.Coordinator.open({ ...common, ...own, limits });
    if (run.isOver) return;
    this.coordinator = coordinator;
    this.#handlers = program.coordinatorRoutes(coordinator, anyAddress, common);
  }

  async #openParticipant(run: Run, own: Pick<NodeOptions, 'store' | 'onFailure'>): Promise<void> {
    const { program, participantLimits: limits } = this.#around;
    const node: Node = await program.openNode({
      ...this.#common(run),
      ...own,
      coordinators: ['http://coordinator.1.test'],
      name: this.name,
      run: `run-${this.#starts}`,
      limits,
    });
    if (run.isOver) return;
    const { participant } = node;
    this.participant = participant;
    this.#handlers = program.participantRoutes(participant, () => participant.isConfirmed);
    await node.begin(this.address);
  }

  async answer(request: Sent): Promise<Reply> {
    const { run } = this;
    const handlers = this.#handlers;
    if (!handlers || !run) throw new Error(`${this.name} does not listen yet`);
    try {
      const reply = await this.#around.entrance.call(this.name, this.role, handlers, request);
      if (reply.status !== 500) return reply;
      throw new Error(`${request.url} was answered ${JSON.stringify(reply)}`);
    } catch (error) {
      if (!run.isOver && !run.isHit) this.#around.blame(`${this.name} broke: ${String(error)}`);
      throw error;
    }
  }

  /** It stops at once; what its disk then has is `next`. */
  die(next: MemoryDisk): void {
    if (this.run) this.run.isOver = true;
    this.disk = next;
    this.coordinator = undefined;
    this.participant = undefined;
    this.#handlers = undefined;
  }

  /** A node that says that it cannot go on, exits. */
  #fail(run: Run, error: unknown): void {
    if (run.isOver) return;
    const { dice, tell, blame, count } = this.#around;
    tell(() => `${this.name} exits: ${String(error)}`);
    count('nodes that gave up');
    if (this.wasRestored && /"code":"stale-epoch"/.test(String(error))) {
      // Its copy is of an epoch before that of a late message.
      count('copies that a late registration has stopped');
    } else if (!run.isHit) {
      blame(`${this.name} gave up without a fault of its disk: ${storyOf(error)}`);
    }
    // After a force that has failed, the pages may be gone, and nobody is told so again.
    this.die(dice.chance(0.5) ? this.disk.kill() : this.disk.crash(dice.next));
    // Whatever keeps it running starts it again.
    this.#around.schedule.after(dice.within(1, 2_000), () => {
      this.start();
    });
  }

  #alarm(text: string): void {
    this.#around.tell(() => `${this.name} ALARMS: ${text}`);
    if (this.wasRestored && /runs on an old copy/.test(text)) {
      this.#around.count('old copies noticed');
    } else this.#around.blame(`${this.name} calls for a person: ${text}`);
  }
}

/** An error with what has caused it. */
function storyOf(error: unknown): string {
  const { cause, message } = error instanceof Error ? error : new Error(String(error));
  return cause === undefined ? message : `${message}, as ${storyOf(cause)}`;
}
