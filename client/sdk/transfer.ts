/** A transfer, asked for until its outcome is known. */
import type { Connection } from './connection.ts';
import { ApiError } from './errors.ts';
import { createTransfer, reverseTransfer } from './generated/sdk.gen.ts';
import type {
  FieldError,
  MultiReversal,
  MultiTransfer,
  ParticipantOutcome,
  SingleReversal,
  SingleTransfer,
  Transfer,
} from './generated/types.gen.ts';
import { preferHeader, type Preferences } from './prefer.ts';
import { refusal, send, type Call, type Reply } from './request.ts';
import { isProblem, isTransfer } from './shapes.ts';
import { backoff, pause } from './wait.ts';

/** One movement between two accounts, or several legs, all or nothing. */
export type TransferRequest = SingleTransfer | MultiTransfer;

/** How much of a transfer to move back: `{}` is all that is left. */
export type ReversalRequest = SingleReversal | MultiReversal;

/**
 * `waitSeconds`: how long a committed transfer waits for every participant's confirmation.
 * `respondAsync`: answer as soon as the transfer is on disk.
 */
export interface TransferOptions extends Preferences {
  /** One for each transfer you mean to make; a random UUID unless told. */
  readonly idempotencyKey?: string | undefined;
  /** For all attempts together. Milliseconds; 30 000, and `waitSeconds`, unless told. */
  readonly patienceMs?: number | undefined;
  /** The trace that it is a part of (W3C Trace Context), as the header of this name has it. */
  readonly traceparent?: string | undefined;
  /** Ends the waiting. What was sent may happen all the same: ask again under the same key. */
  readonly signal?: AbortSignal | undefined;
}

/** Under which key, and whether this is the answer of an earlier request. */
export interface Keyed {
  idempotencyKey: string;
  replayed: boolean;
}

/** It happened, everywhere. */
export type Committed = Transfer & Keyed & { state: 'committed' };

/** It is on disk and not decided yet; only with `respondAsync`. */
export type Preparing = Transfer & Keyed & { state: 'preparing' };

/** It did not happen, and never will under this key. */
export interface Aborted extends Keyed {
  state: 'aborted';
  id: string;
  /** Why, as a code of the contract. */
  code: string;
  title: string;
  detail: string;
  /** A new attempt, under a new key, may succeed unchanged. */
  retryable: boolean;
  participants: ParticipantOutcome[];
  errors?: FieldError[];
}

/** Patience has ended. Ask again with the same request and this key. */
export interface Unknown {
  state: 'unknown';
  idempotencyKey: string;
  /** What the last attempt came to. */
  error: ApiError;
}

/** Everything a transfer can come to, told apart by `state`. */
export type Outcome = Committed | Preparing | Aborted | Unknown;

/** Everything that one answer can say. */
export type Known = Exclude<Outcome, Unknown>;

/** An attempt without an outcome. */
interface Failure {
  failed: ApiError;
  retryAfterMs: number;
}

/** What is sent, but for the headers. */
type CallWith = (headers: KeyHeaders) => Call;

type KeyHeaders = { 'Idempotency-Key': string; Prefer?: string; traceparent?: string };

export const defaultPatienceMs = 30_000;

/** The least that another attempt gets: cut off, it would tell less than the last. Milliseconds. */
export const leastAttemptMs = 500;

/** Between two attempts; the upper bound doubles with each. Milliseconds. */
export const backoffMs = { least: 100, most: 2_000 };

/** Sends a transfer until its outcome is known. */
export function sendTransfer(
  node: Connection,
  request: TransferRequest,
  options: TransferOptions,
): Promise<Outcome> {
  const body = structuredClone(request);
  return settle(node, (headers) => (via) => createTransfer({ ...via, headers, body }), options);
}

/** Sends a reversal of the transfer `id` until its outcome is known. */
export function sendReversal(
  node: Connection,
  { id, request }: { id: string; request: ReversalRequest },
  options: TransferOptions,
): Promise<Outcome> {
  const [path, body] = [{ id }, structuredClone(request)];
  const callWith: CallWith = (headers) => (via) => reverseTransfer({ ...via, path, headers, body });
  return settle(node, callWith, options);
}

/**
 * Sends a request until its outcome is known, always under the same key and with the same body.
 * Once an attempt has left the outcome open, only an outcome is an answer: that another attempt
 * began nothing says nothing about the first.
 * @throws {ApiError} if nothing was begun
 * @throws the reason of `signal` once it is aborted
 */
async function settle(
  node: Connection,
  callWith: CallWith,
  options: TransferOptions,
): Promise<Outcome> {
  const { waitSeconds = 0, idempotencyKey = crypto.randomUUID(), signal } = options;
  const { patienceMs = defaultPatienceMs + waitSeconds * 1000 } = options;
  const end = performance.now() + patienceMs;
  const mostMs = node.timeoutMs + waitSeconds * 1000;
  let open = false;
  for (let attempt = 0; ; attempt += 1) {
    const ms = Math.ceil(Math.max(1, Math.min(mostMs, end - performance.now())));
    const answer = await attemptOnce(node, callWith, { ...options, idempotencyKey, signal, ms });
    if (!('failed' in answer)) return answer;
    const { failed: error, retryAfterMs } = answer;
    open ||= !error.definite;
    if (!open && !mayPass(error)) throw error;
    const waitMs = Math.max(backoff(attempt, node.random, backoffMs), retryAfterMs);
    if (performance.now() + waitMs + leastAttemptMs > end) {
      if (!open) throw error;
      return { state: 'unknown', idempotencyKey, error };
    }
    await pause(waitMs, signal);
  }
}

/** A node that is not there is left to the caller: the address may be wrong. */
export const mayPass = ({ code, retryable }: ApiError) => retryable && code !== 'unreachable';

async function attemptOnce(
  node: Connection,
  callWith: CallWith,
  options: TransferOptions & { idempotencyKey: string; ms: number },
): Promise<Known | Failure> {
  const { idempotencyKey, signal, ms } = options;
  const own = { 'Idempotency-Key': idempotencyKey, ...traceHeader(options) };
  const headers = { ...own, ...preferHeader(options) };
  try {
    const reply = await send(node, callWith(headers), { signal, ms });
    const replayed = reply.headers.get('idempotent-replayed') === 'true';
    const outcome = outcomeOf(reply, { idempotencyKey, replayed }, options);
    if (outcome) return outcome;
    return { failed: refusal(node.address, reply), retryAfterMs: retryAfterMs(reply) };
  } catch (error) {
    if (error instanceof ApiError) return { failed: error, retryAfterMs: 0 };
    throw error;
  }
}

/** The header that says which trace; none without one. */
export const traceHeader = ({ traceparent }: TransferOptions): { traceparent?: string } =>
  traceparent === undefined ? {} : { traceparent };

export const retryAfterMs = ({ headers }: Reply) =>
  1000 * (Number(headers.get('retry-after')) || 0);

/** Undefined for an answer that leaves open what came of the transfer, or began nothing. */
export function outcomeOf(
  { status, body }: { status: number; body: unknown },
  keyed: Keyed,
  { respondAsync }: Preferences,
): Known | undefined {
  if (isTransfer(body)) {
    const { state } = body;
    if (status === 201 && state === 'committed') return { ...body, state, ...keyed };
    if (status === 202 && respondAsync && state === 'preparing')
      return { ...body, state, ...keyed };
  }
  if (status < 400 || !isProblem(body)) return undefined;
  const { state, transferId: id, code, title, detail = '', retryable, participants = [] } = body;
  if (state !== 'aborted' || id === undefined) return undefined;
  const errors = body.errors && { errors: body.errors };
  return { state, id, code, title, detail, retryable, participants, ...errors, ...keyed };
}
