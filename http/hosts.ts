import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { isLoopback } from './listen.ts';
import { problem, type Answer } from './problems.ts';

/** A name or an address, in brackets if it is one of IPv6, and perhaps a port. */
const pattern = /^(?:\[([\da-f:.]{2,45})\]|([^:[\]]{1,253}))(?::\d{1,5})?$/i;

/**
 * Refuses a request whose `Host` is not this node's: a page in a browser on this machine whose
 * name was pointed here after it was loaded (DNS rebinding) still sends that name.
 *
 * An address cannot be pointed elsewhere, so any is fine, and so is `localhost`; on loopback only
 * the addresses that are reached there. A name must be one of `names`.
 */
export function hostGuard(
  names: readonly string[],
  loopback: boolean,
): (request: FastifyRequest) => Answer | undefined {
  const known = new Set(['localhost', ...names.map((name) => name.toLowerCase())]);
  const isKnown = (host: string) => {
    const [, bracketed, plain = bracketed ?? ''] = pattern.exec(host) ?? [];
    if (known.has(plain.toLowerCase())) return true;
    return isIP(plain) !== 0 && (!loopback || isLoopback(plain));
  };
  // A node is called by one name nearly always.
  let last: string | undefined;
  return ({ headers, raw: { url = '' } }) => {
    // A whole URL, as a proxy is sent, counts more than the header (RFC 9112, section 3.2.2).
    const host = url.startsWith('/') ? headers.host : authorityOf(url, headers.host);
    if (host !== undefined && host === last) return undefined;
    if (host === undefined) return problem('invalid-request', { detail: 'it has no Host header' });
    if (isKnown(host)) {
      last = host;
      return undefined;
    }
    const detail = `this node is not called ${JSON.stringify(host.slice(0, 100))}`;
    return problem('wrong-host', { detail });
  };
}

const authorityOf = (url: string, host: string | undefined) =>
  /^https?:\/\//i.test(url) && URL.canParse(url) ? new URL(url).host : host;
