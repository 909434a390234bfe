/** A coordinator at work on a store that this process holds. */
import { Registry } from 'prom-client';
import type { AddressRules } from '../http/addresses.ts';
import { loadContract } from '../http/contract.ts';
import type { OwnExamples } from '../http/examples.ts';
import type { KeyRing } from '../http/key-ring.ts';
import type { NodeMetrics } from '../http/metrics.ts';
import type { Handler } from '../http/server.ts';
import { openSpans, type Spans } from '../http/spans.ts';
import type { Transport } from '../http/transport.ts';
import { systemClock } from '../log/clock.ts';
import type { Store } from '../log/store.ts';
import type { CoordinatorSettings } from './config.ts';
import { Coordinator, type Logger } from './coordinator.ts';
import { coordinatorExamples } from './examples.ts';
import { CoordinatorMetrics } from './metrics.ts';
import { coordinatorRoutes } from './routes.ts';

export interface TenureOptions {
  readonly settings: CoordinatorSettings;
  readonly keys: KeyRing | null;
  /** Where participants may be. */
  readonly addresses: AddressRules;
  /** To participants. */
  readonly transport: Transport;
  readonly logger: Logger;
  readonly metrics: NodeMetrics;
}

export interface Tenure {
  /** By operationId. */
  readonly handlers: Readonly<Record<string, Handler>>;
  examples(): Promise<OwnExamples>;
  /** Ends what waits: requests answer with what is known now, streams of events are over. */
  release(): void;
  /** Forces the log, and gives the store away. */
  close(): Promise<void>;
  /** Another process has the store: nothing is sent, written or told from here any more. */
  abandon(): Promise<void>;
}

/**
 * Replays the log of a store, and closes the store should that fail.
 * @param onFailure a write failed, or an invariant is broken: nothing is answered any more
 */
export async function openTenure(
  store: Store,
  { settings, keys, addresses, transport, logger, metrics }: TenureOptions,
  onFailure: (error: Error) => void,
): Promise<Tenure> {
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
    // Of this tenure: another one counts from the start, as another process would.
    const registry = new Registry();
    const coordinator = await Coordinator.open({
      store,
      ...asking,
      keys: () => keys?.sent('coordinator') ?? [],
      clock: systemClock,
      random: Math.random,
      limits: settings,
      logger,
      spans,
      metrics: new CoordinatorMetrics(registry),
      onFailure,
    });
    metrics.work = registry;
    const release = async () => {
      metrics.work = undefined;
      await store.close();
      await spans?.close();
    };
    return {
      handlers: coordinatorRoutes(coordinator, addresses, asking),
      examples: () => coordinatorExamples(coordinator, asking),
      release() {
        coordinator.release();
      },
      async close() {
        await coordinator.close();
        await release();
      },
      async abandon() {
        coordinator.abandon();
        await release();
      },
    };
  } catch (error) {
    await store.close();
    await spans?.close();
    throw error;
  }
}
