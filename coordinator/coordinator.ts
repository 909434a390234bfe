import type { Contract } from '../http/contract.ts';
import type { ProblemCode } from '../http/problems.ts';
import type { Transport } from '../http/transport.ts';
import type { Cancel, Clock } from '../log/clock.ts';
import { openLog, type Entry, type Log } from '../log/log.ts';
import type { Store } from '../log/store.ts';
import { Delivery, type DeliveryLimits, type Health } from './delivery.ts';
import * as directory from './directory.ts';
import * as protocol from './protocol.ts';
import type { Trace } from './trace.ts';
import { Tracing } from './tracing.ts';
import { Waiters } from './waiters.ts';

export interface CoordinatorLimits extends DeliveryLimits {
  /** The longest a transfer may wait for its votes. Milliseconds. */
  voteTimeoutMs: number;
  /** How long the other votes are heard once somebody has voted no. Milliseconds. */
  voteGraceMs: number;
  /** Transfers that have not ended; further ones are refused. */
  transfersInFlight: number;
  /** Idempotency keys that are remembered; further ones are refused. */
  idempotencyKeys: number;
  /** Streams of events at once; further ones are refused. */
  eventStreams: number;
  /** A full log segment is followed by the next one. Bytes. */
  segmentBytes: number;
  /** Records that nobody waits for are forced at the latest after this. Milliseconds. */
  lazyFlushMs: number;
}

/** Where alarms and notices go: pino's shape. */
export interface Logger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

export interface CoordinatorOptions {
  readonly store: Store;
  readonly contract: Contract;
  readonly transport: Transport;
  readonly key: string | undefined;
  readonly clock: Clock;
  random(): number;
  readonly limits: CoordinatorLimits;
  readonly logger: Logger;
  /** A write failed, or an invariant is broken: the node must exit and replay. */
  onFailure(error: Error): void;
}

type Fact = protocol.Fact | directory.Registered;

/** Why nothing was begun. `leg` and `side` say where, if it is about an address. */
export interface Refusal {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly at?: { readonly leg: number; readonly side: 'from' | 'to' };
}

export type Beginning =
  | { readonly outcome: 'begun' | 'known'; readonly id: string }
  | { readonly outcome: 'refused'; readonly refusals: readonly [Refusal, ...Refusal[]] };

/** Runs the coordinator's machine on its log: replay, timers, delivery. */
export class Coordinator {
  readonly state: protocol.State;
  readonly directory: directory.Directory = new Map();
  readonly limits: CoordinatorLimits;
  readonly #options: CoordinatorOptions;
  readonly #delivery: Delivery;
  readonly #decided: Waiters;
  readonly #ended: Waiters;
  readonly #news: Waiters;
  readonly #deadlines = new Map<string, { at: number; cancel: Cancel }>();
  readonly #tracing: Tracing;
  #log: Log<Fact> | undefined;
  #durableTimestamp = 0;
  #stopping = false;

  private constructor(options: CoordinatorOptions) {
    const { store, clock, limits } = options;
    this.#options = options;
    this.limits = limits;
    this.state = protocol.initial(store.identity.store, store.identity.epoch);
    this.#decided = new Waiters(clock);
    this.#ended = new Waiters(clock);
    this.#news = new Waiters(clock);
    this.#tracing = new Tracing(clock, this.state.transfers);
    this.#delivery = new Delivery({
      ...options,
      self: { store: store.identity.store, epoch: store.identity.epoch },
      random: () => options.random(),
      member: (name) => this.directory.get(name),
      begun: (id) => this.#known(id).begun,
      commitTimestamp: (id) => commitTimestamp(this.#known(id)),
      isOwed: (message) => protocol.isOwed(this.state, message),
      onFailure: (error) => {
        this.#fail(error);
      },
      remainingMs: (id) => Math.max(1, Math.ceil((this.#deadlines.get(id)?.at ?? 0) - clock.now())),
      events: {
        sent: (type, ids, participant) => {
          for (const id of ids) this.#tracing.sent(type, id, participant);
        },
        voted: (id, participant, ballot, forcedMs) => {
          this.#tracing.voted(id, participant, forcedMs);
          this.#handle({ type: 'vote', at: clock.wall(), id, participant, ...ballot });
          if (ballot.vote === 'no') this.#expireWithin(id, limits.voteGraceMs);
        },
        acknowledged: (id, participant, state, forcedMs) => {
          this.#tracing.acknowledged(id, participant, forcedMs);
          this.#handle({ type: 'acknowledge', at: clock.wall(), id, participant, state });
        },
        alarm: (details, message) => {
          options.logger.error(details, message);
        },
      },
    });
  }

  /** Replays the log, aborts what was undecided, and sends what is owed. */
  static async open(options: CoordinatorOptions): Promise<Coordinator> {
    const coordinator = new Coordinator(options);
    const { store, clock, limits } = options;
    coordinator.#log = await openLog<Fact>({
      store,
      clock,
      segmentBytes: limits.segmentBytes,
      lazyFlushMs: limits.lazyFlushMs,
      apply: (record) => {
        coordinator.#apply(record);
      },
      summarise: () => coordinator.#summarise(),
      onDurable: () => {
        coordinator.#news.releaseAll();
      },
      onFailure: (error) => {
        options.onFailure(error);
      },
    });
    coordinator.#durableTimestamp = coordinator.state.timestamp;
    coordinator.#handle({ type: 'start', at: clock.wall() });
    await coordinator.durable();
    for (const message of protocol.owed(coordinator.state)) coordinator.#delivery.deliver(message);
    return coordinator;
  }

  /** Begins a transfer, or finds the one that its idempotency key has begun. */
  begin(request: protocol.TransferRequest): Beginning {
    const known = request.key === undefined ? undefined : this.state.keys.get(request.key);
    if (known !== undefined) {
      if (this.#known(known).begun.fingerprint === request.fingerprint) {
        return { outcome: 'known', id: known };
      }
      const detail = `the key has begun transfer ${known} with another body`;
      return { outcome: 'refused', refusals: [{ code: 'idempotency-key-reused', detail }] };
    }
    const [first, ...more] = this.#obstacles(request);
    if (first) return { outcome: 'refused', refusals: [first, ...more] };
    const { clock } = this.#options;
    const lowerTs = this.#durableTimestamp;
    const id = this.#handle({ type: 'begin', at: clock.wall(), lowerTs, ...request });
    return { outcome: 'begun', id };
  }

  /** Registers a participant; durable when it resolves. */
  async register(request: Omit<directory.RegistrationRequest, 'at'>) {
    const at = this.#options.clock.wall();
    const registration = directory.register(this.directory, { at, ...request });
    if (registration.outcome === 'new' || registration.outcome === 'known') {
      this.#openedLog.append(...registration.records);
    }
    await this.durable();
    if (registration.outcome === 'new' || registration.outcome === 'known') {
      this.#delivery.registered(registration.member.name);
    }
    return registration;
  }

  transfer(id: string): protocol.Transfer | undefined {
    return this.state.transfers.get(id);
  }

  inquire(id: string): protocol.Finding {
    return protocol.inquire(this.state, id);
  }

  health(name: string): Health {
    return this.#delivery.health(name);
  }

  /** Resolves when the transfer is durably decided, or after `ms` milliseconds. */
  async decided(id: string, ms: number): Promise<void> {
    if (!this.#known(id).decided) await this.#decided.wait(id, ms);
  }

  /** Resolves when every participant has acknowledged the decision, or after `ms` milliseconds. */
  async ended(id: string, ms: number): Promise<void> {
    if (!this.#known(id).ended) await this.#ended.wait(id, ms);
  }

  /** Every answer waits for this: whatever it was computed from is on disk. */
  durable(): Promise<void> {
    return this.#openedLog.durable();
  }

  /** What was seen of the phase that is under way; undefined if the transfer has ended. */
  trace(id: string): Trace | undefined {
    return this.#known(id).ended ? undefined : this.#tracing.current(id);
  }

  /** How far the log is forced. */
  get position(): number {
    return this.#openedLog.durablePosition;
  }

  /** The records after a position of the log, as many as `most`; none when there are no more. */
  read(after: number, most: number): Promise<Entry<Fact>[]> {
    return this.#openedLog.read(after, most);
  }

  /** Resolves when more is forced, when this node stops, or after `ms` milliseconds. */
  news(ms: number): Promise<void> {
    return this.#news.wait('', ms);
  }

  /** Monotonic milliseconds. */
  now(): number {
    return this.#options.clock.now();
  }

  /** Whether this node takes no new work and ends what waits. */
  get stopping(): boolean {
    return this.#stopping;
  }

  /** Ends what waits: requests answer with what is known now, streams of events are over. */
  release(): void {
    this.#stopping = true;
    this.#decided.releaseAll();
    this.#ended.releaseAll();
    this.#news.releaseAll();
  }

  /** Stops sending and waiting; closes the log with everything forced. */
  async close(): Promise<void> {
    this.#delivery.stop();
    for (const { cancel } of this.#deadlines.values()) cancel();
    this.#deadlines.clear();
    this.release();
    await this.#openedLog.close();
  }

  get #openedLog(): Log<Fact> {
    if (!this.#log) throw new Error('broken invariant: nothing happens before the replay');
    return this.#log;
  }

  #known(id: string): protocol.Transfer {
    const transfer = this.state.transfers.get(id);
    if (!transfer) throw new Error(`broken invariant: transfer ${id} is known`);
    return transfer;
  }

  /** Why a new transfer cannot begin now. */
  #obstacles({ legs, key }: protocol.TransferRequest): Refusal[] {
    const unknown = legs.flatMap(({ from, to }, leg): Refusal[] =>
      (['from', 'to'] as const).flatMap((side) => {
        const name = protocol.participantOf(side === 'from' ? from : to);
        if (this.directory.has(name)) return [];
        const detail = `there is no participant ${name}`;
        return [{ code: 'unknown-participant', detail, at: { leg, side } }];
      }),
    );
    if (unknown.length > 0) return unknown;
    if (this.state.active.size >= this.limits.transfersInFlight) {
      const detail = `${this.limits.transfersInFlight} transfers are under way`;
      return [{ code: 'overloaded', detail }];
    }
    if (key !== undefined && this.state.keys.size >= this.limits.idempotencyKeys) {
      const detail = `${this.limits.idempotencyKeys} keys are remembered`;
      return [{ code: 'idempotency-window-full', detail }];
    }
    const names = new Set(legs.flatMap(({ from, to }) => [from, to]).map(protocol.participantOf));
    const down = [...names].filter((name) => this.health(name).health === 'down');
    if (down.length === 0) return [];
    return [{ code: 'participant-unavailable', detail: `${down.join(', ')} cannot be reached` }];
  }

  /** A broken invariant ends the node: its memory is not to be trusted any more, its log is. */
  #handle(event: protocol.Event): string {
    try {
      return this.#react(event);
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  #fail(error: unknown): void {
    this.#options.onFailure(error instanceof Error ? error : new Error(String(error)));
  }

  /** Decides, applies at once, and lets nothing out that the log does not allow yet. */
  #react(event: protocol.Event): string {
    const { notes, records, messages } = protocol.receive(this.state, event);
    for (const note of notes) protocol.apply(this.state, note);
    const traced = records.map((record) => this.#tracing.traced(record));
    this.#openedLog.append(...traced);
    for (const record of traced) this.#follow(record);
    const forced = messages.some(({ type }) => type === 'commit');
    const deliver = () => {
      for (const message of messages) this.#delivery.deliver(message);
    };
    if (forced) void this.durable().then(deliver);
    else deliver();
    return records[0]?.id ?? '';
  }

  /** What a new record means to timers and to those who wait. */
  #follow(record: protocol.Fact): void {
    const { id } = record;
    switch (record.type) {
      case 'begun':
        this.#expireWithin(id, record.timeoutMs);
        return;
      case 'decided':
        this.#deadlines.get(id)?.cancel();
        this.#deadlines.delete(id);
        void this.durable().then(() => {
          this.#tracing.forced(record);
          if (record.state === 'committed') {
            this.#durableTimestamp = Math.max(this.#durableTimestamp, record.timestamp);
          }
          this.#decided.release(id);
        });
        return;
      case 'ended':
        this.#ended.release(id);
        return;
    }
  }

  #expireWithin(id: string, ms: number): void {
    const { clock } = this.#options;
    const at = clock.now() + ms;
    const known = this.#deadlines.get(id);
    if (this.#known(id).decided || (known && known.at <= at)) return;
    known?.cancel();
    const cancel = clock.after(ms, () => {
      this.#handle({ type: 'expire', at: clock.wall(), id });
    });
    this.#deadlines.set(id, { at, cancel });
  }

  #apply(record: Fact): void {
    if (record.type === 'registered') directory.applyRegistration(this.directory, record);
    else protocol.apply(this.state, record);
  }

  *#summarise(): Iterable<Fact> {
    yield* directory.summariseDirectory(this.directory);
    yield* protocol.summarise(this.state);
  }
}

function commitTimestamp({ decided }: protocol.Transfer): number {
  if (decided?.state !== 'committed') throw new Error('broken invariant: it has committed');
  return decided.timestamp;
}
