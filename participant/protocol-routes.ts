import { problem, type Answer } from '../http/problems.ts';
import type { Handler } from '../http/server.ts';
import type { Spans } from '../http/spans.ts';
import { addBranchSpans } from './branch-spans.ts';
import type { Reply } from './messages.ts';
import type { Incoming, Participant } from './participant.ts';
import type { BranchLeg, Sender, Watermark } from './records.ts';
import { newerEpoch } from './state.ts';

/** What every message of the coordinator is wrapped in. */
interface Batch<Item> {
  coordinator: Sender;
  participant: { store: string };
  watermark?: Pick<Watermark, 'epoch' | 'seq'> & Partial<Watermark>;
  transfers: Item[];
}

interface BatchItem {
  id: string;
  /** The trace that the transfer belongs to. It is no part of what is on record. */
  traceparent?: string;
}

interface PrepareItem extends BatchItem {
  legs: BranchLeg[];
  timeoutMs: number;
  lowerTs?: number;
  peers?: string[];
}

type OnePhaseItem = PrepareItem & { timestamp: number };

/** The operations of the coordinator. Nothing is answered before it has confirmed this node. */
export function protocolRoutes(participant: Participant, spans?: Spans): Record<string, Handler> {
  const reply = (batch: Batch<BatchItem>, events: readonly Incoming[], field: Field) =>
    answerBatch({ participant, spans }, batch, events, field);
  const handle = (request: { body: unknown }, read: (batch: Batch<never>) => Promise<Answer>) =>
    participant.isConfirmed ? read(request.body as Batch<never>) : notConfirmed();
  return {
    prepare: (request) =>
      handle(request, (batch: Batch<PrepareItem>) => {
        const events = batch.transfers.map(({ peers = [], ...item }) => {
          return { type: 'prepare' as const, peers, ...promiseOf(batch, item) };
        });
        return staleness(participant, batch) ?? reply(batch, events, 'votes');
      }),
    commitOnePhase: (request) =>
      handle(request, (batch: Batch<OnePhaseItem>) => {
        const events = batch.transfers.map((item) => {
          const { timestamp } = item;
          return { type: 'commit-one-phase' as const, timestamp, ...promiseOf(batch, item) };
        });
        return staleness(participant, batch) ?? reply(batch, events, 'outcomes');
      }),
    commit: (request) =>
      handle(request, (batch: Batch<BatchItem & { timestamp: number }>) => {
        const events = batch.transfers.map(({ id, timestamp }) => {
          return { type: 'commit' as const, id, timestamp, coordinator: senderOf(batch) };
        });
        return reply(batch, events, 'outcomes');
      }),
    abort: (request) =>
      handle(request, (batch: Batch<BatchItem>) => {
        const events = batch.transfers.map(({ id }) => {
          return { type: 'abort' as const, id, coordinator: senderOf(batch) };
        });
        return reply(batch, events, 'outcomes');
      }),
    async getBalances(request) {
      const { at, timeoutMs = 5_000 } = request.query as { at: number; timeoutMs?: number };
      const { membership, snapshots } = participant;
      if (!participant.isConfirmed || !membership) return notConfirmed();
      const reading = await snapshots.read(membership.coordinator.store, at, timeoutMs);
      if ('expired' in reading) {
        const detail = `commits up to ${reading.expired} cannot be taken back any more`;
        return problem('snapshot-expired', { detail });
      }
      if ('inDoubt' in reading) {
        return problem('in-doubt', { transfers: reading.inDoubt.slice(0, 100) });
      }
      await participant.durable();
      return { status: 200, body: { participant: participant.signature, ...reading } };
    },
  };
}

function notConfirmed(): Promise<Answer> {
  const detail = 'the coordinator has not confirmed this participant since its start';
  return Promise.resolve(problem('not-ready', { detail }));
}

/** The refusal of what comes from before the coordinator's last known start, if it does. */
function staleness(
  participant: Participant,
  { coordinator }: Batch<unknown>,
): Promise<Answer> | undefined {
  const known = newerEpoch(participant.state, coordinator);
  if (known === undefined) return undefined;
  const detail = `epoch ${coordinator.epoch} has ended: ${coordinator.store} is at ${known}`;
  return Promise.resolve(problem('stale-epoch', { detail }));
}

function promiseOf(batch: Batch<unknown>, { id, legs, timeoutMs, lowerTs = 0 }: PrepareItem) {
  const seen = legs.map(({ account, amount, currency }) => ({ account, amount, currency }));
  return { id, coordinator: senderOf(batch), legs: seen, timeoutMs, lowerTs };
}

const senderOf = ({ coordinator: { store, epoch } }: Batch<unknown>): Sender => ({ store, epoch });

/** What the answers to a batch are called. */
type Field = 'votes' | 'outcomes';

/** Answers a batch, if it is meant for this store. */
async function answerBatch(
  { participant, spans }: { participant: Participant; spans: Spans | undefined },
  batch: Batch<BatchItem>,
  events: readonly Incoming[],
  field: Field,
): Promise<Answer> {
  const own = participant.store.identity.store;
  if (batch.participant.store !== own) {
    const detail = `this is store ${own}, not ${batch.participant.store}`;
    return problem('wrong-store', { detail });
  }
  const { store } = batch.coordinator;
  const mark = batch.watermark && { except: [], ...batch.watermark };
  const settled = mark && { store, watermark: mark };
  const startMs = spans?.now() ?? 0;
  const { replies, ...forced } = await participant.receive(events, settled);
  const [first] = events;
  if (spans && first) {
    const { type } = first;
    const times = { startMs, endMs: spans.now(), forcedMs: forced.forcedMs };
    addBranchSpans(spans, { type, items: batch.transfers, replies, ...times });
  }
  const items = replies.map((item) => viewReply(item, field));
  return { status: 200, body: { participant: participant.signature, ...forced, [field]: items } };
}

function viewReply(item: Reply, field: 'votes' | 'outcomes') {
  if (!('refused' in item)) return item;
  const { id, refused } = item;
  return { id, [field === 'votes' ? 'vote' : 'state']: 'refused', code: refused };
}
