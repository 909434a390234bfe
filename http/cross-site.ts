import type { FastifyRequest } from 'fastify';
import { problem, type Answer } from './problems.ts';

const safe: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/**
 * Refuses what a page of another origin makes a browser send: on loopback no key stands in its
 * way, and a POST without a body asks nobody before. What is no browser has neither header, and is
 * let through.
 *
 * A browser says by `Sec-Fetch-Site` whose page has sent a request (Fetch Metadata); a link that a
 * person follows here is fine. One that does not names that page's `Origin` with what may change
 * something.
 */
export function refuseCrossSite({ method, headers }: FastifyRequest): Answer | undefined {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) {
    if (site === 'same-origin' || site === 'none') return undefined;
    if (safe.has(method) && isWholePage(headers)) return undefined;
    return crossSite(`Sec-Fetch-Site is ${JSON.stringify(site.slice(0, 20))}`);
  }
  const { origin, host = '' } = headers;
  if (origin === undefined || safe.has(method)) return undefined;
  if (URL.canParse(origin) && new URL(origin).host === host.toLowerCase()) return undefined;
  return crossSite(`Origin is ${JSON.stringify(origin.slice(0, 100))}`);
}

/** A frame navigates, too, and without anybody's doing. */
const isWholePage = (headers: FastifyRequest['headers']) =>
  headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';

const crossSite = (why: string) => problem('cross-site', { detail: `${why}, not this node's` });
