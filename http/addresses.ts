import type { LookupAddress, LookupAllOptions } from 'node:dns';
import { BlockList, isIP, isIPv6, type LookupFunction } from 'node:net';
import type { OriginPattern } from './origin-patterns.ts';

/*
 * Where a node sends what it has to say (PROTOCOL.md, addresses). Participants name the addresses
 * themselves, so an address is checked when it is registered, and again, resolved, at each
 * connection.
 */

/** An address that nothing is sent to; the message is a sentence without its subject. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

export interface AddressOptions {
  /** Whether nodes may be on this machine. */
  readonly loopback: boolean;
  /** Hosts that may lead to this machine all the same: whoever runs this node has named them. */
  readonly trusted?: readonly string[];
  /** What alone is sent to; empty: whatever is not refused always. */
  readonly allowed?: readonly OriginPattern[];
  /** Resolves a name: `lookup` of node:dns. */
  readonly resolve: (
    hostname: string,
    options: LookupAllOptions,
    callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
  ) => void;
}

/** The contract's pattern of an address: no user, path, query, fragment, space or backslash. */
const plain = /^https?:\/\/[^\s/?#@\\]+\/?$/;

/** What a node sends to, and what it does not. */
export class AddressRules {
  readonly #options: AddressOptions;

  constructor(options: AddressOptions) {
    this.#options = options;
  }

  /**
   * The origin that an address stands for, as the client reads it, or why nothing is sent there:
   * all that can be told without resolving a name. `http://2852039166` stands for
   * `http://169.254.169.254`.
   */
  read(address: string): { readonly origin: string } | { readonly refusal: string } {
    if (!plain.test(address) || !URL.canParse(address)) return { refusal: notAnOrigin };
    const url = new URL(address);
    if (url.port === '0') return { refusal: 'must name a port between 1 and 65535' };
    const { allowed = [], loopback } = this.#options;
    const isNamed = allowed.some((pattern) => pattern.matches(url));
    if (allowed.length > 0 && !isNamed) {
      const names = allowed.map(({ text }) => text).join(', ');
      return { refusal: `must be among the allowed origins of this node: ${names}` };
    }
    const refusal = refusalOf(hostOf(url), loopback || isNamed);
    return refusal === undefined ? { origin: url.origin } : { refusal };
  }

  /**
   * Resolves a name for one connection, and that connection goes to what was checked here: nobody
   * resolves it a second time. A name that leads to anything refused, besides, is refused whole.
   */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    const { resolve, trusted = [] } = this.#options;
    // `read` has seen whether this machine may be named.
    const loopback = this.#options.loopback || isLocalName(hostname) || trusted.includes(hostname);
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) {
        callback(error, []);
        return;
      }
      for (const { address } of addresses) {
        const refusal = refusalOf(address, loopback);
        if (refusal === undefined) continue;
        callback(new AddressRefused(refusal), []);
        return;
      }
      const [first] = addresses;
      if (options.all) callback(null, addresses);
      else callback(null, first?.address ?? '', first?.family);
    });
  };
}

const notAnOrigin =
  'must be http:// or https:// with a host and perhaps a port, such as http://bank-a:7701, ' +
  'and nothing else: no user, path, query or fragment';

/** Addresses of one kind. Node takes ::ffff:10.0.0.1 for 10.0.0.1 here. */
function kind(name: string, ...subnets: string[]) {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [net = '', bits] = subnet.split('/');
    list.addSubnet(net, Number(bits), familyOf(net));
  }
  // A link-local address may be followed by its interface: fe80::1%eth0.
  const has = (ip: string) => list.check(ip.replace(/%.*$/, ''), familyOf(ip));
  return { name, has };
}

const familyOf = (ip: string) => (isIPv6(ip) ? 'ipv6' : 'ipv4');

const ownMachine = kind('a loopback address', '127.0.0.0/8', '::1/128');

/** No node is ever there, but perhaps something that trusts whoever can reach it. */
const nobodys = [
  kind(
    'the metadata service of a cloud',
    ...['169.254.169.254/32', '169.254.170.2/32', '169.254.170.23/32', '100.100.100.200/32'],
    ...['168.63.129.16/32', '192.0.0.192/32'],
    ...['fd00:ec2::254/128', 'fd00:ec2::23/128', 'fd20:ce::254/128'],
  ),
  kind('a link-local address', '169.254.0.0/16', 'fe80::/10'),
  kind('an unspecified address', '0.0.0.0/8', '::/128'),
  kind('a multicast, reserved or broadcast address', '224.0.0.0/3', 'ff00::/8'),
  // Whatever is refused above could be written in these, too.
  kind(
    'an IPv4 address inside an IPv6 address',
    ...['::/96', '64:ff9b::/96', '64:ff9b:1::/48', '2001::/32', '2002::/16'],
  ),
];

/** A name that stands for this machine everywhere (RFC 6761). */
const isLocalName = (host: string) => /(^|\.)localhost\.?$/i.test(host);

const isLocal = (host: string) => (isIP(host) === 0 ? isLocalName(host) : ownMachine.has(host));

/** Why nothing is sent to a host; a name tells little before it is resolved. */
function refusalOf(host: string, loopback: boolean): string | undefined {
  if (isLocal(host)) {
    if (loopback) return undefined;
    return `must not lead to ${host}, ${ownMachine.name}, from a node that others can reach`;
  }
  const found = isIP(host) === 0 ? undefined : nobodys.find(({ has }) => has(host));
  return found && `must not lead to ${host}, ${found.name}`;
}

/** Whether an origin is on this machine, by its name or address. */
export const isOnThisMachine = (origin: string) => isLocal(hostOf(new URL(origin)));

/** Without the brackets of IPv6. */
const hostOf = ({ hostname }: URL) => hostname.replace(/^\[|\]$/g, '');
