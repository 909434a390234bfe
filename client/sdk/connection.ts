/** One request and its whole answer, within limits, by a function of the generated client. */
import { ApiError, foreignAnswer, noAnswer, problemError } from './errors.ts';
import { createClient, type Client } from './generated/client/index.ts';
import { isProblem, type Check } from './shapes.ts';
import { within } from './wait.ts';

export interface ConnectOptions {
  /** Bearer key of the caller's role. */
  readonly key?: string | undefined;
  /** For one attempt, beyond what it asks the node to wait. Milliseconds; 10 000 unless told. */
  readonly timeoutMs?: number | undefined;
  /** Another fetch than the global one. */
  readonly fetch?: typeof fetch | undefined;
  /** For jitter, at least 0 and below 1; `Math.random` unless told. */
  readonly random?: (() => number) | undefined;
}

/** An answer in JSON. Its body may be anything: see shapes.ts. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Calls a function of the generated client with what it needs to reach this node. */
type Call = (via: { client: Client; fetch: typeof fetch }) => Promise<{
  data?: unknown;
  error?: unknown;
  response: Response;
}>;

/** One node. */
export interface Connection {
  readonly address: string;
  /** For one attempt. Milliseconds. */
  readonly timeoutMs: number;
  readonly random: () => number;
  /**
   * Sends one request, once.
   * @throws {ApiError} if there is no answer in JSON within `ms` milliseconds
   * @throws the reason of `signal` once it is aborted
   */
  send(call: Call, signal: AbortSignal | undefined, ms?: number): Promise<Reply>;
}

/** The longest body that is read: a list of 10 000 participants takes some 3 MB. Bytes. */
const mostBytes = 32 * 1024 * 1024;

/**
 * Does not connect yet: that happens with the first request.
 * @throws {TypeError} if `url` is not an http or https URL, or the key not visible ASCII
 */
export function openConnection(url: string, options: ConnectOptions): Connection {
  const { key, timeoutMs = 10_000, random = Math.random } = options;
  if (!/^https?:\/\/[^?#@\s]+$/.test(url) || !URL.canParse(url)) {
    throw new TypeError(`"${url}" must look like http://127.0.0.1:7700`);
  }
  if (key !== undefined && !/^[!-~]+$/.test(key)) {
    throw new TypeError('a key is visible ASCII characters without spaces');
  }
  const address = url.replace(/\/+$/, '');
  const client = createClient({
    baseUrl: address,
    parseAs: 'json',
    redirect: 'manual',
    ...(key !== undefined && { auth: key }),
  });
  return {
    address,
    timeoutMs,
    random,
    send(call, signal, ms = timeoutMs) {
      const late = () =>
        new ApiError(`${address} did not answer within ${ms} ms`, {
          code: 'timeout',
          definite: false,
          retryable: true,
        });
      return within(ms, { signal, late }, async (ended) => {
        // Looked up at each request: whoever replaces the global one later means this, too.
        const send = options.fetch ?? fetch;
        const { data, error, response } = await call({
          client,
          fetch: (request) => exchange(address, () => send(request, { signal: ended })),
        });
        // The generated client hands back as a value what its fetch has thrown.
        if (error instanceof ApiError) throw error;
        const { status, headers, ok } = response;
        return { status, headers, body: ok ? data : error };
      });
    },
  };
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
  options: { signal?: AbortSignal | undefined; ms?: number; status?: number } = {},
): Promise<T> {
  const { signal, ms, status = 200 } = options;
  const reply = await node.send(call, signal, ms);
  if (reply.status === status && check(reply.body)) return reply.body;
  throw refusal(node.address, reply);
}

/** The error that a reply stands for. */
export function refusal(address: string, { status, body }: Reply): ApiError {
  if (status >= 400 && isProblem(body)) return problemError(status, body);
  return foreignAnswer(address, status, 'what is not in the contract');
}

/** A response whose body has arrived whole and is JSON. */
async function exchange(address: string, send: () => Promise<Response>): Promise<Response> {
  let response: Response;
  let text: string | undefined;
  try {
    response = await send();
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
