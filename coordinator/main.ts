import { lookup } from 'node:dns';
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
import { openSpans, type Spans } from '../http/spans.ts';
import { readTls } from '../http/tls.ts';
import { reloadTls } from '../http/tls-server.ts';
import { defaultTransportLimits, openTransport } from '../http/transport.ts';
import { systemClock } from '../log/clock.ts';
import { openStoreAt } from '../log/open-store.ts';
import { coordinatorSettings } from './config.ts';
import { Coordinator } from './coordinator.ts';
import { coordinatorExamples } from './examples.ts';
import { CoordinatorMetrics } from './metrics.ts';
import { coordinatorRoutes } from './routes.ts';

export { beginningOf as keyOf } from './archive.ts';
export { coordinatorNeeds } from './needs.ts';

/**
 * Runs a coordinator: store, replay, recovery, then HTTP.
 * @throws {Error} whose message says in plain words why this node cannot start
 */
export async function runCoordinator(options: NodeOptions): Promise<RunningNode> {
  const { settings, keys } = readNodeSettings(coordinatorSettings, options);
  const role = 'coordinator';
  const tls = readTls(settings, { role });
  const addresses = new AddressRules({
    loopback: isLoopback(settings.host),
    allowed: readOriginPatterns('allowedOrigins', settings.allowedOrigins),
    resolve: lookup,
  });
  const logger = makeLogger(settings.logLevel, 'coordinator');
  const onFailure = options.onFatal.bind(options);
  const holder = { role, name: 'coordinator', pid: process.pid, clock: systemClock } as const;
  const store = await openStoreAt(settings, { ...options, ...holder, logger, onFailure });
  const transport = openTransport(addresses, defaultTransportLimits, tls);
  const metrics = new NodeMetrics();
  metrics.watchProcess(role, process.version);
  let opened: Coordinator | undefined;
  let spans: Spans | undefined;
  try {
    spans = await openSpans({
      endpoint: settings.otlpEndpoint,
      sample: settings.traceSample,
      service: 'unanimous-coordinator',
      instance: store.identity.store,
      clock: systemClock,
      logger,
    });
    const asking = { contract: loadContract('participant'), transport };
    const coordinator = await Coordinator.open({
      store,
      ...asking,
      keys: () => keys?.sent(role) ?? [],
      clock: systemClock,
      random: Math.random,
      limits: settings,
      logger,
      spans,
      metrics: new CoordinatorMetrics(metrics.registry),
      onFailure,
    });
    opened = coordinator;
    const handlers = coordinatorRoutes(coordinator, addresses, asking);
    const examples = () => coordinatorExamples(coordinator, asking);
    const wiring = { handlers, keys, tls, logger, metrics, examples };
    const { app, address } = await serve(role, settings, wiring);
    return {
      address,
      reload() {
        reloadKeys(keys, settings.keys, logger);
        reloadTls({ server: app.server, transport }, settings, { role }, logger);
      },
      async stop() {
        coordinator.release();
        await stopServer(app, { graceMs: settings.shutdownMs });
        await coordinator.close();
        await transport.close();
        await store.close();
        await spans?.close();
      },
    };
  } catch (error) {
    await opened?.close();
    await transport.close();
    await store.close();
    await spans?.close();
    throw error;
  }
}
