/** Where something belongs in a trace: the `traceparent` of W3C Trace Context. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits: the span that what follows is a part of. */
  readonly spanId: string;
  /** Whether what is seen of this trace is kept. */
  readonly sampled: boolean;
}

/** Version, trace, span, flags, and what a later version may add. */
const layout =
  /^(?!ff)([0-9a-f]{2})-(?!0+-)([0-9a-f]{32})-(?!0+-)([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Undefined if there is none, or it is malformed: then it counts as none (W3C, section 3.2.2). */
export function readTraceparent(text: unknown): TraceContext | undefined {
  if (typeof text !== 'string') return undefined;
  const [, version, traceId, spanId, flags = '', more] = layout.exec(text) ?? [];
  if (traceId === undefined || spanId === undefined) return undefined;
  // Only a later version may have more than this one.
  if (version === '00' && more !== undefined) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** The text that `readTraceparent` reads. */
export const writeTraceparent = ({ traceId, spanId, sampled }: TraceContext) =>
  `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
