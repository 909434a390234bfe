import type { FastifyReply, FastifyRequest } from 'fastify';
import { refuseAccess, type Access } from './access.ts';
import type { Operation } from './contract.ts';
import { isFromFollower } from './passed-on.ts';
import { refusePeer } from './peer.ts';
import { problem, type Answer } from './problems.ts';
import type { Limiter } from './rate-limits.ts';
import type { RefusalLog } from './refusal-log.ts';
import type { Tls } from './tls.ts';

/** What stands before the operations of clients, where the node is set up for it. */
export interface Gates {
  readonly tls: Tls | null | undefined;
  readonly refusals: RefusalLog;
  readonly limiter: Limiter | undefined;
  readonly underPressure: (() => Answer | undefined) | undefined;
}

/**
 * Tells why a request for an operation is refused by its headers alone; by a promise only where
 * something is counted. What nodes ask each other is never too much: to refuse a decision, or a
 * question about one, would leave more in doubt. Nor are questions about the node's health.
 * @param own what else the operation refuses
 */
export function gateOf(
  operation: Operation,
  own: ((request: FastifyRequest) => Answer | undefined) | undefined,
  access: Access,
  { tls, refusals, limiter, underPressure }: Gates,
) {
  const { roles, method } = operation;
  const isForClients = roles.includes('client') || roles.includes('operator');
  // What is measured is asked for most when a node is busy.
  const canWait = isForClients && operation.path !== '/metrics';
  const rest = (request: FastifyRequest) =>
    (canWait ? underPressure?.() : undefined) ??
    (method === 'GET' ? undefined : refuseEncoding(request)) ??
    own?.(request);
  return (request: FastifyRequest, reply: FastifyReply) => {
    const passedOn = isFromFollower(request, access);
    const denied =
      refuseAccess(request, operation, access) ?? refusePeer(request, operation, tls, passedOn);
    if (denied) {
      refusals.tell(request, operation, denied);
      const isWrongKey = denied.status === 401 && request.headers.authorization !== undefined;
      return isWrongKey && limiter ? limiter.countWrongKey(request, reply, denied) : denied;
    }
    // The follower has counted it.
    const counted = isForClients && !passedOn ? limiter?.count(request, reply) : undefined;
    return counted ? counted.then((limited) => limited ?? rest(request)) : rest(request);
  };
}

/** A body that is packed may be a thousand times as large as what was sent: none is unpacked. */
function refuseEncoding({ headers }: FastifyRequest): Answer | undefined {
  if ((headers['content-encoding'] ?? 'identity').toLowerCase() === 'identity') return undefined;
  const detail = 'bodies must be sent as they are, without Content-Encoding';
  const answer = problem('unsupported-media-type', { detail });
  return { ...answer, headers: { ...answer.headers, 'accept-encoding': 'identity' } };
}
