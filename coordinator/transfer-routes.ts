import type { FastifyRequest } from 'fastify';
import { clientOf } from '../http/client-of.ts';
import { loadContract, type Operation } from '../http/contract.ts';
import { readCursor, writeCursor } from '../http/cursor.ts';
import { problem, type Answer, type FieldError } from '../http/problems.ts';
import type { Handler } from '../http/server.ts';
import { readTraceparent, type TraceContext } from '../http/traceparent.ts';
import { ArchivedError } from '../log/archived.ts';
import { answer, orArchived, preferOf } from './answers.ts';
import type { Beginning, Coordinator } from './coordinator.ts';
import { fingerprint, type TransferFilter } from './list.ts';
import { readPrefer } from './prefer.ts';
import {
  begunBy,
  type Leg,
  type Reversal,
  type Transfer,
  type TransferRequest,
} from './protocol.ts';
import { Submissions, type Submission } from './submission.ts';
import { viewTimeline } from './timeline.ts';
import { pointerTo, viewTransfer } from './views.ts';

/** What every request for a transfer may say besides its legs. */
interface Wishes {
  reference?: string;
  metadata?: Record<string, string>;
  timeoutMs?: number;
}

/** The body of POST /transfers; the contract has checked all that a schema can. */
type TransferBody = ({ legs: Leg[] } | ({ legs?: never } & Leg)) & Wishes;

/** The body of POST /transfers/{id}/reverse. */
type ReversalBody = { amount?: number; legs?: Reversal['legs'] } & Wishes;

/** How many transfers a refused snapshot names at the most. */
const mostNamed = 100;

/** What the headers of a request say of its transfer. */
type Asked = Pick<Submission, 'key' | 'prefer'> & {
  readonly client: string;
  readonly parent: TraceContext | undefined;
};

/** The operations on transfers, by operationId. */
export function transferRoutes(coordinator: Coordinator): Record<string, Handler> {
  const submissions = new Submissions(coordinator);
  const createTransfer = (request: FastifyRequest) => {
    const wanted = submissionOf(coordinator, request.body as TransferBody, {
      key: keyOf(request),
      prefer: readPrefer(preferOf(request)),
      parent: parentOf(request),
      client: clientOf(request),
    });
    return 'errors' in wanted ? invalid(wanted.errors) : submissions.submit(wanted);
  };
  const gate = (request: FastifyRequest) => {
    const refusal = coordinator.congestion(keyOf(request), clientOf(request));
    return refusal && problem(refusal.code, { detail: refusal.detail });
  };
  return {
    createTransfer: Object.assign(createTransfer, { gate }),
    createTransfers: (request) => createTransfers(coordinator, submissions, request),
    reverseTransfer: ofTransfer(async (request) => {
      const original = await seek(coordinator, request).catch((error: unknown) => {
        const repeated = repetitionOf(coordinator, request);
        if (error instanceof ArchivedError && repeated) return repeated;
        throw error;
      });
      if ('status' in original) return original;
      if ('fingerprint' in original) return submissions.submit(original);
      const wanted = reversalOf(coordinator, original, request);
      return 'errors' in wanted ? invalid(wanted.errors) : submissions.submit(wanted);
    }),
    cancelTransfer: ofTransfer((request) => cancelTransfer(coordinator, request)),
    getTransfer: ofTransfer(async (request) => {
      const { waitMs, applied } = readPrefer(preferOf(request));
      const transfer = await seek(coordinator, request);
      if ('status' in transfer) return transfer;
      if (waitMs) await coordinator.decided(transfer, waitMs);
      const headers = applied === '' ? {} : { 'preference-applied': applied };
      const body = viewTransfer(transfer, coordinator.state);
      return answer(coordinator, { status: 200, body, headers });
    }),
    listTransfers: (request) => listTransfers(coordinator, request),
    getTimeline: ofTransfer(async (request) => {
      const transfer = await seek(coordinator, request);
      if ('status' in transfer) return transfer;
      const body = viewTimeline(transfer, coordinator.trace(transfer));
      return answer(coordinator, { status: 200, body });
    }),
    async getSnapshot() {
      const taken = await coordinator.snapshot();
      switch (taken.outcome) {
        case 'taken':
          return answer(coordinator, { status: 200, body: taken.snapshot });
        case 'in-doubt': {
          const detail = `${taken.transfers.length} transfers stay in doubt: ask again`;
          return problem('in-doubt', { detail, transfers: taken.transfers.slice(0, mostNamed) });
        }
        case 'unavailable': {
          const detail = `${taken.participants.join(', ')} gave no balances`;
          return problem('participant-unavailable', { detail });
        }
      }
    },
  };
}

/** What has no further effect when it comes a second time, whatever became of the first. */
const idempotent = new Set(['cancelTransfer', 'registerParticipant', 'updateParticipant']);

/** What begins at most one transfer with an idempotency key. */
const keyed = new Set(['createTransfer', 'reverseTransfer']);

/** What is answered before anybody looks at the key: of key, certificate, limits, body, load. */
const atTheGate = new Set([401, 403, 408, 413, 415, 421, 429, 431]);
const passing: readonly unknown[] = ['overloaded', 'shutting-down', 'not-ready'];

/** Whether a refusal of a repeated request leaves open what became of the first. */
export function saysNothingOfFirst({ method }: Operation, { status, body }: Answer): boolean {
  if (method === 'GET') return false;
  const isPassing = () => passing.includes((body as { code: unknown }).code);
  return atTheGate.has(status) || (status === 503 && isPassing());
}

/** Whether a request whose answer is not known may be sent again. */
export function isRepeatable({ method, operationId }: Operation, request: FastifyRequest): boolean {
  if (method === 'GET' || idempotent.has(operationId)) return true;
  if (operationId === 'createTransfers') {
    const { transfers } = request.body as { transfers: { idempotencyKey?: unknown }[] };
    return transfers.every(({ idempotencyKey }) => idempotencyKey !== undefined);
  }
  return keyed.has(operationId) && keyOf(request) !== undefined;
}

/** Says where the records of a transfer are that were moved elsewhere. */
export const ofTransfer = (handle: Handler) => orArchived('transfer-archived', handle);

const idOf = ({ params }: FastifyRequest) => (params as { id: string }).id;

const keyOf = ({ headers }: FastifyRequest) => headers['idempotency-key'] as string | undefined;

/** The trace of the client, if it says one. */
const parentOf = ({ headers }: FastifyRequest) => readTraceparent(headers['traceparent']);

/** The transfer that is asked for, or why it is not shown. */
export async function seek(
  coordinator: Coordinator,
  request: FastifyRequest,
): Promise<Transfer | Answer> {
  const found = await coordinator.seek(idOf(request));
  if (found === undefined) {
    // Another process may have the store, and know it.
    await coordinator.durable();
    return problem('transfer-not-found', { detail: `no transfer ${idOf(request)}` });
  }
  if (found !== 'refused') return found;
  return problem('overloaded', { detail: 'too many transfers are sought that are not there' });
}

const invalid = (errors: FieldError[]) => Promise.resolve(problem('invalid-request', { errors }));

/** A transfer as asked for, or what a schema cannot say is wrong with it. */
function submissionOf(
  coordinator: Coordinator,
  body: TransferBody,
  { key, prefer, client, parent }: Asked,
): Submission | { readonly errors: FieldError[] } {
  const legs = (body.legs ?? [body as Leg]).map(({ from, to, amount, currency }) => {
    return { from, to, amount, currency };
  });
  const loops = legs.flatMap(({ from, to }, index): FieldError[] => {
    if (from !== to) return [];
    const detail = 'must be another account than `from`';
    return [{ in: 'body', pointer: pointerTo(legs, index, 'to'), detail }];
  });
  const errors = [...loops, ...patienceErrors(coordinator, body, key)];
  if (errors.length > 0) return { errors };
  // Only a repeat under a key is ever compared.
  const print = key === undefined ? '' : fingerprint(body);
  const request = { legs, ...wishesOf(coordinator, body, key, print) };
  const begin = () => coordinator.begin(request, client, parent);
  return { key, fingerprint: print, prefer, legs, begin };
}

/** A known key has its answer, also when what is reversed was moved elsewhere. */
function repetitionOf({ state }: Coordinator, request: FastifyRequest): Submission | undefined {
  const key = keyOf(request);
  const id = key === undefined ? undefined : begunBy(state, key);
  if (id === undefined) return undefined;
  const print = fingerprint({ reverses: idOf(request), ...(request.body as ReversalBody | null) });
  const begin = (): Beginning => ({ outcome: 'known', id });
  return { key, fingerprint: print, prefer: readPrefer(preferOf(request)), legs: [], begin };
}

function reversalOf(
  coordinator: Coordinator,
  original: Transfer,
  request: FastifyRequest,
): Submission | { readonly errors: FieldError[] } {
  const body = (request.body ?? {}) as ReversalBody;
  const { id, legs } = original.begun;
  const key = keyOf(request);
  const errors = [...legErrors(body, legs), ...patienceErrors(coordinator, body, key)];
  if (errors.length > 0) return { errors };
  const { amount, legs: wanted = amount === undefined ? undefined : [{ leg: 0, amount }] } = body;
  const print = fingerprint({ reverses: id, ...body });
  const wishes = wishesOf(coordinator, body, key, print);
  const [client, parent] = [clientOf(request), parentOf(request)];
  const begin = () => coordinator.reverse(original, wanted ?? 'all', wishes, client, parent);
  return { key, fingerprint: print, prefer: readPrefer(preferOf(request)), legs, begin };
}

function legErrors({ amount, legs }: ReversalBody, original: readonly Leg[]): FieldError[] {
  if (amount !== undefined && original.length > 1) {
    const detail = `the transfer has ${original.length} legs: say which in \`legs\``;
    return [{ in: 'body', pointer: '/amount', detail }];
  }
  return (legs ?? []).flatMap(({ leg }, index): FieldError[] => {
    const pointer = `/legs/${index}/leg`;
    if (leg >= original.length) {
      const detail = `must be at most ${original.length - 1}, the last leg of the transfer`;
      return [{ in: 'body', pointer, detail }];
    }
    const again = legs?.findIndex((other) => other.leg === leg) !== index;
    return again ? [{ in: 'body', pointer, detail: 'names a leg for the second time' }] : [];
  });
}

/** A known key has its answer, whatever this start's settings would say to it. */
function patienceErrors(
  { limits, state }: Coordinator,
  { timeoutMs = 0 }: Wishes,
  key: string | undefined,
): FieldError[] {
  if (timeoutMs <= limits.voteTimeoutMs) return [];
  if (key !== undefined && begunBy(state, key) !== undefined) return [];
  const detail = `must be at most ${limits.voteTimeoutMs}, the vote deadline of this coordinator`;
  return [{ in: 'body', pointer: '/timeoutMs', detail }];
}

function wishesOf(
  { limits }: Coordinator,
  { reference, metadata, timeoutMs = limits.voteTimeoutMs }: Wishes,
  key: string | undefined,
  print: string,
): Omit<TransferRequest, 'legs'> {
  return {
    timeoutMs,
    ...(key !== undefined && { key, fingerprint: print }),
    ...(reference !== undefined && { reference }),
    ...(metadata && { metadata }),
  };
}

/** Each item as if it had come alone: what is wrong with one harms no other. */
async function createTransfers(
  coordinator: Coordinator,
  submissions: Submissions,
  request: FastifyRequest,
): Promise<Answer> {
  const { transfers } = request.body as { transfers: ({ idempotencyKey?: unknown } & object)[] };
  const prefer = readPrefer(preferOf(request));
  const [client, parent] = [clientOf(request), parentOf(request)];
  const results = await Promise.all(
    transfers.map(async ({ idempotencyKey, ...body }) => {
      const key = idempotencyKey;
      const { status, body: said, headers } = await submitItem({ key, body });
      const replayed = headers?.['idempotent-replayed'] && { idempotentReplayed: true };
      if (status < 400) return { status, transfer: said, ...replayed };
      return { status, problem: { ...(said as object), requestId: request.id }, ...replayed };
    }),
  );
  const headers = prefer.applied === '' ? {} : { 'preference-applied': prefer.applied };
  return { status: 200, body: { results }, headers };

  function submitItem({ key, body }: { key: unknown; body: object }): Promise<Answer> {
    if (key !== undefined && !isKey(key)) {
      const detail = 'must be text of 1 to 255 visible ASCII characters';
      return invalid([{ in: 'body', pointer: '/idempotencyKey', detail }]);
    }
    const flaws = loadContract('coordinator').bodyErrors('createTransfer', body);
    if (flaws.length > 0) return invalid([...flaws]);
    const asked = { key, prefer, client, parent };
    const wanted = submissionOf(coordinator, body as TransferBody, asked);
    return 'errors' in wanted ? invalid(wanted.errors) : submissions.submit(wanted);
  }
}

const isKey = (key: unknown): key is string =>
  typeof key === 'string' && /^[\x21-\x7e]{1,255}$/.test(key);

async function cancelTransfer(coordinator: Coordinator, request: FastifyRequest): Promise<Answer> {
  const id = idOf(request);
  coordinator.cancel(id);
  const transfer = await seek(coordinator, request);
  if ('status' in transfer) return transfer;
  const { decided } = transfer;
  if (!decided) {
    const detail = `${id} is with its only participant, which decides it`;
    return answer(coordinator, problem('commit-under-way', { detail }));
  }
  const cancelled = decided.state === 'aborted' && decided.reason === 'cancelled';
  const computed = cancelled
    ? { status: 200, body: viewTransfer(transfer, coordinator.state) }
    : problem('already-decided', { detail: `${id} is ${decided.state}` });
  return answer(coordinator, computed);
}

async function listTransfers(coordinator: Coordinator, request: FastifyRequest): Promise<Answer> {
  const query = request.query as TransferFilter & { limit?: number; cursor?: string };
  const { limit = 20, cursor, ...filter } = query;
  const before = cursor === undefined ? undefined : Number(readCursor(cursor, filter));
  if (before !== undefined && !Number.isSafeInteger(before)) return problem('invalid-cursor');
  await coordinator.durable();
  const data = [];
  let nextCursor: string | null = null;
  let last = 0;
  for await (const { position, transfer } of coordinator.newestFirst(filter, before)) {
    if (data.length === limit) {
      nextCursor = writeCursor(filter, String(last));
      break;
    }
    data.push(viewTransfer(transfer, coordinator.state));
    last = position;
  }
  // What is not decided has stayed.
  const isAll = nextCursor !== null || filter.state === 'preparing';
  const archivedTo = isAll ? undefined : (await coordinator.moved()).at(-1)?.to;
  const page = { nextCursor, ...(archivedTo !== undefined && { archivedTo }) };
  return answer(coordinator, { status: 200, body: { data, page } });
}
