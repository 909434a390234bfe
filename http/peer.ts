import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { FastifyRequest } from 'fastify';
import type { NodeRole, Operation } from './contract.ts';
import { nodeUri, nodeUriIn, participantIn } from './node-uri.ts';
import { senderOf } from './passed-on.ts';
import { problem, type Answer } from './problems.ts';
import type { Tls } from './tls.ts';

/** What the certificate at the other end of a connection shows. */
type Shown = { readonly uri: string } | { readonly flaw: string };

/** A connection has one certificate, which costs too much to be read for each request. */
const seen = new WeakMap<Socket, Shown>();

/**
 * Why whoever holds this connection may not call what only nodes may, or null. Besides a key that
 * needs a certificate of the cluster's CA, with the name of a node that may call it (PROTOCOL.md,
 * identity).
 * @param passedOn by another coordinator process, whose connection it is
 */
export function refusePeer(
  { raw: { socket } }: FastifyRequest,
  { roles }: Operation,
  tls: Tls | null | undefined,
  passedOn = false,
): Answer | null {
  const callers: readonly NodeRole[] = passedOn ? ['coordinator'] : roles.filter(isNodeRole);
  if (tls?.ca === undefined || callers.length === 0 || callers.length < roles.length) return null;
  const shown = shownBy(socket);
  if ('flaw' in shown) return problem('wrong-certificate', { detail: shown.flaw });
  if (callers.includes(participantIn(shown.uri) === undefined ? 'coordinator' : 'participant'))
    return null;
  const detail = `the certificate is that of ${shown.uri}: this is for a ${callers.join(' or ')}`;
  return problem('wrong-certificate', { detail });
}

/**
 * Why a participant may not speak for this name, or null: that is for the one whose certificate
 * has it, where nodes show any.
 */
export function refuseName(request: FastifyRequest, name: string): Answer | null {
  const certified = certifiedName(request);
  if (certified === undefined || certified === name) return null;
  const detail = `the certificate is that of ${nodeUri(certified)}, not of ${nodeUri(name)}`;
  return problem('wrong-certificate', { detail });
}

/** The name of the participant that a request comes from; undefined if nodes show none. */
export function certifiedName(request: FastifyRequest): string | undefined {
  const sender = senderOf(request);
  if (sender) return sender.name;
  const shown = shownBy(request.raw.socket);
  return 'uri' in shown ? participantIn(shown.uri) : undefined;
}

function shownBy(socket: Socket): Shown {
  const known = seen.get(socket) ?? look(socket);
  seen.set(socket, known);
  return known;
}

function look(socket: Socket): Shown {
  const certificate = socket instanceof TLSSocket ? socket.getPeerCertificate() : undefined;
  // Node has an empty object for none, and calls some connections authorized that have none.
  if (!(socket instanceof TLSSocket) || certificate?.raw === undefined) {
    return { flaw: 'a client certificate of the CA of this cluster is needed' };
  }
  if (!socket.authorized) {
    // A code, whatever its type says.
    const why = String(socket.authorizationError);
    return { flaw: `the certificate is not a valid one of the CA of this cluster: ${why}` };
  }
  const uri = nodeUriIn(certificate.subjectaltname);
  return uri === undefined ? { flaw: 'the certificate has the name of no node' } : { uri };
}

const isNodeRole = (role: string): role is NodeRole =>
  role === 'coordinator' || role === 'participant';
