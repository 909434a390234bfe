/** Where other coordinators on the same database reach one, as its settings say. */
import t from 'tap';
import { advertisedAddress, coordinatorSettings, outOfReach } from '../../coordinator/config.ts';
import { readSettings } from '../../http/settings.ts';

const near = 'postgres://me@127.0.0.1/money';
const far = 'postgres://me@db.internal/money';

function read(given: Record<string, string>) {
  const found = readSettings(coordinatorSettings, given, {});
  if ('errors' in found) throw new Error(found.errors.join());
  return found.settings;
}

const settings = (store: string, more: Record<string, string> = {}) => read({ store, ...more });

void t.test('an address to be reached at must be one', async (t) => {
  const given = (more: Record<string, string>) => () => advertisedAddress(settings(far, more));
  t.equal(given({})(), undefined);
  t.equal(given({ advertise: 'https://A.internal:443/' })(), 'https://a.internal');
  t.equal(given({ host: '::', advertise: 'http://[::1]:7700' })(), 'http://[::1]:7700');
  t.equal(given({ host: '::1' })(), undefined);
  for (const host of ['0.0.0.0', '::']) {
    t.throws(given({ host }), { message: new RegExp(`^--advertise is missing: --host ${host} `) });
  }
  t.throws(given({ advertise: 'a.internal' }), { message: /^--advertise: "a.internal" must/ });
  t.throws(given({ advertise: 'http://a.internal', tlsCert: 'cert.pem', tlsKey: 'key.pem' }), {
    message: /^--advertise: http:\/\/a.internal must begin with https: with --tls-cert/,
  });
});

void t.test(
  'who listens for its own machine alone, on a database elsewhere, is told',
  async (t) => {
    t.match(outOfReach(settings(far)), /cannot pass requests on to 127.0.0.1, .* --advertise$/);
    t.match(outOfReach(settings(`${near}?host=db.internal`)), /--advertise$/);
    t.equal(outOfReach(settings(near)), undefined);
    t.equal(outOfReach(settings('postgres://me@LOCALHOST/money')), undefined);
    t.equal(outOfReach(settings(`${far}?host=/var/run/postgresql`)), undefined, 'a socket');
    t.equal(outOfReach(settings('postgres://me:Geheim@a:5432,b:5432/money')), undefined, 'no URL');
    t.equal(outOfReach(settings(far, { host: '10.0.0.7' })), undefined);
    t.equal(outOfReach(settings(far, { advertise: 'http://10.0.0.7:7700' })), undefined);
    t.equal(outOfReach(read({ data: 'data' })), undefined);
  },
);
