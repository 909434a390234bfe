/** How a coordinator passes a request on to the one that leads (PROTOCOL.md, PostgreSQL). */
import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { tokenOf } from '../http/access.ts';
import { addressOf } from '../http/client-of.ts';
import type { Operation } from '../http/contract.ts';
import { headersFor, notLeading } from '../http/passed-on.ts';
import { certifiedName } from '../http/peer.ts';
import { problem, type Answer } from '../http/problems.ts';
import {
  TransportError,
  type OpenTransport,
  type SentKeys,
  type TransportRequest,
} from '../http/transport.ts';
import { reasonOf } from '../log/store-error.ts';
import { pathOf } from './relay-routes.ts';

/** No usable answer has come. */
export interface NotPassed {
  /** It may have had an effect over there. */
  readonly begun: boolean;
  readonly failure: string;
}

/**
 * Sends a request to the process at an address, once.
 * @param signal cuts it: that process leads no more
 */
export type PassOn = (
  address: string,
  operation: Operation,
  request: FastifyRequest,
  signal: AbortSignal,
) => Promise<Answer | NotPassed>;

export interface PassOnOptions {
  readonly transport: OpenTransport;
  /** Of the coordinators' role. */
  readonly keys: SentKeys;
  /** How long an answer may take. Milliseconds. */
  readonly timeoutMs: number;
}

/** How long a stream may take to begin. Milliseconds. */
const streamMs = 10_000;

/** What the other process is told besides the body; what it says besides its own. */
const asked = ['idempotency-key', 'prefer', 'last-event-id', 'traceparent'];
const said = ['location', 'retry-after', 'preference-applied', 'idempotent-replayed'];

/** Of a refused stream, in characters. */
const mostRefused = 65_536;

export function passOnBy({ transport, keys, timeoutMs }: PassOnOptions): PassOn {
  return async (address, operation, request, signal) => {
    const token = tokenOf(request);
    const isRead = operation.method === 'GET';
    const sent: Omit<TransportRequest, 'timeoutMs'> = {
      method: isRead ? 'GET' : operation.method === 'PUT' ? 'PUT' : 'POST',
      url: `${address}${pathOf(operation, request)}`,
      to: 'coordinator',
      ...(isRead ? {} : { body: request.body }),
      keys: token === undefined ? [] : [token],
      requestId: request.id,
      headers: {
        ...chosen(request.headers, asked),
        ...headersFor(keys(), addressOf(request), certifiedName(request)),
      },
      signal,
    };
    try {
      if (operation.operationId === 'streamEvents') {
        const reply = await transport.stream({ ...sent, timeoutMs: streamMs });
        const { status, headers, body } = reply;
        const refusal = status === 200 ? body : await readRefusal(body, sent.url);
        return answerOf(status, refusal, headers);
      }
      const { status, body, headers = {} } = await transport.send({ ...sent, timeoutMs });
      return answerOf(status, body, headers);
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      return { begun: !isRead && wasSent(error), failure: error.message };
    }
  };
}

/** What a process that does not lead answers to what was passed on to it. */
export function notLeadingAnswer(hasBegun: boolean, why: string): Answer {
  const answer = problem(hasBegun ? 'internal-error' : 'not-ready', { detail: why });
  const mark = { [notLeading]: hasBegun ? 'begun' : 'nothing-begun' };
  return { ...answer, headers: { ...answer.headers, ...mark } };
}

/** Reads why there is no stream; it is short. */
async function readRefusal(body: Readable, what: string): Promise<unknown> {
  const timer = setTimeout(() => body.destroy(new Error('it does not end')), streamMs);
  let text = '';
  try {
    for await (const chunk of body.setEncoding('utf8')) {
      text += String(chunk);
      if (text.length > mostRefused) throw new Error('it is too long');
    }
    return JSON.parse(text);
  } catch (error) {
    throw new TransportError('garbage', `${what}: ${reasonOf(error)}`, error);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether a request may have reached the other process. */
function wasSent({ kind, cause }: TransportError): boolean {
  if (kind === 'refused' || kind === 'untrusted') return false;
  const errors: readonly unknown[] = cause instanceof AggregateError ? cause.errors : [cause];
  return !errors.every(isOfConnecting);
}

/** An established connection may break with the same codes: what it was doing is what counts. */
function isOfConnecting(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('syscall' in error && ['connect', 'getaddrinfo'].includes(String(error.syscall))) return true;
  return 'code' in error && error.code === 'UND_ERR_CONNECT_TIMEOUT';
}

function answerOf(status: number, body: unknown, headers: Headers): Answer | NotPassed {
  const left = headers[notLeading];
  if (left === undefined) return { status, body, headers: chosen(headers, said) };
  return { begun: left === 'begun', failure: 'it does not lead any more' };
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

function chosen(headers: Headers, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = headers[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
}
