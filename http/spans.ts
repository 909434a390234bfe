/** What a node shows of its work to OpenTelemetry, if it is told to. */
import { SettingsError } from './settings-error.ts';
import type { TraceContext } from './traceparent.ts';

/** A piece of work that is over. */
export interface Span {
  readonly name: string;
  /** Whether it answers another node or a client, asks another node, or does neither. */
  readonly kind: 'server' | 'client' | 'internal';
  /** From `Spans.begin`. */
  readonly context: TraceContext;
  /** The span that it is a part of; undefined if it begins its trace. */
  readonly parentId: string | undefined;
  /** By the clock of the node. Milliseconds. */
  readonly startMs: number;
  readonly endMs: number;
  /** Never what is a customer's: no account, reference, metadata or key. */
  readonly attributes: Readonly<Record<string, string | number>>;
  /** What has failed. That a transfer is refused is an outcome, and none of these. */
  readonly error?: string | undefined;
}

/** Where spans go. Nothing of this ever waits, or fails, for whoever does the work. */
export interface Spans {
  /** The clock of the node. Monotonic milliseconds. */
  now(): number;
  /** A new span in the trace of `parent`, or in a new trace; to be added only if it is sampled. */
  begin(parent: TraceContext | undefined): TraceContext;
  add(span: Span): void;
  /** Sends what is left, within limits. */
  close(): Promise<void>;
}

/** The clock of a node, as far as spans need it (log/clock.ts). */
export interface SpansClock {
  now(): number;
  wall(): string;
  after(ms: number, action: () => void): () => void;
}

export interface SpansOptions {
  /** The base address of an OTLP/HTTP collector. */
  readonly endpoint: string;
  /** How many of the traces that begin here are kept, 0 to 1. */
  readonly sample: number;
  /** The names of the service and of this instance of it. */
  readonly service: string;
  readonly instance: string;
  readonly clock: SpansClock;
  readonly logger: { warn(details: object, message: string): void };
}

/**
 * Undefined without an endpoint: then nothing of OpenTelemetry is loaded.
 * @throws {SettingsError} if the endpoint is no URL
 */
export async function openSpans({
  endpoint,
  ...options
}: Omit<SpansOptions, 'endpoint'> & { readonly endpoint: string | undefined }): Promise<
  Spans | undefined
> {
  if (endpoint === undefined) return undefined;
  if (!URL.canParse(endpoint)) {
    throw new SettingsError(
      `--otlp-endpoint: "${endpoint}" must be a URL, such as http://127.0.0.1:4318`,
    );
  }
  const { exportSpans } = await import('./open-telemetry.ts');
  return exportSpans({ endpoint, ...options });
}
