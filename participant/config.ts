import { nodeSettings, type NodeSettings } from '../http/node-settings.ts';
import { SettingsError } from '../http/settings-error.ts';
import type { SettingsSchema } from '../http/settings.ts';
import type { InquiryLimits } from './inquiry.ts';

export interface ParticipantSettings extends NodeSettings, InquiryLimits {
  coordinator: readonly string[];
  name?: string;
  advertise?: string;
  registerBackoffMs: number;
  heartbeatMs: number;
  preparedPerAccount: number;
  minBackoffMs: number;
  maxBackoffMs: number;
}

/** Everything that can be set: flag, environment variable, range, default, unit. */
export const participantSettings: SettingsSchema<ParticipantSettings> = {
  properties: {
    ...nodeSettings,
    port: {
      type: 'integer',
      default: 7701,
      minimum: 0,
      maximum: 65_535,
      description: 'port to listen on; 0 takes a free one',
    },
    coordinator: {
      type: 'string',
      required: true,
      pattern: '^https?://[^\\s/?#@\\\\]+/?$',
      'x-list': true,
      'x-expects': 'an http or https address without user, path, query and fragment',
      description:
        'address of the coordinator, such as http://127.0.0.1:7700; or several, with commas, ' +
        'of processes that share its store',
    },
    name: {
      type: 'string',
      pattern: '^[a-z0-9][a-z0-9-]{0,62}$',
      description: 'name to register under; without it the coordinator gives one',
    },
    advertise: {
      type: 'string',
      pattern: '^https?://[^\\s/?#@\\\\]+/?$',
      'x-expects': 'an http or https address without user, path, query and fragment',
      description: 'address at which the coordinator reaches this node; default: where it listens',
    },
    inquiryTimeoutMs: {
      type: 'integer',
      default: 2_000,
      minimum: 50,
      maximum: 60_000,
      description: 'time for one question to the coordinator, in milliseconds',
    },
    inquiriesAtOnce: {
      type: 'integer',
      // Half of the connections: a registration does not wait for questions that nobody answers.
      default: 8,
      minimum: 1,
      maximum: 1_000,
      description: 'questions to the coordinator under way at once',
    },
    preparedPerAccount: {
      type: 'integer',
      default: 10_000,
      minimum: 1,
      maximum: 1_000_000,
      description: 'transfers that may be in doubt on one account at once',
    },
    heartbeatMs: {
      type: 'integer',
      default: 10_000,
      minimum: 10,
      maximum: 600_000,
      description: 'time between two registrations, which refresh the peers, in milliseconds',
    },
    registerBackoffMs: {
      type: 'integer',
      default: 1_000,
      minimum: 1,
      maximum: 60_000,
      description: 'most time between two attempts to register, in milliseconds',
    },
  },
};

/**
 * Addresses that begin with http where TLS is spoken would only be found out by those who call.
 * @throws {SettingsError} which names each setting, and what it must be
 */
export function checkSchemes(settings: ParticipantSettings): void {
  const { tlsCert, tlsCa, coordinator, advertise } = settings;
  const isPlain = (address: string) => address.startsWith('http:');
  const errors = (tlsCa === undefined ? [] : coordinator).filter(isPlain).map((address) => {
    const why = 'nodes with --tls-ca speak nothing else';
    return `--coordinator: ${address} must begin with https: ${why}`;
  });
  if (tlsCert !== undefined && advertise !== undefined && isPlain(advertise)) {
    const why = 'with --tls-cert nothing else is spoken';
    errors.push(`--advertise: ${advertise} must begin with https: ${why}`);
  }
  if (errors.length > 0) throw new SettingsError(errors.join('\n'));
}
