import type { Readable } from 'node:stream';
import { Agent, errors, Pool, type Dispatcher } from 'undici';
import { AddressRefused, type AddressRules } from './addresses.ts';
import { nodeUri, nodeUriIn } from './node-uri.ts';
import { contextOf, type Tls } from './tls.ts';

/** What one node sends another. */
export interface TransportRequest {
  method: 'GET' | 'POST' | 'PUT';
  /** An absolute http or https URL. */
  url: string;
  /** Who must answer: `coordinator`, or the participant of this name. With a CA it is checked. */
  to: string;
  /** Sent as JSON; absent: no body. */
  body?: unknown;
  /** Bearer keys of the sender's role: the first is sent and, where it is refused, the second. */
  keys?: readonly string[];
  /** What the receiver shall call this request; it makes a name of its own if absent. */
  requestId?: string;
  /** Further ones, by names in lower case. */
  headers?: Readonly<Record<string, string>>;
  /** For the whole exchange, connecting and reading included: 1 to 2^31 − 1 milliseconds. */
  timeoutMs: number;
  /** Gives up early: the promise rejects with kind `cancelled`. */
  signal?: AbortSignal;
}

/** The keys to send now: another answer after they were rotated. Empty: none is asked for. */
export type SentKeys = () => readonly string[];

/** What came back: any status. */
export interface Reply {
  readonly status: number;
  /** Parsed JSON. */
  readonly body: unknown;
  /** By names in lower case; absent: none. */
  readonly headers?: Readonly<Record<string, string | string[] | undefined>>;
}

/** A reply whose body is read as it comes. */
export interface StreamedReply {
  readonly status: number;
  readonly headers: NonNullable<Reply['headers']>;
  readonly body: Readable;
}

/**
 * The node-to-node client. Retries belong to the caller: nothing is ever sent twice, but for what
 * was refused for its key (401) and so had no effect. It goes once more with the second key, as a
 * node over there may not have read its file of keys again yet (PROTOCOL.md, keys).
 */
export interface Transport {
  /** Any status is a reply; what is not a JSON reply rejects with a TransportError. */
  send(request: TransportRequest): Promise<Reply>;
  /** Cuts what is under way. */
  close(): Promise<void>;
}

/** One that may show another certificate from now on, and trust another CA. */
export interface OpenTransport extends Transport {
  /**
   * The same, for a reply that may never end: `timeoutMs` is how long it may take to begin, and
   * `signal` cuts it at any time. Only the first key is sent.
   */
  stream(request: TransportRequest): Promise<StreamedReply>;
  /** What is under way ends as it has begun, also after a close. */
  renew(tls: Tls): void;
}

/**
 * - `unreachable`: no connection, or it broke before the whole reply had arrived
 * - `untrusted`: whoever is there has no certificate of the CA, or that of another node
 * - `timeout`: `timeoutMs` passed
 * - `too-large`: the reply passed the limit
 * - `garbage`: the reply is a redirect, not JSON, or not UTF-8
 * - `cancelled`: by the caller's signal, or because the transport was closed
 * - `refused`: the address is, or leads to, one that nothing is sent to (http/addresses.ts)
 *
 * After any but the last the request may still have taken effect over there.
 */
export type TransportFailure =
  'unreachable' | 'untrusted' | 'timeout' | 'too-large' | 'garbage' | 'cancelled' | 'refused';

/** Why there is no usable reply; the message names the URL. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly kind: TransportFailure;

  constructor(kind: TransportFailure, message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

export interface TransportLimits {
  /** To open a connection, within the request's own `timeoutMs`. Milliseconds. */
  connectTimeoutMs: number;
  /** The largest reply that is read. Bytes. */
  replyBytes: number;
  /** Connections to one node; further requests wait for one, within their `timeoutMs`. */
  connectionsPerNode: number;
}

export const defaultTransportLimits: TransportLimits = {
  connectTimeoutMs: 1_000,
  replyBytes: 4 * 1024 * 1024,
  connectionsPerNode: 16,
};

/** Whether a status says only that it does not work at the moment: asking again may help. */
export const isPassing = (status: number): boolean => status >= 500 || status === 429;

/**
 * A transport over HTTP/1.1 with kept-alive connections. POSTs are never pipelined.
 * @param addresses what it sends to: a name is resolved and checked anew for each connection
 * @param tls with a CA, only nodes with a certificate of it are spoken to, each by its name
 */
export function openTransport(
  addresses: AddressRules,
  limits: TransportLimits = defaultTransportLimits,
  tls: Tls | null = null,
): OpenTransport {
  let current = tls;
  /** By the name of the node: a connection to one is never used for another at its address. */
  let agents = new Map<string, Agent>();
  const agentFor = (to: string) => {
    const name = current?.ca === undefined ? 'anyone' : to;
    const known = agents.get(name);
    if (known) return known;
    const agent = makeAgent({ addresses, limits, tls: current }, to);
    agents.set(name, agent);
    return agent;
  };
  const refusalOf = ({ method, url }: TransportRequest) => {
    if (current?.ca === undefined || url.startsWith('https:')) return undefined;
    const why = `${method} ${url}: nodes with --tls-ca speak https only`;
    return Promise.reject(new TransportError('untrusted', why));
  };
  return {
    send: (request) => refusalOf(request) ?? exchangeAs(agentFor(request.to), request),
    stream: (request) => refusalOf(request) ?? streamFrom(agentFor(request.to), request),
    renew(renewed) {
      current = renewed;
      for (const agent of agents.values()) void agent.close();
      agents = new Map();
    },
    async close() {
      const error = new TransportError('cancelled', 'the transport was closed');
      const open = [...agents.values()];
      agents = new Map();
      await Promise.all(open.map((agent) => agent.destroy(error)));
    },
  };
}

interface Reach {
  readonly addresses: AddressRules;
  readonly limits: TransportLimits;
  readonly tls: Tls | null;
}

function makeAgent({ addresses, limits, tls }: Reach, to: string): Agent {
  const trust = tls?.ca !== undefined && {
    ...contextOf(tls),
    // Of a resumed session Node would not check the name.
    maxCachedSessions: 0,
    checkServerIdentity: (host: string, { subjectaltname }: { subjectaltname?: string }) =>
      nodeUriIn(subjectaltname) === nodeUri(to) ? undefined : new WrongNode(host, to),
  };
  return new Agent({
    pipelining: 1,
    connections: limits.connectionsPerNode,
    connect: { timeout: limits.connectTimeoutMs, lookup: addresses.lookup, ...trust },
    // An address that is no name is never looked up: it is checked before its first connection.
    factory(origin, options) {
      const read = addresses.read(String(origin));
      if ('refusal' in read) throw new AddressRefused(read.refusal);
      return new Pool(origin, options);
    },
    maxResponseSize: limits.replyBytes,
  });
}

/** The certificate is a good one, and that of another node. */
class WrongNode extends Error {
  constructor(host: string, expected: string) {
    super(`the certificate at ${host} is not that of ${nodeUri(expected)}`);
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true });

async function exchangeAs(agent: Agent, request: TransportRequest): Promise<Reply> {
  const begun = performance.now();
  const [first, second] = request.keys ?? [];
  const reply = await exchange(agent, request, first);
  // Whoever has counted too many wrong keys does not look at one any more, and may know the other.
  const isRefused = reply.status === 401 || reply.status === 429;
  if (!isRefused || second === undefined) return reply;
  const left = request.timeoutMs - (performance.now() - begun);
  return exchange(agent, { ...request, timeoutMs: Math.max(1, Math.round(left)) }, second);
}

/** One request and its reply. Undici's `request` does more, for every reply as a stream. */
function exchange(
  agent: Agent,
  { timeoutMs, signal, ...request }: TransportRequest,
  key: string | undefined,
): Promise<Reply> {
  const what = `${request.method} ${request.url}`;
  return new Promise<Reply>((resolve, reject) => {
    let running: Dispatcher.DispatchController | undefined;
    let failure: TransportError | undefined;
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
    };
    const fail = (error: unknown) => {
      end();
      failure ??= transportError(error, what);
      reject(failure);
    };
    const giveUp = (kind: TransportFailure, why: string) => {
      const error = new TransportError(kind, `${what}: ${why}`);
      fail(error);
      running?.abort(error);
    };
    const cancel = () => {
      giveUp('cancelled', 'cancelled');
    };
    const timer = setTimeout(() => {
      giveUp('timeout', `no reply in ${timeoutMs} ms`);
    }, timeoutMs);
    if (signal?.aborted) {
      cancel();
      return;
    }
    signal?.addEventListener('abort', cancel);
    let status = 0;
    let headers: NonNullable<Reply['headers']> = {};
    const chunks: Buffer[] = [];
    try {
      agent.dispatch(optionsOf(request, key), {
        onRequestStart(controller) {
          running = controller;
          // It has waited for a connection until now.
          if (failure) controller.abort(failure);
        },
        onResponseStart(_controller, code, received) {
          status = code;
          headers = received;
        },
        onResponseData(_controller, chunk) {
          chunks.push(chunk);
        },
        onResponseEnd() {
          try {
            const type = String(headers['content-type'] ?? 'nothing');
            const body = readJson({ status, type, bytes: Buffer.concat(chunks) }, what);
            end();
            resolve({ status, body, headers });
          } catch (error) {
            fail(error);
          }
        },
        onResponseError(_controller, error) {
          fail(error);
        },
      });
    } catch (error) {
      fail(error);
    }
  });
}

async function streamFrom(agent: Agent, request: TransportRequest): Promise<StreamedReply> {
  const { timeoutMs, signal, keys, ...rest } = request;
  const what = `${rest.method} ${rest.url}`;
  const late = new AbortController();
  const timer = setTimeout(() => {
    late.abort(new TransportError('timeout', `${what}: no reply in ${timeoutMs} ms`));
  }, timeoutMs);
  const signals = signal ? [late.signal, signal] : [late.signal];
  try {
    const options = { ...optionsOf(rest, keys?.[0]), signal: AbortSignal.any(signals) };
    const { statusCode, headers, body } = await agent.request(options);
    return { status: statusCode, headers, body };
  } catch (error) {
    throw signal?.aborted
      ? new TransportError('cancelled', `${what}: cancelled`)
      : transportError(error, what);
  } finally {
    clearTimeout(timer);
  }
}

function optionsOf(
  { method, url, body, requestId, headers }: Omit<TransportRequest, 'timeoutMs'>,
  key: string | undefined,
): Dispatcher.DispatchOptions {
  const target = new URL(url);
  return {
    origin: target.origin,
    path: target.pathname + target.search,
    method,
    headers: {
      accept: 'application/json, application/problem+json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(requestId === undefined ? {} : { 'request-id': requestId }),
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...headers,
    },
    body: body === undefined ? null : JSON.stringify(body),
    // The timer of the exchange covers every stage; undici's own would only race it.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
}

const json = /^application\/(?:[a-z0-9.-]+\+)?json(?:\s*;|$)/i;

function readJson(
  { status, type, bytes }: { status: number; type: string; bytes: Buffer },
  what: string,
): unknown {
  if (status >= 300 && status < 400) {
    throw new TransportError('garbage', `${what}: redirect ${status} is not followed`);
  }
  if (!json.test(type)) {
    throw new TransportError('garbage', `${what}: ${status} with ${type} instead of JSON`);
  }
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch (cause) {
    throw new TransportError('garbage', `${what}: ${status} with broken JSON`, cause);
  }
}

function transportError(error: unknown, what: string): TransportError {
  if (error instanceof TransportError) return error;
  if (error instanceof errors.ResponseExceededMaxSizeError) {
    return new TransportError('too-large', `${what}: the reply is too large`, error);
  }
  if (error instanceof AddressRefused) {
    return new TransportError('refused', `${what}: the address ${error.message}`, error);
  }
  const reason = error instanceof Error ? error.message : String(error);
  const kind = isUntrusted(error) ? 'untrusted' : 'unreachable';
  return new TransportError(kind, `${what}: ${reason}`, error);
}

/** What OpenSSL calls the flaws of a certificate. */
const flaws = /^(?!ERR_).*(CERT|ISSUER|SIGNATURE)|^INVALID_(CA|PURPOSE)$|^PATH_LENGTH_EXCEEDED$/;

function isUntrusted(error: unknown): boolean {
  if (error instanceof WrongNode) return true;
  return error instanceof Error && 'code' in error && flaws.test(String(error.code));
}
