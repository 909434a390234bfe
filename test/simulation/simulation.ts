import type { CoordinatorLimits } from '../../coordinator/coordinator.ts';
import type { NodeRole } from '../../http/contract.ts';
import type { NodeOptions } from '../../participant/node.ts';
import { auditStores, storesOf } from '../fixtures/audit.ts';
import type { MemoryDisk } from '../fixtures/memory-disk.ts';
import { Clients } from './clients.ts';
import type { Counts } from './counts.ts';
import { Dice } from './dice.ts';
import type { Entrance } from './entrance.ts';
import { Judge } from './judge.ts';
import { Nemesis, type Step } from './nemesis.ts';
import { Network, type Weather } from './network.ts';
import { SimulatedNode } from './node.ts';
import { program as production, type Program } from './program.ts';
import { Schedule } from './schedule.ts';

export interface SimulationOptions {
  readonly entrance: Entrance;
  /** The code under test; this tree's unless told. */
  readonly program?: Program;
  /** Gets every line of what happens. */
  readonly story?: (line: string) => void;
  /** Reads the logs of all nodes in the end, as `unanimous audit` does. */
  readonly audited?: boolean;
}

interface Setting extends SimulationOptions {
  /** Of the cluster; the seed decides unless told. */
  readonly variant?: number;
}

export interface Outcome {
  readonly counts: Counts;
  /** What must not have happened; undefined: nothing. */
  readonly flaw: string | undefined;
}

export const banks = ['bank-a', 'bank-b', 'bank-c'];
export const nodeList: readonly { name: string; role: NodeRole }[] = [
  { name: 'coordinator', role: 'coordinator' },
  ...banks.map((name) => ({ name, role: 'participant' as const })),
];

/** How long everything may take to be resolved once the faults are over. Milliseconds. */
const healedMs = 600_000;

class Flaw extends Error {}

/** What a cluster is at its beginning, everything forced. */
interface Foundation {
  readonly disks: readonly MemoryDisk[];
  /** By `participant/account`. */
  readonly openings: ReadonlyMap<string, number>;
}

/** Made once, for all seeds that begin with a copy of it: which one, a seed decides. */
const foundations = new WeakMap<Program, Map<number, Foundation>>();
const variants = 10;

/** The founding of most of them has two participants. */
const membersOf = (variant: number) => nodeList.slice(0, variant < 0.7 * variants ? 3 : 4);

async function foundationOf(variant: number, options: SimulationOptions): Promise<Foundation> {
  const { program = production } = options;
  const made = foundations.get(program) ?? new Map<number, Foundation>();
  foundations.set(program, made);
  const known = made.get(variant);
  if (known) return known;
  const { story, ...silent } = options;
  const foundation = await new Simulation(variant, { ...silent, variant }).found();
  made.set(variant, foundation);
  return foundation;
}

/** Lets one seed happen: a time with faults, then a time without, in which all must be resolved. */
export async function simulate(seed: number, options: SimulationOptions): Promise<Outcome> {
  const simulation = new Simulation(seed, options);
  const stray = (error: unknown) => {
    simulation.blame(`an error was left alone: ${String(error)}`);
  };
  process.on('unhandledRejection', stray);
  try {
    await simulation.happen();
  } catch (error) {
    // A flaw of the founding is one of another simulation.
    if (!(error instanceof Flaw) || simulation.outcome.flaw === undefined) throw error;
  } finally {
    process.off('unhandledRejection', stray);
  }
  return simulation.outcome;
}

class Simulation {
  readonly #counts: Counts = {};
  #flaw: string | undefined;
  readonly #options: SimulationOptions;
  readonly #variant: number;
  readonly #dice: Dice;
  readonly #schedule: Schedule;
  readonly #weather: Weather;
  readonly #network: Network;
  readonly #nodes: SimulatedNode[];
  #nemesis: Nemesis | undefined;

  constructor(seed: number, options: Setting) {
    const { entrance, program = production } = options;
    this.#options = options;
    const dice = (this.#dice = new Dice(seed));
    this.#variant = options.variant ?? dice.whole(0, variants - 1);
    const schedule = (this.#schedule = new Schedule(dice));
    const isCalm = dice.chance(0.2);
    this.#weather = {
      loss: isCalm ? 0 : dice.within(0, 0.2),
      repeat: isCalm ? 0 : dice.within(0, 0.3),
      straggle: dice.within(0, 0.3),
      mostMs: dice.within(1, 60),
    };
    const count = (what: string) => {
      this.#count(what);
    };
    const tell = (text: () => string) => {
      this.#tell(text);
    };
    const onStep = (node: string, what: Step) => {
      this.#nemesis?.onStep(node, what);
    };
    this.#network = new Network({
      ...{ schedule, dice, program, weather: this.#weather, count, tell, onStep },
      hostAt: (address) => this.#nodes.find((node) => node.address === address),
    });
    const around = {
      ...{ schedule, dice, program, entrance, network: this.#network, count, tell, onStep },
      ...limitsOf(dice),
      writeMs: dice.pick([1, 5, 30]),
      blame: (flaw: string) => {
        this.blame(flaw);
      },
    };
    this.#nodes = membersOf(this.#variant).map(
      ({ name, role }) => new SimulatedNode(name, role, around),
    );
  }

  get outcome(): Outcome {
    return { counts: this.#counts, flaw: this.#flaw };
  }

  async happen(): Promise<void> {
    const openings = await this.#begin();
    const clients = this.#clients(openings);
    const judge = new Judge({
      ...{ nodes: this.#nodes, clients, openings },
      blame: (flaw) => {
        this.blame(flaw);
      },
    });
    await this.#suffer(clients, judge);
    await this.#recover(clients, judge);
    this.#counts['simulated seconds'] = Math.round(this.#schedule.now() / 1_000);
  }

  /** A cluster whose members know each other, with accounts. */
  async found(): Promise<Foundation> {
    for (const node of this.#nodes) await node.init();
    await this.#startAll();
    const openings = new Map<string, number>();
    for (const { participant, name } of this.#nodes) {
      if (!participant) continue;
      for (const id of ['alice', 'bob'].slice(0, this.#dice.whole(1, 2))) {
        const balance = this.#dice.whole(0, 1_000);
        openings.set(`${name}/${id}`, balance);
        void participant.openAccount({ id, currency: 'USD', balance, minimum: 0 });
      }
      const opened = this.#follow(participant.durable());
      await this.#until('accounts are open', () => opened.isOver);
      await opened.result;
    }
    return { disks: this.#nodes.map(({ disk }) => disk.copy()), openings };
  }

  async #begin(): Promise<ReadonlyMap<string, number>> {
    const { disks, openings } = await foundationOf(this.#variant, this.#options);
    for (const [index, node] of this.#nodes.entries()) {
      const disk = disks[index];
      if (disk) node.disk = disk.copy();
    }
    await this.#startAll();
    return openings;
  }

  async #startAll(): Promise<void> {
    const weather = { ...this.#weather };
    Object.assign(this.#weather, { loss: 0, repeat: 0 });
    for (const node of this.#nodes) node.start();
    const isReady = ({ coordinator, participant }: SimulatedNode) =>
      coordinator !== undefined || participant?.isConfirmed === true;
    await this.#until('everybody is registered', () => this.#nodes.every(isReady));
    Object.assign(this.#weather, weather);
  }

  #clients(openings: ReadonlyMap<string, number>): Clients {
    return new Clients({
      ...{ schedule: this.#schedule, dice: this.#dice, network: this.#network },
      accounts: [...openings.keys()],
      timeoutMs: 2_000,
      count: (what) => {
        this.#count(what);
      },
      tell: (text) => {
        this.#tell(text);
      },
      blame: (flaw) => {
        this.blame(flaw);
      },
    });
  }

  /** Clients do what they do, and faults happen. */
  async #suffer(clients: Clients, judge: Judge): Promise<void> {
    const dice = this.#dice;
    const nemesis = new Nemesis({
      ...{ schedule: this.#schedule, dice, network: this.#network, nodes: this.#nodes },
      count: (what) => {
        this.#count(what);
      },
      tell: (text) => {
        this.#tell(text);
      },
    });
    this.#nemesis = nemesis;
    // Most of what can go wrong needs two transfers; some of it needs many.
    const actions = dice.chance(0.8) ? dice.whole(1, 3) : dice.whole(4, 12);
    const paceMs = dice.pick([0.2, 2, 20, 200]);
    const rareness = dice.whole(5, 80);
    for (let action = 0; action < actions; action++) {
      this.#act(clients);
      const until = this.#schedule.now() + paceMs * 2 * dice.next();
      while (await this.#step(until)) {
        judge.look();
        if (dice.chance(this.#isActive ? 1 / rareness : 0.2 / rareness)) nemesis.strike();
      }
    }
    const until = this.#schedule.now() + dice.within(0, 3_000);
    while (await this.#step(until)) {
      judge.look();
      if (dice.chance(this.#isActive ? 1 / rareness : 0.2 / rareness)) nemesis.strike();
    }
    nemesis.heal();
  }

  /** Whether a transfer is under way, as far as anybody who runs knows. */
  get #isActive(): boolean {
    return this.#nodes.some(
      ({ coordinator, participant }) =>
        (coordinator?.state.active.size ?? 0) > 0 || (participant?.state.prepared.size ?? 0) > 0,
    );
  }

  #act(clients: Clients): void {
    const dice = this.#dice;
    const what = dice.next();
    if (what < 0.75) clients.transfer();
    else if (what < 0.82) clients.reverse();
    else if (what < 0.88) {
      const coordinator = this.#nodes[0]?.coordinator;
      const active = [...(coordinator?.state.active ?? [])];
      if (active.length > 0) clients.cancel(dice.pick(active));
    } else void clients.snapshot();
  }

  /** No more faults: everything must be resolved, and then be right. */
  async #recover(clients: Clients, judge: Judge): Promise<void> {
    Object.assign(this.#weather, { loss: 0, repeat: 0, mostMs: 5 });
    const isSettled = () =>
      clients.open.size === 0 &&
      this.#nodes.every(
        ({ coordinator, participant }) =>
          coordinator?.state.active.size === 0 ||
          (participant?.isConfirmed === true && participant.state.prepared.size === 0),
      );
    await this.#until('everything is resolved', isSettled, judge);
    const released = this.#network.releaseStragglers();
    this.#counts['stragglers'] = released;
    const asked = this.#follow(clients.askAgain());
    await this.#until('every key is answered again', () => asked.isOver, judge);
    await asked.result;
    const taken = this.#follow(clients.snapshot());
    await this.#until('a snapshot is answered', () => taken.isOver, judge);
    const quietAt = this.#schedule.now() + 2_000;
    while (await this.#step(quietAt)) judge.look();
    await this.#until('stragglers are resolved', isSettled, judge);
    if (!(await taken.result)) this.blame('no snapshot is taken when all is well');
    const concluded = this.#follow(judge.conclude());
    await this.#until('the end is looked at', () => concluded.isOver);
    await concluded.result;
    if (this.#options.audited) await this.#audit();
  }

  async #audit(): Promise<void> {
    const names = this.#nodes.map(({ name }) => name);
    const { violations } = await auditStores(storesOf(this.#nodes), names);
    this.#count('audits');
    if (violations.length > 0) this.blame(`the audit finds ${JSON.stringify(violations[0])}`);
  }

  async #until(what: string, holds: () => boolean, judge?: Judge): Promise<void> {
    const end = this.#schedule.now() + healedMs;
    await this.#rest();
    while (!holds()) {
      if (!(await this.#step(end))) {
        this.blame(`${what}: not within ${healedMs / 1_000} s`);
        throw new Flaw();
      }
      judge?.look();
    }
    this.#tell(() => what);
  }

  /** The next thing happens, and everything that needs no time after it. */
  async #step(until: number): Promise<boolean> {
    if (!this.#schedule.step(until)) return false;
    await this.#rest();
    if (this.#flaw !== undefined) throw new Flaw();
    return true;
  }

  async #rest(): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve));
    while (this.#options.entrance.isBusy);
  }

  #follow<T>(result: Promise<T>): { isOver: boolean; result: Promise<T> } {
    const followed = { isOver: false, result };
    const over = () => {
      followed.isOver = true;
    };
    result.then(over, over);
    return followed;
  }

  #count(what: string): void {
    this.#counts[what] = (this.#counts[what] ?? 0) + 1;
  }

  #tell(text: () => string): void {
    this.#options.story?.(`${this.#schedule.now().toFixed(2).padStart(10)} ms  ${text()}`);
  }

  /** The first flaw ends the simulation. */
  blame(flaw: string): void {
    this.#flaw ??= flaw;
    this.#tell(() => `FLAW: ${flaw}`);
  }
}

function limitsOf(dice: Dice): {
  coordinatorLimits: CoordinatorLimits;
  participantLimits: NodeOptions['limits'];
} {
  const shared = {
    minBackoffMs: 50,
    maxBackoffMs: dice.pick([300, 3_000]),
    segmentBytes: dice.pick([1_500, 6_000, 1_048_576]),
    lazyFlushMs: dice.pick([5, 20, 200]),
    reserveBytes: 1_024,
  };
  return {
    coordinatorLimits: {
      ...shared,
      voteTimeoutMs: dice.pick([200, 1_000, 2_000]),
      voteGraceMs: 100,
      transfersInFlight: 1_000,
      transfersUndecided: 1_000,
      transfersPerClient: 1_000,
      transfersPerParticipant: 1_000,
      idempotencyKeys: 1_000,
      idempotencyHours: 24,
      eventStreams: 2,
      snapshotTimeoutMs: 5_000,
      deliveryTimeoutMs: dice.pick([500, 5_000]),
      probeMs: 250,
      batchItems: dice.pick([1, 2, 1_000]),
      batchWeight: 4_000,
    },
    participantLimits: {
      ...shared,
      inquiryTimeoutMs: dice.pick([300, 2_000]),
      inquiriesAtOnce: dice.pick([1, 16]),
      preparedPerAccount: dice.pick([1, 3, 10_000]),
      registerBackoffMs: 1_000,
      heartbeatMs: dice.pick([5_000, 30_000]),
    },
  };
}
