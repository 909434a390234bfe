import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import t from 'tap';
import { checkCertificate } from '../../../client/doctor/files.ts';

const now = Date.UTC(2026, 10, 23);
const day = 86_400_000;
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** A certificate that signs itself, and its key, as files. */
async function made(folder: string, name: string, from: number, to: number) {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    notBefore: new Date(from),
    notAfter: new Date(to),
    signingAlgorithm: algorithm,
    keys,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: name }])],
  });
  const exported = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  const [cert, key] = [join(folder, `${name}.pem`), join(folder, `${name}-key.pem`)];
  writeFileSync(cert, certificate.toString('pem'));
  writeFileSync(key, x509.PemConverter.encode(exported, 'PRIVATE KEY'));
  return { cert, key };
}

void t.test('a certificate is good when it is in time, and its key is its own', async (t) => {
  const folder = t.testdir();
  const good = await made(folder, 'bank-a', now - day, now + 90 * day);
  const other = await made(folder, 'bank-b', now - day, now + 90 * day);
  const check = (cert: string, key?: string, at = now) =>
    checkCertificate('certificate', cert, at, key);
  t.match(await check(good.cert, good.key), { state: 'ok', found: /DNS:bank-a, valid to Feb / });
  t.match(await check(good.cert), { state: 'ok' }, 'an authority has no key here');
  t.match(await check(good.cert, other.key), { state: 'fail', found: /is not the key of/ });
  t.match(await check(good.cert, good.cert), { state: 'fail' });
  const late = await check(good.cert, good.key, now + 61 * day);
  t.match(late, { state: 'warn', found: /: 29 days are left$/, advice: /make a new certificate/ });
  t.match(await check(good.cert, good.key, now + 91 * day), { state: 'fail', found: /is over/ });
  t.match(await check(good.cert, good.key, now - 2 * day), { state: 'fail', found: /only from/ });
  const broken = join(folder, 'broken.pem');
  writeFileSync(broken, 'x');
  t.match(await check(broken), { state: 'fail', advice: /in PEM that can be read/ });
});
