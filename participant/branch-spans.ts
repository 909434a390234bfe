/** What a participant does as spans, each a part of the exchange that the coordinator began. */
import type { Spans } from '../http/spans.ts';
import { readTraceparent } from '../http/traceparent.ts';
import type { Event, Reply } from './messages.ts';

/** What a batch says of the traces of its transfers, and what became of it. */
export interface Handled {
  readonly type: Event['type'];
  /** The items as they came, and the replies to them, in the same order. */
  readonly items: readonly { readonly id: string; readonly traceparent?: string }[];
  readonly replies: readonly Reply[];
  /** When the batch was begun and done, by the clock. Milliseconds. */
  readonly startMs: number;
  readonly endMs: number;
  /** How long the write took that the replies have waited for; undefined: for none. */
  readonly forcedMs: number | undefined;
}

/** Adds the spans of a batch. A transfer without a trace, or of one that nobody keeps, has none. */
export function addBranchSpans(spans: Spans, handled: Handled): void {
  const { type, items, replies, startMs, endMs, forcedMs } = handled;
  for (const [index, { id, traceparent }] of items.entries()) {
    const parent = readTraceparent(traceparent);
    const reply = replies[index];
    if (!parent?.sampled || !reply) continue;
    const context = spans.begin(parent);
    const said = saidBy(reply);
    spans.add({
      ...{ name: type === 'prepare' ? 'vote' : type, kind: 'server', context, startMs, endMs },
      parentId: parent.spanId,
      attributes: { 'unanimous.transfer.id': id, ...said.attributes },
      error: said.error,
    });
    if (said.forced === undefined || forcedMs === undefined) continue;
    spans.add({
      ...{ name: said.forced, kind: 'internal', context: spans.begin(context), endMs },
      parentId: context.spanId,
      startMs: Math.max(startMs, endMs - forcedMs),
      attributes: { 'unanimous.transfer.id': id },
    });
  }
}

/** What a reply says, and the state that is on disk before it. A no waits for nothing. */
function saidBy(reply: Reply): {
  readonly attributes: Readonly<Record<string, string>>;
  readonly forced?: string;
  readonly error?: string;
} {
  if ('refused' in reply) return { attributes: {}, error: reply.refused };
  if ('vote' in reply) {
    const { vote } = reply;
    const attributes = { 'unanimous.vote': vote };
    return vote === 'yes' ? { attributes, forced: 'prepared' } : { attributes };
  }
  const { state } = reply;
  return { attributes: { 'unanimous.state': state }, forced: state };
}
