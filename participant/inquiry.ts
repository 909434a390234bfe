import type { Cancel, Clock } from '../log/clock.ts';
import { askCoordinator, settle, type AskOptions } from './ask-coordinator.ts';
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
  readonly clock: Clock;
  random(): number;
  readonly limits: InquiryLimits;
  onFailure(error: Error): void;
}

/** About what the coordinator needs for a decision in a batch; an inquiry takes far longer. */
const foundEachMs = 0.1;

/** So many inquiries in a row without an answer, and the peers are asked as well. */
const failuresBeforePeers = 3;

interface Doubt {
  readonly branch: Branch;
  due: number;
  asked: number;
  /** In a row. */
  failures: number;
}

/**
 * Asks the coordinator, and when it does not answer the peers, about branches that have promised
 * and hear no decision (PROTOCOL.md, inquiry). It decides nothing by itself: without an answer a
 * branch stays prepared.
 */
export class Inquiry {
  readonly #options: InquiryOptions;
  readonly #peers: PeerInquiry;
  /** Those that nobody asks about at the moment; whoever was asked about goes to the end. */
  readonly #doubts = new Map<string, Doubt>();
  #underWay = 0;
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
    for (const branch of branches) this.#add(branch, branches.length * foundEachMs);
  }

  stop(): void {
    this.#stopped = true;
    this.#wake?.cancel();
    this.#doubts.clear();
  }

  #add(branch: Branch, ms: number): void {
    const due = this.#options.clock.now() + ms;
    this.#doubts.set(branch.id, { branch, due, asked: 0, failures: 0 });
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
    let next = Infinity;
    for (const [id, doubt] of this.#doubts) {
      // Whoever has its answer sweeps again.
      if (this.#underWay >= limits.inquiriesAtOnce) return;
      if (!isInDoubt(participant.state, id)) this.#doubts.delete(id);
      else if (doubt.due > now) next = Math.min(next, doubt.due);
      else this.#start(doubt);
    }
    if (next < Infinity) this.#wakeAt(next);
  }

  #start(doubt: Doubt): void {
    this.#underWay += 1;
    this.#doubts.delete(doubt.branch.id);
    doubt.asked += 1;
    this.#inquire(doubt).catch((error: unknown) => {
      this.#options.onFailure(error instanceof Error ? error : new Error(String(error)));
    });
  }

  async #inquire(doubt: Doubt): Promise<void> {
    const { clock, limits } = this.#options;
    const stopped = () => this.#stopped;
    const heard = await askCoordinator({ ...this.#options, stopped }, doubt.branch);
    this.#underWay -= 1;
    doubt.failures = heard === 'heard' ? 0 : doubt.failures + 1;
    // Whoever waits for its turn to ask the coordinator need not wait for the peers.
    this.#sweep();
    if (heard !== 'heard' && doubt.failures >= failuresBeforePeers) {
      await this.#askPeers(doubt.branch, heard.failure);
    }
    const bound = Math.min(limits.maxBackoffMs, limits.minBackoffMs * 2 ** doubt.asked);
    doubt.due =
      clock.now() + Math.max(limits.minBackoffMs, Math.floor(this.#options.random() * bound));
    this.#doubts.set(doubt.branch.id, doubt);
    this.#sweep();
  }

  async #askPeers(branch: Branch, failure: string): Promise<void> {
    const { id } = branch;
    const answers = await this.#peers.ask(branch);
    if (this.#stopped) return;
    for (const { peer, said } of answers) {
      if (typeof said === 'string' || said.state === 'unknown') continue;
      await settle(this.#options, branch, said, `its peer ${peer}`);
      return;
    }
    const told = answers.map(({ peer, said }) => {
      return `${peer}: ${typeof said === 'string' ? said : 'does not know'}`;
    });
    const peers = told.length === 0 ? 'it has no peers' : told.join('; ');
    this.#options.logger.warn({ transfer: id }, `${id} stays in doubt: ${failure}; ${peers}`);
  }
}
