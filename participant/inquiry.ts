import type { Transport } from '../http/transport.ts';
import type { Cancel, Clock } from '../log/clock.ts';
import { askCoordinator, settle, type AskOptions } from './ask-coordinator.ts';
import type { ParticipantMetrics } from './metrics.ts';
import { PeerInquiry } from './peer-inquiry.ts';
import type { Branch } from './records.ts';
import { isInDoubt } from './state.ts';

/** Limits of inquiry, all of them settings. */
export interface InquiryLimits {
  /** For one inquiry. Milliseconds. */
  inquiryTimeoutMs: number;
  /** Inquiries of the coordinator under way at once. */
  inquiriesAtOnce: number;
  /** Full-jitter backoff between two inquiries about one transfer, milliseconds. */
  minBackoffMs: number;
  maxBackoffMs: number;
}

export interface InquiryOptions extends Omit<AskOptions, 'stopped'> {
  /** To the peers. */
  readonly transport: Transport;
  readonly clock: Clock;
  random(): number;
  readonly limits: InquiryLimits;
  readonly metrics?: ParticipantMetrics;
  onFailure(error: Error): void;
}

/** About what the coordinator needs for a decision in a batch; an inquiry takes far longer. */
const foundEachMs = 0.1;

/** However much a start has found, it asks after this: many decisions come in batches meanwhile. */
const mostFoundMs = 2_000;

/** So many inquiries in a row without an answer, and the peers are asked as well. */
const failuresBeforePeers = 3;

interface Doubt {
  readonly branch: Branch;
  due: number;
  asked: number;
  /** In a row. */
  failures: number;
  /** The peers are being asked. */
  withPeers: boolean;
}

/**
 * Asks the coordinator, and when it does not answer the peers, about branches that have promised
 * and hear no decision (PROTOCOL.md, inquiry). It decides nothing by itself: without an answer a
 * branch stays prepared.
 *
 * While the coordinator is away, one question at a time goes to it, and its failure is one of every
 * branch that was due: thousands in doubt ask no more often than one.
 */
export class Inquiry {
  readonly #options: InquiryOptions;
  readonly #peers: PeerInquiry;
  /** Those that nobody asks about at the moment; whoever was asked about goes to the end. */
  readonly #doubts = new Map<string, Doubt>();
  #underWay = 0;
  /** How often in a row the coordinator was found to be away, and when to look again. */
  #misses = 0;
  #lookAt = 0;
  #wake: { at: number; cancel: Cancel } | undefined;
  #stopped = false;

  constructor(options: InquiryOptions) {
    this.#options = options;
    this.#peers = new PeerInquiry(options);
  }

  /** Watches a branch: it is asked about after twice the time that its vote had. */
  watch(branch: Branch): void {
    this.#add(branch, 2 * (branch.timeoutMs ?? 0));
  }

  /**
   * Asks about what this start has found in doubt: at once, but the more there are, the more time
   * the coordinator has before that, to bring their decisions in batches.
   */
  ask(branches: readonly Branch[]): void {
    const ms = Math.min(mostFoundMs, branches.length * foundEachMs);
    for (const branch of branches) this.#add(branch, ms);
  }

  stop(): void {
    this.#stopped = true;
    this.#wake?.cancel();
    this.#doubts.clear();
  }

  #add(branch: Branch, ms: number): void {
    const due = this.#options.clock.now() + ms;
    this.#doubts.set(branch.id, { branch, due, asked: 0, failures: 0, withPeers: false });
    this.#wakeAt(due);
  }

  #wakeAt(at: number): void {
    if (this.#stopped || (this.#wake && this.#wake.at <= at)) return;
    this.#wake?.cancel();
    const { clock } = this.#options;
    const cancel = clock.after(Math.max(0, at - clock.now()), () => {
      this.#wake = undefined;
      this.#sweep();
    });
    this.#wake = { at, cancel };
  }

  #sweep(): void {
    if (this.#stopped) return;
    const { clock, limits, participant } = this.#options;
    const now = clock.now();
    const isAway = this.#misses > 0;
    const most = isAway ? 1 : limits.inquiriesAtOnce;
    let next = Infinity;
    for (const [id, doubt] of this.#doubts) {
      // Whoever has its answer sweeps again.
      if (this.#underWay >= most) return;
      const due = isAway ? Math.max(doubt.due, this.#lookAt) : doubt.due;
      if (!isInDoubt(participant.state, id)) this.#doubts.delete(id);
      else if (due > now) next = Math.min(next, due);
      else this.#start(doubt);
    }
    if (next < Infinity) this.#wakeAt(next);
  }

  #start(doubt: Doubt): void {
    this.#underWay += 1;
    this.#doubts.delete(doubt.branch.id);
    doubt.asked += 1;
    this.#inquire(doubt).catch((error: unknown) => {
      this.#fail(error);
    });
  }

  #fail(error: unknown): void {
    this.#options.onFailure(error instanceof Error ? error : new Error(String(error)));
  }

  async #inquire(doubt: Doubt): Promise<void> {
    const { clock, metrics } = this.#options;
    const misses = this.#misses;
    const stopped = () => this.#stopped;
    const heard = await askCoordinator({ ...this.#options, stopped }, doubt.branch);
    metrics?.inquired(heard === 'heard');
    this.#underWay -= 1;
    if (this.#stopped) return;
    const now = clock.now();
    doubt.due = now + this.#backoff(doubt.asked);
    if (heard === 'heard') {
      doubt.failures = 0;
      this.#found();
    } else if (!heard.isAway) {
      this.#found();
      this.#count([doubt], heard.failure);
    } else {
      // Together with the others it waits for the next look, however often it was asked about.
      doubt.due = now;
      // Whoever was asked before the last look tells nothing new about the others.
      const others = misses === this.#misses ? this.#miss(heard.failure) : [];
      this.#count([doubt, ...others], heard.failure);
    }
    this.#doubts.set(doubt.branch.id, doubt);
    this.#sweep();
  }

  /** Nobody is there: the question has failed for the others whose turn it is, too. */
  #miss(failure: string): Doubt[] {
    const { clock, logger, participant, uplink } = this.#options;
    const now = clock.now();
    if (this.#misses === 0) {
      const inDoubt = participant.state.prepared.size;
      const rest = `${inDoubt} in doubt here, and one question at a time until it answers`;
      logger.warn(
        { coordinator: uplink.name, inDoubt },
        `the coordinator is away: ${failure}; ${rest}`,
      );
    }
    this.#misses += 1;
    this.#lookAt = now + this.#backoff(this.#misses);
    return [...this.#doubts.values()].filter(({ due }) => due <= now);
  }

  #found(): void {
    if (this.#misses === 0) return;
    this.#misses = 0;
    const { logger, participant, uplink } = this.#options;
    const inDoubt = participant.state.prepared.size;
    const message = `the coordinator answers again; ${inDoubt} in doubt here`;
    logger.info({ coordinator: uplink.name, inDoubt }, message);
  }

  /** Full jitter: anything up to a bound that doubles each time. Milliseconds. */
  #backoff(times: number): number {
    const { minBackoffMs, maxBackoffMs } = this.#options.limits;
    const bound = Math.min(maxBackoffMs, minBackoffMs * 2 ** times);
    return Math.max(minBackoffMs, Math.floor(this.#options.random() * bound));
  }

  /** One more question about each of these has failed. */
  #count(doubts: readonly Doubt[], failure: string): void {
    const { state } = this.#options.participant;
    for (const doubt of doubts) doubt.failures += 1;
    const lost = doubts.filter(({ branch, failures, withPeers }) => {
      return failures >= failuresBeforePeers && !withPeers && isInDoubt(state, branch.id);
    });
    if (lost.length === 0) return;
    this.#askPeers(lost, failure).catch((error: unknown) => {
      this.#fail(error);
    });
  }

  /** Says once about each branch what its peers have said, and about all alike in one line. */
  async #askPeers(doubts: readonly Doubt[], failure: string): Promise<void> {
    const alike = new Map<string, string[]>();
    const ask = async (doubt: Doubt) => {
      const { id } = doubt.branch;
      const isFirst = doubt.failures === failuresBeforePeers;
      doubt.withPeers = true;
      const said = await this.#hearPeers(doubt.branch);
      doubt.withPeers = false;
      if (said === undefined || !isFirst) return;
      const ids = alike.get(said) ?? [];
      ids.push(id);
      alike.set(said, ids);
    };
    await Promise.all(doubts.map(ask));
    for (const [said, [transferId = '', ...others]] of alike) {
      const who = others.length === 0 ? 'stays' : `and ${others.length} others stay`;
      const message = `${transferId} ${who} in doubt: ${failure}; ${said}`;
      this.#options.logger.warn({ transferId, others: others.length }, message);
    }
  }

  /** What the peers of a branch say, in words; undefined once it needs to be asked no more. */
  async #hearPeers(branch: Branch): Promise<string | undefined> {
    const answers = await this.#peers.ask(branch);
    if (this.#stopped) return undefined;
    for (const { peer, said } of answers) {
      if (typeof said === 'string' || said.state === 'unknown') continue;
      await settle(this.#options, branch, said, `its peer ${peer}`);
      return undefined;
    }
    const told = answers.map(({ peer, said }) => {
      return `${peer}: ${typeof said === 'string' ? said : 'does not know'}`;
    });
    return told.length === 0 ? 'it has no peers' : told.join('; ');
  }
}
