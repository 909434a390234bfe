import { randomUUID } from 'node:crypto';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { withExamples, type OwnExamples } from './examples.ts';

// Everything comes from this node, and nothing is inline but images and fonts.
const contentSecurityPolicy = [
  "default-src 'self'",
  "base-uri 'self'",
  "connect-src 'self'",
  "font-src 'self' data:",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "img-src 'self' data:",
  "object-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
].join('; ');

/**
 * Serves `document` at /openapi.json, and Swagger UI for it at /docs. Neither needs a key.
 * @param examples what this node has in the place of the contract's, asked at each load: it is
 *   told to everyone
 */
export async function serveDocs(
  app: FastifyInstance,
  document: Record<string, unknown>,
  examples: () => Promise<OwnExamples>,
): Promise<void> {
  await app.register(swagger, {
    mode: 'static',
    specification: { document: document as never },
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: contentSecurityPolicy,
    theme: { title: (document as { info: { title: string } }).info.title },
    uiConfig: {
      // Without the bar at the top, which would ask for the address of another document.
      layout: 'BaseLayout',
      defaultModelsExpandDepth: 0,
      tryItOutEnabled: true,
      displayRequestDuration: true,
      persistAuthorization: true,
    },
    uiHooks: {
      // The page can only be told to read the document here, and this one has no own examples.
      onRequest: (request, reply, done) => {
        if (request.routeOptions.url === '/docs/json') reply.redirect('../openapi.json');
        else done();
      },
    },
  });
  app.get('/openapi.json', async (_request, reply) => {
    const own = await examples();
    // New ones at each load: what is tried out is never the repetition of an earlier request.
    const fresh = { IdempotencyKey: randomUUID(), RequestId: randomUUID() };
    const served = withExamples(document, { ...own, parameters: { ...fresh, ...own.parameters } });
    reply.type('application/json; charset=utf-8').header('cache-control', 'no-store');
    return JSON.stringify(served);
  });
}
