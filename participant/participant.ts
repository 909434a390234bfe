import type { Clock } from '../log/clock.ts';
import { openLog, type Log } from '../log/log.ts';
import type { Store } from '../log/store.ts';
import { Ledger, type Opened } from './ledger.ts';
import * as protocol from './protocol.ts';

/** What the coordinator has told this participant of the cluster. */
export interface Membership {
  readonly name: string;
  readonly coordinator: protocol.Sender;
  readonly peers: readonly { name: string; store: string; address: string }[];
}

/** This participant has been registered: its name is its own for ever. */
export interface Named extends Membership {
  readonly type: 'named';
  readonly at: string;
}

/** Where alarms and notices go: pino's shape. */
export interface Logger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

export interface ParticipantLimits {
  /** A full log segment is followed by the next one. Bytes. */
  segmentBytes: number;
  /** Records that nobody waits for are forced at the latest after this. Milliseconds. */
  lazyFlushMs: number;
}

export interface ParticipantOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly limits: ParticipantLimits;
  readonly logger: Logger;
  /** A write failed, or an invariant is broken: the node must exit and replay. */
  onFailure(error: Error): void;
}

type Fact = protocol.BranchRecord | Opened | Named;

/** An event without what this node adds to it. */
export type Incoming =
  | Omit<protocol.Event & { type: 'prepare' }, 'at'>
  | Omit<protocol.Event & { type: 'commit' }, 'at'>
  | Omit<protocol.Event & { type: 'abort' }, 'at'>;

/** Runs the participant's machine and its ledger on one log. */
export class Participant {
  readonly ledger = new Ledger();
  readonly state: protocol.State = protocol.initial(this.ledger);
  readonly store: Store;
  readonly #options: ParticipantOptions;
  #log: Log<Fact> | undefined;
  #membership: Membership | undefined;
  #onPrepared: (branch: protocol.Branch) => void = () => undefined;

  private constructor(options: ParticipantOptions) {
    this.#options = options;
    this.store = options.store;
  }

  /** Replays the log; whatever is prepared holds again. */
  static async open(options: ParticipantOptions): Promise<Participant> {
    const participant = new Participant(options);
    const { store, clock, limits } = options;
    participant.#log = await openLog<Fact>({
      store,
      clock,
      ...limits,
      apply: (record) => {
        participant.#apply(record);
      },
      summarise: () => participant.#summarise(),
      onFailure: (error) => {
        options.onFailure(error);
      },
    });
    return participant;
  }

  /** The name the coordinator has given, once registered. */
  get membership(): Membership | undefined {
    return this.#membership;
  }

  /** How this node signs its replies. */
  get signature() {
    const sequence = this.#openedLog.durablePosition;
    return {
      name: this.#membership?.name ?? null,
      store: this.store.identity.store,
      sequence,
    };
  }

  /** Calls `listener` with each branch that has promised. */
  onPrepared(listener: (branch: protocol.Branch) => void): void {
    this.#onPrepared = listener;
  }

  /**
   * Handles a batch: every event alone, one forced write for all of them. `forcedMs` says how
   * long that took, if it was waited for.
   */
  async receive(events: readonly Incoming[]): Promise<{
    replies: protocol.Reply[];
    forcedMs?: number;
  }> {
    const { clock } = this.#options;
    const reactions = events.map((event) => this.#handle(event));
    const replies = reactions.map(({ reply }) => reply);
    if (!reactions.some(({ forced }) => forced)) return { replies };
    const since = clock.now();
    await this.durable();
    return { replies, forcedMs: Math.round((clock.now() - since) * 100) / 100 };
  }

  /** Opens an account, and so creates its money; undefined if the id is taken. */
  async openAccount(request: Omit<Opened, 'type' | 'at'>) {
    const record = this.ledger.open({ ...request, at: this.#options.clock.wall() });
    if (!record) return undefined;
    this.#openedLog.append(record);
    const account = this.ledger.account(request.id);
    await this.durable();
    return account;
  }

  /** Keeps what registration has answered. */
  async named(membership: Membership): Promise<void> {
    if (JSON.stringify(membership) === JSON.stringify(this.#membership)) return;
    this.#openedLog.append({ type: 'named', at: this.#options.clock.wall(), ...membership });
    await this.durable();
  }

  /** Every answer that shows state waits for this: what it was computed from is on disk. */
  durable(): Promise<void> {
    return this.#openedLog.durable();
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
  #handle(incoming: Incoming): protocol.Reaction {
    try {
      return this.#react(incoming);
    } catch (error) {
      this.#options.onFailure(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
  }

  #react(incoming: Incoming): protocol.Reaction {
    const event = { ...incoming, at: this.#options.clock.wall() };
    const reaction = protocol.receive(this.state, event);
    this.#openedLog.append(...reaction.records);
    const { reply } = reaction;
    if ('refused' in reply) {
      const details = { transfer: reply.id, message: event.type, code: reply.refused };
      this.#options.logger.error(details, `refused to ${event.type} ${reply.id}`);
    }
    const branch = this.state.branches.get(event.id);
    if (branch?.state === 'prepared' && reaction.records.length > 0) this.#onPrepared(branch);
    return reaction;
  }

  #apply(record: Fact): void {
    switch (record.type) {
      case 'opened':
        this.ledger.opened(record);
        return;
      case 'named': {
        const { name, coordinator, peers } = record;
        this.#membership = { name, coordinator, peers };
        const { store, epoch } = coordinator;
        const seen = this.state.coordinators.get(store) ?? 0;
        this.state.coordinators.set(store, Math.max(seen, epoch));
        return;
      }
      default:
        protocol.apply(this.state, record);
    }
  }

  *#summarise(): Iterable<Fact> {
    if (this.#membership) yield { type: 'named', at: '', ...this.#membership };
    yield* this.ledger.summarise();
    yield* protocol.summarise(this.state);
  }
}
