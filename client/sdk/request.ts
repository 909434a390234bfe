/** One request and its whole answer, within limits, by a function of the generated client. */
import type { Check } from './check.ts';
import type { Connection } from './connection.ts';
import { ApiError, foreignAnswer, noAnswer, noAnswerInTime, problemError } from './errors.ts';
import type { Client } from './generated/client/index.ts';
import { isProblem } from './shapes.ts';
import { within } from './wait.ts';

/** An answer in JSON. Its body may be anything: see shapes.ts. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Calls a function of the generated client with what it needs to reach a node. */
export type Call = (via: { client: Client; fetch: typeof fetch }) => Promise<{
  data?: unknown;
  error?: unknown;
  response: Response;
}>;

interface SendOptions {
  readonly signal?: AbortSignal | undefined;
  /** In place of the connection's `timeoutMs`. */
  readonly ms?: number;
}

/** The longest body that is read: a snapshot of 300 000 accounts takes as much. Bytes. */
const mostBytes = 32 * 1024 * 1024;

/**
 * Sends one request, once.
 * @throws {ApiError} if there is no answer in JSON in time
 * @throws the reason of `signal` once it is aborted
 */
export function send(node: Connection, call: Call, options: SendOptions = {}): Promise<Reply> {
  const { address, client } = node;
  const { signal, ms = node.timeoutMs } = options;
  return within(ms, { signal, late: () => noAnswerInTime(address, ms) }, async (ended) => {
    const { data, error, response } = await call({
      client,
      fetch: (request) => exchange(address, () => node.fetch(request, { signal: ended })),
    });
    // The generated client hands back as a value what its fetch has thrown.
    if (error instanceof ApiError) throw error;
    const { status, headers, ok } = response;
    return { status, headers, body: ok ? data : error };
  });
}

/**
 * Asks once, and gives the body of a reply with the status and the shape of the contract.
 * @throws {ApiError} if there is another reply or none
 * @throws the reason of `signal` once it is aborted
 */
export async function ask<T>(
  node: Connection,
  check: Check<T>,
  call: Call,
  options: SendOptions & { readonly status?: number } = {},
): Promise<T> {
  const { status = 200 } = options;
  const reply = await send(node, call, options);
  if (reply.status === status && check(reply.body)) return reply.body;
  throw refusal(node.address, reply);
}

/** The error that a reply stands for. */
export function refusal(address: string, reply: Pick<Reply, 'status' | 'body'>): ApiError {
  const { status, body } = reply;
  if (status >= 400 && isProblem(body)) return problemError(status, body);
  return foreignAnswer(address, status, 'what is not in the contract');
}

/** A response whose body has arrived whole and is JSON. */
export async function exchange(
  address: string,
  sendIt: () => Promise<Response>,
): Promise<Response> {
  let response: Response;
  let text: string | undefined;
  try {
    response = await sendIt();
    text = await readText(response);
  } catch (error) {
    throw noAnswer(address, error);
  }
  const { status, headers } = response;
  if (text === undefined) throw foreignAnswer(address, status, `more than ${mostBytes} bytes`);
  // Browsers show a redirect as status 0. Beyond 599, and for some others, there is no Response.
  const speaks = [200, 201, 202].includes(status) || (status >= 400 && status <= 599);
  if (!speaks) throw foreignAnswer(address, status, `with status ${status}`);
  if (!isJson(text)) throw foreignAnswer(address, status, 'what is not JSON');
  return new Response(text, { status, headers });
}

/** Undefined if it is too long. */
async function readText({ body }: Response): Promise<string | undefined> {
  if (!body) return '';
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (let bytes = 0; ;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    if (bytes > mostBytes) {
      await reader.cancel();
      return undefined;
    }
    text += decoder.decode(value, { stream: true });
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
