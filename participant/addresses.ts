import { lookup } from 'node:dns';
import { isIPv6 } from 'node:net';
import { AddressRules, isOnThisMachine, type AddressOptions } from '../http/addresses.ts';
import { isLoopback } from '../http/listen.ts';
import { SettingsError } from '../http/settings-error.ts';
import type { ParticipantSettings } from './config.ts';

/** Where a participant speaks to, and where it says that it is. */
export interface OwnAddresses {
  /** The coordinator's origins, each once. */
  readonly coordinators: readonly string[];
  /** The origin at which others reach this node; undefined: where it listens. */
  readonly advertise: string | undefined;
  /** What it sends to: its coordinator, and the peers that the coordinator names. */
  readonly rules: AddressRules;
}

/**
 * The addresses in the settings, checked before anything starts.
 * @throws {SettingsError} with everything that is wrong, one line each
 */
export function ownAddresses(
  { coordinator, advertise, host }: Pick<ParticipantSettings, 'coordinator' | 'advertise' | 'host'>,
  resolve: AddressOptions['resolve'] = lookup,
): OwnAddresses {
  // What is set here is set by whoever runs this node: it may well be this machine.
  const anywhere = new AddressRules({ loopback: true, resolve });
  const errors: string[] = [];
  const read = (flag: string, address: string) => {
    const found = anywhere.read(address);
    if ('origin' in found) return found.origin;
    errors.push(`${flag}: ${JSON.stringify(address)} ${found.refusal}`);
    return '';
  };
  const coordinators = [...new Set(coordinator.map((address) => read('--coordinator', address)))];
  const own = advertise === undefined ? undefined : read('--advertise', advertise);
  const listens = anywhere.read(`http://${isIPv6(host) ? `[${host}]` : host}`);
  if (own === undefined && 'refusal' in listens) {
    const why = `--host ${host} is no address at which others reach this node`;
    errors.push(`--advertise is missing: ${why}; say which is, such as http://bank-a:7701`);
  }
  if (errors.length > 0) throw new SettingsError(errors.join('\n'));
  // Peers are on this machine only where this node, or its coordinator, is seen by it alone.
  const loopback = isLoopback(host) || coordinators.some(isOnThisMachine);
  const trusted = coordinators.map((origin) => new URL(origin).hostname);
  return {
    coordinators,
    advertise: own,
    rules: new AddressRules({ loopback, trusted, resolve }),
  };
}
