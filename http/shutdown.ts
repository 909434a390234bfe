import type { FastifyInstance } from 'fastify';

/**
 * Stops `app`: it accepts no more connections, answers new requests 503 `shutting-down`, closes
 * idle connections, and waits for the requests under way, but cuts those that need longer than
 * `graceMs` milliseconds.
 */
export async function stopServer(
  app: FastifyInstance,
  { graceMs }: { graceMs: number },
): Promise<void> {
  const timer = setTimeout(() => {
    app.server.closeAllConnections();
  }, graceMs);
  try {
    await app.close();
  } finally {
    clearTimeout(timer);
  }
}
