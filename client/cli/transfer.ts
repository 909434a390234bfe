import { scheduler } from 'node:timers/promises';
import { asProblem, ConnectionError, isCommitted, type Api, type ApiReply } from './api.ts';
import { CommandError } from './io.ts';

export interface Persistence {
  readonly key: string;
  /** For all attempts together. Milliseconds. */
  readonly timeoutMs: number;
  /** At least 0, below 1. */
  random(): number;
}

const backoffMs = { least: 100, most: 2_000 };

/** One attempt may take this long: a vote deadline, the confirmations, and some patience. */
const attemptMs = 10_000;

/**
 * Sends a transfer until its outcome is known, always under the same key, with full-jitter
 * backoff. Once an attempt has left the outcome open, only an outcome is an answer: that another
 * attempt began nothing says nothing about the first.
 * @throws {CommandError} with exit code 3 when the outcome is not known in time
 */
export async function sendTransfer(
  api: Api,
  body: object,
  { key, timeoutMs, ...chance }: Persistence,
): Promise<ApiReply> {
  const end = performance.now() + timeoutMs;
  const remaining = () => end - performance.now();
  const headers = { 'idempotency-key': key };
  let open = false;
  let last: ApiReply | ConnectionError | undefined;
  for (let attempt = 0; attempt === 0 || remaining() > backoffMs.least; attempt += 1) {
    const limit = Math.max(1, Math.min(attemptMs, remaining()));
    last = await attemptOnce(api, { body, headers, timeoutMs: Math.ceil(limit) });
    if (last instanceof ConnectionError) {
      if (!last.sent && !open) throw last;
      open = true;
    } else if (isOutcome(last)) return last;
    else if (beganNothing(last)) {
      if (!open && !asProblem(last.body).retryable) return last;
    } else open = true;
    const bound = Math.min(backoffMs.most, backoffMs.least * 2 ** attempt);
    const jitter = Math.max(backoffMs.least, chance.random() * bound);
    await scheduler.wait(Math.max(0, Math.min(remaining(), Math.max(jitter, retryAfter(last)))));
  }
  if (last && !open && !(last instanceof ConnectionError)) return last;
  const said = last instanceof ConnectionError ? last.message : asProblem(last?.body).title;
  const again = `ask again with --idempotency-key ${key}`;
  throw new CommandError(3, `not known yet after ${timeoutMs / 1000} s (${said ?? '?'}); ${again}`);
}

async function attemptOnce(api: Api, options: Parameters<Api['send']>[2]) {
  try {
    return await api.send('POST', '/transfers', options);
  } catch (error) {
    if (error instanceof ConnectionError) return error;
    throw error;
  }
}

/** It happened, or it never will under this key. */
function isOutcome({ status, body }: ApiReply): boolean {
  if (status === 201) return isCommitted(body);
  return status >= 400 && asProblem(body).state === 'aborted';
}

/** A problem says so itself; any other 4xx does not come from a transfer that runs. */
function beganNothing({ status, body }: ApiReply): boolean {
  const { definite } = asProblem(body);
  return definite ?? (status >= 400 && status < 500);
}

function retryAfter(reply: ApiReply | ConnectionError): number {
  if (reply instanceof ConnectionError) return 0;
  return 1000 * (Number(reply.headers.get('retry-after')) || 0);
}
