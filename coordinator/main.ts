import { lookup } from 'node:dns';
import type { FastifyInstance } from 'fastify';
import { AddressRules } from '../http/addresses.ts';
import { loadContract } from '../http/contract.ts';
import { reloadKeys } from '../http/key-file.ts';
import { isLoopback } from '../http/listen.ts';
import {
  makeLogger,
  readNodeSettings,
  serve,
  type NodeOptions,
  type RunningNode,
} from '../http/node.ts';
import { NodeMetrics } from '../http/metrics.ts';
import { readOriginPatterns } from '../http/origin-patterns.ts';
import { stopServer } from '../http/shutdown.ts';
import { readTls, type Tls } from '../http/tls.ts';
import { reloadTls } from '../http/tls-server.ts';
import { defaultTransportLimits, openTransport, type OpenTransport } from '../http/transport.ts';
import { systemClock } from '../log/clock.ts';
import { openStoreAt } from '../log/open-store.ts';
import { advertisedAddress, coordinatorSettings, outOfReach } from './config.ts';
import { Leadership } from './leadership.ts';
import { passOnBy } from './pass-on.ts';
import { openTenure } from './tenure.ts';

export { beginningOf as keyOf } from './archive.ts';
export { coordinatorNeeds } from './needs.ts';

/** What both ways to run a coordinator need. */
type Wiring = ReturnType<typeof wire>;

/**
 * Runs a coordinator. With its store in a folder: store, replay, recovery, then HTTP. With its
 * store in a database it listens first, for others may hold the store (leadership.ts).
 * @throws {Error} whose message says in plain words why this node cannot start
 */
export function runCoordinator(options: NodeOptions): Promise<RunningNode> {
  const wiring = wire(options);
  return wiring.settings.store === undefined ? runAlone(wiring) : runTogether(wiring);
}

const role = 'coordinator';

function wire(options: NodeOptions) {
  const { settings, keys } = readNodeSettings(coordinatorSettings, options);
  const advertise = advertisedAddress(settings);
  const tls = readTls(settings, { role });
  const loopback = isLoopback(settings.host);
  const allowed = readOriginPatterns('allowedOrigins', settings.allowedOrigins);
  const addresses = new AddressRules({ loopback, allowed, resolve: lookup });
  const logger = makeLogger(settings.logLevel, role);
  const transport = openTransport(addresses, defaultTransportLimits, tls);
  const metrics = new NodeMetrics();
  metrics.watchProcess(role, process.version);
  const onFailure = options.onFatal.bind(options);
  const owner = { role, name: role, pid: process.pid, clock: systemClock, logger } as const;
  const work = { settings, keys, addresses, transport, logger, metrics };
  const server = { keys, tls, logger, metrics };
  const { signal } = options;
  const place = { advertise, tls, loopback, signal };
  return { settings, keys, transport, owner, work, server, onFailure, ...place };
}

/** The only process on a store in a folder. */
async function runAlone(wiring: Wiring): Promise<RunningNode> {
  const { settings, owner, work, server, transport, onFailure } = wiring;
  const store = await openStoreAt(settings, { ...owner, onFailure });
  const tenure = await openTenure(store, work, onFailure).catch(async (error: unknown) => {
    await transport.close();
    throw error;
  });
  try {
    const { handlers } = tenure;
    const examples = () => tenure.examples();
    const served = await serve(role, settings, { ...server, handlers, examples });
    return running(wiring, served, [transport], tenure);
  } catch (error) {
    await tenure.close();
    await transport.close();
    throw error;
  }
}

/** One of the processes on a store in a database. */
async function runTogether(wiring: Wiring): Promise<RunningNode> {
  const { settings, keys, tls, loopback, owner, work, server, transport, onFailure } = wiring;
  // What another process answers may be as large as what this one may; its address is no secret.
  const limits = { ...defaultTransportLimits, replyBytes: -1, connectionsPerNode: mostPassedOn };
  const rules = new AddressRules({ loopback, resolve: lookup });
  const others = openTransport(rules, limits, tls);
  let listening: string | undefined;
  const leadership = new Leadership({
    operations: loadContract(role).operations,
    open: (onHolder, onLost, signal) => {
      const address = wiring.advertise ?? listening;
      return openStoreAt(settings, { ...owner, address, onHolder, onFailure: onLost, signal });
    },
    begin: (store, onLost) => openTenure(store, work, onLost),
    passOn: passOnBy({
      transport: others,
      keys: () => keys?.sent(role) ?? [],
      timeoutMs: 2 * settings.voteTimeoutMs + passOnMs,
    }),
    clock: systemClock,
    logger: work.logger,
    onFailure,
  });
  const warning = outOfReach(settings);
  if (warning !== undefined) work.logger.warn({}, warning);
  const transports = [transport, others];
  const stop = () => {
    leadership.release();
  };
  wiring.signal?.addEventListener('abort', stop, { once: true });
  let app: FastifyInstance | undefined;
  try {
    const handlers = leadership.handlers();
    const examples = () => leadership.examples();
    const served = await serve(role, settings, { ...server, handlers, examples });
    app = served.app;
    listening = served.address;
    await leadership.start();
    return running(wiring, served, transports, leadership);
  } catch (error) {
    leadership.release();
    await app?.close();
    await leadership.close();
    await Promise.all(transports.map((one) => one.close()));
    throw error;
  } finally {
    wiring.signal?.removeEventListener('abort', stop);
  }
}

/** Requests that another process answers at once: each takes a connection. */
const mostPassedOn = 1_000;

/** What an answer may take besides the votes that it waits for. Milliseconds. */
const passOnMs = 100_000;

/** @param tenure is released before the server stops, and closed afterwards */
function running(
  { settings, keys, work: { logger } }: Wiring,
  { app, address }: Awaited<ReturnType<typeof serve>>,
  transports: readonly OpenTransport[],
  tenure: { release(): void; close(): Promise<void> },
): RunningNode {
  return {
    address,
    reload() {
      reloadKeys(keys, settings.keys, logger);
      const renew = (tls: Tls) => {
        for (const transport of transports) transport.renew(tls);
      };
      reloadTls({ server: app.server, transport: { renew } }, settings, { role }, logger);
    },
    async stop() {
      tenure.release();
      await stopServer(app, { graceMs: settings.shutdownMs });
      await tenure.close();
      await Promise.all(transports.map((transport) => transport.close()));
    },
  };
}
