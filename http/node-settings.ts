import { httpLimitSettings, type HttpLimits } from './limits.ts';
import { pressureSettings, type PressureLimits } from './pressure.ts';
import { rateLimitSettings, type RateLimitSettings } from './rate-limits.ts';
import type { SettingsSchema } from './settings.ts';
import type { TlsSettings } from './tls.ts';

/** The settings that every node has. */
export interface NodeSettings extends HttpLimits, PressureLimits, RateLimitSettings, TlsSettings {
  data?: string;
  store?: string;
  leaseMs: number;
  port: number;
  host: string;
  allowedHosts?: string;
  keys?: string;
  requireKeys: boolean;
  insecure: boolean;
  logLevel: string;
  segmentBytes: number;
  lazyFlushMs: number;
  minBackoffMs: number;
  maxBackoffMs: number;
  shutdownMs: number;
  reserveBytes: number;
  otlpEndpoint?: string;
}

/** Their ranges, defaults and units; `port` is each role's own. */
export const nodeSettings: Omit<SettingsSchema<NodeSettings>['properties'], 'port'> = {
  ...httpLimitSettings,
  ...pressureSettings,
  ...rateLimitSettings,
  data: { type: 'string', description: 'folder of the store, made by init' },
  store: {
    type: 'string',
    pattern: '^postgres(ql)?://[^/?#\\s]+/[^/?#\\s]+(\\?[^#\\s]*)?$',
    'x-expects': 'a URL such as postgres://user:password@host:5432/database',
    'x-secret': true,
    description: 'instead of --data: PostgreSQL that has the store, as postgres://host/database',
  },
  leaseMs: {
    type: 'integer',
    default: 3_000,
    minimum: 500,
    maximum: 600_000,
    description:
      'with --store: from one that is silent for so long another process takes over, ' +
      'in milliseconds',
  },
  host: { type: 'string', default: '127.0.0.1', description: 'address to listen on' },
  allowedHosts: {
    type: 'string',
    pattern: '^[A-Za-z0-9._-]+(,[A-Za-z0-9._-]+)*$',
    'x-expects': 'names without ports, separated by commas, such as bank.example,bank.local',
    description: 'names by which this node is called besides its address, such as bank.example',
  },
  keys: {
    type: 'string',
    description: 'file with the keys of the four roles, made by keygen; read again at SIGHUP',
  },
  tlsCert: {
    type: 'string',
    description: 'file with the certificate of this node, in PEM: it then serves https',
  },
  tlsKey: { type: 'string', description: 'file with the private key of that certificate, in PEM' },
  tlsCa: {
    type: 'string',
    description:
      'file with the CA that signs the certificates of all nodes, in PEM: they then ask each ' +
      'other for them, and trust no other',
  },
  requireKeys: {
    type: 'boolean',
    default: false,
    description: 'ask clients for a key on this machine, too',
  },
  insecure: {
    type: 'boolean',
    default: false,
    description: 'ask nobody for a key, and need no TLS, wherever the node listens; for tests only',
  },
  logLevel: {
    type: 'string',
    default: 'info',
    enum: ['fatal', 'error', 'warn', 'info', 'debug', 'silent'],
    description: 'least severity of what is logged, as JSON lines on stderr',
  },
  segmentBytes: {
    type: 'integer',
    default: 4 * 1024 * 1024,
    minimum: 4 * 1024,
    maximum: 1024 * 1024 * 1024,
    description: 'size at which a log segment is followed by the next one, in bytes',
  },
  lazyFlushMs: {
    type: 'integer',
    default: 20,
    minimum: 0,
    maximum: 10_000,
    description: 'how long a record that nobody waits for may stay unforced, in milliseconds',
  },
  minBackoffMs: {
    type: 'integer',
    default: 50,
    minimum: 1,
    maximum: 60_000,
    description: 'least time between two attempts at the same thing, in milliseconds',
  },
  maxBackoffMs: {
    type: 'integer',
    default: 30_000,
    minimum: 1,
    maximum: 600_000,
    description: 'most time between two attempts at the same thing, in milliseconds',
  },
  reserveBytes: {
    type: 'integer',
    default: 64 * 1024 * 1024,
    minimum: 0,
    maximum: 1024 ** 4,
    description: 'room on the disk that is kept for decisions: with less, nothing new, in bytes',
  },
  shutdownMs: {
    type: 'integer',
    default: 8_000,
    minimum: 0,
    maximum: 60_000,
    description: 'how long a stopping node waits for the requests under way, in milliseconds',
  },
  otlpEndpoint: {
    type: 'string',
    pattern: '^https?://[^/?#@\\s]+(/[^?#@\\s]*)?$',
    'x-expects': 'an http or https URL without user, query or fragment',
    description: 'where traces go: an OTLP/HTTP collector, such as http://127.0.0.1:4318',
  },
};
