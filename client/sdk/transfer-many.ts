/** Many transfers in few requests, asked for until the outcome of each is known. */
import type { Connection } from './connection.ts';
import { ApiError, foreignAnswer } from './errors.ts';
import { createTransfers } from './generated/sdk.gen.ts';
import type { BulkItem, BulkResult } from './generated/types.gen.ts';
import { preferHeader } from './prefer.ts';
import { refusal, send } from './request.ts';
import { isBulkReply } from './shapes.ts';
import {
  backoffMs,
  defaultPatienceMs,
  leastAttemptMs,
  mayPass,
  outcomeOf,
  retryAfterMs,
  traceHeader,
  type Outcome,
  type TransferOptions,
  type TransferRequest,
} from './transfer.ts';
import { backoff, pause } from './wait.ts';

/** One of many transfers; without a key of its own it gets a random UUID. */
export type ManyRequest = TransferRequest & { readonly idempotencyKey?: string | undefined };

/** `patienceMs`: for each request of many transfers, with all its attempts. */
export type ManyOptions = Omit<TransferOptions, 'idempotencyKey'>;

/** The node has refused it before anything was begun. */
export interface Refused {
  state: 'refused';
  idempotencyKey: string;
  error: ApiError;
}

/** One of the transfers, and what is known of it. */
interface Sent {
  readonly item: BulkItem & { readonly idempotencyKey: string };
  /** Some attempt has left open what came of it. */
  open: boolean;
  /** What the last attempt came to. */
  failed: ApiError | undefined;
  outcome: Outcome | Refused | undefined;
}

/** What one request may have: items, and bytes of JSON, of which a node takes 1 MiB. */
const most = { items: 1_000, bytes: 500_000 };

/**
 * Sends transfers, at most 1 000 in a request, until the outcome of each is known; the outcomes are
 * in the order of the transfers, and none depends on another.
 * @throws {ApiError} if nothing at all was begun, because the first request was refused as a whole
 * @throws the reason of `signal` once it is aborted
 */
export async function sendTransfers(
  node: Connection,
  requests: readonly ManyRequest[],
  options: ManyOptions,
): Promise<(Outcome | Refused)[]> {
  const all = requests.map((request): Sent => {
    const { idempotencyKey = crypto.randomUUID(), ...body } = structuredClone(request);
    return {
      item: { ...body, idempotencyKey },
      open: false,
      failed: undefined,
      outcome: undefined,
    };
  });
  for (const batch of batches(all)) {
    const error = await settleAll(node, batch, options);
    if (error && batch[0] === all[0]) throw error;
  }
  return all.flatMap(({ outcome }) => outcome ?? []);
}

function* batches(all: readonly Sent[]): Generator<Sent[]> {
  let batch: Sent[] = [];
  let bytes = 0;
  for (const one of all) {
    const size = new TextEncoder().encode(JSON.stringify(one.item)).byteLength;
    if (batch.length === most.items || (batch.length > 0 && bytes + size > most.bytes)) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push(one);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

/**
 * Gives each its outcome, and the error if the node has refused them all as a whole. As with one
 * transfer, once an attempt has left one open, only an outcome is an answer.
 */
async function settleAll(
  node: Connection,
  batch: readonly Sent[],
  options: ManyOptions,
): Promise<ApiError | undefined> {
  const { waitSeconds = 0, signal } = options;
  const { patienceMs = defaultPatienceMs + waitSeconds * 1000 } = options;
  const end = performance.now() + patienceMs;
  const mostMs = node.timeoutMs + waitSeconds * 1000;
  for (let attempt = 0; ; attempt += 1) {
    const asked = batch.filter(({ outcome }) => !outcome);
    const ms = Math.ceil(Math.max(1, Math.min(mostMs, end - performance.now())));
    const whole = await attemptOnce(node, asked, { ...options, ms });
    for (const one of asked) {
      const { failed } = one;
      one.open ||= failed?.definite === false;
      if (failed && !one.open && !mayPass(failed)) refuse(one, failed);
    }
    const left = asked.filter(({ outcome }) => !outcome);
    const waitMs = Math.max(backoff(attempt, node.random, backoffMs), whole?.retryAfterMs ?? 0);
    if (left.length === 0 || performance.now() + waitMs + leastAttemptMs > end) {
      for (const one of left) giveUp(one);
      return batch.every(({ outcome }) => isRefusedWith(outcome, whole?.error))
        ? whole?.error
        : undefined;
    }
    await pause(waitMs, signal);
  }
}

const isRefusedWith = (outcome: Sent['outcome'], error: ApiError | undefined) =>
  outcome?.state === 'refused' && outcome.error === error;

function refuse(one: Sent, error: ApiError): void {
  one.outcome = { state: 'refused', idempotencyKey: one.item.idempotencyKey, error };
}

function giveUp(one: Sent): void {
  const { item, open, failed } = one;
  if (!failed) throw new Error('broken invariant: what has no outcome has failed');
  if (!open) refuse(one, failed);
  else one.outcome = { state: 'unknown', idempotencyKey: item.idempotencyKey, error: failed };
}

/** Asks once. Gives the error of the request as a whole, if it has one: then each has failed so. */
async function attemptOnce(
  node: Connection,
  asked: readonly Sent[],
  options: ManyOptions & { ms: number },
): Promise<{ error: ApiError; retryAfterMs: number } | undefined> {
  const { signal, ms } = options;
  const headers = { ...traceHeader(options), ...preferHeader(options) };
  const body = { transfers: asked.map(({ item }) => item) };
  const fail = (error: ApiError, after: number) => {
    for (const one of asked) one.failed = error;
    return { error, retryAfterMs: after };
  };
  try {
    const reply = await send(node, (via) => createTransfers({ ...via, headers, body }), {
      signal,
      ms,
    });
    if (reply.status !== 200) return fail(refusal(node.address, reply), retryAfterMs(reply));
    if (!isBulkReply(reply.body) || reply.body.results.length !== asked.length) {
      return fail(foreignAnswer(node.address, 200, 'what is not in the contract'), 0);
    }
    for (const [index, result] of reply.body.results.entries()) {
      const one = asked[index];
      if (one) take(node, one, result, options);
    }
    return undefined;
  } catch (error) {
    if (error instanceof ApiError) return fail(error, 0);
    throw error;
  }
}

function take(node: Connection, one: Sent, result: BulkResult, options: ManyOptions): void {
  const { idempotencyKey } = one.item;
  const keyed = { idempotencyKey, replayed: result.idempotentReplayed ?? false };
  const reply = {
    status: result.status,
    body: 'transfer' in result ? result.transfer : result.problem,
  };
  one.outcome = outcomeOf(reply, keyed, options);
  if (!one.outcome) one.failed = refusal(node.address, reply);
}
