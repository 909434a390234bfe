import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import type { Operation } from './contract.ts';
import type { KeyRing } from './key-ring.ts';
import { problem, type Answer } from './problems.ts';

/** Whom a node asks for a key. */
export interface Access {
  /** Null: nothing is checked (`--insecure`). */
  readonly keys: KeyRing | null;
  /** Whether only this machine reaches the node (`isLoopback`); false also with required keys. */
  readonly loopback: boolean;
}

const bearer = /^Bearer +([\x21-\x7e]+) *$/i;

/** The key that a request has brought, however its header is spelled. */
export const tokenOf = ({ headers }: FastifyRequest): string | undefined =>
  bearer.exec(headers.authorization ?? '')?.[1];

const challenge = { 'www-authenticate': 'Bearer' };

/**
 * Why `request` may not call `operation`, or null. On loopback an open operation needs no key,
 * but a key that is sent must be one of this node: a typing error should be heard of early.
 */
export function refuseAccess(
  request: FastifyRequest,
  operation: Operation,
  { keys, loopback }: Access,
): Answer | null {
  if (keys === null || operation.roles.length === 0) return null;
  const open = loopback && operation.openOnLoopback;
  const { authorization } = request.headers;
  if (authorization === undefined) {
    return open ? null : unauthenticated('a key is needed: Authorization: Bearer <key>');
  }
  const token = tokenOf(request);
  if (token === undefined) return unauthenticated('Authorization must be: Bearer <key>');
  const role = keys.roleOf(token);
  if (role === null) return unauthenticated('the key is not one of this node');
  if (open || operation.roles.includes(role)) return null;
  const roles = operation.roles.join(' or ');
  return problem('forbidden', { detail: `needs the role ${roles}; the key's role is ${role}` });
}

function unauthenticated(detail: string): Answer {
  const answer = problem('unauthenticated', { detail });
  return { ...answer, headers: { ...answer.headers, ...challenge } };
}

/**
 * Cuts a stream whose caller may not open it any more, as soon as the keys are replaced: it could
 * last for ever. Whoever has a valid key goes on where it was.
 */
export function cutWhenRefused(
  stream: Readable,
  request: FastifyRequest,
  operation: Operation,
  access: Access,
): void {
  const forget = access.keys?.onReplaced(() => {
    if (refuseAccess(request, operation, access)) stream.destroy();
  });
  if (forget) stream.once('close', forget);
}
