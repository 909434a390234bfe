import { connect, connectParticipant } from '../sdk/index.ts';
import type {
  Outcome,
  Participant,
  Refused,
  ReversalRequest,
  TransferOptions,
  TransferRequest,
  Unanimous,
} from '../sdk/index.ts';
import type { Cluster } from './cluster.ts';
import type { Fault } from './faults.ts';
import { readEpoch, readLog, type LogRecord } from './log-reader.ts';
import { until } from './until.ts';

export interface StageOptions {
  readonly cluster: Cluster;
  /** Gets the story, a line at a time. */
  readonly say: (line: string) => void;
  /** Ends all that the scenario waits for. */
  readonly signal: AbortSignal;
  /** The longest that the scenario waits for one fact. Milliseconds. */
  readonly waitMs: number;
  /** Resolves when the step that was told last may happen; at once unless told. */
  readonly turn?: (when: When) => Promise<void>;
}

/** Some steps cannot wait until somebody says so: others would decide meanwhile. */
export type When = 'in turn' | 'at once';

/** What a scenario plays on: a running cluster, its clients, and faults from outside. */
export class Stage {
  readonly cluster: Cluster;
  /** What showed that the fault had happened. */
  readonly proofs: string[] = [];
  /** What clients were told of their transfers. */
  readonly outcomes: Outcome[] = [];
  readonly #options: StageOptions;
  #steps = 0;
  #isTold = false;
  #turn: Promise<void> = Promise.resolve();

  constructor(options: StageOptions) {
    this.cluster = options.cluster;
    this.#options = options;
  }

  /** A client of the coordinator, through the proxy before it. */
  get unanimous(): Unanimous {
    // Without jitter: the same story each time.
    return connect(this.cluster.coordinator.proxy.address, { random: () => 0 });
  }

  /** The next step of the story. */
  tell(text: string): void {
    this.#steps += 1;
    this.#isTold = true;
    this.#options.say(`${String(this.#steps).padStart(3)}. ${text}`);
  }

  /**
   * Waits until what was told may happen. What this class does itself waits so, too.
   * @throws the reason of the signal, if that ends the scenario meanwhile
   */
  turn(when: When = 'in turn'): Promise<void> {
    if (this.#isTold && this.#options.turn) this.#turn = this.#options.turn(when);
    this.#isTold = false;
    return this.#turn;
  }

  /** @throws {Error} if the fact does not hold: the scenario has failed */
  check(fact: string, holds: boolean): void {
    if (!holds) throw new Error(`it is not true that ${fact}`);
    this.#options.say(`     ✓ ${fact}`);
  }

  /**
   * Shows that the fault has really happened; a scenario that proves nothing has failed.
   * @throws {Error} if the fact does not hold
   */
  prove(fact: string, holds: boolean): void {
    this.check(fact, holds);
    this.proofs.push(fact);
  }

  /**
   * Waits until a fact holds.
   * @throws {Error} if it does not in time
   */
  async until(fact: string, look: () => boolean | Promise<boolean>): Promise<void> {
    await this.turn();
    const { signal, waitMs: ms } = this.#options;
    await until(fact, look, { ms, signal });
    this.check(fact, true);
  }

  /** `Unanimous.transfer`, by a client with the patience of the scenario. */
  transfer(request: TransferRequest, options: TransferOptions = {}): Promise<Outcome> {
    const { signal, waitMs: patienceMs } = this.#options;
    const send = () => this.unanimous.transfer(request, { patienceMs, signal, ...options });
    return this.#noted(this.turn().then(send));
  }

  /** `Unanimous.reverse`, in the same way. */
  reverse(id: string, request: ReversalRequest = {}): Promise<Outcome> {
    const { signal, waitMs: patienceMs } = this.#options;
    const send = () => this.unanimous.reverse(id, request, { patienceMs, signal });
    return this.#noted(this.turn().then(send));
  }

  /** `Unanimous.transferMany`, in the same way. */
  async transferMany(requests: readonly TransferRequest[]): Promise<(Outcome | Refused)[]> {
    await this.turn();
    const { signal, waitMs: patienceMs } = this.#options;
    const results = await this.unanimous.transferMany(requests, { patienceMs, signal });
    this.outcomes.push(...results.flatMap((one) => (one.state === 'refused' ? [] : [one])));
    return results;
  }

  #noted(answer: Promise<Outcome>): Promise<Outcome> {
    // The story may fail before it comes to this answer.
    answer.then(
      (outcome) => this.outcomes.push(outcome),
      () => undefined,
    );
    return answer;
  }

  /**
   * Tells what the client was told.
   * @throws {Error} if it was told another outcome
   */
  heard<S extends Outcome['state']>(state: S, outcome: Outcome): Extract<Outcome, { state: S }> {
    const how = 'replayed' in outcome && outcome.replayed ? 'asks again, under its key, and ' : '';
    const why = outcome.state === 'aborted' ? `: ${outcome.detail}` : '';
    this.tell(`the client ${how}is told: ${outcome.state}${why}`);
    if (isA(state, outcome)) return outcome;
    throw new Error(`the client should be told: ${state}`);
  }

  /** A client of one participant, with no proxy between. */
  participant(name: string): Participant {
    return connectParticipant(this.cluster.node(name).address);
  }

  /** The same, with the operator's key. */
  operator(name: string): Participant {
    const { keys } = this.cluster;
    return connectParticipant(this.cluster.node(name).address, { key: keys.operator });
  }

  /** Makes a fault happen to what is sent to these nodes. */
  cause<F extends Fault>(fault: F, ...names: string[]): F {
    for (const name of names) this.cluster.node(name).proxy.faults.push(fault);
    return fault;
  }

  /** How many messages of a kind (`/prepare`) were sent to a node. */
  sent(kind: string, name: string): number {
    return this.cluster.node(name).proxy.count(kind);
  }

  /** The records of a node's log that are about transfers. */
  records(name: string): LogRecord[] {
    return readLog(this.cluster.node(name).data).filter(({ id }) => isTransfer(id));
  }

  /** Their types, in order: the steps that a node has taken. */
  steps(name: string): string[] {
    return this.records(name).map(({ type }) => type);
  }

  /** Ends a node as a crash would. */
  async kill(name: string, when: When = 'in turn'): Promise<void> {
    const node = this.cluster.node(name);
    this.tell(`kill -9 ${name} (process ${node.pid ?? 'none'})`);
    await this.turn(when);
    const { signal } = await node.end('SIGKILL');
    this.prove(`${name} was ended by SIGKILL`, signal === 'SIGKILL');
  }

  /** Stops a node where it is: it lives, and does nothing. */
  async pause(name: string): Promise<void> {
    const node = this.cluster.node(name);
    this.tell(`kill -STOP ${name} (process ${node.pid ?? 'none'}): it lives, but does nothing`);
    await this.turn();
    node.signal('SIGSTOP');
  }

  async resume(name: string): Promise<void> {
    const node = this.cluster.node(name);
    this.tell(`kill -CONT ${name} (process ${node.pid ?? 'none'}): it goes on where it was`);
    await this.turn();
    node.signal('SIGCONT');
  }

  /** Starts a node again, behind the same proxy or at a new address. */
  async restart(name: string, where: 'here' | 'elsewhere' = 'here'): Promise<void> {
    const { signal, waitMs: ms } = this.#options;
    const node = this.cluster.node(name);
    const [before, epoch] = [node.proxy.port, readEpoch(node.data)];
    this.tell(`start ${name} again${where === 'here' ? '' : ', at another port'}`);
    await this.turn();
    await (where === 'here' ? node.start() : node.rejoin());
    await node.ready({ signal, ms });
    const fact = `it is process ${node.pid ?? 'none'} now, and its epoch has become ${epoch + 1}`;
    this.prove(fact, readEpoch(node.data) === epoch + 1);
    if (where === 'here') return;
    const { port } = node.proxy;
    this.prove(`others reach it at port ${port} now, no longer at ${before}`, port !== before);
  }
}

/** Accounts have ids as well, but none like this. */
const isTransfer = (id = '') => /^\w{8}-\d+-\d+$/.test(id);

const isA = <S extends Outcome['state']>(
  state: S,
  outcome: Outcome,
): outcome is Extract<Outcome, { state: S }> => outcome.state === state;
