import type { SettingsSchema } from './settings.ts';

/** What one request or connection may cost a node. */
export interface HttpLimits {
  bodyBytes: number;
  requestTimeoutMs: number;
  connectionTimeoutMs: number;
  keepAliveTimeoutMs: number;
  maxHeaderBytes: number;
  maxParamLength: number;
  maxConnections: number;
}

/** What holds when nothing is set. */
export const defaultHttpLimits: HttpLimits = {
  bodyBytes: 1024 * 1024,
  requestTimeoutMs: 10_000,
  connectionTimeoutMs: 90_000,
  keepAliveTimeoutMs: 60_000,
  maxHeaderBytes: 16 * 1024,
  maxParamLength: 128,
  maxConnections: 10_000,
};

/** The limits as settings of a node: their ranges, defaults and units. */
export const httpLimitSettings: SettingsSchema<HttpLimits>['properties'] = {
  bodyBytes: {
    type: 'integer',
    default: defaultHttpLimits.bodyBytes,
    minimum: 1024,
    maximum: 16 * 1024 * 1024,
    description: 'largest request body, in bytes',
  },
  requestTimeoutMs: {
    type: 'integer',
    default: defaultHttpLimits.requestTimeoutMs,
    minimum: 100,
    maximum: 300_000,
    description: 'time for a request to arrive whole, headers and body, in milliseconds',
  },
  connectionTimeoutMs: {
    type: 'integer',
    default: defaultHttpLimits.connectionTimeoutMs,
    minimum: 65_000, // A long poll is silent for up to 60 s.
    maximum: 600_000,
    description:
      'silence after which a connection is cut, also while an answer is awaited, in milliseconds',
  },
  keepAliveTimeoutMs: {
    type: 'integer',
    default: defaultHttpLimits.keepAliveTimeoutMs,
    minimum: 100,
    maximum: 600_000,
    description: 'how long an idle connection is kept for the next request, in milliseconds',
  },
  maxHeaderBytes: {
    type: 'integer',
    default: defaultHttpLimits.maxHeaderBytes,
    minimum: 4 * 1024,
    maximum: 64 * 1024,
    description: 'largest request line and headers together, in bytes',
  },
  maxParamLength: {
    type: 'integer',
    default: defaultHttpLimits.maxParamLength,
    minimum: 64,
    maximum: 1024,
    description: 'longest part of a path between two slashes, in characters',
  },
  maxConnections: {
    type: 'integer',
    default: defaultHttpLimits.maxConnections,
    minimum: 1,
    maximum: 100_000,
    description: 'connections held at once; further ones are closed',
  },
};
