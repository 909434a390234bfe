import type { Clock } from '../log/clock.ts';
import type { Decided, Fact, Message, Transfer } from './protocol.ts';
import { Tracer, type Trace } from './trace.ts';

/** Follows every transfer that has not ended, and adds what was seen to its records. */
export class Tracing {
  readonly #clock: Clock;
  readonly #transfers: ReadonlyMap<string, Transfer>;
  readonly #tracers = new Map<string, Tracer>();

  constructor(clock: Clock, transfers: ReadonlyMap<string, Transfer>) {
    this.#clock = clock;
    this.#transfers = transfers;
  }

  /** When a transfer began, by the clock. Milliseconds. */
  began(id: string): number {
    return this.#tracer(id).began;
  }

  sent(type: Message['type'], id: string, participant: string): void {
    const votes = type === 'prepare' || type === 'commit-one-phase';
    this.#tracer(id).sent(votes ? 'vote' : 'decision', participant);
  }

  voted(id: string, participant: string, forcedMs: number | undefined): void {
    this.#tracers.get(id)?.replied('vote', participant, forcedMs);
  }

  acknowledged(id: string, participant: string, forcedMs: number | undefined): void {
    this.#tracers.get(id)?.replied('decision', participant, forcedMs);
  }

  /** A participant asks what was decided: nothing to tell of one that has no part in it. */
  inquired(id: string, participant: string): void {
    const transfer = this.#transfers.get(id);
    if (!transfer || transfer.ended || !transfer.begun.participants.includes(participant)) return;
    this.#tracer(id).inquired(participant);
  }

  /** A decision is on disk. */
  forced({ id, trace }: Decided): void {
    if (trace) this.#tracers.get(id)?.forced(trace);
  }

  /** What was seen of the phase that is under way. */
  current(id: string): Trace {
    return this.#tracer(id).current;
  }

  /** Adds to a new record what was seen of the messages before it. */
  traced(record: Fact): Fact {
    const { id } = record;
    switch (record.type) {
      case 'begun': {
        const began = this.#clock.now();
        this.#tracers.set(id, new Tracer(this.#clock, began, 'vote'));
        return record;
      }
      case 'decided':
        return Object.assign(record, { trace: this.#tracer(id).decided() });
      case 'ended': {
        const trace = this.#tracer(id).current;
        this.#tracers.delete(id);
        return Object.assign(record, { trace });
      }
    }
  }

  /** A transfer from before this start goes on where the wall clock says; the rest is measured. */
  #tracer(id: string): Tracer {
    const known = this.#tracers.get(id);
    if (known) return known;
    const transfer = this.#transfers.get(id);
    if (!transfer) throw new Error(`broken invariant: transfer ${id} is known`);
    const { begun, decided } = transfer;
    const clock = this.#clock;
    const past = Math.max(0, Date.parse(clock.wall()) - Date.parse(begun.at)) - clock.now();
    const tracer = new Tracer(clock, -past, decided ? 'decision' : 'vote');
    this.#tracers.set(id, tracer);
    return tracer;
  }
}
