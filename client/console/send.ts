/** How the page sends a transfer. */
import { ApiError, connect } from '../sdk/index.ts';
import { keys, origin } from './api.ts';
import type { Answer, Attempt, Result } from './attempt.ts';

/** Sends it until its outcome is known, and keeps the answer as it came. */
export async function send({ request, idempotencyKey }: Attempt): Promise<Result> {
  let answer: Answer | undefined;
  const recording: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    answer = { status: response.status, body: await response.clone().text() };
    return response;
  };
  const unanimous = connect(origin, { key: keys.value.client, fetch: recording });
  try {
    const outcome = await unanimous.transfer(request, { idempotencyKey });
    return { outcome, ...(answer && { answer }) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { error, ...(answer && { answer }) };
  }
}

/** 128 random bits; `randomUUID` is not there on a page without TLS. */
export const newKey = () =>
  [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
