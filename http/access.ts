import type { FastifyRequest } from 'fastify';
import type { Operation } from './contract.ts';
import { roleOf, type Keys } from './keys.ts';
import { problem, type Answer } from './problems.ts';

const bearer = /^Bearer +([\x21-\x7e]+) *$/i;

const challenge = { 'www-authenticate': 'Bearer' };

/**
 * Why `request` may not call `operation`, or null. On loopback an open operation needs no key,
 * but a key that is sent must be one of this node: a typing error should be heard of early.
 * @param keys null: nothing is checked (`--insecure`)
 */
export function refuseAccess(
  request: FastifyRequest,
  operation: Operation,
  { keys, loopback }: { keys: Keys | null; loopback: boolean },
): Answer | null {
  if (keys === null || operation.roles.length === 0) return null;
  const open = loopback && operation.openOnLoopback;
  const { authorization } = request.headers;
  if (authorization === undefined) {
    return open ? null : unauthenticated('a key is needed: Authorization: Bearer <key>');
  }
  const token = bearer.exec(authorization)?.[1];
  if (token === undefined) return unauthenticated('Authorization must be: Bearer <key>');
  const role = roleOf(keys, token);
  if (role === null) return unauthenticated('the key is not one of this node');
  if (open || operation.roles.includes(role)) return null;
  const roles = operation.roles.join(' or ');
  return problem('forbidden', { detail: `needs the role ${roles}; the key's role is ${role}` });
}

function unauthenticated(detail: string): Answer {
  const answer = problem('unauthenticated', { detail });
  return { ...answer, headers: { ...answer.headers, ...challenge } };
}
