import type { LookupAddress } from 'node:dns';
import t from 'tap';
import { AddressRefused, AddressRules, isOnThisMachine } from '../../http/addresses.ts';
import { readOriginPatterns } from '../../http/origin-patterns.ts';
import { anyAddress } from '../fixtures/any-address.ts';

const unresolved = () => {
  throw new Error('nothing is resolved');
};

/** The rules of a coordinator that others reach. */
const open = new AddressRules({ loopback: false, resolve: unresolved });

void t.test('an address stands for an origin, as the client reads it', async (t) => {
  for (const [address, origin] of [
    ['http://bank-a:7701', 'http://bank-a:7701'],
    ['https://bank-a.internal/', 'https://bank-a.internal'],
    ['http://BANK-A.internal:80', 'http://bank-a.internal'],
    ['http://10.1.2.3:7701', 'http://10.1.2.3:7701'],
    ['http://0x0a.1.515:7701', 'http://10.1.2.3:7701'],
    ['http://[2001:db8::7]:7701', 'http://[2001:db8::7]:7701'],
    ['http://[::ffff:10.0.0.1]', 'http://[::ffff:a00:1]'],
    ['https://bänk.example', 'https://xn--bnk-qla.example'],
  ] as const) {
    t.strictSame(open.read(address), { origin }, address);
  }
});

void t.test('what is more than an origin, or none, is no address', async (t) => {
  for (const address of [
    ...['', 'bank-a', 'bank-a:7701', '//bank-a', 'ftp://bank-a', 'file:///etc/passwd', 'http://'],
    ...['http://me@bank-a', 'http://me:secret@bank-a', 'http://10.0.0.1@169.254.169.254'],
    ...['http://bank-a/path', 'http://bank-a//', 'http://bank-a?', 'http://bank-a?a=1'],
    ...['http://127.0.0.1:7701#', 'http://bank-a#a', 'http:\\\\bank-a', 'http://bank-a\\@bank-b'],
    ...['http://bank a', ' http://bank-a', 'http://bank-a\n', 'http://bank\ta', 'javascript:1'],
    ...['http://bank-a:65536', 'http://bank-a:-1', 'http://bank-a:x', 'http://bank%2fa'],
    ...['http://1.2.3.4.5', 'http://256.1.1.1', 'http://[fe80::1%25eth0]', 'http://[::1'],
  ]) {
    const refusal = /^must be http:\/\/ or https:\/\/ with a host/;
    t.match(open.read(address), { refusal }, address);
  }
  t.match(open.read('http://bank-a:0'), { refusal: /^must name a port between 1 and 65535$/ });
});

void t.test('no spelling of an address that is no node gets through', async (t) => {
  const found = {
    'the metadata service of a cloud': [
      ...['169.254.169.254', '2852039166', '0xa9fea9fe', '0251.0376.0251.0376', '169.254.43518'],
      ...['169.254.169.254.', '0xA9.0xFE.0xA9.0xFE', '%31%36%39.254.169.254', '１６９.254.169.254'],
      ...[
        '①⑥⑨.254.169.254',
        '169。254。169。254',
        '[::ffff:169.254.169.254]',
        '[::ffff:a9fe:a9fe]',
      ],
      ...['[0:0:0:0:0:ffff:a9fe:a9fe]', '169.254.170.2', '100.100.100.200', '168.63.129.16'],
      ...['[fd00:ec2::254]', '[FD00:0EC2:0::0254]', '[fd20:ce::254]'],
    ],
    'a link-local address': ['169.254.0.1', '169.254.255.255', '[fe80::1]', '[febf::1]'],
    'an unspecified address': ['0.0.0.0', '0', '0x0', '0.1.2.3', '[::]', '[::ffff:0.0.0.0]'],
    'a multicast, reserved or broadcast address': [
      ...['224.0.0.1', '239.255.255.250', '240.0.0.1', '255.255.255.255', '4294967295'],
      ...['[ff02::1]', '[::ffff:224.0.0.1]'],
    ],
    'an IPv4 address inside an IPv6 address': [
      ...['[::169.254.169.254]', '[64:ff9b::169.254.169.254]', '[2002:a9fe:a9fe::1]'],
      ...['[2001:0:a9fe:a9fe::1]', '[64:ff9b:1::a9fe:a9fe]'],
    ],
  };
  for (const [what, hosts] of Object.entries(found)) {
    for (const host of hosts) {
      for (const rules of [open, anyAddress]) {
        const read = rules.read(`http://${host}:7701`);
        t.match(read, { refusal: new RegExp(`^must not lead to \\S+, ${what}$`) }, host);
      }
    }
  }
  for (const host of ['169.253.255.255', '169.255.0.1', '100.100.100.201', '192.168.0.1']) {
    t.match(open.read(`http://${host}`), { origin: `http://${host}` }, host);
  }
});

const ownMachine = [
  ...['127.0.0.1', '127.8.9.10', '2130706433', '0x7f.1', '127.1', '[::1]', '[::ffff:127.0.0.1]'],
  ...['localhost', 'LOCALHOST', 'localhost.', 'bank-a.localhost'],
];

void t.test('this machine is an address only for nodes that nobody else reaches', async (t) => {
  for (const host of ownMachine) {
    const refusal = /^must not lead to \S+, a loopback address, from a node that others can reach$/;
    t.match(open.read(`http://${host}:7701`), { refusal }, host);
    t.hasProp(anyAddress.read(`http://${host}:7701`), 'origin', host);
    t.ok(isOnThisMachine(`http://${host}:7701`), host);
  }
  for (const host of ['bank-a', 'localhost.bank-a', '10.0.0.1', '[::2]', '128.0.0.1']) {
    t.notOk(isOnThisMachine(`http://${host}`), host);
  }
});

void t.test('of allowed origins, nothing else is an address', async (t) => {
  const rules = (setting: string) =>
    new AddressRules({
      loopback: true,
      allowed: readOriginPatterns('allowedOrigins', setting),
      resolve: unresolved,
    });
  const banks = rules('https://*.bank.internal:7701, http://10.0.0.7:*');
  for (const address of ['https://a.bank.internal:7701', 'http://10.0.0.7', 'http://10.0.0.7:9']) {
    t.hasProp(banks.read(address), 'origin', address);
  }
  for (const address of [
    'http://a.bank.internal:7701',
    'http://10.0.0.8',
    'http://127.0.0.1:7701',
  ]) {
    const refusal =
      'must be among the allowed origins of this node: https://*.bank.internal:7701, ' +
      'http://10.0.0.7:*';
    t.strictSame(banks.read(address), { refusal }, address);
  }
  for (const host of ['127.0.0.1', 'localhost']) {
    const named = readOriginPatterns('allowedOrigins', `http://${host}:*`);
    const local = new AddressRules({ loopback: false, allowed: named, resolve: unresolved });
    t.hasProp(local.read(`http://${host}:7701`), 'origin', 'this machine, when it is named');
  }
  const never = rules('http://169.254.169.254');
  t.hasProp(never.read('http://169.254.169.254'), 'refusal', 'named or not');
});

/** What a name is resolved to for a connection, where it leads to `addresses`. */
function resolved(
  { all, ...options }: { loopback: boolean; all: boolean; trusted?: string[] },
  hostname: string,
  ...addresses: string[]
): Promise<unknown> {
  const found = addresses.map((address): LookupAddress => {
    return { address, family: address.includes(':') ? 6 : 4 };
  });
  const rules = new AddressRules({
    ...options,
    resolve: (_, options, callback) => {
      t.equal(options.all, true, 'every address is seen');
      if (addresses.length > 0) callback(null, found);
      else callback(new Error('ENOTFOUND'), []);
    },
  });
  return new Promise((resolve) => {
    rules.lookup(hostname, { all }, (error, address, family) => {
      resolve(error ?? (all ? address : [address, family]));
    });
  });
}

void t.test('a name leads to what is checked, or nowhere', async (t) => {
  const mixed = [
    { address: '10.0.0.7', family: 4 },
    { address: '2001:db8::7', family: 6 },
  ];
  for (const loopback of [true, false]) {
    const first = { loopback, all: false };
    const all = { loopback, all: true };
    t.strictSame(await resolved(all, 'bank-a', '10.0.0.7', '2001:db8::7'), mixed);
    t.strictSame(await resolved(first, 'bank-a', '10.0.0.7', '2001:db8::7'), ['10.0.0.7', 4]);
    t.match(await resolved(first, 'bank-a'), { message: 'ENOTFOUND' });
    for (const address of ['169.254.169.254', '::ffff:169.254.169.254', 'fe80::1%eth0']) {
      for (const how of [first, all]) {
        const alone = await resolved(how, 'bank-a', address);
        t.ok(alone instanceof AddressRefused, `${address} ${String(alone)}`);
        const besides = await resolved(how, 'bank-a', '10.0.0.7', address);
        t.ok(besides instanceof AddressRefused, `${address} besides another`);
      }
    }
  }
  const open = { loopback: false, all: false };
  t.ok((await resolved(open, 'bank-a', '127.0.0.1')) instanceof AddressRefused);
  t.ok((await resolved(open, 'bank-a', '::ffff:127.0.0.1')) instanceof AddressRefused);
  t.strictSame(await resolved({ ...open, loopback: true }, 'bank-a', '::1'), ['::1', 6]);
  t.strictSame(
    await resolved(open, 'localhost', '::1'),
    ['::1', 6],
    'which `read` has let through',
  );
  t.ok((await resolved(open, 'localhost', '169.254.0.1')) instanceof AddressRefused);
  const trusting = { ...open, trusted: ['c1', 'coordinator'] };
  for (const named of trusting.trusted) {
    t.strictSame(await resolved(trusting, named, '127.0.1.1'), ['127.0.1.1', 4], named);
  }
  t.ok((await resolved(trusting, 'coordinator', '169.254.0.1')) instanceof AddressRefused);
  t.ok((await resolved(trusting, 'bank-a', '127.0.1.1')) instanceof AddressRefused);
});
