import { getHeapStatistics } from 'node:v8';
import underPressure from '@fastify/under-pressure';
import type { FastifyInstance } from 'fastify';
import { problem, type Answer } from './problems.ts';
import type { SettingsSchema } from './settings.ts';

/** From when on a node is too busy for what can be asked for later. */
export interface PressureLimits {
  /** How late timers are, on average over a second. Milliseconds. */
  maxEventLoopDelayMs: number;
  /** Of the memory that the engine may use. */
  maxHeapPercent: number;
  /** Of the whole process. Bytes; 0: any. */
  maxRssBytes: number;
}

/** The limits as settings of a node. */
export const pressureSettings: SettingsSchema<PressureLimits>['properties'] = {
  maxEventLoopDelayMs: {
    type: 'integer',
    // One long pause is no pressure, and neither is a machine with other work to do.
    default: 3_000,
    minimum: 100,
    maximum: 60_000,
    description: 'delay of all timers at which clients are answered 503, in milliseconds',
  },
  maxHeapPercent: {
    type: 'integer',
    default: 90,
    minimum: 10,
    maximum: 100,
    description: 'memory in use at which clients are answered 503, in percent of what Node may use',
  },
  maxRssBytes: {
    type: 'integer',
    default: 0,
    minimum: 0,
    maximum: 1024 ** 4,
    description: 'the same for the memory of the whole process, in bytes; 0: any',
  },
};

/**
 * Measures event loop and memory, once a second, and tells why a client's request is refused; it is
 * for the caller to ask for it where that harms nobody.
 */
export async function watchPressure(
  app: FastifyInstance,
  limits: PressureLimits,
): Promise<() => Answer | undefined> {
  const maxHeapBytes = (getHeapStatistics().heap_size_limit * limits.maxHeapPercent) / 100;
  const maxRssBytes = limits.maxRssBytes || Infinity;
  // It is told no limits: it would refuse every request, decisions and questions about them too.
  await app.register(underPressure);
  return () => {
    const { eventLoopDelay, heapUsed, rssBytes } = app.memoryUsage();
    // A pause of a whole second leaves it nothing to average, and it says infinite.
    const delayMs = Number.isFinite(eventLoopDelay) ? eventLoopDelay : 0;
    const isCalm = delayMs <= limits.maxEventLoopDelayMs;
    if (isCalm && heapUsed <= maxHeapBytes && rssBytes <= maxRssBytes) return undefined;
    const mib = (bytes: number) => `${Math.round(bytes / 1024 ** 2)} MiB`;
    const memory = `${mib(heapUsed)} of values, ${mib(rssBytes)} in all`;
    const detail = `timers are ${Math.round(delayMs)} ms late; memory: ${memory}`;
    return problem('overloaded', { detail });
  };
}
