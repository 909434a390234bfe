import helmet from '@fastify/helmet';
import { fastify } from 'fastify';

let found: Promise<Readonly<Record<string, string>>> | undefined;

/**
 * The headers of every answer, by `helmet`: nothing that a node sends is to be run, framed, sniffed
 * or embedded by a page. The documents have a policy of their own (docs.ts). Nothing here allows
 * another origin anything (CORS).
 *
 * They are the same always, and found once: helmet puts them together anew for each request.
 */
export function securityHeaders(): Promise<Readonly<Record<string, string>>> {
  found ??= findHeaders();
  return found;
}

async function findHeaders(): Promise<Readonly<Record<string, string>>> {
  const app = fastify();
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    // It counts over TLS only, and there it is for whoever ends TLS to promise.
    strictTransportSecurity: false,
    xFrameOptions: { action: 'deny' },
    // What they are against needs a page that runs, a Flash player or an old browser.
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
  });
  const headers = new Map<string, string>();
  app.get('/', (_request, reply) => {
    for (const [name, value] of Object.entries(reply.raw.getHeaders())) {
      headers.set(name, String(value));
    }
    return reply.send();
  });
  await app.inject('/');
  await app.close();
  return Object.fromEntries(headers);
}
