import { X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readTls } from '../../../http/tls.ts';
import { unanimous } from '../../fixtures/fake-io.ts';

const certificateIn = (folder: string, name: string) =>
  new X509Certificate(readFileSync(join(folder, `${name}.pem`)));

void t.test('keygen --tls makes a CA and what it signs for each node', async (t) => {
  const folder = join(t.testdir(), 'certificates');
  const made = await unanimous('keygen', '--tls', folder, 'bank-a', 'bank-b');
  t.match(made, { code: 0, err: '', out: /: ca, coordinator, bank-a, bank-b; each as NAME\.pem/ });
  const names = ['bank-a', 'bank-b', 'ca', 'coordinator'];
  const files = names.flatMap((name) => [`${name}-key.pem`, `${name}.pem`]);
  t.strictSame(readdirSync(folder).sort(), files.sort());
  for (const name of names) {
    t.equal(statSync(join(folder, `${name}-key.pem`)).mode & 0o777, 0o600, name);
  }
  const ca = certificateIn(folder, 'ca');
  t.ok(ca.ca && ca.verify(ca.publicKey));
  const days = ({ validFrom, validTo }: X509Certificate) =>
    Math.round((Date.parse(validTo) - Date.parse(validFrom)) / 86_400_000);
  t.equal(days(ca), 3650);
  for (const name of ['bank-a', 'bank-b', 'coordinator']) {
    const one = certificateIn(folder, name);
    t.ok(one.checkIssued(ca) && one.verify(ca.publicKey) && !one.ca, name);
    t.equal(days(one), 365);
    t.equal(one.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
    for (const host of ['localhost', '127.0.0.1', '::1']) {
      t.ok(host === 'localhost' ? one.checkHost(host) : one.checkIP(host), `${name} at ${host}`);
    }
    const role = name === 'coordinator' ? name : 'participant';
    const [tlsCert, tlsKey] = [join(folder, `${name}.pem`), join(folder, `${name}-key.pem`)];
    const tlsCa = join(folder, 'ca.pem');
    t.ok(readTls({ tlsCert, tlsKey, tlsCa }, { role, ...(role !== name && { name }) }));
  }
  const serials = names.map((name) => certificateIn(folder, name).serialNumber);
  t.equal(new Set(serials).size, names.length);
});

void t.test('keygen --tls adds a participant later, and overwrites nothing', async (t) => {
  const folder = join(t.testdir(), 'certificates');
  t.equal((await unanimous('keygen', '--tls', folder)).code, 0);
  const before = readFileSync(join(folder, 'coordinator.pem'), 'utf8');
  const added = await unanimous(
    ...['keygen', '--tls', folder, '--hosts', 'bank-c.example,10.0.0.7', 'bank-c'],
  );
  t.match(added, { code: 0, out: /: bank-c; each/ });
  const one = certificateIn(folder, 'bank-c');
  t.ok(one.verify(certificateIn(folder, 'ca').publicKey));
  t.ok(one.checkHost('bank-c.example') && one.checkIP('10.0.0.7') && !one.checkIP('127.0.0.1'));
  t.match(one.subjectAltName, 'URI:unanimous:participant:bank-c');
  const again = await unanimous('keygen', '--tls', folder, 'bank-d', 'bank-c');
  t.match(again, { code: 1, err: /bank-c\.pem exists: move it away to make a new one/ });
  t.notOk(existsSync(join(folder, 'bank-d.pem')), 'nothing is half done');
  t.equal(readFileSync(join(folder, 'coordinator.pem'), 'utf8'), before);
  t.match(await unanimous('keygen', '--tls', folder), { code: 2, err: /name the participants/ });
  rmSync(join(folder, 'coordinator.pem'));
  t.match(await unanimous('keygen', '--tls', folder), { code: 1, err: /cannot write .*EEXIST/ });
  rmSync(join(folder, 'coordinator-key.pem'));
  t.match(await unanimous('keygen', '--tls', folder), { code: 0, out: /: coordinator; each/ });

  renameSync(join(folder, 'ca-key.pem'), join(folder, 'elsewhere'));
  const missing = await unanimous('keygen', '--tls', folder, 'bank-e');
  t.match(missing, { code: 1, err: /ca-key\.pem is missing, bring it back/ });
  renameSync(join(folder, 'coordinator.pem'), join(folder, 'ca-key.pem'));
  const wrong = await unanimous('keygen', '--tls', folder, 'bank-e');
  t.match(wrong, { code: 1, err: /are not those of a CA made by keygen/ });
});

void t.test('keygen says what it needs', async (t) => {
  const folder = t.testdir();
  const file = join(folder, 'keys.json');
  t.match(await unanimous('keygen'), { code: 2, err: /takes one of --out .* --tls FOLDER/ });
  const misplaced = await unanimous('keygen', '--out', file, 'bank-a');
  t.match(misplaced, { code: 2, err: /names of participants go with --tls/ });
  t.notOk(existsSync(file));
  for (const name of ['coordinator', 'ca', 'Bank', 'a/b', '../x', 'a'.repeat(64)]) {
    const refused = await unanimous('keygen', '--tls', folder, name);
    t.match(refused, { code: 2, err: /cannot be the name of a participant/ }, name);
  }
  for (const hosts of ['', 'a,,b', 'a b', 'a_b', 'http://a']) {
    const refused = await unanimous('keygen', '--tls', folder, '--hosts', hosts, 'bank-a');
    t.match(refused, { code: 2, err: /must be names or IP addresses/ }, hosts);
  }
  const both = await unanimous('keygen', '--out', file, '--tls', folder, 'bank-a');
  t.match(both, { code: 2, err: /takes one of/ });
});
