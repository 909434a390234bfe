import { TransportError, type Transport } from '../http/transport.ts';
import type { Cancel, Clock } from '../log/clock.ts';
import type { Logger, Participant } from './participant.ts';
import { parseMembership } from './replies.ts';

export interface RegistrationOptions {
  readonly participant: Participant;
  readonly transport: Transport;
  /** The coordinator's address. */
  readonly coordinator: string;
  /** Where the coordinator reaches this node. */
  readonly address: string;
  /** The name to ask for, the first time. */
  readonly name: string | undefined;
  readonly key: string | undefined;
  readonly clock: Clock;
  random(): number;
  readonly limits: { inquiryTimeoutMs: number; minBackoffMs: number; registerBackoffMs: number };
  readonly logger: Logger;
  /** The coordinator will never take this node as it is. */
  onFailure(error: Error): void;
}

/** Asking again will not help: a wrong request or key, a name or epoch that is not this node's. */
const final: ReadonlySet<number> = new Set([400, 401, 403, 409]);

/** Tells the coordinator where this node listens, until it has heard it (PROTOCOL.md). */
export class Registration {
  readonly #options: RegistrationOptions;
  #registered = false;
  #attempts = 0;
  #stopped = false;
  #cancel: Cancel = () => undefined;

  constructor(options: RegistrationOptions) {
    this.#options = options;
  }

  /** Whether the coordinator knows the address that this start has. */
  get registered(): boolean {
    return this.#registered;
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  /** Asks, and asks again after every failure, with full-jitter backoff. */
  async register(): Promise<void> {
    const { participant, coordinator, clock, limits, logger } = this.#options;
    const failure = await this.#ask();
    if (this.#stopped || this.#registered) return;
    this.#attempts += 1;
    if (this.#attempts === 10) {
      logger.warn({ coordinator }, `not registered yet at ${coordinator}: ${failure}`);
    }
    const bound = Math.min(limits.registerBackoffMs, limits.minBackoffMs * 2 ** this.#attempts);
    const ms = Math.max(limits.minBackoffMs, Math.floor(this.#options.random() * bound));
    this.#cancel = clock.after(ms, () => {
      this.register().catch((cause: unknown) => {
        const { folder } = participant.store;
        this.#options.onFailure(new Error(`registration of ${folder} broke`, { cause }));
      });
    });
  }

  async #ask(): Promise<string> {
    const { participant, transport, coordinator, address, name, key, limits } = this.#options;
    const { store, epoch } = participant.store.identity;
    const wanted = participant.membership?.name ?? name;
    try {
      const { status, body } = await transport.send({
        method: 'POST',
        url: `${coordinator}/participants`,
        timeoutMs: limits.inquiryTimeoutMs,
        ...(key !== undefined && { key }),
        body: { store, epoch, address, ...(wanted !== undefined && { name: wanted }) },
      });
      if (this.#stopped) return '';
      const membership = parseMembership(status, body);
      if (membership) {
        await participant.named(membership);
        this.#registered = true;
        return '';
      }
      const said = JSON.stringify(body);
      const refusal = `the coordinator at ${coordinator} refuses to register ${address}: ${said}`;
      if (final.has(status)) this.#options.onFailure(new Error(refusal));
      return refusal;
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      return error.message;
    }
  }
}
