/**
 * Requests that one coordinator process passes on to another one, which holds the store they share
 * (PROTOCOL.md, PostgreSQL). What whoever has sent it is known by comes along, and counts only
 * together with a key of the coordinators' role: nobody else can speak for others.
 */
import type { FastifyRequest } from 'fastify';
import type { Access } from './access.ts';

/** The keys of the process that passes on, while they are rotated two; without any, a word. */
const keyHeader = 'unanimous-passed-on';
/** Where it came from there, and the participant that the certificate there names. */
const addressHeader = 'unanimous-client-address';
const nameHeader = 'unanimous-certified-name';

const noKey = 'without-keys';

/** No log may show what is in this header. */
export const secretHeader = keyHeader;

/**
 * The header of an answer that says: this process does not lead, or not any more. Its value says
 * whether what was passed on may have begun all the same: `begun`, or `nothing-begun`.
 */
export const notLeading = 'unanimous-not-leading';

const trusted = new WeakSet<FastifyRequest>();

/** Whether it has come by another process, or says so: it is passed on no further. */
export const wasPassedOn = ({ headers }: FastifyRequest): boolean =>
  headers[keyHeader] !== undefined;

/** Whether it has come by another coordinator process, which is to be trusted. */
export function isFromFollower(request: FastifyRequest, { keys }: Access): boolean {
  const sent = request.headers[keyHeader];
  if (typeof sent !== 'string') return false;
  const isOne = (key: string) => keys === null || keys.roleOf(key) === 'coordinator';
  if (!sent.split(' ', 2).some(isOne)) return false;
  trusted.add(request);
  return true;
}

/** Who has sent a request that a follower has passed on; undefined: nobody has. */
export function senderOf(
  request: FastifyRequest,
): { readonly address: string | undefined; readonly name: string | undefined } | undefined {
  if (!trusted.has(request)) return undefined;
  const [address, name] = [addressHeader, nameHeader].map((header) => {
    const value = request.headers[header];
    return typeof value === 'string' ? value : undefined;
  });
  return { address, name };
}

/** The headers that say so. @param sent empty: nodes have none */
export function headersFor(
  sent: readonly string[],
  address: string,
  name: string | undefined,
): Record<string, string> {
  return {
    [keyHeader]: sent.length === 0 ? noKey : sent.join(' '),
    [addressHeader]: address,
    ...(name !== undefined && { [nameHeader]: name }),
  };
}
