import type { FastifyRequest } from 'fastify';
import { readCursor, writeCursor } from '../http/cursor.ts';
import { problem, type Answer } from '../http/problems.ts';
import type { Handler } from '../http/server.ts';
import type { Opened } from './ledger.ts';
import type { Incoming, Participant } from './participant.ts';
import { isStale, type Branch, type BranchLeg, type Reply, type Sender } from './protocol.ts';

/** What every message of the coordinator is wrapped in. */
interface Batch<Item> {
  coordinator: Sender;
  participant: { store: string };
  transfers: Item[];
}

type NewAccount = Omit<Opened, 'type' | 'at' | 'minimum'> & { minimum?: number };

interface PrepareItem {
  id: string;
  legs: BranchLeg[];
  timeoutMs: number;
  lowerTs?: number;
  peers?: string[];
}

/** The operations of a participant, by operationId. */
export function participantRoutes(
  participant: Participant,
  isReady: () => boolean,
): Record<string, Handler> {
  return {
    ...protocolRoutes(participant),
    ...accountRoutes(participant),
    ...branchRoutes(participant),
    checkReady() {
      const { store, epoch } = participant.store.identity;
      const name = participant.membership?.name;
      if (!isReady()) {
        return Promise.resolve(problem('not-ready', { detail: 'not registered yet' }));
      }
      const body = { status: 'ready', role: 'participant', store, epoch, ...(name && { name }) };
      return answer(participant, { status: 200, body });
    },
  };
}

function protocolRoutes(participant: Participant): Record<string, Handler> {
  return {
    prepare(request) {
      const batch = request.body as Batch<PrepareItem>;
      const { coordinator, transfers } = batch;
      if (isStale(participant.state, coordinator)) {
        const known = participant.state.coordinators.get(coordinator.store) ?? 0;
        const detail = `epoch ${coordinator.epoch} has ended: ${coordinator.store} is at ${known}`;
        return Promise.resolve(problem('stale-epoch', { detail }));
      }
      const events = transfers.map(({ id, legs, timeoutMs, lowerTs = 0, peers = [] }) => {
        const seen = legs.map(({ account, amount, currency }) => ({ account, amount, currency }));
        const promise = { legs: seen, timeoutMs, lowerTs, peers };
        return { type: 'prepare' as const, id, coordinator: senderOf(batch), ...promise };
      });
      return reply(participant, batch, events, 'votes');
    },
    commit(request) {
      const batch = request.body as Batch<{ id: string; timestamp: number }>;
      const events = batch.transfers.map(({ id, timestamp }) => {
        return { type: 'commit' as const, id, timestamp, coordinator: senderOf(batch) };
      });
      return reply(participant, batch, events, 'outcomes');
    },
    abort(request) {
      const batch = request.body as Batch<{ id: string }>;
      const events = batch.transfers.map(({ id }) => {
        return { type: 'abort' as const, id, coordinator: senderOf(batch) };
      });
      return reply(participant, batch, events, 'outcomes');
    },
  };
}

function accountRoutes(participant: Participant): Record<string, Handler> {
  return {
    listAccounts: (request) => {
      const accounts = [...participant.ledger.accounts()];
      return list(participant, request, accounts, {});
    },
    async openAccount(request) {
      const { id, currency, balance, minimum = 0 } = request.body as NewAccount;
      if (balance < minimum) {
        const detail = `must be at least the minimum, ${minimum}`;
        const errors = [{ in: 'body' as const, pointer: '/balance', detail }];
        return problem('invalid-request', { errors });
      }
      const account = await participant.openAccount({ id, currency, balance, minimum });
      if (!account) return problem('account-exists', { detail: `account ${id} is open` });
      return { status: 201, body: account, headers: { location: `/accounts/${id}` } };
    },
    getAccount(request) {
      const { id } = request.params as { id: string };
      const account = participant.ledger.account(id);
      const missing = problem('account-not-found', { detail: `no account ${id}` });
      return answer(participant, account ? { status: 200, body: account } : missing);
    },
  };
}

function branchRoutes(participant: Participant): Record<string, Handler> {
  return {
    listBranches(request) {
      const { state } = request.query as { state?: string };
      const all = [...participant.state.branches.values()].reverse();
      const branches = all.filter((branch) => state === undefined || branch.state === state);
      return list(participant, request, branches.map(viewBranch), state ? { state } : {});
    },
    getBranch(request) {
      const { id } = request.params as { id: string };
      const branch = participant.state.branches.get(id);
      const missing = problem('branch-not-found', { detail: `no branch of ${id} is here` });
      return answer(participant, branch ? { status: 200, body: viewBranch(branch) } : missing);
    },
  };
}

const senderOf = ({ coordinator: { store, epoch } }: Batch<unknown>): Sender => ({ store, epoch });

/** Whatever an answer was computed from is durable before it leaves. */
async function answer(participant: Participant, computed: Answer): Promise<Answer> {
  await participant.durable();
  return computed;
}

/** Answers a batch, if it is meant for this store. */
async function reply(
  participant: Participant,
  batch: Batch<unknown>,
  events: readonly Incoming[],
  field: 'votes' | 'outcomes',
): Promise<Answer> {
  const own = participant.store.identity.store;
  if (batch.participant.store !== own) {
    const detail = `this is store ${own}, not ${batch.participant.store}`;
    return problem('wrong-store', { detail });
  }
  const { replies, ...forced } = await participant.receive(events);
  const items = replies.map((item) => viewReply(item, field));
  return { status: 200, body: { participant: participant.signature, ...forced, [field]: items } };
}

function viewReply(item: Reply, field: 'votes' | 'outcomes') {
  if (!('refused' in item)) return item;
  const { id, refused } = item;
  return { id, [field === 'votes' ? 'vote' : 'state']: 'refused', code: refused };
}

function viewBranch(branch: Branch) {
  const { lowerTs, timeoutMs, account, ...shown } = branch;
  return shown;
}

/** One page of a list; the cursor names the last item shown. */
function list(
  participant: Participant,
  request: FastifyRequest,
  items: readonly { id: string }[],
  filter: object,
): Promise<Answer> {
  const { limit = 20, cursor } = request.query as { limit?: number; cursor?: string };
  const after = cursor === undefined ? undefined : readCursor(cursor, filter);
  const start = items.findIndex(({ id }) => id === after) + 1;
  if (cursor !== undefined && start === 0) return Promise.resolve(problem('invalid-cursor'));
  const data = items.slice(start, start + limit);
  const last = data.at(-1);
  const more = start + limit < items.length && last;
  const body = { data, page: { nextCursor: more ? writeCursor(filter, last.id) : null } };
  return answer(participant, { status: 200, body });
}
