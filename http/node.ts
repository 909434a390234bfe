import type { AddressInfo } from 'node:net';
import { pino, type DestinationStream } from 'pino';
import type { FastifyInstance } from 'fastify';
import type { NodeRole, ServerRole } from './contract.ts';
import { readKeyFile } from './key-file.ts';
import { KeyRing } from './key-ring.ts';
import { isLoopback } from './listen.ts';
import type { NodeSettings } from './node-settings.ts';
import { secretHeader } from './passed-on.ts';
import { rateLimitsOf } from './rate-limits.ts';
import { buildServer, type ServerOptions } from './server.ts';
import { variableName } from './setting-names.ts';
import { SettingsError } from './settings-error.ts';
import { readSettings, type SettingsSchema } from './settings.ts';

/** Connections that may wait to be accepted, at the least; so many by Node's own default. */
const leastBacklog = 511;

/** What a node is started with: nothing else is read from the process. */
export interface NodeOptions {
  /** By camelCase name, as strings. */
  flags: Record<string, string | boolean | undefined>;
  env: Record<string, string | undefined>;
  /** Ends a start that waits until another process has left the store. */
  signal?: AbortSignal;
  /** The node cannot go on and must exit; called at most once. */
  onFatal(error: Error): void;
}

/** A node that listens. */
export interface RunningNode {
  /** Where: `http://127.0.0.1:7700`. */
  readonly address: string;
  /**
   * Reads the files of keys and of certificates again; one that cannot be used changes nothing, and
   * is logged.
   */
  reload(): void;
  /** Stops accepting, finishes what is under way, forces the log, and closes the store. */
  stop(): Promise<void>;
}

/**
 * The settings and keys of a node, all checked before anything starts.
 * @throws {SettingsError} with everything that is wrong, one line each
 * @throws {KeysError} if the keys cannot be used
 */
export function readNodeSettings<S extends NodeSettings>(
  schema: SettingsSchema<S>,
  { flags, env }: NodeOptions,
): { settings: S; keys: KeyRing | null } {
  const read = readSettings(schema, flags, env);
  const misplaced = whyNoStore({ flags, env });
  const errors = [...('errors' in read ? read.errors : []), ...misplaced];
  if ('errors' in read || misplaced.length > 0) throw new SettingsError(errors.join('\n'));
  const { settings } = read;
  const { keys, insecure, requireKeys, host } = settings;
  if (insecure && requireKeys) {
    throw new SettingsError('--require-keys and --insecure contradict each other; choose one');
  }
  if (insecure) return { settings, keys: null };
  if (keys === undefined) {
    const reach = isLoopback(host) ? '' : ` and ${host} can be reached from other machines`;
    throw new SettingsError(
      `--keys is missing: nodes ask each other for keys${reach}; ` +
        'make a file with unanimous keygen --out FILE (or try without any: --insecure)',
    );
  }
  if (settings.tlsCert === undefined && !isLoopback(host)) {
    throw new SettingsError(
      `--tls-cert is missing: ${host} can be reached from other machines, and keys must not be ` +
        'read on the way; make certificates with unanimous keygen --tls FOLDER ' +
        '(or try without any: --insecure)',
    );
  }
  return { settings, keys: new KeyRing(readKeyFile(keys)) };
}

/** A node has one store, in a folder or in a database. */
function whyNoStore({ flags, env }: Pick<NodeOptions, 'flags' | 'env'>): string[] {
  const [data, store] = ['data', 'store'].map((name) => flags[name] ?? env[variableName(name)]);
  if (data !== undefined && store !== undefined) {
    return ['--data and --store contradict each other; choose one'];
  }
  if (data !== undefined || store !== undefined) return [];
  const folder = '--data (or UNANIMOUS_DATA) is missing: folder of the store, made by init';
  return [`${folder}; or --store, for a store in PostgreSQL`];
}

/** What no line may show, should an error or a request ever be logged with its headers. */
const headers = ['authorization', 'idempotency-key', secretHeader];
const secret = headers
  .map((name) => `["${name}"]`)
  .flatMap((header) => {
    return [header, `*${header}`, `*.headers${header}`, `*.*.headers${header}`];
  });

/**
 * The node's logger: JSON lines on stderr, unless told where. What clients write freely, such as
 * references, stands in no message.
 */
export function makeLogger(
  level: string,
  role: ServerRole,
  to: DestinationStream = pino.destination({ dest: 2, sync: true }),
) {
  return pino({ level, base: { role }, redact: secret }, to);
}

/**
 * Starts to listen.
 * @throws {SettingsError} if the address is taken or is not this machine's
 */
export async function serve(
  role: NodeRole,
  settings: NodeSettings & { advertise?: string },
  wiring: Omit<ServerOptions, 'role' | 'loopback' | 'limits' | 'hosts' | 'rates' | 'pressure'>,
): Promise<{ app: FastifyInstance; address: string }> {
  const { port, host, requireKeys } = settings;
  const loopback = isLoopback(host) && !requireKeys;
  const app = await buildServer({
    role,
    ...wiring,
    loopback,
    limits: settings,
    hosts: hostsOf(settings),
    rates: rateLimitsOf(settings, loopback || wiring.keys === null),
    pressure: settings,
  });
  try {
    // A flood of connections waits to be accepted, or closed. One that finds no room to wait may
    // hear nothing at all (SYN cookies), and stay half open.
    await app.listen({ port, host, backlog: Math.max(leastBacklog, settings.maxConnections) });
  } catch (error) {
    await app.close();
    const reason = error instanceof Error ? error.message : String(error);
    throw new SettingsError(`cannot listen on ${host}:${port}: ${reason}`);
  }
  const bound = app.server.address() as AddressInfo;
  const shown = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
  const scheme = wiring.tls ? 'https' : 'http';
  return { app, address: `${scheme}://${shown}:${bound.port}` };
}

/** The names that this node is called by. */
function hostsOf({ host, allowedHosts, advertise }: NodeSettings & { advertise?: string }) {
  // An address of IPv6 stands in brackets there.
  const advertised =
    advertise === undefined ? [] : [new URL(advertise).hostname.replace(/^\[(.*)\]$/, '$1')];
  return [host, ...advertised, ...(allowedHosts?.split(',') ?? [])];
}
