import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { packageRoot } from './contract.ts';
import { problem } from './problems.ts';
import { securityHeaders } from './security-headers.ts';

// Everything comes from this node, and nothing is inline but images.
const contentSecurityPolicy = [
  "default-src 'none'",
  "base-uri 'none'",
  "connect-src 'self'",
  "font-src 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "img-src 'self' data:",
  "script-src 'self'",
  "style-src 'self'",
].join('; ');

/** The names of these files change with what is in them. A year, in seconds. */
const forEver = 'public, max-age=31536000, immutable';

/** Where the build of this package puts the console. */
export const builtConsole = (): string => join(packageRoot(), 'dist', 'console');

/**
 * Serves the console at /console/, on any server: a page that needs no key, as it asks for one. It
 * reads the files' names once: what is built later is served after the next start.
 * @param folder where its files are; without them /console says how they are made
 * @param lab whether this server has the lab, too: /console/about.json tells the page
 */
export async function serveConsole(
  app: FastifyInstance,
  folder: string,
  lab: boolean,
): Promise<void> {
  const headers = {
    ...(await securityHeaders()),
    'content-security-policy': contentSecurityPolicy,
  };
  await app.register(async (scope) => {
    scope.addHook('onRequest', (_request, reply, done) => {
      reply.headers(headers);
      done();
    });
    if (!existsSync(join(folder, 'index.html'))) {
      for (const url of ['/console', '/console/']) scope.get(url, sayNotBuilt);
      return;
    }
    // Relative, as whoever stands in front of this node may call the place by a longer name.
    scope.get('/console', (_request, reply) => reply.redirect('console/'));
    scope.get('/console/about.json', (_request, reply) =>
      reply.header('cache-control', 'no-cache').send({ lab }),
    );
    await scope.register(fastifyStatic, {
      root: folder,
      prefix: '/console/',
      // Only what was there at the start has a route.
      wildcard: false,
      decorateReply: false,
      cacheControl: false,
      setHeaders: (reply, path) => {
        const isNamed = relative(folder, path).startsWith('assets');
        reply.header('cache-control', isNamed ? forEver : 'no-cache');
      },
    });
  });
}

function sayNotBuilt(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const detail = 'the console is not built: run npm run build, and start this node again';
  const { status, body } = problem('not-found', { detail });
  const said = { ...(body as object), requestId: request.id };
  return reply.code(status).type('application/problem+json').send(JSON.stringify(said));
}
