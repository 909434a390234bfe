import type { Socket } from 'node:net';
import { normalizeIP } from '@fastify/rate-limit';
import type { FastifyRequest } from 'fastify';
import { tokenOf } from './access.ts';
import { senderOf } from './passed-on.ts';

/** A connection has one address: nobody looks at it for each request. */
const addresses = new WeakMap<Socket, string>();

/** Where a request comes from: of IPv6 the network of 64 bits, which one client has whole. */
export function addressOf({ raw: { socket } }: FastifyRequest): string {
  const known = addresses.get(socket);
  if (known !== undefined) return known;
  // A client that is gone has none any more.
  const address = normalizeIP(socket.remoteAddress ?? '');
  addresses.set(socket, address);
  return address;
}

/** Who a request comes from, for a fair share: its key, if it has sent one, and its address. */
export const clientOf = (request: FastifyRequest): string =>
  `${senderOf(request)?.address ?? addressOf(request)} ${tokenOf(request) ?? ''}`;
