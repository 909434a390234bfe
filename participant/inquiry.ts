import { TransportError, type Transport } from '../http/transport.ts';
import type { Cancel, Clock } from '../log/clock.ts';
import type { Logger, Participant } from './participant.ts';
import type { Branch } from './protocol.ts';
import { parseDecision } from './replies.ts';

/** Limits of inquiry, all of them settings. */
export interface InquiryLimits {
  /** For one inquiry. Milliseconds. */
  inquiryTimeoutMs: number;
  /** Inquiries under way at once. */
  inquiriesAtOnce: number;
  /** Full-jitter backoff between two inquiries about one transfer, milliseconds. */
  minBackoffMs: number;
  maxBackoffMs: number;
}

export interface InquiryOptions {
  readonly participant: Participant;
  readonly transport: Transport;
  /** The coordinator's address, as this node is configured. */
  readonly coordinator: string;
  readonly key: string | undefined;
  readonly clock: Clock;
  random(): number;
  readonly limits: InquiryLimits;
  readonly logger: Logger;
  onFailure(error: Error): void;
}

interface Doubt {
  readonly branch: Branch;
  due: number;
  asked: number;
  asking: boolean;
}

/**
 * Asks the coordinator about branches that have promised and hear no decision (PROTOCOL.md,
 * inquiry). It decides nothing by itself: without an answer a branch stays prepared.
 */
export class Inquiry {
  readonly #options: InquiryOptions;
  readonly #doubts = new Map<string, Doubt>();
  #underWay = 0;
  #wake: { at: number; cancel: Cancel } | undefined;
  #stopped = false;

  constructor(options: InquiryOptions) {
    this.#options = options;
  }

  /** Watches a branch: it is asked about after twice the time that its vote had. */
  watch(branch: Branch): void {
    this.#add(branch, 2 * (branch.timeoutMs ?? 0));
  }

  /** Asks at once, about a branch of which this node has not heard since its own start. */
  ask(branch: Branch): void {
    this.#add(branch, 0);
  }

  stop(): void {
    this.#stopped = true;
    this.#wake?.cancel();
    this.#doubts.clear();
  }

  #add(branch: Branch, ms: number): void {
    const due = this.#options.clock.now() + ms;
    this.#doubts.set(branch.id, { branch, due, asked: 0, asking: false });
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
    const now = this.#options.clock.now();
    let next = Infinity;
    for (const [id, doubt] of this.#doubts) {
      if (!this.#isPrepared(id)) this.#doubts.delete(id);
      else if (doubt.asking) continue;
      else if (doubt.due > now) next = Math.min(next, doubt.due);
      else if (this.#underWay < this.#options.limits.inquiriesAtOnce) void this.#inquire(doubt);
    }
    if (next < Infinity) this.#wakeAt(next);
  }

  #isPrepared(id: string): boolean {
    return this.#options.participant.state.prepared.has(id);
  }

  async #inquire(doubt: Doubt): Promise<void> {
    const { clock, limits } = this.#options;
    this.#underWay += 1;
    doubt.asking = true;
    doubt.asked += 1;
    try {
      await this.#settle(doubt.branch);
    } catch (error) {
      this.#options.onFailure(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    this.#underWay -= 1;
    doubt.asking = false;
    const bound = Math.min(limits.maxBackoffMs, limits.minBackoffMs * 2 ** doubt.asked);
    doubt.due =
      clock.now() + Math.max(limits.minBackoffMs, Math.floor(this.#options.random() * bound));
    if (!this.#stopped) this.#sweep();
  }

  async #settle(branch: Branch): Promise<void> {
    const { id } = branch;
    const { participant, transport, coordinator, key, limits, logger } = this.#options;
    try {
      const { status, body } = await transport.send({
        method: 'GET',
        url: `${coordinator}/decisions/${id}`,
        timeoutMs: limits.inquiryTimeoutMs,
        ...(key !== undefined && { key }),
      });
      // The log may be closed already: the next start asks again.
      if (this.#stopped) return;
      const decision = parseDecision(status, body);
      if (!decision || decision.id !== id || decision.store !== branch.coordinator.store) {
        logger.error({ transfer: id, status, body }, `${id} stays in doubt: no decision is known`);
        return;
      }
      // The decision may have come by itself while this was on its way.
      if (decision.state === 'pending' || !this.#isPrepared(id)) return;
      const sender = branch.coordinator;
      if (decision.state === 'committed') {
        const { timestamp } = decision;
        await participant.receive([{ type: 'commit', id, coordinator: sender, timestamp }]);
      } else {
        await participant.receive([{ type: 'abort', id, coordinator: sender }]);
      }
      logger.info({ transfer: id, state: decision.state }, `${id} was resolved by inquiry`);
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      logger.warn({ transfer: id }, `${id} stays in doubt: ${error.message}`);
    }
  }
}
