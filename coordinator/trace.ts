/**
 * How the messages of one transfer went, for people: nothing is decided by it. Times are
 * milliseconds after `begun`, by the monotonic clock, to a hundredth.
 */

import type { Clock } from '../log/clock.ts';

/** A message that may be sent more than once. */
export interface Sent {
  /** When it was first sent. */
  readonly sentMs: number;
  /** How often it was sent, if more than once, and when it was sent last. */
  readonly attempts?: number;
  readonly lastMs?: number;
}

/** A message to one participant, and its answer. */
export interface Exchange extends Sent {
  /** When a usable answer was there. */
  readonly repliedMs?: number;
  /** How long the participant's forced write took, by its own word. */
  readonly forcedMs?: number;
}

/** What `decided` keeps of the prepares, and `ended` of the commits or aborts. */
export interface Trace {
  /** When the record was made. */
  readonly ms: number;
  /** In `ended`: how long the forced write of the decision took. */
  readonly forcedMs?: number;
  /** By participant. */
  readonly with: Readonly<Record<string, Exchange>>;
  /** By participant: it has asked what was decided, and this is when that came. */
  readonly inquiries?: Readonly<Record<string, Sent>>;
}

/** The two rounds of two-phase commit. */
export type Phase = 'vote' | 'decision';

/** Follows a transfer that has not ended. */
export class Tracer {
  /** When the transfer began, by the clock; perhaps before its zero. Milliseconds. */
  readonly began: number;
  readonly #clock: Pick<Clock, 'now'>;
  #phase: Phase;
  #exchanges = new Map<string, Changing<Exchange>>();
  /** Made when there is one: few transfers are ever asked about. */
  #inquiries: Map<string, Changing<Sent>> | undefined;
  #forcedMs: number | undefined;

  constructor(clock: Pick<Clock, 'now'>, began: number, phase: Phase) {
    this.#clock = clock;
    this.began = began;
    this.#phase = phase;
  }

  sent(phase: Phase, participant: string): void {
    if (phase === this.#phase) this.#count(this.#exchanges, participant);
  }

  /** A participant asks what was decided. */
  inquired(participant: string): void {
    this.#inquiries ??= new Map();
    this.#count(this.#inquiries, participant);
  }

  #count(sent: Map<string, Changing<Sent>>, participant: string): void {
    const known = sent.get(participant);
    if (!known) {
      sent.set(participant, { sentMs: this.#now() });
      return;
    }
    known.attempts = (known.attempts ?? 1) + 1;
    known.lastMs = this.#now();
  }

  /** An answer that comes when its phase is over is not part of the story. */
  replied(phase: Phase, participant: string, forcedMs: number | undefined): void {
    const known = this.#exchanges.get(participant);
    if (phase !== this.#phase || known === undefined || known.repliedMs !== undefined) return;
    known.repliedMs = this.#now();
    if (forcedMs !== undefined) known.forcedMs = rounded(forcedMs);
  }

  /** What was seen so far of the phase that is under way. */
  get current(): Trace {
    const forced = this.#forcedMs !== undefined && { forcedMs: this.#forcedMs };
    const asked = this.#inquiries && { inquiries: Object.fromEntries(this.#inquiries) };
    return { ms: this.#now(), ...forced, with: Object.fromEntries(this.#exchanges), ...asked };
  }

  /** The transfer is decided: the other phase begins. Gives what the first one was. */
  decided(): Trace {
    const trace = this.current;
    this.#phase = 'decision';
    this.#exchanges = new Map();
    this.#inquiries = undefined;
    return trace;
  }

  /** The decision is on disk. */
  forced(since: Trace): void {
    this.#forcedMs = rounded(this.#now() - since.ms);
  }

  #now(): number {
    return rounded(this.#clock.now() - this.began);
  }
}

type Changing<T> = { -readonly [Name in keyof T]: T[Name] };

const rounded = (ms: number) => Math.round(ms * 100) / 100;
