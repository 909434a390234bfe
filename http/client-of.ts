import { normalizeIP } from '@fastify/rate-limit';
import type { FastifyRequest } from 'fastify';

/** Where a request comes from: of IPv6 the network of 64 bits, which one client has whole. */
export const addressOf = ({ ip }: FastifyRequest): string => normalizeIP(ip);

/** Who a request comes from, for a fair share: its key, if it has sent one, and its address. */
export const clientOf = (request: FastifyRequest): string =>
  `${addressOf(request)} ${request.headers.authorization ?? ''}`;
