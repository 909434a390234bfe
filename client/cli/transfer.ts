import { scheduler } from 'node:timers/promises';
import { asProblem, ConnectionError, type Api, type ApiReply } from './api.ts';
import { CommandError } from './io.ts';

export interface Persistence {
  readonly key: string;
  /** For all attempts together. Milliseconds. */
  readonly timeoutMs: number;
  /** At least 0, below 1. */
  random(): number;
}

const backoffMs = { least: 100, most: 2_000 };

/**
 * Sends a transfer until its outcome is known: an indefinite answer is asked for again under the
 * same key, with full-jitter backoff.
 * @throws {CommandError} with exit code 3 when the outcome is not known in time
 */
export async function sendTransfer(
  api: Api,
  body: object,
  { key, timeoutMs, ...chance }: Persistence,
): Promise<ApiReply> {
  const end = performance.now() + timeoutMs;
  const headers = { 'idempotency-key': key };
  let last = '';
  for (let attempt = 0; performance.now() < end; attempt += 1) {
    try {
      const reply = await api.send('POST', '/transfers', { body, headers });
      if (isDefinite(reply)) return reply;
      last = asProblem(reply.body).title ?? `status ${reply.status}`;
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      // Nothing has been sent yet: nothing can have happened.
      if (!error.sent && attempt === 0) throw error;
      last = error.message;
    }
    const bound = Math.min(backoffMs.most, backoffMs.least * 2 ** attempt);
    await scheduler.wait(Math.max(backoffMs.least, chance.random() * bound));
  }
  const again = `ask again with --idempotency-key ${key}`;
  throw new CommandError(3, `not known yet after ${timeoutMs / 1000} s (${last}); ${again}`);
}

/** 202 and 5xx leave it open, unless the problem says that nothing was begun. */
function isDefinite({ status, body }: ApiReply): boolean {
  return status === 201 || (status >= 400 && asProblem(body).definite);
}
