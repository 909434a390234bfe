import t from 'tap';
import { ownAddresses } from '../../participant/addresses.ts';

const coordinator = ['http://10.0.0.1:7700/'];
const host = '127.0.0.1';

void t.test('the addresses of a participant are origins', async (t) => {
  const own = ownAddresses({ coordinator, host, advertise: 'https://BANK-A.internal:443/' });
  t.match(own, { coordinators: ['http://10.0.0.1:7700'], advertise: 'https://bank-a.internal' });
  t.equal(ownAddresses({ coordinator, host }).advertise, undefined);
});

void t.test('several addresses of the coordinator are read one by one, each once', async (t) => {
  const several = ['http://c1:7700/', 'http://10.0.0.1:7700', 'http://C1:7700'];
  const { coordinators, rules } = ownAddresses({ coordinator: several, host: '10.0.0.2' });
  t.strictSame(coordinators, ['http://c1:7700', 'http://10.0.0.1:7700']);
  for (const one of coordinators) t.strictSame(rules.read(one), { origin: one });
  const wrong = ['http://c1:7700', 'http://169.254.169.254', 'http://c2:0'];
  const told = [
    '--coordinator: "http://169.254.169.254" must not lead to 169.254.169.254, ' +
      'the metadata service of a cloud',
    '--coordinator: "http://c2:0" must name a port between 1 and 65535',
  ];
  const message = told.join('\n');
  t.throws(() => ownAddresses({ coordinator: wrong, host }), { message });
});

void t.test('each name of the coordinator may lead to this machine, others may not', async (t) => {
  const coordinator = ['http://c1:7700', 'http://c2:7700'];
  const { rules } = ownAddresses({ coordinator, host: '10.0.0.2' }, (_name, _options, callback) => {
    callback(null, [{ address: '127.0.1.1', family: 4 }]);
  });
  const refusal = async (name: string) => {
    return new Promise((resolve) => {
      rules.lookup(name, {}, resolve);
    });
  };
  for (const name of ['c1', 'c2']) t.equal(await refusal(name), null, name);
  t.match(await refusal('bank-b'), { name: 'AddressRefused' });
});

void t.test('what cannot be meant is told before anything starts, all at once', async (t) => {
  const settings = { coordinator: ['http://2852039166'], host, advertise: 'http://me@bank-a' };
  const told =
    /^--coordinator: "http.*" must not lead to 169.254.169.254, .*\n--advertise: .* must be http/;
  t.throws(() => ownAddresses(settings), { name: 'SettingsError', message: told });
  for (const everywhere of ['0.0.0.0', '::']) {
    const missing = /^--advertise is missing: --host \S+ is no address at which others reach/;
    t.throws(() => ownAddresses({ coordinator, host: everywhere }), { message: missing });
    const given = { coordinator, host: everywhere, advertise: 'http://bank-a:7701' };
    t.match(ownAddresses(given), { advertise: 'http://bank-a:7701' });
  }
});

void t.test('peers are on this machine only where the node or its coordinator is', async (t) => {
  const peer = 'http://127.0.0.1:7702';
  for (const [at, listens, prop] of [
    ['http://127.0.0.1:7700', '10.0.0.2', 'origin'],
    ['http://localhost:7700', '10.0.0.2', 'origin'],
    ['http://10.0.0.1:7700', '127.0.0.1', 'origin'],
    ['http://10.0.0.1:7700,http://127.0.0.1:7700', '10.0.0.2', 'origin'],
    ['http://10.0.0.1:7700', '10.0.0.2', 'refusal'],
    ['http://10.0.0.1:7700,http://10.0.0.3:7700', '10.0.0.2', 'refusal'],
  ] as const) {
    const { rules } = ownAddresses({ coordinator: at.split(','), host: listens });
    t.hasProp(rules.read(peer), prop, `${at} ${listens}`);
    t.hasProp(rules.read('http://169.254.169.254'), 'refusal');
  }
});
