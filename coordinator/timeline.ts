/** The story of one transfer, step by step (openapi.yaml, Timeline). */
import type { Exchange, Sent, Trace } from './trace.ts';
import { reasonCode } from './views.ts';
import type { Transfer } from './protocol.ts';

/** How the coordinator is called in a timeline; no participant may have this name. */
const self = 'coordinator';

interface Step {
  readonly type: string;
  /** Where it happened: for a message, who sent it. */
  readonly node: string;
  /** For a message: who got it. */
  readonly to?: string;
  readonly afterMs: number;
  /** Null: not over yet, or not on record. */
  readonly durationMs: number | null;
  /** Whether it was a write that was forced to disk. */
  readonly forced?: true;
  readonly [detail: string]: unknown;
}

/**
 * Every step that is known of a transfer, in order of time.
 * @param live what was seen of the phase that is under way; undefined once it has ended
 */
export function viewTimeline(transfer: Transfer, live: Trace | undefined) {
  const { begun, decided, ended } = transfer;
  const began = Date.parse(begun.at);
  const since = (at: string, trace: Trace | undefined) => trace?.ms ?? Date.parse(at) - began;
  const steps: Step[] = [{ type: 'begun', node: self, afterMs: 0, durationMs: 0 }];
  const votes = decided ? decided.trace : live;
  for (const [name, exchange] of Object.entries(votes?.with ?? {})) {
    steps.push(...voteSteps(transfer, name, exchange));
  }
  steps.push(...inquirySteps(votes));
  if (decided) {
    const outcome = decided.state === 'committed' ? 'commit' : 'abort';
    const trace = ended ? ended.trace : live;
    steps.push(decisionStep(decided, since(decided.at, decided.trace), trace));
    for (const [name, exchange] of Object.entries(trace?.with ?? {})) {
      steps.push(...outcomeSteps(outcome, name, exchange));
    }
    steps.push(...inquirySteps(trace, decided.state));
  }
  if (ended) {
    const afterMs = since(ended.at, ended.trace);
    steps.push({ type: 'ended', node: self, afterMs, durationMs: 0 });
  }
  return {
    id: begun.id,
    state: decided?.state ?? 'preparing',
    createdAt: begun.at,
    nodes: [self, ...begun.participants],
    steps: steps
      .sort((a, b) => a.afterMs - b.afterMs)
      .map((step) => ({ ...step, at: new Date(began + step.afterMs).toISOString() })),
  };
}

function decisionStep(
  decided: NonNullable<Transfer['decided']>,
  afterMs: number,
  trace: Trace | undefined,
): Step {
  const detail =
    decided.state === 'committed'
      ? { timestamp: decided.timestamp }
      : { reason: reasonCode(decided.reason) };
  const durationMs = trace?.forcedMs ?? null;
  const { state } = decided;
  return { type: 'decided', node: self, afterMs, durationMs, forced: true, state, ...detail };
}

function voteSteps(transfer: Transfer, name: string, exchange: Exchange): Step[] {
  const { votes, begun } = transfer;
  const { vote, code, account } = votes.get(name) ?? { vote: 'none' };
  const reason = { ...(code && { code }), ...(account && { account }) };
  const state = onePhaseState(transfer, vote);
  const message = begun.timestamp === undefined ? 'prepare' : 'commit-one-phase';
  return state
    ? roundTrip(name, exchange, {
        message,
        forced: state,
        reply: 'acknowledge',
        said: { state, ...reason },
      })
    : roundTrip(name, exchange, {
        message,
        forced: 'prepared',
        reply: 'vote',
        said: { vote, ...reason },
      });
}

/** What the only participant has made of a transfer; undefined if it was asked for a vote. */
function onePhaseState({ begun, decided }: Transfer, vote: string) {
  if (begun.timestamp === undefined) return undefined;
  if (decided?.state === 'committed' && decided.timestamp === begun.timestamp) return 'committed';
  return vote === 'no' ? 'aborted' : undefined;
}

function outcomeSteps(message: 'commit' | 'abort', name: string, exchange: Exchange): Step[] {
  const state = message === 'commit' ? 'committed' : 'aborted';
  return roundTrip(name, exchange, {
    message,
    forced: state,
    reply: 'acknowledge',
    said: { state },
  });
}

/** @param state what they were told; undefined: that nothing was decided yet */
function inquirySteps(trace: Trace | undefined, state?: 'committed' | 'aborted'): Step[] {
  return Object.entries(trace?.inquiries ?? {}).map(([node, sent]) => {
    const told = state && { state };
    return { type: 'inquiry', node, to: self, ...timesOf(sent), durationMs: null, ...told };
  });
}

/** A message, the forced write at the other end, and the answer, as far as they are known. */
function roundTrip(
  name: string,
  exchange: Exchange,
  {
    message,
    forced,
    reply,
    said,
  }: Record<'message' | 'forced' | 'reply', string> & {
    said: object;
  },
): Step[] {
  const { sentMs, repliedMs, forcedMs } = exchange;
  const durationMs = repliedMs === undefined ? null : hundredths(repliedMs - sentMs);
  const sent: Step = { type: message, node: self, to: name, ...timesOf(exchange), durationMs };
  if (repliedMs === undefined) return [sent];
  const answer: Step = {
    type: reply,
    node: name,
    to: self,
    afterMs: repliedMs,
    durationMs: 0,
    ...said,
  };
  if (forcedMs === undefined) return [sent, answer];
  // Nodes exchange durations, never times: the write is placed right before the answer to it.
  const afterMs = Math.max(sentMs, hundredths(repliedMs - forcedMs));
  return [sent, { type: forced, node: name, afterMs, durationMs: forcedMs, forced: true }, answer];
}

function timesOf({ sentMs, attempts, lastMs }: Sent) {
  const again = attempts !== undefined && { attempts, lastAfterMs: lastMs };
  return { afterMs: sentMs, ...again };
}

const hundredths = (ms: number) => Math.round(ms * 100) / 100;
