/** Transfers as spans, made of the steps that their records keep anyway (trace.ts). */
import type { Span, Spans } from '../http/spans.ts';
import { writeTraceparent, type TraceContext } from '../http/traceparent.ts';
import type { Decided, Ended, Message } from './protocol.ts';
import type { Exchange, Trace } from './trace.ts';
import { reasonCode } from './views.ts';

/** A transfer whose spans are kept. */
interface Traced {
  /** Its own span, and the one that it is a part of. */
  readonly context: TraceContext;
  readonly parentId: string | undefined;
  /** By the clock: what the times of its records are counted from. Milliseconds. */
  readonly beganMs: number;
  /** By participant: what was sent to it in the phase that is under way. */
  exchanges: Map<string, { readonly type: Message['type']; readonly context: TraceContext }>;
  decided: Decided | undefined;
  /** When the decision was on disk, after it began. Milliseconds. */
  forcedMs: number | undefined;
  ended: Ended | undefined;
}

/** What is said of one exchange besides its times. */
type Said = Pick<Span, 'attributes' | 'error'>;

/**
 * Follows the transfers that belong to a trace, from when they begin until they have ended. None
 * of this is on record: a trace ends with the run of the node that has begun the transfer.
 */
export class TransferSpans {
  readonly #spans: Spans | undefined;
  readonly #traced = new Map<string, Traced>();
  /** What is passed on as it came, as this node keeps no spans of it. */
  readonly #passed = new Map<string, string>();

  constructor(spans: Spans | undefined) {
    this.#spans = spans;
  }

  /**
   * @param parent what the client has said
   * @param beganMs by the clock, in milliseconds; asked for only if spans are kept
   */
  begun(id: string, parent: TraceContext | undefined, beganMs: () => number): void {
    const context = this.#spans?.begin(parent);
    if (context?.sampled) {
      const [parentId, exchanges] = [parent?.spanId, new Map<string, never>()];
      const open = { decided: undefined, forcedMs: undefined, ended: undefined };
      this.#traced.set(id, { context, parentId, beganMs: beganMs(), exchanges, ...open });
    } else if (parent) this.#passed.set(id, writeTraceparent(parent));
  }

  /** What a message says of the trace of its transfer; undefined: nothing. */
  traceparent({ type, to, id }: Message): string | undefined {
    const traced = this.#traced.get(id);
    if (!this.#spans || !traced) return this.#passed.get(id);
    const isVote = type === 'prepare' || type === 'commit-one-phase';
    // An abort that only asks what became of a transfer is no step of its own (trace.ts).
    if (isVote === (traced.decided !== undefined)) return writeTraceparent(traced.context);
    const { context } = traced.exchanges.get(to) ?? { context: this.#spans.begin(traced.context) };
    traced.exchanges.set(to, { type, context });
    return writeTraceparent(context);
  }

  decided(decided: Decided): void {
    const traced = this.#traced.get(decided.id);
    if (!traced) return;
    const late = decided.state === 'aborted' && decided.reason === 'vote-timeout';
    this.#addExchanges(traced, decided, (name, { repliedMs }) => ({
      attributes: { 'unanimous.vote': decided.votes[name]?.vote ?? 'none' },
      error: late && repliedMs === undefined ? 'no vote in time' : undefined,
    }));
    traced.decided = decided;
    traced.exchanges = new Map();
  }

  /** The decision is on disk. */
  forced(id: string): void {
    const traced = this.#traced.get(id);
    if (!this.#spans || !traced?.decided) return;
    const { context, beganMs, decided } = traced;
    traced.forcedMs = this.#spans.now() - beganMs;
    this.#add(id, {
      ...{ name: 'decide', kind: 'internal', context: this.#spans.begin(context) },
      ...{ parentId: context.spanId, attributes: { 'unanimous.outcome': decided.state } },
      startMs: beganMs + msOf(decided),
      endMs: beganMs + traced.forcedMs,
    });
    this.#finish(id, traced);
  }

  ended(ended: Ended): void {
    const { id } = ended;
    this.#passed.delete(id);
    const traced = this.#traced.get(id);
    if (!traced) return;
    this.#addExchanges(traced, ended, () => ({ attributes: {} }));
    traced.ended = ended;
    this.#finish(id, traced);
  }

  /** The last acknowledgement of an abort may come before the abort is on disk. */
  #finish(id: string, { context, parentId, beganMs, decided, forcedMs, ended }: Traced): void {
    if (!decided || !ended || forcedMs === undefined) return;
    this.#traced.delete(id);
    const reason = decided.state === 'aborted' ? reasonCode(decided.reason) : undefined;
    this.#add(id, {
      ...{ name: 'transfer', kind: 'server', context, parentId },
      startMs: beganMs,
      endMs: beganMs + Math.max(forcedMs, msOf(ended)),
      attributes: {
        'unanimous.outcome': decided.state,
        ...(reason !== undefined && { 'unanimous.reason': reason }),
      },
      error: reason === 'vote-timeout' ? reason : undefined,
    });
  }

  #addExchanges(
    { context, beganMs, exchanges }: Traced,
    record: Decided | Ended,
    say: (participant: string, exchange: Exchange) => Said,
  ): void {
    for (const [name, exchange] of Object.entries(record.trace?.with ?? {})) {
      const sent = exchanges.get(name);
      if (!sent) continue;
      const { sentMs, repliedMs = msOf(record), attempts = 1 } = exchange;
      const { attributes, error } = say(name, exchange);
      this.#add(record.id, {
        ...{ name: `${sent.type} ${name}`, kind: 'client', context: sent.context },
        ...{ parentId: context.spanId, error },
        startMs: beganMs + sentMs,
        endMs: beganMs + repliedMs,
        attributes: {
          'unanimous.participant': name,
          ...(attempts > 1 && { 'unanimous.attempts': attempts }),
          ...attributes,
        },
      });
    }
  }

  #add(id: string, span: Span): void {
    const attributes = { 'unanimous.transfer.id': id, ...span.attributes };
    this.#spans?.add({ ...span, attributes });
  }
}

/** When a record was made, after the transfer began; the records of this run all say so. */
const msOf = ({ trace }: { readonly trace?: Trace }) => trace?.ms ?? 0;
