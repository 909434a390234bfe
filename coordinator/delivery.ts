import type { Contract } from '../http/contract.ts';
import {
  isPassing,
  TransportError,
  type SentKeys,
  type Transport,
  type TransportFailure,
} from '../http/transport.ts';
import type { Cancel, Clock } from '../log/clock.ts';
import type { Member } from './directory.ts';
import { Lane, type LaneLimits, type Outcome } from './lane.ts';
import { parseProblem, parseReply, type ReplyItem } from './reply.ts';
import {
  branchOf,
  type Ballot,
  type Begun,
  type Damage,
  type Message,
  type OnePhaseOutcome,
  type Watermark,
} from './protocol.ts';

/** Limits of delivery, all of them settings. */
export interface DeliveryLimits extends LaneLimits {
  /** For one batch, from sending it to its last byte back. Milliseconds. */
  deliveryTimeoutMs: number;
  /** Between two looks at a participant that is down. Milliseconds. */
  probeMs: number;
}

/** What a participant's answers mean to the coordinator. */
export interface DeliveryEvents {
  /** A message about these transfers leaves. */
  sent(type: Message['type'], ids: readonly string[], participant: string): void;
  /** `forcedMs`: how long the participant's forced write took, if it made one. */
  voted(id: string, participant: string, ballot: Ballot, forcedMs?: number): void;
  acknowledged(
    id: string,
    participant: string,
    state: 'committed' | 'aborted',
    details: {
      readonly forcedMs: number | undefined;
      readonly damage: readonly Damage[] | undefined;
    },
  ): void;
  /** The only participant of a transfer has decided it, or votes in two phases. */
  settled(id: string, participant: string, outcome: OnePhaseOutcome, forcedMs?: number): void;
  /** A message was refused, as the participant has committed: whether that answers a question. */
  committedBefore(id: string, participant: string): boolean;
  /** A batch, or a part of it, has to be sent again. */
  unanswered(participant: string): void;
  /** How far a participant's log is on its disk. */
  heard(participant: string, sequence: number): void;
  /** Something that must never happen: a person has to look. */
  alarm(details: object, message: string): void;
}

export interface DeliveryOptions {
  readonly self: { readonly store: string; readonly epoch: number };
  /** The participants' contract: a reply that breaks it is no reply. */
  readonly contract: Contract;
  readonly transport: Transport;
  readonly keys: SentKeys;
  readonly clock: Clock;
  random(): number;
  readonly limits: DeliveryLimits;
  readonly events: DeliveryEvents;
  member(name: string): Member | undefined;
  begun(id: string): Begun;
  commitTimestamp(id: string): number;
  /** What a message says of the trace of its transfer, if anything. */
  traceparent(message: Message): string | undefined;
  /** Up to where participants may forget now. */
  watermark(): Watermark;
  isOwed(message: Message): boolean;
  /** Until the vote deadline; milliseconds, at least 1. */
  remainingMs(id: string): number;
  /** An invariant is broken: the node must not go on. */
  onFailure(error: unknown): void;
}

/** A watermark is sent again when it has moved by so many transfers. */
const watermarkStep = 100;

/** Whether a participant answers, as far as the coordinator has seen. */
export interface Health {
  readonly health: 'up' | 'down' | 'unknown';
  readonly lastSeenAt: string | null;
  /** What the last exchange has failed with, while it is down. */
  readonly reason: string | undefined;
  /** How long the last answer to a message has taken. Milliseconds. */
  readonly latencyMs: number | undefined;
}

const unknown: Health = {
  health: 'unknown',
  lastSeenAt: null,
  reason: undefined,
  latencyMs: undefined,
};

/** Brings messages to participants, in batches, until they are acknowledged. */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #couriers = new Map<string, Courier>();
  #stopped = false;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  deliver({ to, type, id }: Message): void {
    if (this.#stopped) return;
    this.#courier(to).lanes[type].add(id);
  }

  health(name: string): Health {
    return this.#couriers.get(name) ?? unknown;
  }

  /** Looks whether a participant answers of which nothing is known yet. */
  look(name: string): void {
    if (!this.#stopped) this.#courier(name).look();
  }

  /** Another run of the participant has come: what is under way is to the one before. */
  cut(name: string): void {
    this.#courier(name).cut();
  }

  /** The participant has registered, perhaps at a new address: send at once what it is owed. */
  registered(name: string): void {
    this.#courier(name).moved();
  }

  stop(): void {
    this.#stopped = true;
    for (const courier of this.#couriers.values()) courier.stop();
  }

  #courier(name: string): Courier {
    const courier = this.#couriers.get(name) ?? new Courier(name, this.#options);
    this.#couriers.set(name, courier);
    return courier;
  }
}

/** One participant's lanes: votes never wait for decisions, nor one participant for another. */
class Courier {
  readonly lanes: Readonly<Record<Message['type'], Lane>>;
  health: Health['health'] = 'unknown';
  lastSeenAt: string | null = null;
  reason: string | undefined;
  latencyMs: number | undefined;
  readonly #name: string;
  readonly #options: DeliveryOptions;
  #cut = new AbortController();
  #cancelProbe: Cancel = () => undefined;
  #stopped = false;
  /** Its address is refused, and the log says so. */
  #isRefused = false;
  #looks = false;
  /** The last watermark that the participant has seen. */
  #told: Pick<Watermark, 'epoch' | 'seq'> = { epoch: 0, seq: 0 };

  constructor(name: string, options: DeliveryOptions) {
    this.#name = name;
    this.#options = options;
    const lane = (type: Message['type']) =>
      new Lane({
        clock: options.clock,
        random: () => options.random(),
        limits: options.limits,
        weigh: (id) => (carriesLegs(type) ? weightOf(options.begun(id), name) : 1),
        isOwed: (id) => options.isOwed({ type, to: name, id }),
        send: async (ids) => {
          const outcome = await this.#send(type, ids);
          const isAnswered = outcome.type === 'answered' && outcome.again.length === 0;
          if (!isAnswered && !this.#stopped) options.events.unanswered(name);
          return outcome;
        },
        onError: (error) => {
          options.onFailure(error);
        },
      });
    this.lanes = {
      prepare: lane('prepare'),
      commit: lane('commit'),
      abort: lane('abort'),
      'commit-one-phase': lane('commit-one-phase'),
    };
  }

  cut(): void {
    this.#cut.abort();
    this.#cut = new AbortController();
  }

  moved(): void {
    this.#seen();
    for (const lane of Object.values(this.lanes)) lane.wake();
  }

  look(): void {
    if (this.health !== 'unknown' || this.#looks) return;
    this.#looks = true;
    void this.#probe();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelProbe();
    for (const lane of Object.values(this.lanes)) lane.stop();
    this.#cut.abort();
  }

  async #send(type: Message['type'], ids: readonly string[]): Promise<Outcome> {
    const member = this.#options.member(this.#name);
    if (!member) return { type: 'failed' };
    const { self, transport, keys, limits, events, clock } = this.#options;
    events.sent(type, ids, this.#name);
    const watermark = this.#newWatermark();
    const since = clock.now();
    try {
      const { status, body } = await transport.send({
        method: 'POST',
        url: `${member.address}/${type}`,
        to: member.name,
        timeoutMs: limits.deliveryTimeoutMs,
        signal: this.#cut.signal,
        keys: keys(),
        body: {
          coordinator: self,
          participant: { store: member.store },
          ...(watermark && { watermark }),
          transfers: ids.map((id) => this.#item(type, id)),
        },
      });
      // The log may be closed already: what this reply says will be asked for again.
      if (this.#stopped) return { type: 'failed' };
      this.#answered(since);
      if (status !== 200) return this.#wholeRefused(type, status, body);
      const outcome = this.#read(type, ids, member, body);
      if (watermark && outcome.type === 'answered') this.#told = watermark;
      return outcome;
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      if (lossy.has(error.kind)) this.#lost(error);
      // Fewer items have a shorter answer.
      return { type: error.kind === 'too-large' ? 'refused' : 'failed' };
    }
  }

  /** Undefined while there is little to forget since the participant was told the last time. */
  #newWatermark(): Watermark | undefined {
    const watermark = this.#options.watermark();
    const { epoch, seq } = this.#told;
    const gained = watermark.epoch > epoch ? Infinity : watermark.seq - seq;
    return gained >= watermarkStep ? watermark : undefined;
  }

  #item(type: Message['type'], id: string): object {
    const content = this.#content(type, id);
    const traceparent = this.#options.traceparent({ type, to: this.#name, id });
    return traceparent === undefined ? content : { traceparent, ...content };
  }

  #content(type: Message['type'], id: string): object {
    if (type === 'abort') return { id };
    if (type === 'commit') return { id, timestamp: this.#options.commitTimestamp(id) };
    const begun = this.#options.begun(id);
    const { lowerTs, timestamp } = begun;
    const timeoutMs = this.#options.remainingMs(id);
    const legs = branchOf(begun, this.#name);
    if (type === 'commit-one-phase') return { id, lowerTs, timeoutMs, timestamp, legs };
    const peers = begun.participants.filter((name) => name !== this.#name);
    return { id, lowerTs, timeoutMs, peers, legs };
  }

  #wholeRefused(type: string, status: number, body: unknown): Outcome {
    const { code } = parseProblem(body ?? {});
    const details = { participant: this.#name, status, code };
    if (isPassing(status)) return { type: 'failed' };
    this.#options.events.alarm(details, `${this.#name} refused a whole ${type} batch`);
    return { type: 'refused' };
  }

  /** A reply of another store, or about other transfers, is discarded. */
  #read(type: Message['type'], ids: readonly string[], member: Member, body: unknown): Outcome {
    const { contract, events } = this.#options;
    const flaw = contract.replyErrors(operations[type], 200, body);
    const reply = flaw === null ? parseReply(body) : undefined;
    if (reply?.participant.store !== member.store) {
      const details = { participant: this.#name, expected: member.store, flaw };
      events.alarm(details, `a reply to ${type} from ${this.#name} was discarded`);
      return { type: 'failed' };
    }
    events.heard(this.#name, reply.participant.sequence);
    const asked = new Set(ids);
    const answered = new Set<string>();
    for (const item of reply.items) {
      if (asked.has(item.id) && this.#accept(type, item, reply.forcedMs)) answered.add(item.id);
    }
    return { type: 'answered', again: ids.filter((id) => !answered.has(id)) };
  }

  #accept(type: Message['type'], item: ReplyItem, forcedMs: number | undefined): boolean {
    const { id, code } = item;
    if (this.#understand(type, item, forcedMs)) return true;
    // What is said about a message that has become needless, as it came late, is needless too.
    if (!this.#options.isOwed({ type, to: this.#name, id })) return true;
    const { events } = this.#options;
    const details = { participant: this.#name, transferId: id, code };
    events.alarm(details, `${this.#name} refused to ${type} ${id}`);
    return false;
  }

  /** Whether the item is an answer to what was asked. */
  #understand(type: Message['type'], item: ReplyItem, forcedMs: number | undefined): boolean {
    const { events } = this.#options;
    const { id, vote, state, code, account, damage } = item;
    const reason = () => ({ ...(code && { code }), ...(account && { account }) });
    switch (type) {
      case 'prepare':
        if (vote !== 'yes' && vote !== 'no') {
          return code === 'already-committed' && events.committedBefore(id, this.#name);
        }
        // A no is never waited for, although others in its batch may have been.
        events.voted(
          id,
          this.#name,
          vote === 'no' ? { vote, ...reason() } : { vote },
          vote === 'yes' ? forcedMs : undefined,
        );
        return true;
      case 'commit-one-phase':
        if (state === 'aborted') events.settled(id, this.#name, { state, ...reason() }, forcedMs);
        else if (state !== 'committed' && state !== 'prepared') return false;
        else events.settled(id, this.#name, { state }, forcedMs);
        return true;
      case 'commit':
      case 'abort': {
        if (state === (type === 'commit' ? 'committed' : 'aborted')) {
          events.acknowledged(id, this.#name, state, { forcedMs, damage });
          return true;
        }
        if (type === 'commit' || code !== 'already-committed') return false;
        return events.committedBefore(id, this.#name);
      }
    }
  }

  #answered(since: number): void {
    this.latencyMs = this.#options.clock.now() - since;
    this.#seen();
  }

  #seen(): void {
    const wasDown = this.health === 'down';
    this.health = 'up';
    this.reason = undefined;
    this.#isRefused = false;
    this.lastSeenAt = this.#options.clock.wall();
    if (wasDown) for (const lane of Object.values(this.lanes)) lane.wake();
  }

  #lost({ kind, message }: TransportError): void {
    if (this.#stopped) return;
    this.reason = message;
    if (remedies.has(kind) && !this.#isRefused) this.#complain(kind, message);
    if (this.health === 'down') return;
    this.health = 'down';
    this.#probeLater();
  }

  /** Waiting does not help: somebody has to change a setting or a name. */
  #complain(kind: TransportFailure, message: string): void {
    this.#isRefused = true;
    const details = { participant: this.#name };
    const what = `nothing is sent to ${this.#name}: ${message}; ${remedies.get(kind) ?? ''}`;
    this.#options.events.alarm(details, what);
  }

  #probeLater(): void {
    const { clock, limits } = this.#options;
    this.#cancelProbe();
    this.#cancelProbe = clock.after(limits.probeMs, () => void this.#probe());
  }

  async #probe(): Promise<void> {
    const { transport, limits, clock } = this.#options;
    const member = this.#options.member(this.#name);
    if (this.#stopped || this.health === 'up' || !member) return;
    const since = clock.now();
    try {
      await transport.send({
        method: 'GET',
        url: `${member.address}/health/live`,
        to: member.name,
        timeoutMs: limits.deliveryTimeoutMs,
        signal: this.#cut.signal,
      });
      this.#answered(since);
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      if (this.health === 'unknown') this.#lost(error);
      else this.#probeLater();
    }
  }
}

/** After these the participant counts as down. */
const lossy: ReadonlySet<TransportFailure> = new Set([
  'unreachable',
  'untrusted',
  'timeout',
  'refused',
]);

/** What a person has to do about failures that do not pass by themselves. */
const remedies: ReadonlyMap<TransportFailure, string> = new Map([
  [
    'refused',
    'let it register another address (--advertise), correct what its name resolves to, ' +
      'or name it in --allowed-origins of this coordinator',
  ],
  ['untrusted', 'find out who is at that address, and whether its certificate is in order'],
]);

/** By message: the operation that it calls. */
const operations: Readonly<Record<Message['type'], string>> = {
  prepare: 'prepare',
  commit: 'commit',
  abort: 'abort',
  'commit-one-phase': 'commitOnePhase',
};

const carriesLegs = (type: Message['type']) => type === 'prepare' || type === 'commit-one-phase';

function weightOf(begun: Begun, participant: string): number {
  return branchOf(begun, participant).length + begun.participants.length;
}
