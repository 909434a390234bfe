import type { Clock } from '../log/clock.ts';
import type { Entry, Log } from '../log/log.ts';
import { storeTroubles } from '../log/readiness.ts';
import { Room } from '../log/room.ts';
import type { Store } from '../log/store.ts';
import { apply } from './apply.ts';
import { Archive, type Place, type StatementPage } from './archive.ts';
import { bookingsOf } from './bookings.ts';
import {
  Ledger,
  type Account,
  type AccountRecord,
  type LedgerLimits,
  type Opened,
} from './ledger.ts';
import type { Breach, Conditions, Event, Reaction, Reply } from './messages.ts';
import type { ParticipantMetrics } from './metrics.ts';
import { dismiss, resolve, type Verdict } from './operator.ts';
import * as protocol from './protocol.ts';
import type { Branch, BranchRecord, Sender, Watermark } from './records.ts';
import { Snapshots } from './snapshots.ts';
import { initial, isForgotten, partsOf, see, type State } from './state.ts';
import { heed } from './watermark.ts';

/** What the coordinator has told this participant of the cluster. */
export interface Membership {
  readonly name: string;
  readonly coordinator: Sender;
  readonly peers: readonly { name: string; store: string; address: string }[];
}

/** This participant has been registered: its name is its own for ever. */
export interface Named extends Membership {
  readonly type: 'named';
  readonly at: string;
  /** How far its sequences are ahead of its log, since it caught up; absent: not at all. */
  readonly ahead?: number;
}

/** More records than a participant can have written that its coordinator has never seen. */
const leap = 1_000_000;

/** Where alarms and notices go: pino's shape. */
export interface Logger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

export interface ParticipantLimits extends LedgerLimits {
  /** A full log segment is followed by the next one. Bytes. */
  segmentBytes: number;
  /** Records that nobody waits for are forced at the latest after this. Milliseconds. */
  lazyFlushMs: number;
  /** With less room on the disk nothing new is promised. Bytes. */
  reserveBytes: number;
}

export interface ParticipantOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly limits: ParticipantLimits;
  readonly logger: Logger;
  /** Counts what happens; nobody does unless told. */
  readonly metrics?: ParticipantMetrics;
  /** A write failed, or an invariant is broken: the node must exit and replay. */
  onFailure(error: Error): void;
}

/** Everything that is on record here. */
export type Fact = BranchRecord | AccountRecord | Named;

type WithoutTime<E> = E extends unknown ? Omit<E, 'at'> : never;

/** An event without what this node adds to it. */
export type Incoming = WithoutTime<Event>;

/** What the sender of a batch has settled for good, in its store. */
export interface Settled {
  readonly store: string;
  readonly watermark: Watermark;
}

/** Undefined: it is done. Otherwise why it may not be. */
export type Ruling = Exclude<Verdict<never>, { records: unknown }> | undefined;

/** Runs the participant's machine and its ledger on one log. */
export class Participant {
  readonly ledger: Ledger;
  readonly state: State;
  readonly store: Store;
  readonly snapshots: Snapshots;
  readonly #options: ParticipantOptions;
  readonly #room: Room;
  #log: Log<Fact> | undefined;
  #membership: Membership | undefined;
  #ahead = 0;
  #isConfirmed = false;
  #isOldCopy = false;
  #onPrepared: (branch: Branch) => void = () => undefined;

  private constructor(options: ParticipantOptions) {
    this.#options = options;
    this.store = options.store;
    const { store, clock, limits } = options;
    this.#room = new Room(store.freeBytes, clock, limits.reserveBytes);
    this.ledger = new Ledger(limits);
    this.state = initial(this.ledger);
    this.snapshots = new Snapshots(this.state, this.ledger, clock);
  }

  /** Replays the log; whatever is prepared holds again. */
  static async open(options: ParticipantOptions): Promise<Participant> {
    const participant = new Participant(options);
    const { store, clock, limits, metrics } = options;
    const log = await store.openLog<Fact>({
      clock,
      ...limits,
      apply: (record) => {
        participant.#apply(record);
      },
      summarise: () => participant.#summarise(),
      keyOf,
      bookingsOf,
      onForced: (ms, records) => {
        metrics?.log.forced(ms, records);
      },
      onFailure: (error) => {
        options.onFailure(error);
      },
    });
    participant.#log = log;
    metrics?.log.watch(log, store, limits.reserveBytes);
    metrics?.watch(participant, clock);
    participant.snapshots.begin();
    return participant;
  }

  /** The name the coordinator has given, once registered. */
  get membership(): Membership | undefined {
    return this.#membership;
  }

  /** Whether the coordinator has confirmed, since this start, that the store is not an old copy. */
  get isConfirmed(): boolean {
    return this.#isConfirmed;
  }

  /** Whether the store is known to be an old copy, which has not caught up yet. */
  get isOldCopy(): boolean {
    return this.#isOldCopy;
  }

  /** The store is an old copy: what its accounts show is not what they have. */
  quarantine(): void {
    this.#isOldCopy = true;
  }

  /**
   * From now on this node votes, answers for what it does not know, and serves balances. What it
   * has served since it knows by itself, so only the first call of a start counts.
   * @param timestamp the coordinator's highest durable one: this node may have served it before
   */
  confirm(timestamp: number): void {
    if (this.#isConfirmed) return;
    this.#isConfirmed = true;
    this.#isOldCopy = false;
    this.snapshots.serve(timestamp);
  }

  /** How this node signs its replies. */
  get signature() {
    const sequence = this.#openedLog.durablePosition + this.#ahead;
    return {
      name: this.#membership?.name ?? null,
      store: this.store.identity.store,
      sequence,
    };
  }

  /** Calls `listener` with each branch that has promised. */
  onPrepared(listener: (branch: Branch) => void): void {
    this.#onPrepared = listener;
  }

  /**
   * Handles a batch: every event alone, one forced write for all of them. `forcedMs` says how
   * long that took, if it was waited for.
   */
  async receive(
    events: readonly Incoming[],
    settled?: Settled,
  ): Promise<{
    replies: Reply[];
    forcedMs?: number;
  }> {
    const { clock } = this.#options;
    const reactions = events.map((event) => this.#safely(() => this.#react(event)));
    if (settled) {
      const record = heed(this.state, { at: clock.wall(), ...settled });
      if (record) this.#openedLog.append(record);
    }
    const replies = reactions.map(({ reply }) => reply);
    if (!reactions.some(({ forced }) => forced)) return { replies };
    const since = clock.now();
    await this.durable();
    return { replies, forcedMs: Math.round((clock.now() - since) * 100) / 100 };
  }

  /** Forgets, durably, what is settled for good: no late message of it has any effect here. */
  async settle({ store, watermark }: Settled): Promise<void> {
    const at = this.#options.clock.wall();
    const record = heed(this.state, { at, store, watermark }, 1);
    if (record) this.#openedLog.append(record);
    await this.durable();
  }

  /** Opens an account, and so creates its money; undefined if the id is taken. */
  async openAccount(request: Omit<Opened, 'type' | 'at'>): Promise<Account | undefined> {
    const record = this.ledger.open({ ...request, at: this.#options.clock.wall() });
    if (!record) return undefined;
    this.#openedLog.append(record);
    const account = this.ledger.account(request.id);
    await this.durable();
    return account;
  }

  /** Lets an account take no new transfers, or again; undefined if there is no such account. */
  async freeze(id: string, frozen: boolean, reason?: string): Promise<Account | undefined> {
    if (!this.ledger.account(id)) return undefined;
    const at = this.#options.clock.wall();
    const record = frozen
      ? this.ledger.freeze({ type: 'frozen', at, id, ...(reason !== undefined && { reason }) })
      : this.ledger.freeze({ type: 'unfrozen', at, id });
    if (record) this.#openedLog.append(record);
    const account = this.ledger.account(id);
    await this.durable();
    return account;
  }

  /** An operator ends the doubt about a branch; answers once that is on disk. */
  resolve(id: string, outcome: 'committed' | 'aborted', reason: string): Promise<Ruling> {
    const at = this.#options.clock.wall();
    return this.#rule(() => resolve(this.state, { at, id, outcome, reason }));
  }

  /** An operator puts damage away, perhaps compensated; answers once that is on disk. */
  dismiss(id: string, reason: string, compensate: boolean): Promise<Ruling> {
    const at = this.#options.clock.wall();
    return this.#rule(() => dismiss(this.state, { at, id, reason, compensate }));
  }

  /** A branch, also one that has left memory: then it is decided, and the log has it. */
  async branch(id: string): Promise<Branch | undefined> {
    const branch = this.state.branches.get(id);
    await this.durable();
    if (branch || !isForgotten(this.state, id)) return branch;
    return new Archive(this.#openedLog).branch(id);
  }

  /** What is on record of a branch, oldest first; nothing when no part of it was here. */
  async records(id: string): Promise<Entry<BranchRecord>[]> {
    const branch = this.state.branches.get(id);
    await this.durable();
    if (!branch && !isForgotten(this.state, id)) return [];
    return new Archive(this.#openedLog).story(id, branch?.state);
  }

  /** A page of an account's statement, newest first. @param from where the last page ended */
  async statement(account: string, most: number, from?: Place): Promise<StatementPage> {
    await this.durable();
    return new Archive(this.#openedLog).statement(account, most, from);
  }

  /** Keeps what registration has answered. */
  async named(membership: Membership): Promise<void> {
    if (JSON.stringify(membership) === JSON.stringify(this.#membership)) return;
    this.#name(membership, this.#ahead);
    await this.durable();
  }

  /**
   * This store was an old copy, and has caught up: its sequences go on above all that was seen
   * before, so that no other copy is ever taken for a newer one.
   */
  async resume(seen: number): Promise<void> {
    if (!this.#membership) throw new Error('broken invariant: who catches up is registered');
    this.#name(this.#membership, Math.max(0, seen + leap - this.#openedLog.position));
    await this.durable();
  }

  #name(membership: Membership, ahead: number): void {
    const at = this.#options.clock.wall();
    this.#openedLog.append({ type: 'named', at, ...membership, ...(ahead > 0 && { ahead }) });
  }

  /** Every answer that shows state waits for this: what it was computed from is on disk. */
  durable(): Promise<void> {
    return this.#openedLog.durable();
  }

  /** Why the store takes nothing new at the moment, as clauses; none: it does. */
  storeTroubles(): Promise<string[]> {
    return storeTroubles(this.durable(), this.#room, this.#options.clock);
  }

  /** Closes the log with everything forced. */
  close(): Promise<void> {
    return this.#openedLog.close();
  }

  get #openedLog(): Log<Fact> {
    if (!this.#log) throw new Error('broken invariant: nothing happens before the replay');
    return this.#log;
  }

  /** A broken invariant ends the node: its memory is not to be trusted any more, its log is. */
  #safely<T>(step: () => T): T {
    try {
      return step();
    } catch (error) {
      this.#options.onFailure(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
  }

  #react(incoming: Incoming): Reaction {
    const event = { at: this.#options.clock.wall(), ...incoming };
    const reaction = protocol.receive(this.state, event, this.#conditionsOf(event.id));
    this.#openedLog.append(...reaction.records);
    this.#count(event.type, reaction);
    const branch = this.state.branches.get(event.id);
    this.#alarm(event.type, reaction, branch);
    if (branch?.state === 'prepared' && reaction.records.length > 0) this.#onPrepared(branch);
    return reaction;
  }

  #count(message: string, { reply, records }: Reaction): void {
    const { metrics } = this.#options;
    if (message === 'prepare' || message === 'commit-one-phase') metrics?.voted(reply);
    metrics?.recorded(records);
  }

  /** Calls for a person where nodes contradict each other. */
  #alarm(message: string, { reply, records }: Reaction, branch: Branch | undefined): void {
    const { logger } = this.#options;
    const { id } = reply;
    if (records.some(({ type }) => type === 'damaged')) {
      const text = `${id} was resolved against its decision: book what is missing, and dismiss it`;
      logger.error({ transferId: id, damage: branch?.damage }, text);
    }
    if (!('refused' in reply)) return;
    // An abort asks whether a transfer that this node decides alone was committed: it was.
    const isAlone = branch?.state === 'committed' && branch.peers.length === 0;
    if (message === 'abort' && reply.refused === 'already-committed' && isAlone) return;
    const details = { transferId: id, message, code: reply.refused };
    const text = `refused to ${message} ${id}`;
    if (isUntimely(message, reply.refused)) logger.warn(details, text);
    else logger.error(details, text);
  }

  #conditionsOf(id: string): Conditions {
    const { served } = this.snapshots;
    // Another coordinator cannot know whether this store is an old copy to the one that began it.
    const isOwn = partsOf(id).store === this.#membership?.coordinator.store;
    const isConfirmed = this.#isConfirmed && isOwn;
    return { served, isConfirmed, isStorageLow: this.#room.isLow };
  }

  async #rule(verdict: () => Verdict<BranchRecord>): Promise<Ruling> {
    const ruling = this.#safely(() => {
      const given = verdict();
      if (!('records' in given)) return given;
      this.#openedLog.append(...given.records);
      this.#options.metrics?.recorded(given.records);
      return undefined;
    });
    await this.durable();
    return ruling;
  }

  #apply(record: Fact): void {
    switch (record.type) {
      case 'opened':
      case 'frozen':
      case 'unfrozen':
        this.ledger.apply(record);
        return;
      case 'named': {
        const { name, coordinator, peers, ahead = 0 } = record;
        this.#membership = { name, coordinator, peers };
        this.#ahead = ahead;
        see(this.state, coordinator);
        return;
      }
      default: {
        const before = 'id' in record ? this.state.branches.get(record.id) : undefined;
        apply(this.state, record);
        if (this.#log) this.snapshots.observe(record, before);
      }
    }
  }

  *#summarise(): Iterable<Fact> {
    const ahead = this.#ahead > 0 && { ahead: this.#ahead };
    if (this.#membership) yield { type: 'named', at: '', ...this.#membership, ...ahead };
    yield* this.ledger.summarise();
    yield* protocol.summarise(this.state);
  }
}

/** Whether a message has only come late, or early: nobody has to look. */
const isUntimely = (message: string, code: Breach) =>
  (message === 'prepare' && code === 'already-committed') ||
  ((message === 'prepare' || message === 'commit-one-phase') && code === 'forgotten') ||
  // What it needs may come with the next one.
  (message === 'catch-up' && code === 'unknown-branch');

/** What the log finds a branch by: its first record. */
export function keyOf(record: Fact): readonly [number, number] | undefined {
  if (record.type !== 'prepared' && record.type !== 'aborted') return undefined;
  const { epoch, number } = partsOf(record.id);
  return [epoch, number];
}
