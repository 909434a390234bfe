import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';

// Swagger UI needs inline styles; nothing else is relaxed, and nothing is loaded from elsewhere.
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
  "style-src 'self' 'unsafe-inline'",
].join('; ');

/** Serves `document` at /openapi.json, and Swagger UI for it at /docs. Neither needs a key. */
export async function serveDocs(
  app: FastifyInstance,
  document: Record<string, unknown>,
): Promise<void> {
  const text = JSON.stringify(document);
  await app.register(swagger, {
    mode: 'static',
    specification: { document: document as never },
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: contentSecurityPolicy,
    uiConfig: { tryItOutEnabled: true, displayRequestDuration: true, persistAuthorization: true },
  });
  app.get('/openapi.json', (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(text),
  );
}
