import type { RequestListener, Server as HttpServer, ServerOptions } from 'node:http';
import { createServer, Server } from 'node:https';
import type { Socket } from 'node:net';
import type { FastifyBaseLogger } from 'fastify';
import type { HttpLimits } from './limits.ts';
import { SettingsError } from './settings-error.ts';
import { contextOf, readTls, type Owner, type Tls, type TlsSettings } from './tls.ts';
import type { OpenTransport } from './transport.ts';

/**
 * A server that speaks https. With a CA it asks for a certificate of the client, but goes on with
 * whoever has none, or a wrong one: what that may call is known with its request (peer.ts).
 * @param http what a server without TLS would be made with
 */
export function createTlsServer(
  tls: Tls,
  limits: HttpLimits,
  http: ServerOptions,
  listener: RequestListener,
): HttpServer {
  const server = createServer(
    {
      ...http,
      ...contextOf(tls),
      requestCert: tls.ca !== undefined,
      rejectUnauthorized: false,
      handshakeTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
    },
    listener,
  );
  server.setTimeout(limits.connectionTimeoutMs);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  // Node's own leaves those that still shake hands, and a stop would wait for them.
  server.closeAllConnections = () => {
    for (const socket of sockets) socket.destroy();
  };
  return server;
}

/** What of a node shows its certificate, and trusts the CA. */
interface Users {
  readonly server: HttpServer;
  readonly transport: Pick<OpenTransport, 'renew'>;
}

/**
 * Reads the files of a node again, if it has any: new connections use what is in them now. What
 * cannot be used changes nothing, and is logged.
 */
export function reloadTls(
  { server, transport }: Users,
  settings: TlsSettings,
  owner: Owner,
  logger: Pick<FastifyBaseLogger, 'info' | 'error'>,
): void {
  if (!(server instanceof Server)) return;
  try {
    const tls = readTls(settings, owner);
    if (tls === null) return;
    server.setSecureContext(contextOf(tls));
    transport.renew(tls);
    logger.info({ file: settings.tlsCert }, 'the certificate was read again');
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    logger.error({}, `the certificate is not read again: ${error.message}`);
  }
}
