import { normalizeIP } from '@fastify/rate-limit';
import type { FastifyRequest } from 'fastify';
import { tokenOf } from './access.ts';

/** Where a request comes from: of IPv6 the network of 64 bits, which one client has whole. */
export const addressOf = ({ raw: { socket } }: FastifyRequest): string =>
  normalizeIP(socket.remoteAddress ?? ''); // A client that is gone has none any more.

/** Who a request comes from, for a fair share: its key, if it has sent one, and its address. */
export const clientOf = (request: FastifyRequest): string =>
  `${addressOf(request)} ${tokenOf(request) ?? ''}`;
