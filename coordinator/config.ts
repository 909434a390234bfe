import { lookup } from 'node:dns';
import { isIPv6 } from 'node:net';
import { AddressRules } from '../http/addresses.ts';
import { isLoopback } from '../http/listen.ts';
import { nodeSettings, type NodeSettings } from '../http/node-settings.ts';
import { SettingsError } from '../http/settings-error.ts';
import type { SettingsSchema } from '../http/settings.ts';
import type { CoordinatorLimits } from './coordinator.ts';

export interface CoordinatorSettings extends NodeSettings, CoordinatorLimits {
  advertise?: string;
  allowedOrigins: string;
  segmentBytes: number;
  lazyFlushMs: number;
  traceSample: number;
  minBackoffMs: number;
  maxBackoffMs: number;
}

/** Everything that can be set: flag, environment variable, range, default, unit. */
export const coordinatorSettings: SettingsSchema<CoordinatorSettings> = {
  properties: {
    ...nodeSettings,
    port: {
      type: 'integer',
      default: 7700,
      minimum: 0,
      maximum: 65_535,
      description: 'port to listen on; 0 takes a free one',
    },
    advertise: {
      type: 'string',
      description:
        'with --store: address at which other coordinators on the database reach this one, ' +
        'such as https://coordinator-1:7700; where it listens unless told',
    },
    allowedOrigins: {
      type: 'string',
      default: '',
      description:
        'where participants may be, with commas, such as https://*.bank.internal:7701 or ' +
        'http://10.0.0.7:*; empty: anywhere but where no node is, and on this machine only if ' +
        'this node listens there',
    },
    voteTimeoutMs: {
      type: 'integer',
      default: 5_000,
      minimum: 50,
      maximum: 600_000,
      description: 'longest time a transfer waits for its votes, in milliseconds',
    },
    voteGraceMs: {
      type: 'integer',
      default: 100,
      minimum: 0,
      maximum: 10_000,
      description: 'how long other votes are still heard after a no, in milliseconds',
    },
    transfersInFlight: {
      type: 'integer',
      default: 20_000,
      minimum: 1,
      maximum: 1_000_000,
      description: 'transfers under way at once; further ones are answered 503',
    },
    transfersUndecided: {
      type: 'integer',
      default: 4_000,
      minimum: 1,
      maximum: 1_000_000,
      description: 'transfers that wait for votes at once; further ones are answered 503',
    },
    transfersPerClient: {
      type: 'integer',
      default: 2_000,
      minimum: 1,
      maximum: 1_000_000,
      description: 'those of one client, by key and address; further ones are answered 503',
    },
    transfersPerParticipant: {
      type: 'integer',
      default: 10_000,
      minimum: 1,
      maximum: 1_000_000,
      description: 'transfers that one participant has not acknowledged; beyond it gets no new one',
    },
    idempotencyKeys: {
      type: 'integer',
      default: 5_000_000,
      minimum: 1,
      // A checkpoint has all of them in one text, which the engine limits.
      maximum: 15_000_000,
      description: 'idempotency keys remembered; when full, new keys are answered 503',
    },
    idempotencyHours: {
      type: 'integer',
      default: 24,
      minimum: 1,
      maximum: 720,
      description: 'how long a key is remembered at least, in hours that the node runs',
    },
    snapshotTimeoutMs: {
      type: 'integer',
      default: 5_000,
      minimum: 50,
      maximum: 60_000,
      description: 'how long a snapshot waits for transfers in doubt, in milliseconds',
    },
    eventStreams: {
      type: 'integer',
      default: 100,
      minimum: 0,
      maximum: 10_000,
      description: 'streams of events at once; further ones are answered 503',
    },
    deliveryTimeoutMs: {
      type: 'integer',
      default: 5_000,
      minimum: 50,
      maximum: 600_000,
      description: 'time for one exchange with a participant, in milliseconds',
    },
    readyParticipants: {
      type: 'string',
      pattern: '^[a-z0-9][a-z0-9-]{0,62}(,[a-z0-9][a-z0-9-]{0,62})*$',
      'x-expects': 'names with commas between them',
      description: 'participants without which this node is not ready, such as bank-a,bank-b',
    },
    probeMs: {
      type: 'integer',
      default: 250,
      minimum: 10,
      maximum: 60_000,
      description: 'time between two looks at a participant that is down, in milliseconds',
    },
    batchItems: {
      type: 'integer',
      default: 1_000,
      minimum: 1,
      maximum: 1_000,
      description: 'transfers in one message to a participant',
    },
    batchWeight: {
      type: 'integer',
      default: 4_000,
      minimum: 1,
      maximum: 100_000,
      description: 'legs and peers together in one message to a participant',
    },
    traceSample: {
      type: 'number',
      default: 1,
      minimum: 0,
      maximum: 1,
      description: 'how many of the transfers that come without a trace are traced, 0 to 1',
    },
  },
};

/**
 * Where other processes on the same database reach this one; undefined: where it listens.
 * @throws {SettingsError} when that is no address
 */
export function advertisedAddress({
  store,
  advertise,
  host,
  tlsCert,
}: CoordinatorSettings): string | undefined {
  const anywhere = new AddressRules({ loopback: true, resolve: lookup });
  const read = (address: string) => anywhere.read(address);
  if (advertise === undefined) {
    const listens = read(`http://${isIPv6(host) ? `[${host}]` : host}`);
    if (store === undefined || 'origin' in listens) return undefined;
    throw new SettingsError(
      `--advertise is missing: --host ${host} is no address at which other coordinators on the ` +
        'database reach this one; say which is, such as https://coordinator-1:7700',
    );
  }
  const found = read(advertise);
  if ('refusal' in found) {
    throw new SettingsError(`--advertise: ${JSON.stringify(advertise)} ${found.refusal}`);
  }
  if (tlsCert !== undefined && !found.origin.startsWith('https:')) {
    throw new SettingsError(
      `--advertise: ${advertise} must begin with https: with --tls-cert nothing else is spoken`,
    );
  }
  return found.origin;
}

/** What to say when other processes on the same database may not reach this one. */
export function outOfReach({ store, advertise, host }: CoordinatorSettings): string | undefined {
  if (store === undefined || advertise !== undefined || !isLoopback(host)) return undefined;
  // The store says what is wrong with its URL, and keeps its password to itself.
  if (!URL.canParse(store)) return undefined;
  const { hostname, searchParams } = new URL(store);
  const database = (searchParams.getAll('host').at(-1) || hostname).toLowerCase();
  if (isLoopback(database) || /^(\/|%2f)/.test(database)) return undefined;
  return (
    `coordinators on other machines cannot pass requests on to ${host}, where this one listens: ` +
    'if there are any, give it --host or --advertise'
  );
}
