import { isPassing, TransportError, type SentKeys } from '../http/transport.ts';
import type { Cancel, Clock } from '../log/clock.ts';
import { catchUp } from './catch-up-loop.ts';
import type { Logger, Participant } from './participant.ts';
import { codeOf, parseRegistered, type RegisteredReply } from './replies.ts';
import type { Answer, Uplink } from './uplink.ts';

export interface RegistrationLimits {
  /** For one registration. Milliseconds. */
  inquiryTimeoutMs: number;
  /** Full-jitter backoff between attempts, milliseconds. */
  minBackoffMs: number;
  registerBackoffMs: number;
  /** Between two registrations once the coordinator has confirmed. Milliseconds. */
  heartbeatMs: number;
}

export interface RegistrationOptions {
  readonly participant: Participant;
  readonly uplink: Uplink;
  /** Where the coordinator reaches this node. */
  readonly address: string;
  /** The name to ask for, the first time. */
  readonly name: string | undefined;
  /** What tells this start from every other one, on this store and on its copies. */
  readonly run: string;
  /** Of the participant's log, right after the replay: whether it went back is seen by it. */
  readonly replayed: number;
  readonly keys: SentKeys;
  readonly clock: Clock;
  random(): number;
  readonly limits: RegistrationLimits;
  readonly logger: Logger;
  /** The coordinator will never take this node as it is. */
  onFailure(error: Error): void;
}

/** What the coordinator makes of this node, and where it has said so. */
type Registered = RegisteredReply & Pick<Answer, 'from'>;

/** Asking again will not help: a wrong request or key, or no name of the coordinator. */
const final: ReadonlySet<number> = new Set([400, 401, 403, 421]);

/**
 * Tells the coordinator where this node listens, until it has heard it, and then again and again,
 * so that both know what has changed (PROTOCOL.md, registration). A store that turns out to be an
 * old copy first catches up (restored and lost stores).
 */
export class Registration {
  readonly #options: RegistrationOptions;
  #attempts = 0;
  /** What the epoch is raised by, should an old copy be behind the epoch that is known. */
  #leap = 1;
  #caughtUp = false;
  /** Why it is not registered was told. */
  #hasComplained = false;
  #asking = false;
  #askedAt = -Infinity;
  #stopped = false;
  #cancel: Cancel = () => undefined;

  constructor(options: RegistrationOptions) {
    this.#options = options;
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  /** These names were heard of: if one of them is new here, the coordinator knows more. */
  meet(peers: readonly string[]): void {
    const { participant, clock, limits } = this.#options;
    const known = participant.membership?.peers ?? [];
    if (peers.every((peer) => known.some(({ name }) => name === peer))) return;
    if (this.#asking || !participant.isConfirmed) return;
    const since = clock.now() - this.#askedAt;
    this.#again(Math.max(0, limits.minBackoffMs - since));
  }

  /** Asks once; then by itself again, with backoff after a failure, else every `heartbeatMs`. */
  async register(): Promise<void> {
    const { participant, clock, limits } = this.#options;
    this.#asking = true;
    this.#askedAt = clock.now();
    const answer = await this.#ask();
    if (this.#stopped) return;
    if (typeof answer !== 'string') await this.#heed(answer);
    this.#asking = false;
    if (participant.isConfirmed) this.#again(limits.heartbeatMs);
    else if (typeof answer === 'string') this.#retry(answer);
    else this.#again(this.#backoff(), () => this.#catchUp(answer));
  }

  async #catchUp({ membership, sequence }: RegisteredReply): Promise<void> {
    const stopped = () => this.#stopped;
    const failure = await catchUp({ ...this.#options, stopped }, membership);
    if (this.#stopped) return;
    if (failure !== undefined) {
      this.#retry(failure);
      return;
    }
    await this.#options.participant.resume(sequence);
    this.#caughtUp = true;
    await this.register();
  }

  #retry(failure: string): void {
    const { uplink, logger } = this.#options;
    const ms = this.#backoff();
    if (this.#attempts >= 10 && !this.#hasComplained) {
      this.#hasComplained = true;
      const message = `not registered yet at ${uplink.name}: ${failure}`;
      logger.warn({ coordinator: uplink.name }, message);
    }
    this.#again(ms);
  }

  /** Full jitter: anything up to a bound that doubles with each attempt. Milliseconds. */
  #backoff(): number {
    const { minBackoffMs, registerBackoffMs } = this.#options.limits;
    this.#attempts += 1;
    const bound = Math.min(registerBackoffMs, minBackoffMs * 2 ** this.#attempts);
    return Math.max(minBackoffMs, Math.floor(this.#options.random() * bound));
  }

  #again(ms: number, step = () => this.register()): void {
    const { participant, clock } = this.#options;
    this.#cancel();
    this.#cancel = clock.after(ms, () => {
      step().catch((cause: unknown) => {
        const { place } = participant.store;
        const reason = cause instanceof Error ? cause.message : String(cause);
        const error = new Error(`registration of ${place} broke: ${reason}`, { cause });
        this.#options.onFailure(error);
      });
    });
  }

  /** What the coordinator answers, or why it does not. */
  async #ask(): Promise<Registered | string> {
    const { uplink, keys, limits } = this.#options;
    try {
      const answer = await uplink.ask('/participants', {
        method: 'POST',
        timeoutMs: limits.inquiryTimeoutMs,
        keys: keys(),
        body: this.#request(),
      });
      if (this.#stopped) return '';
      const registered = parseRegistered(answer.status, answer.body);
      return registered ? { from: answer.from, ...registered } : await this.#refused(answer);
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      return error.message;
    }
  }

  /** A run that was confirmed says no sequence: its log only grows, and nobody looks at it. */
  #request(): object {
    const { participant, address, name, run, replayed } = this.#options;
    const { isConfirmed, membership, signature, state } = participant;
    const { store, epoch } = participant.store.identity;
    const wanted = membership?.name ?? name;
    const seen = membership && state.coordinators.get(membership.coordinator.store);
    return {
      store,
      epoch,
      address,
      run,
      ...(wanted !== undefined && { name: wanted }),
      ...(!isConfirmed && { sequence: this.#caughtUp ? signature.sequence : replayed }),
      ...(this.#caughtUp && !isConfirmed && { caughtUp: true }),
      ...(seen?.highest !== undefined && { highest: seen.highest, timestamp: seen.timestamp }),
    };
  }

  /** Follows what the coordinator makes of this node. */
  async #heed({ from, membership, state, timestamp, sequence }: Registered): Promise<void> {
    const { participant, replayed, logger } = this.#options;
    const { name } = membership;
    const { store } = membership.coordinator;
    const before = participant.membership?.coordinator.store ?? store;
    if (before !== store) {
      const lost = `the coordinator at ${from} had store ${before}, and has ${store} now`;
      logger.error({ before, store }, `${lost}: what ${before} has left in doubt stays so`);
    }
    await participant.named(membership);
    if (state === 'confirmed') {
      if (participant.isConfirmed) return;
      if (participant.isOldCopy) {
        logger.warn({ participant: name, sequence }, `${name} has caught up, and takes part again`);
      }
      participant.confirm(timestamp);
    } else if (participant.isConfirmed) {
      const why = `another process runs on a copy of ${participant.store.place}: stop one of them`;
      this.#options.onFailure(new Error(why));
    } else if (!participant.isOldCopy) {
      participant.quarantine();
      const lost = `the log ends at ${replayed}, and was at ${sequence} before`;
      const until = 'it takes no part until it has caught up from the coordinator';
      const details = { participant: name, replayed, seen: sequence };
      logger.error(details, `${lost}: ${name} runs on an old copy; ${until}`);
    }
  }

  async #refused({ from, status, body }: Answer): Promise<string> {
    const { participant, address, logger } = this.#options;
    const { isConfirmed, store } = participant;
    const code = codeOf(body);
    const said = `${status} ${typeof code === 'string' ? code : 'without a code'}`;
    const refusal = `the coordinator at ${from} refuses to register ${address}: ${said}`;
    const failure = () => new Error(`${refusal}, ${JSON.stringify(body)}`);
    if (code === 'stale-epoch' && !isConfirmed) {
      // This start is the newest, of an older copy: its epoch has to show that.
      await store.raiseEpoch(this.#leap);
      this.#leap *= 2;
    } else if (code === 'name-taken' || code === 'stale-epoch') {
      this.#options.onFailure(failure());
    } else if (final.has(status) && !isConfirmed) this.#options.onFailure(failure());
    else if (isPassing(status)) logger.warn({ status, code }, refusal);
    else if (isConfirmed || code === 'never-issued') logger.error({ status, code }, refusal);
    return refusal;
  }
}
