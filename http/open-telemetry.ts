/** Spans by OpenTelemetry, over OTLP/HTTP in JSON. Loaded by `openSpans` only. */
import { SpanKind, SpanStatusCode, TraceFlags, type HrTime } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes, type Resource } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  RandomIdGenerator,
  type ReadableSpan,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base';
import type { Span, Spans, SpansClock, SpansOptions } from './spans.ts';
import type { TraceContext } from './traceparent.ts';

const limits = {
  /** Spans that wait to be sent; further ones are dropped. */
  queue: 8_192,
  /** Spans in one request. */
  batch: 512,
  /** For how long spans gather. Milliseconds. */
  gatherMs: 1_000,
  /** For one request, with all its attempts. Milliseconds. */
  exportMs: 2_000,
  /** More than `exportMs`: the exporter, which says why, gives up first. Milliseconds. */
  batchMs: 5_000,
  /** For what is left when the node stops. Milliseconds. */
  closeMs: 2_500,
  /** The wall clock has jumped if it is so far from where it should be. Milliseconds. */
  jumpMs: 10,
};

/** Sends spans to a collector, in batches. */
export function exportSpans(options: SpansOptions): Spans {
  const { endpoint, sample, service, instance, clock } = options;
  const resource = resourceFromAttributes({
    'service.name': service,
    'service.instance.id': instance,
  });
  const ids = new RandomIdGenerator();
  const unixTime = unixTimes(clock);
  const processor = new BatchSpanProcessor(exporterTo(endpoint, options), {
    maxQueueSize: limits.queue,
    maxExportBatchSize: limits.batch,
    scheduledDelayMillis: limits.gatherMs,
    exportTimeoutMillis: limits.batchMs,
  });
  return {
    now: () => clock.now(),
    begin(parent) {
      const spanId = ids.generateSpanId();
      if (parent) return { ...parent, spanId };
      return { traceId: ids.generateTraceId(), spanId, sampled: Math.random() < sample };
    },
    add(span) {
      processor.onEnd(readable(span, resource, unixTime));
    },
    async close() {
      let cancel: () => void = () => undefined;
      const late = new Promise<void>((resolve) => {
        cancel = clock.after(limits.closeMs, resolve);
      });
      // Why spans were not taken is logged by then.
      const sent = processor.shutdown().catch(() => undefined);
      await Promise.race([sent, late]);
      cancel();
    },
  };
}

/** The exporter, which tells of a collector that fails once, until it has taken something. */
function exporterTo(endpoint: string, { logger }: Pick<SpansOptions, 'logger'>): SpanExporter {
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    timeoutMillis: limits.exportMs,
  });
  let fails = false;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const { error } = result;
        if (error && !fails) {
          const reason = error.message || ('code' in error && error.code) || error.name;
          const text = 'spans are lost, and this is said once until some are taken again';
          logger.warn({ endpoint, reason }, text);
        }
        fails = error !== undefined;
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
  };
}

const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL };

function readable(
  { name, kind, context, parentId, startMs, endMs, attributes, error }: Span,
  resource: Resource,
  unixTime: (ms: number) => HrTime,
): ReadableSpan {
  const contextOf = ({ traceId }: TraceContext, spanId: string) => {
    return { traceId, spanId, traceFlags: TraceFlags.SAMPLED };
  };
  const spanContext = contextOf(context, context.spanId);
  const parent = parentId !== undefined && {
    parentSpanContext: { ...contextOf(context, parentId), isRemote: kind === 'server' },
  };
  return {
    name,
    kind: kinds[kind],
    spanContext: () => spanContext,
    ...parent,
    startTime: unixTime(startMs),
    endTime: unixTime(endMs),
    duration: hrTime(endMs - startMs),
    status:
      error === undefined
        ? { code: SpanStatusCode.UNSET }
        : { code: SpanStatusCode.ERROR, message: error },
    attributes: { ...attributes },
    links: [],
    events: [],
    ended: true,
    resource,
    instrumentationScope: { name: 'unanimous' },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

/**
 * Says what time it was at a moment of the node's clock. The wall clock shows whole milliseconds,
 * too coarse for spans of different nodes to lie in one another: it is looked at only to see
 * whether it was set, or the machine has slept.
 */
function unixTimes(clock: SpansClock): (ms: number) => HrTime {
  let zero = performance.timeOrigin;
  return (ms) => {
    const jumped = Date.parse(clock.wall()) - clock.now() - zero;
    if (Math.abs(jumped) > limits.jumpMs) zero += jumped;
    return hrTime(zero + ms);
  };
}

/** Seconds and nanoseconds. */
function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.floor((ms - seconds * 1000) * 1e6)];
}
