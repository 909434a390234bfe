import type { Contract } from '../http/contract.ts';
import type { Spans } from '../http/spans.ts';
import type { TraceContext } from '../http/traceparent.ts';
import type { SentKeys, Transport } from '../http/transport.ts';
import { ArchivedError, type Part } from '../log/archived.ts';
import type { Cancel, Clock } from '../log/clock.ts';
import type { Entry, Log } from '../log/log.ts';
import { storeTroubles } from '../log/readiness.ts';
import { Room } from '../log/room.ts';
import type { Store } from '../log/store.ts';
import { congestion, obstacles, type AdmissionLimits, type Refusal } from './admission.ts';
import { Archive, type CoordinatorRecord, beginningOf } from './archive.ts';
import { Delivery, type DeliveryEvents, type DeliveryLimits, type Health } from './delivery.ts';
import * as directory from './directory.ts';
import type { TransferFilter } from './list.ts';
import type { CoordinatorMetrics } from './metrics.ts';
import * as protocol from './protocol.ts';
import { planReversal, type Wanted } from './reversal.ts';
import { Snapshots, type SnapshotOutcome } from './snapshot.ts';
import { neverIssued, oldCopy, type Shown } from './restored.ts';
import { Searches } from './searches.ts';
import { Tally } from './tally.ts';
import type { Trace } from './trace.ts';
import { Tracing } from './tracing.ts';
import { TransferSpans } from './transfer-spans.ts';
import { Waiters } from './waiters.ts';

export interface CoordinatorLimits extends DeliveryLimits, AdmissionLimits {
  /** The longest a transfer may wait for its votes. Milliseconds. */
  voteTimeoutMs: number;
  /** How long the other votes are heard once somebody has voted no. Milliseconds. */
  voteGraceMs: number;
  /** How long participants wait for decisions before they give a snapshot up. Milliseconds. */
  snapshotTimeoutMs: number;
  /** With less than this free on the disk nothing new is begun. Bytes. */
  reserveBytes: number;
  /** How long a key is remembered at least. Hours of running time. */
  idempotencyHours: number;
  /** Streams of events at once; further ones are refused. */
  eventStreams: number;
  /** Names, with commas between them: without one of these this node is not ready. */
  readyParticipants?: string;
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
  readonly keys: SentKeys;
  readonly clock: Clock;
  random(): number;
  readonly limits: CoordinatorLimits;
  readonly logger: Logger;
  /** Where spans go; absent: none are made. */
  readonly spans?: Spans | undefined;
  /** Counts what happens; nobody does unless told. */
  readonly metrics?: CoordinatorMetrics;
  /** A write failed, or an invariant is broken: the node must exit and replay. */
  onFailure(error: Error): void;
}

type Fact = protocol.Fact | directory.Registered;

/** Between finding that the store is an old copy and the end: for the answer that says so. */
const lastWordMs = 100;

const hourMs = 3_600_000;

export type Beginning =
  | { readonly outcome: 'begun' | 'known'; readonly id: string }
  | { readonly outcome: 'refused'; readonly refusals: readonly [Refusal, ...Refusal[]] };

/** Runs the coordinator's machine on its log: replay, timers, delivery. */
export class Coordinator {
  readonly state: protocol.State;
  readonly directory: directory.Directory = new Map();
  readonly limits: CoordinatorLimits;
  /** Streams of events that are open. */
  streams = 0;
  readonly #options: CoordinatorOptions;
  readonly #delivery: Delivery;
  readonly #decided: Waiters;
  readonly #ended: Waiters;
  readonly #news: Waiters;
  readonly #deadlines = new Map<string, { at: number; cancel: Cancel }>();
  /** Of the transfers that wait for votes: who has begun them, and how many each client has. */
  readonly #clients = new Map<string, string>();
  readonly #undecided = new Tally();
  /** What each participant has not acknowledged. */
  readonly #owed = new Tally();
  readonly #searches: Searches;
  readonly #tracing: Tracing;
  readonly #spans: TransferSpans;
  readonly #room: Room;
  readonly #snapshots: Snapshots;
  #log: Log<CoordinatorRecord> | undefined;
  #archive: Archive | undefined;
  #durableTimestamp = 0;
  /** Those whose end is not forced yet, and the positions of their ends in the log. */
  #ending: { readonly id: string; readonly position: number }[] = [];
  /** The sequences of the participants' logs that are in a record of this start, by name. */
  readonly #noted = new Map<string, number>();
  #cancelHour: Cancel = () => undefined;
  #stopping = false;
  /** What shows that the store is an old copy: nothing is answered from it any more. */
  #lacks: string | undefined;

  private constructor(options: CoordinatorOptions) {
    const { store, clock, limits } = options;
    this.#options = options;
    this.limits = limits;
    this.state = protocol.initial(store.identity.store, store.identity.epoch);
    this.#decided = new Waiters(clock);
    this.#ended = new Waiters(clock);
    this.#news = new Waiters(clock);
    this.#searches = new Searches(clock);
    this.#tracing = new Tracing(clock, this.state.transfers);
    this.#spans = new TransferSpans(options.spans);
    this.#room = new Room(store.freeBytes, clock, limits.reserveBytes);
    this.#snapshots = new Snapshots(() => {
      const { contract, transport, keys } = options;
      return {
        ...{ contract, transport, keys, timeoutMs: limits.snapshotTimeoutMs },
        members: () => [...this.directory.values()],
        timestamp: () => this.#durableTimestamp,
      };
    });
    this.#delivery = new Delivery({
      ...options,
      self: { store: store.identity.store, epoch: store.identity.epoch },
      random: () => options.random(),
      member: (name) => this.directory.get(name),
      begun: (id) => this.#known(id).begun,
      commitTimestamp: (id) => commitTimestamp(this.#known(id)),
      traceparent: (message) => this.#spans.traceparent(message),
      isOwed: (message) => protocol.isOwed(this.state, message),
      watermark: () => this.watermark,
      onFailure: (error) => {
        this.#fail(error);
      },
      remainingMs: (id) => Math.max(1, Math.ceil((this.#deadlines.get(id)?.at ?? 0) - clock.now())),
      events: this.#events(),
    });
  }

  /** Replays the log, aborts what was undecided, and sends what is owed. */
  static async open(options: CoordinatorOptions): Promise<Coordinator> {
    const coordinator = new Coordinator(options);
    const { store, clock, limits, metrics } = options;
    const log = await store.openLog<CoordinatorRecord>({
      clock,
      keyOf: beginningOf,
      segmentBytes: limits.segmentBytes,
      lazyFlushMs: limits.lazyFlushMs,
      apply: (record) => {
        coordinator.#apply(record);
      },
      summarise: () => coordinator.#summarise(),
      onDurable: () => {
        coordinator.#forget();
        coordinator.#news.releaseAll();
      },
      onForced: (ms, records) => {
        metrics?.log.forced(ms, records);
      },
      onFailure: (error) => {
        options.onFailure(error);
      },
    });
    coordinator.#log = log;
    coordinator.#archive = new Archive(coordinator.state, log);
    coordinator.#durableTimestamp = coordinator.state.decidedTimestamp;
    for (const [id, { ended }] of coordinator.state.transfers) {
      if (ended) protocol.apply(coordinator.state, { type: 'forgotten', id });
      else coordinator.#owe(id);
    }
    coordinator.#handle({ type: 'start', at: clock.wall() });
    await coordinator.durable();
    for (const message of protocol.owed(coordinator.state)) coordinator.#delivery.deliver(message);
    coordinator.#countHours();
    metrics?.log.watch(log, store, limits.reserveBytes);
    metrics?.watch(coordinator, clock);
    return coordinator;
  }

  /**
   * Begins a transfer, or finds the one that its idempotency key has begun. Whether that one had
   * the same body is for the caller to see.
   * @param client who asks, for its share of what may wait for votes
   * @param parent the trace that it is a part of; nothing of it is on record
   */
  begin(request: protocol.TransferRequest, client: string, parent?: TraceContext): Beginning {
    const known = this.#begunBy(request.key);
    if (known !== undefined) return { outcome: 'known', id: known };
    if (this.#lacks !== undefined) {
      const detail = 'the store is an old copy, and this node stops';
      return { outcome: 'refused', refusals: [{ code: 'shutting-down', detail }] };
    }
    const [first, ...more] = obstacles(request, {
      state: this.state,
      directory: this.directory,
      limits: this.limits,
      undecided: this.undecided,
      undecidedOfClient: this.#undecided.count(client),
      owedBy: (name) => this.#owed.count(name),
      isDown: (name) => this.health(name).health === 'down',
      lowDisk: this.#room.isLow,
    });
    if (first) {
      this.#options.metrics?.refused(first.code);
      return { outcome: 'refused', refusals: [first, ...more] };
    }
    const { clock } = this.#options;
    const lowerTs = this.#durableTimestamp;
    const id = this.#handle({ type: 'begin', at: clock.wall(), lowerTs, ...request });
    this.#clients.set(id, client);
    this.#undecided.add(client, id);
    // No message has left yet: first, others gather for the same batch.
    this.#spans.begun(id, parent, () => this.#tracing.began(id));
    return { outcome: 'begun', id };
  }

  /** Begins a transfer that takes one back; what is left of it is checked in the same step. */
  reverse(
    original: protocol.Transfer,
    wanted: Wanted,
    request: Omit<protocol.TransferRequest, 'legs' | 'reverses'>,
    client: string,
    parent?: TraceContext,
  ): Beginning {
    const { id } = original.begun;
    const known = this.#begunBy(request.key);
    if (known !== undefined) return { outcome: 'known', id: known };
    const plan = planReversal(this.state, original, wanted);
    switch (plan.outcome) {
      case 'planned':
        return this.begin(
          { ...request, legs: plan.legs, reverses: plan.reverses },
          ...([client, parent] as const),
        );
      case 'not-committed': {
        const detail = `${id} is ${original.decided?.state ?? 'not decided yet'}`;
        return { outcome: 'refused', refusals: [{ code: 'not-committed', detail }] };
      }
      case 'exceeds': {
        const parts = plan.over.map(({ leg, left }) => `${left} of leg ${leg}`);
        const detail = `what is left to take back of ${id} is ${parts.join(', ')}`;
        return { outcome: 'refused', refusals: [{ code: 'reversal-limit-exceeded', detail }] };
      }
    }
  }

  /** Aborts a transfer that is not decided; one whose only participant decides goes on. */
  cancel(id: string): void {
    this.#handle({ type: 'cancel', at: this.#options.clock.wall(), id });
  }

  /** All balances as of the highest durable commit timestamp. */
  snapshot(): Promise<SnapshotOutcome> {
    return this.#snapshots.take();
  }

  /** Registers a participant; durable when it resolves. */
  async register(request: Omit<directory.RegistrationRequest, 'at'>) {
    const at = this.#options.clock.wall();
    const registration = directory.register(this.directory, { at, ...request });
    const records = 'records' in registration ? registration.records : [];
    this.#opened.log.append(...records);
    const { name } = registration.member;
    // A vote that is on its way is of a run that is over, perhaps on a store that is lost by now.
    // One that says again what is known is not cut off from what is under way to it.
    if (records.length > 0) this.#delivery.cut(name);
    await this.durable();
    if (records.length > 0) this.#delivery.registered(name);
    return registration;
  }

  /**
   * What of this, or of what was shown before, the store never issued: so it must be an old copy,
   * and this node stops. It never settles when another process has the store: that one has issued
   * it.
   */
  async suspect(shown: Shown, by: string): Promise<string | undefined> {
    const what = neverIssued(this.state, shown);
    if (what !== undefined && this.#lacks === undefined) {
      await this.durable();
      this.#stopAsOldCopy(by, what);
    }
    return this.#lacks;
  }

  /** A transfer whose end is not durable yet; all others are in the log. */
  transfer(id: string): protocol.Transfer | undefined {
    return this.state.transfers.get(id);
  }

  /**
   * A transfer that was begun, whenever that was.
   * @throws ArchivedError when what became of it was moved elsewhere
   */
  find(id: string): Promise<protocol.Transfer | undefined> {
    return this.#opened.archive.find(id);
  }

  /** What was moved elsewhere until now, oldest first. */
  moved(): Promise<readonly Part[]> {
    return this.#opened.archive.moved();
  }

  /** The same for a client, who may ask for ids that never were: `refused` if too many do. */
  async seek(id: string): Promise<protocol.Transfer | 'refused' | undefined> {
    const { archive } = this.#opened;
    return (await archive.glance(id)) ?? this.#searches.run(() => archive.search(id, true));
  }

  /** What is on record of a transfer, in order; `refused` if too much is looked for. */
  async records(transfer: protocol.Transfer): Promise<Entry<protocol.Fact>[] | 'refused'> {
    const { archive } = this.#opened;
    await this.durable();
    return this.#searches.run(() => archive.records(transfer));
  }

  /** The transfers of a list, newest first; `before` is where the last page has ended. */
  newestFirst(filter: TransferFilter, before?: number) {
    return this.#opened.archive.newestFirst(filter, before);
  }

  /** What was begun after a transfer, or ever; oldest first, as far as it is durable. */
  begunAfter(id: string | undefined): AsyncIterable<protocol.Begun> {
    return this.#opened.archive.begunAfter(id);
  }

  /** What an inquiry about an id is answered. */
  async inquire(id: string, participant?: string): Promise<protocol.Finding> {
    if (participant !== undefined) this.#tracing.inquired(id, participant);
    return protocol.inquire(this.state, id, await this.find(id));
  }

  health(name: string): Health {
    return this.#delivery.health(name);
  }

  /** What this node lacks to do its work, as clauses; nothing: it is ready. */
  async missing(): Promise<string[]> {
    const { clock, limits } = this.#options;
    const troubles = await storeTroubles(this.durable(), this.#room, clock);
    const wanted = limits.readyParticipants?.split(',') ?? [];
    const absent = wanted.flatMap((name) => this.#absence(name) ?? []);
    return [...troubles, ...absent];
  }

  #absence(name: string): string | undefined {
    const member = this.directory.get(name);
    if (!member) return `${name} has not registered`;
    if (member.quarantined) return `${name} has an old copy of its store, and catches up`;
    switch (this.health(name).health) {
      case 'up':
        return undefined;
      case 'down':
        return `${name} cannot be reached`;
      case 'unknown':
        // Since the start nothing was sent there that would have told.
        this.#delivery.look(name);
        return `${name} has not been heard of yet`;
    }
  }

  /** Resolves when the transfer is durably decided, or after `ms` milliseconds. */
  async decided({ begun, decided }: protocol.Transfer, ms: number): Promise<void> {
    if (!decided) await this.#decided.wait(begun.id, ms);
  }

  /** Resolves when every participant has acknowledged the decision, or after `ms` milliseconds. */
  async ended({ begun, ended }: protocol.Transfer, ms: number): Promise<void> {
    if (!ended) await this.#ended.wait(begun.id, ms);
  }

  /**
   * Every answer waits for this: whatever it was computed from is on disk, but for what can be
   * heard again. It never settles once the store has shown to be an old copy.
   * @param position of the log; its end unless told
   */
  durable(position?: number): Promise<void> {
    if (this.#lacks !== undefined) return new Promise(() => undefined);
    return this.#opened.log.durable(position);
  }

  /** Why a request for a transfer, with this key or none, is refused whatever else it says. */
  congestion(key: string | undefined, client: string): Refusal | undefined {
    const refusal = congestion({
      limits: this.limits,
      undecided: this.undecided,
      undecidedOfClient: this.#undecided.count(client),
    });
    if (!refusal || this.#begunBy(key) !== undefined) return undefined;
    this.#options.metrics?.refused(refusal.code);
    return refusal;
  }

  /** How many transfers wait for votes. */
  get undecided(): number {
    return this.#deadlines.size;
  }

  /** Where the log ends, forced or not. */
  get end(): number {
    return this.#opened.log.position;
  }

  /** What was seen of the phase that is under way; undefined if the transfer has ended. */
  trace({ begun, ended }: protocol.Transfer): Trace | undefined {
    return ended ? undefined : this.#tracing.current(begun.id);
  }

  /** Up to where participants may forget now. */
  get watermark(): protocol.Watermark {
    return protocol.watermark(this.state);
  }

  /** The highest commit timestamp that is durable. */
  get durableTimestamp(): number {
    return this.#durableTimestamp;
  }

  /** Something that must never happen: a person has to look. */
  alarm(details: object, message: string): void {
    this.#options.logger.error(details, message);
  }

  /** How far the log is forced. */
  get position(): number {
    return this.#opened.log.durablePosition;
  }

  /** The facts after a position of the log, as many as `most`; none when there are no more. */
  async read(after: number, most: number): Promise<Entry<Fact>[]> {
    const entries = await this.#opened.log.read(after, most);
    const facts = entries.filter((entry): entry is Entry<Fact> => isFact(entry.record));
    const last = entries.at(-1);
    // Nothing here is about a transfer or a participant: perhaps behind it.
    return facts.length === 0 && last ? this.read(last.sequence, most) : facts;
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
    this.abandon();
    await this.#opened.log.close();
  }

  /** Stops sending and waiting. Nothing that was computed is told any more. */
  abandon(): void {
    this.#delivery.stop();
    this.#cancelHour();
    for (const { cancel } of this.#deadlines.values()) cancel();
    this.#deadlines.clear();
    this.release();
  }

  #begunBy(key: string | undefined): string | undefined {
    return key === undefined ? undefined : protocol.begunBy(this.state, key);
  }

  /** The wall clock may jump: a key grows older only while this node runs. */
  #countHours(): void {
    const { clock, limits } = this.#options;
    this.#cancelHour = clock.after(hourMs, () => {
      const { idempotencyHours: hours } = limits;
      const at = clock.wall();
      if (this.state.keys.tables.length > 0)
        this.#opened.log.append({ type: 'elapsed', at, hours });
      this.#countHours();
    });
  }

  get #opened() {
    const [log, archive] = [this.#log, this.#archive];
    if (!log || !archive) throw new Error('broken invariant: nothing happens before the replay');
    return { log, archive };
  }

  #known(id: string): protocol.Transfer {
    const transfer = this.state.transfers.get(id);
    if (!transfer) throw new Error(`broken invariant: transfer ${id} is known`);
    return transfer;
  }

  /** What the participants' answers mean. */
  #events(): DeliveryEvents {
    const { clock, limits, logger, metrics } = this.#options;
    return {
      sent: (type, ids, participant) => {
        metrics?.sent(type, ids.length);
        for (const id of ids) this.#tracing.sent(type, id, participant);
      },
      voted: (id, participant, ballot, forcedMs) => {
        this.#tracing.voted(id, participant, forcedMs);
        this.#handle({ type: 'vote', at: clock.wall(), id, participant, ...ballot });
        if (ballot.vote === 'no') this.#expireWithin(id, limits.voteGraceMs);
      },
      settled: (id, participant, outcome, forcedMs) => {
        this.#tracing.voted(id, participant, forcedMs);
        this.#handle({ type: 'outcome', at: clock.wall(), id, participant, ...outcome });
      },
      acknowledged: (id, participant, state, { forcedMs, damage }) => {
        this.#tracing.acknowledged(id, participant, forcedMs);
        const heard = { at: clock.wall(), id, participant, state, ...(damage && { damage }) };
        this.#handle({ type: 'acknowledge', ...heard });
      },
      committedBefore: (id, participant) => this.#committedBefore(id, participant),
      unanswered: (participant) => {
        metrics?.retried(participant);
      },
      heard: (participant, sequence) => {
        directory.see(this.directory, participant, sequence);
      },
      alarm: (details, message) => {
        logger.error(details, message);
      },
    };
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

  /** A participant has committed what is not committed here: it decides, or this store is old. */
  #committedBefore(id: string, participant: string): boolean {
    const transfer = this.state.transfers.get(id);
    if (!transfer) {
      this.#compareForgotten(id, participant).catch((error: unknown) => {
        this.#fail(error);
      });
      return true;
    }
    // Its answer to the commit has come first.
    if (transfer.decided?.state === 'committed') return true;
    if (transfer.decided || !protocol.isOnePhase(transfer)) {
      this.#stopAsOldCopy(participant, `a commit of ${id}`);
      return false;
    }
    const at = this.#options.clock.wall();
    this.#handle({ type: 'outcome', at, id, participant, state: 'committed' });
    return true;
  }

  /** Nothing is owed any more; what the log has must be the same. */
  async #compareForgotten(id: string, participant: string): Promise<void> {
    let elsewhere = '';
    const transfer = await this.find(id).catch((error: unknown) => {
      if (!(error instanceof ArchivedError)) throw error;
      elsewhere = `; ${error.message}`;
    });
    if (transfer?.decided?.state === 'committed') return;
    const text = `${participant} has committed ${id}: it is not here${elsewhere}`;
    this.alarm({ participant, transferId: id }, text);
  }

  /** Nothing leaves any more; the node stops once whoever has shown it has had time to hear so. */
  #stopAsOldCopy(by: string, what: string): void {
    if (this.#lacks !== undefined) return;
    this.#lacks = what;
    const { store, clock, logger } = this.#options;
    const message = oldCopy(store.place, by, what);
    logger.error({ participant: by }, message);
    this.#delivery.stop();
    this.release();
    clock.after(lastWordMs, () => {
      this.#fail(new Error(message));
    });
  }

  #fail(error: unknown): void {
    this.#options.onFailure(error instanceof Error ? error : new Error(String(error)));
  }

  /** Decides, applies at once, and lets nothing out that the log does not allow yet. */
  #react(event: protocol.Event): string {
    const { notes, records, messages } = protocol.receive(this.state, event);
    for (const note of notes) {
      protocol.apply(this.state, note);
      if (note.type === 'acknowledged') this.#owed.remove(note.participant, note.id);
    }
    const traced = records.map((record) => this.#described(record));
    this.#opened.log.append(...traced);
    for (const record of traced) this.#follow(record);
    const forced = messages.some(({ type }) => type === 'commit' || type === 'commit-one-phase');
    const deliver = () => {
      for (const message of messages) this.#delivery.deliver(message);
    };
    if (forced) void this.durable().then(deliver);
    else deliver();
    return records[0]?.id ?? '';
  }

  /** A record, with what was seen of the participants until now. */
  #described(record: protocol.Fact): protocol.Fact {
    const traced = this.#tracing.traced(record);
    if (traced.type === 'begun') return traced;
    const { participants } = this.#known(record.id).begun;
    const sequences = directory.unnoted(this.directory, participants, this.#noted);
    return sequences === undefined ? traced : Object.assign(traced, { sequences });
  }

  /** What a new record means to timers and to those who wait. */
  #follow(record: protocol.Fact): void {
    const { id } = record;
    const { clock, metrics } = this.#options;
    switch (record.type) {
      case 'begun':
        this.#owe(id);
        this.#expireWithin(id, record.timeoutMs);
        return;
      case 'decided': {
        this.#deadlines.get(id)?.cancel();
        this.#stopWaiting(id);
        for (const [name, { vote }] of Object.entries(record.votes)) {
          if (vote === 'no') this.#owed.remove(name, id);
        }
        this.#spans.decided(record);
        const transfer = this.#known(id);
        const since = clock.now();
        void this.durable().then(() => {
          this.#tracing.forced(record);
          this.#spans.forced(id);
          metrics?.decided(transfer, record, clock.now() - since);
          if (record.state === 'committed') {
            this.#durableTimestamp = Math.max(this.#durableTimestamp, record.timestamp);
          }
          this.#decided.release(id);
        });
        return;
      }
      case 'ended':
        for (const name of this.#known(id).begun.participants) this.#owed.remove(name, id);
        metrics?.ended(this.#known(id), record);
        this.#ended.release(id);
        this.#spans.ended(record);
        this.#ending.push({ id, position: this.end });
        return;
    }
  }

  /** Its votes are in, or its time is over. */
  #stopWaiting(id: string): void {
    this.#deadlines.delete(id);
    this.#undecided.remove(this.#clients.get(id) ?? '', id);
    this.#clients.delete(id);
  }

  #owe(id: string): void {
    const { begun, votes } = this.#known(id);
    for (const name of begun.participants) {
      if (votes.get(name)?.vote !== 'no') this.#owed.add(name, id);
    }
  }

  /** An end asks for no write of its own: whoever has ended is forgotten after the next one. */
  #forget(): void {
    const after = this.#ending.findIndex(({ position }) => position > this.position);
    const forced = this.#ending.splice(0, after === -1 ? this.#ending.length : after);
    for (const { id } of forced) protocol.apply(this.state, { type: 'forgotten', id });
  }

  #expireWithin(id: string, ms: number): void {
    const { clock } = this.#options;
    const at = clock.now() + ms;
    const known = this.#deadlines.get(id);
    // Whoever says no twice, or late, may be heard when the transfer is over, and forgotten.
    const transfer = this.state.transfers.get(id);
    if (!transfer || transfer.decided || (known && known.at <= at)) return;
    known?.cancel();
    const cancel = clock.after(ms, () => {
      this.#stopWaiting(id);
      this.#handle({ type: 'expire', at: clock.wall(), id });
    });
    this.#deadlines.set(id, { at, cancel });
  }

  #apply(record: CoordinatorRecord): void {
    if (record.type === 'registered') {
      directory.applyRegistration(this.directory, record);
      return;
    }
    protocol.apply(this.state, record);
    if (record.type !== 'decided' && record.type !== 'ended') return;
    for (const [name, sequence] of Object.entries(record.sequences ?? {})) {
      directory.see(this.directory, name, sequence);
    }
  }

  *#summarise(): Iterable<CoordinatorRecord> {
    yield* directory.summariseDirectory(this.directory);
    yield* protocol.summarise(this.state);
  }
}

function commitTimestamp({ decided }: protocol.Transfer): number {
  if (decided?.state !== 'committed') throw new Error('broken invariant: it has committed');
  return decided.timestamp;
}

function isFact(record: CoordinatorRecord): record is Fact {
  return isShown[record.type];
}

/** By type of record: whether it is about a transfer or a participant, and an event. */
const isShown: Readonly<Record<CoordinatorRecord['type'], boolean>> = {
  begun: true,
  decided: true,
  ended: true,
  registered: true,
  elapsed: false,
  counted: false,
  keyed: false,
  reversed: false,
};
