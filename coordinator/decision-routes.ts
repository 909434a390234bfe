import type { FastifyRequest } from 'fastify';
import { readCursor, writeCursor } from '../http/cursor.ts';
import { refuseName } from '../http/peer.ts';
import { problem, type Answer } from '../http/problems.ts';
import type { Handler } from '../http/server.ts';
import { orArchived } from './answers.ts';
import type { Coordinator } from './coordinator.ts';
import { branchOf, type Transfer } from './protocol.ts';
import { isForeign, type Shown } from './restored.ts';

/** How many transfers are looked at for one page, however few of them are in it. */
const mostLooked = 10_000;

/** What participants ask about decisions (PROTOCOL.md, inquiry; restored and lost stores). */
export function decisionRoutes(coordinator: Coordinator): Record<string, Handler> {
  return {
    getDecision: orArchived('transfer-archived', (request) => getDecision(coordinator, request)),
    listDecisions: orArchived('records-archived', (request) => {
      return listDecisions(coordinator, request);
    }),
  };
}

async function getDecision(coordinator: Coordinator, request: FastifyRequest): Promise<Answer> {
  const { id } = request.params as { id: string };
  const { timestamp, participant } = request.query as { timestamp?: number; participant?: string };
  const stranger = participant === undefined ? undefined : refuseName(request, participant);
  if (stranger) return stranger;
  const refusal = await refuseId(coordinator, id, { id, timestamp });
  if (refusal) return refusal;
  const finding = await coordinator.inquire(id, participant);
  const { store, epoch } = coordinator.state;
  await coordinator.durable();
  return { status: 200, body: { id, ...finding, coordinator: { store, epoch } } };
}

/** Why nothing can be said about an id; to be shown what it never issued ends this node. */
async function refuseId(
  coordinator: Coordinator,
  id: string,
  shown: Shown,
): Promise<Answer | undefined> {
  const { state } = coordinator;
  const { store } = state;
  if (isForeign(state, id)) return problem('wrong-store', { detail: `this is store ${store}` });
  const what = await coordinator.suspect(shown, `whoever asks about ${id}`);
  if (what === undefined) return undefined;
  const detail = `store ${store} never issued ${what}: it is an old copy, and stops`;
  return problem('never-issued', { detail });
}

/** What a participant has promised or committed, oldest first, for one that has lost it. */
async function listDecisions(coordinator: Coordinator, request: FastifyRequest): Promise<Answer> {
  const query = request.query as { after?: string; limit?: number; cursor?: string };
  const { participant } = request.query as { participant: string };
  const { after, limit = 100, cursor } = query;
  const stranger = refuseName(request, participant);
  if (stranger) return stranger;
  if (!coordinator.directory.has(participant)) {
    await coordinator.durable();
    return problem('participant-not-found', { detail: `no participant ${participant}` });
  }
  const refusal =
    after === undefined ? undefined : await refuseId(coordinator, after, { id: after });
  if (refusal) return refusal;
  const filter = { participant, ...(after !== undefined && { after }) };
  const from = cursor === undefined ? after : readCursor(cursor, filter);
  if (cursor !== undefined && from === undefined) return problem('invalid-cursor');
  const { store, epoch } = coordinator.state;
  const data: object[] = [];
  let looked = 0;
  let last: string | undefined;
  let nextCursor: string | null = null;
  for await (const { id, participants } of coordinator.begunAfter(from)) {
    if (last !== undefined && (data.length === limit || looked === mostLooked)) {
      nextCursor = writeCursor(filter, last);
      break;
    }
    looked += 1;
    last = id;
    const transfer = participants.includes(participant) ? await coordinator.find(id) : undefined;
    const item = transfer && viewDecision(transfer, participant, epoch);
    if (item) data.push(item);
  }
  await coordinator.durable();
  const { watermark } = coordinator;
  const body = { coordinator: { store, epoch }, watermark, data, page: { nextCursor } };
  return { status: 200, body };
}

/** A branch as its participant has it, or undefined if it owes nothing about it. */
function viewDecision({ begun, votes, decided }: Transfer, participant: string, epoch: number) {
  const { id, participants, lowerTs, timeoutMs } = begun;
  const [store = ''] = id.split('-');
  const branch = {
    id,
    // Who says so now, not who has begun it: epochs never go back.
    coordinator: { store, epoch },
    legs: branchOf(begun, participant),
    peers: participants.filter((name) => name !== participant),
    lowerTs,
    timeoutMs,
  };
  if (decided?.state === 'committed') {
    return { ...branch, state: 'committed', timestamp: decided.timestamp };
  }
  const promised = !decided && votes.get(participant)?.vote === 'yes';
  return promised ? { ...branch, state: 'pending' } : undefined;
}
