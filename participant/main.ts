import { randomUUID } from 'node:crypto';
import { reloadKeys } from '../http/key-file.ts';
import {
  makeLogger,
  readNodeSettings,
  serve,
  type NodeOptions,
  type RunningNode,
} from '../http/node.ts';
import { NodeMetrics } from '../http/metrics.ts';
import { stopServer } from '../http/shutdown.ts';
import { openSpans, type Spans } from '../http/spans.ts';
import { readTls } from '../http/tls.ts';
import { reloadTls } from '../http/tls-server.ts';
import { defaultTransportLimits, openTransport } from '../http/transport.ts';
import { systemClock } from '../log/clock.ts';
import { openStoreAt } from '../log/open-store.ts';
import { ownAddresses } from './addresses.ts';
import { checkSchemes, participantSettings } from './config.ts';
import { participantExamples } from './examples.ts';
import { ParticipantMetrics } from './metrics.ts';
import { openNode } from './node.ts';
import { participantRoutes } from './routes.ts';

export { participantNeeds } from './needs.ts';
export { keyOf } from './participant.ts';

/**
 * Runs a participant: store, replay, HTTP, then registration and inquiries.
 * @throws {Error} whose message says in plain words why this node cannot start
 */
export async function runParticipant(options: NodeOptions): Promise<RunningNode> {
  const { settings, keys } = readNodeSettings(participantSettings, options);
  const { coordinators, advertise, rules } = ownAddresses(settings);
  const role = 'participant';
  const owner = { role, name: settings.name } as const;
  const tls = readTls(settings, owner);
  checkSchemes(settings);
  const logger = makeLogger(settings.logLevel, 'participant');
  const onFailure = options.onFatal.bind(options);
  const holder = { role, name: settings.name, pid: process.pid, clock: systemClock } as const;
  const store = await openStoreAt(settings, { ...options, ...holder, logger, onFailure });
  const transport = openTransport(rules, defaultTransportLimits, tls);
  const metrics = new NodeMetrics();
  metrics.watchProcess(role, process.version);
  let spans: Spans | undefined;
  try {
    spans = await openSpans({
      endpoint: settings.otlpEndpoint,
      // A participant begins no trace of its own.
      sample: 0,
      service: 'unanimous-participant',
      instance: store.identity.store,
      clock: systemClock,
      logger,
    });
    const node = await openNode({
      store,
      transport,
      coordinators,
      keys: () => keys?.sent(role) ?? [],
      name: settings.name,
      run: randomUUID(),
      clock: systemClock,
      random: Math.random,
      limits: settings,
      logger,
      metrics: new ParticipantMetrics(metrics.registry),
      onFailure,
    });
    const { participant } = node;
    const handlers = participantRoutes(participant, () => participant.isConfirmed, spans);
    const examples = () => participantExamples(participant);
    const wiring = { handlers, keys, tls, logger, metrics, examples };
    const { app, address } = await serve(role, settings, wiring);
    await node.begin(advertise ?? address);
    return {
      address,
      reload() {
        reloadKeys(keys, settings.keys, logger);
        reloadTls({ server: app.server, transport }, settings, owner, logger);
      },
      async stop() {
        node.stop();
        await stopServer(app, { graceMs: settings.shutdownMs });
        await participant.close();
        await transport.close();
        await store.close();
        await spans?.close();
      },
    };
  } catch (error) {
    await transport.close();
    await store.close();
    await spans?.close();
    throw error;
  }
}
