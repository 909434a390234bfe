/** How a coordinator passes a request on to the one that leads (PROTOCOL.md, PostgreSQL). */
import type { FastifyRequest } from 'fastify';
import { tokenOf } from '../http/access.ts';
import { addressOf } from '../http/client-of.ts';
import type { Operation } from '../http/contract.ts';
import { headersFor } from '../http/passed-on.ts';
import { certifiedName } from '../http/peer.ts';
import { problem, type Answer } from '../http/problems.ts';
import {
  TransportError,
  type OpenTransport,
  type SentKeys,
  type TransportRequest,
} from '../http/transport.ts';
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
        ...headersFor(keys()[0], addressOf(request), certifiedName(request)),
      },
      signal,
    };
    try {
      if (operation.operationId === 'streamEvents') {
        const reply = await transport.stream({ ...sent, timeoutMs: streamMs });
        const { status, headers, body } = reply;
        if (status === 200) return { status, body, headers: chosen(headers, said) };
        // What is refused is no stream: it is asked for again, to be read whole.
        body.on('error', () => undefined).destroy();
      }
      const { status, body, headers = {} } = await transport.send({ ...sent, timeoutMs });
      return { status, body, headers: chosen(headers, [...said, follower]) };
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      return { begun: !isRead && wasSent(error), failure: error.message };
    }
  };
}

/** The header of an answer that says: this process does not hold the store. */
const follower = 'unanimous-follower';

export const followersAnswer: Answer = (() => {
  const answer = problem('not-ready', { detail: 'this process does not hold the store' });
  return { ...answer, headers: { ...answer.headers, [follower]: 'true' } };
})();

/** Whether the process that says so does not lead, or is about to end: nothing was begun. */
export function leadsNoMore({ status, body, headers = {} }: Answer): boolean {
  if (headers[follower] !== undefined) return true;
  const code = typeof body === 'object' && body !== null && 'code' in body ? body.code : undefined;
  return status === 503 && code === 'shutting-down';
}

/** Codes of errors before anything was sent. */
const unconnected = ['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH'];

function wasSent({ kind, cause }: TransportError): boolean {
  if (kind === 'refused') return false;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return !unconnected.includes(code);
}

function chosen(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  names: readonly string[],
): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = headers[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
}
