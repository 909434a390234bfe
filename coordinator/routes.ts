import type { FastifyRequest } from 'fastify';
import { readCursor, writeCursor } from '../http/cursor.ts';
import { problem, type Answer, type FieldError } from '../http/problems.ts';
import type { Handler } from '../http/server.ts';
import type { Coordinator, Refusal } from './coordinator.ts';
import type { Member } from './directory.ts';
import { eventStream, positionOf } from './events.ts';
import { fingerprint, page, type TransferFilter } from './list.ts';
import { readPrefer, type Preference } from './prefer.ts';
import type { Leg, Transfer } from './protocol.ts';
import { viewTimeline } from './timeline.ts';
import {
  explain,
  pointerTo,
  reasonCode,
  refusedFields,
  viewParticipant,
  viewTransfer,
} from './views.ts';

/** The body of POST /transfers; the contract has checked all that a schema can. */
type TransferBody = ({ legs: Leg[] } | ({ legs?: never } & Leg)) & {
  reference?: string;
  metadata?: Record<string, string>;
  timeoutMs?: number;
};

/** How long an answer waits for the participants' confirmations unless the client says. */
const confirmationMs = 1000;

/** The operations of the coordinator, by operationId. */
export function coordinatorRoutes(coordinator: Coordinator): Record<string, Handler> {
  return {
    createTransfer: createTransfer(coordinator),
    async getTransfer(request) {
      const { id } = request.params as { id: string };
      const { waitMs, applied } = readPrefer(preferOf(request));
      if (waitMs && coordinator.transfer(id)) await coordinator.decided(id, waitMs);
      const transfer = coordinator.transfer(id);
      if (!transfer) return problem('transfer-not-found', { detail: `no transfer ${id}` });
      const headers = applied === '' ? {} : { 'preference-applied': applied };
      return answer(coordinator, { status: 200, body: viewTransfer(transfer), headers });
    },
    listTransfers: (request) => listTransfers(coordinator, request),
    getTimeline(request) {
      const { id } = request.params as { id: string };
      const transfer = coordinator.transfer(id);
      const found: Answer = transfer
        ? { status: 200, body: viewTimeline(transfer, coordinator.trace(id)) }
        : problem('transfer-not-found', { detail: `no transfer ${id}` });
      return answer(coordinator, found);
    },
    streamEvents: streamEvents(coordinator),
    registerParticipant(request) {
      const body = request.body as Omit<Member, 'name'> & { name?: string };
      return register(coordinator, body);
    },
    updateParticipant(request) {
      const { name } = request.params as { name: string };
      return register(coordinator, { ...(request.body as Omit<Member, 'name'>), name });
    },
    listParticipants() {
      const data = [...coordinator.directory.values()].map((one) => viewMember(coordinator, one));
      return answer(coordinator, { status: 200, body: { data, page: { nextCursor: null } } });
    },
    getParticipant(request) {
      const { name } = request.params as { name: string };
      const member = coordinator.directory.get(name);
      const found: Answer = member
        ? { status: 200, body: viewMember(coordinator, member) }
        : problem('participant-not-found', { detail: `no participant ${name}` });
      return answer(coordinator, found);
    },
    getDecision: (request) => getDecision(coordinator, request),
    checkReady() {
      const { store, epoch } = coordinator.state;
      const body = { status: 'ready', role: 'coordinator', store, epoch };
      return answer(coordinator, { status: 200, body });
    },
  };
}

/** An answer is computed first, then waits: whatever it was computed from is durable. */
async function answer(coordinator: Coordinator, computed: Answer): Promise<Answer> {
  await coordinator.durable();
  return computed;
}

function createTransfer(coordinator: Coordinator): Handler {
  const serving = new Set<string>();
  return async (request) => {
    const body = request.body as TransferBody;
    const { legs: given, reference, metadata, timeoutMs = coordinator.limits.voteTimeoutMs } = body;
    const legs = (given ?? [body as Leg]).map(({ from, to, amount, currency }) => {
      return { from, to, amount, currency };
    });
    const key = request.headers['idempotency-key'] as string | undefined;
    // A known key has its answer for ever, whatever this start's settings would say to it.
    const isKnown = key !== undefined && coordinator.state.keys.has(key);
    const flaws = flawsOf(legs, timeoutMs, isKnown ? Infinity : coordinator.limits.voteTimeoutMs);
    if (flaws.length > 0) return problem('invalid-request', { errors: flaws });
    const beginning = coordinator.begin({
      legs,
      timeoutMs,
      ...(key !== undefined && { key, fingerprint: fingerprint(body) }),
      ...(reference !== undefined && { reference }),
      ...(metadata && { metadata }),
    });
    if (beginning.outcome === 'refused') return notBegun(legs, beginning.refusals);
    const { id, outcome } = beginning;
    if (key === undefined) return outcomeOf(coordinator, id, readPrefer(preferOf(request)));
    if (serving.has(key)) {
      const detail = `the first request under this key still runs, for transfer ${id}`;
      return answer(coordinator, problem('idempotency-key-in-use', { detail, transferId: id }));
    }
    serving.add(key);
    try {
      const settled = await outcomeOf(coordinator, id, readPrefer(preferOf(request)));
      if (outcome === 'begun') return settled;
      return { ...settled, headers: { ...settled.headers, 'idempotent-replayed': 'true' } };
    } finally {
      serving.delete(key);
    }
  };
}

/** What a schema cannot say. */
function flawsOf(legs: readonly Leg[], timeoutMs: number, mostMs: number): FieldError[] {
  const loops = legs.flatMap(({ from, to }, index): FieldError[] => {
    if (from !== to) return [];
    const detail = 'must be another account than `from`';
    return [{ in: 'body', pointer: pointerTo(legs, index, 'to'), detail }];
  });
  if (timeoutMs <= mostMs) return loops;
  const detail = `must be at most ${mostMs}, the vote deadline of this coordinator`;
  return [...loops, { in: 'body', pointer: '/timeoutMs', detail }];
}

function notBegun(legs: readonly Leg[], refusals: readonly [Refusal, ...Refusal[]]): Answer {
  const errors = refusals.flatMap(({ at, detail }): FieldError[] =>
    at ? [{ in: 'body', pointer: pointerTo(legs, at.leg, at.side), detail }] : [],
  );
  const [{ code, detail }] = refusals;
  return problem(code, { detail, ...(errors.length > 0 && { errors }) });
}

/** Waits as the client prefers, then says what is durably known. */
async function outcomeOf(
  coordinator: Coordinator,
  id: string,
  prefer: Preference,
): Promise<Answer> {
  const { respondAsync, waitMs, applied } = prefer;
  if (respondAsync) await coordinator.decided(id, waitMs ?? 0);
  else {
    // The deadline decides before this limit does; the grace and the disk come on top of it.
    await coordinator.decided(id, 2 * coordinator.limits.voteTimeoutMs + 60_000);
    const transfer = coordinator.transfer(id);
    if (transfer && everyoneVoted(transfer)) {
      await coordinator.ended(id, waitMs ?? confirmationMs);
    }
  }
  const transfer = coordinator.transfer(id);
  if (!transfer) throw new Error(`broken invariant: transfer ${id} is known`);
  const headers = applied === '' ? {} : { 'preference-applied': applied };
  const { decided } = transfer;
  if (decided?.state === 'aborted') {
    return answer(coordinator, { ...abortedAnswer(transfer, decided.reason), headers });
  }
  const status = decided ? 201 : 202;
  const located = { ...headers, location: `/transfers/${id}` };
  return answer(coordinator, { status, body: viewTransfer(transfer), headers: located });
}

/** Whoever did not vote in time will not confirm in time either: nobody waits for it. */
const everyoneVoted = ({ begun, votes }: Transfer) => votes.size === begun.participants.length;

function abortedAnswer(transfer: Transfer, reason: string): Answer {
  const { begun } = transfer;
  const errors = refusedFields(transfer);
  return problem(reasonCode(reason), {
    detail: explain(transfer),
    transferId: begun.id,
    state: 'aborted',
    participants: begun.participants.map((name) => viewParticipant(transfer, name)),
    ...(errors.length > 0 && { errors }),
  });
}

function listTransfers(coordinator: Coordinator, request: FastifyRequest): Promise<Answer> {
  const query = request.query as TransferFilter & { limit?: number; cursor?: string };
  const { limit = 20, cursor, ...filter } = query;
  const after = cursor === undefined ? undefined : readCursor(cursor, filter);
  const known = after === undefined || coordinator.transfer(after) !== undefined;
  if (!known || (cursor !== undefined && after === undefined)) {
    return Promise.resolve(problem('invalid-cursor'));
  }
  const newestFirst = [...coordinator.state.transfers.values()].reverse();
  const { transfers, next } = page(newestFirst, { filter, after, limit });
  const nextCursor = next === null ? null : writeCursor(filter, next);
  const body = { data: transfers.map(viewTransfer), page: { nextCursor } };
  return answer(coordinator, { status: 200, body });
}

function streamEvents(coordinator: Coordinator): Handler {
  let streams = 0;
  return (request) => {
    const { eventStreams } = coordinator.limits;
    if (streams >= eventStreams) {
      const detail = `${eventStreams} streams of events are open`;
      return Promise.resolve(problem('overloaded', { detail }));
    }
    const last = request.headers['last-event-id'] as string | undefined;
    const after = last === undefined ? coordinator.position : positionOf(last, coordinator);
    if (after === undefined) {
      const detail = `no event of store ${coordinator.state.store} has this id: start without it`;
      const errors = [{ in: 'header' as const, pointer: '/Last-Event-ID', detail }];
      return Promise.resolve(problem('invalid-request', { errors }));
    }
    const { waitMs, applied } = readPrefer(preferOf(request));
    const body = eventStream(coordinator, after, waitMs);
    streams += 1;
    body.once('close', () => (streams -= 1));
    const headers = applied === '' ? {} : { 'preference-applied': applied };
    return Promise.resolve({ status: 200, body, headers });
  };
}

async function register(
  coordinator: Coordinator,
  { name, store, epoch, address }: Omit<Member, 'name'> & { name?: string },
): Promise<Answer> {
  const registration = await coordinator.register({
    store,
    epoch,
    address: address.replace(/\/+$/, ''),
    ...(name !== undefined && { name }),
  });
  const { outcome, member } = registration;
  if (outcome === 'name-taken') {
    const detail = `${member.name} is the name of store ${member.store}, not of ${store}`;
    return problem('name-taken', { detail });
  }
  if (outcome === 'stale-epoch') {
    const detail = `epoch ${epoch} is older than ${member.epoch}, which ${member.name} has reached`;
    return problem('stale-epoch', { detail });
  }
  const { store: own, epoch: current } = coordinator.state;
  const peers = [...coordinator.directory.values()]
    .filter((peer) => peer.name !== member.name)
    .map((peer) => ({ name: peer.name, store: peer.store, address: peer.address }));
  const body = { ...member, coordinator: { store: own, epoch: current }, peers };
  return { status: outcome === 'new' ? 201 : 200, body };
}

/** How many transfers in doubt a participant's view names at the most. */
const mostInDoubt = 100;

function viewMember(coordinator: Coordinator, member: Member) {
  const { health, lastSeenAt } = coordinator.health(member.name);
  const inDoubt: string[] = [];
  for (const id of coordinator.state.active) {
    const transfer = coordinator.transfer(id);
    if (inDoubt.length === mostInDoubt) break;
    const isInDoubt =
      transfer?.votes.get(member.name)?.vote === 'yes' && !transfer.acknowledged.has(member.name);
    if (isInDoubt) inDoubt.push(id);
  }
  return { ...member, health, lastSeenAt, inDoubt };
}

function getDecision(coordinator: Coordinator, request: FastifyRequest): Promise<Answer> {
  const { id } = request.params as { id: string };
  const finding = coordinator.inquire(id);
  const { store, epoch } = coordinator.state;
  if (finding.state === 'wrong-store') {
    return Promise.resolve(problem('wrong-store', { detail: `this is store ${store}` }));
  }
  if (finding.state === 'never-issued') {
    const detail = `store ${store} never issued ${id}: has it been restored from a backup?`;
    return Promise.resolve(problem('never-issued', { detail }));
  }
  const body = { id, ...finding, coordinator: { store, epoch } };
  return answer(coordinator, { status: 200, body });
}

const preferOf = ({ headers }: FastifyRequest) => headers['prefer'] as string | undefined;
