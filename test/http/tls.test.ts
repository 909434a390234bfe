/** The files of TLS that a node is started with: what cannot work is refused in one sentence. */
import { chmodSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { certificateFiles } from '../../client/cli/certificates.ts';
import { readNodeSettings } from '../../http/node.ts';
import { readTls, type Owner, type TlsSettings } from '../../http/tls.ts';
import { participantSettings, checkSchemes } from '../../participant/config.ts';
import { issueOdd, makeSet, tlsOf } from '../fixtures/certificates.ts';

const coordinator: Owner = { role: 'coordinator' };

const settingsOf = (folder: string, name: string): Required<TlsSettings> => {
  const { cert, key } = certificateFiles(folder, name);
  return { tlsCert: cert, tlsKey: key, tlsCa: certificateFiles(folder, 'ca').cert };
};

void t.test('what keygen makes is taken by its node, and nothing is null', async (t) => {
  const folder = await makeSet(t.testdir());
  t.equal(readTls({}, coordinator), null);
  const settings = settingsOf(folder, 'coordinator');
  t.same(readTls(settings, coordinator), tlsOf(folder, 'coordinator'));
  const { tlsCa, ...withoutCa } = settings;
  t.same(Object.keys(readTls(withoutCa, coordinator) ?? {}), ['cert', 'key'], tlsCa);
  t.ok(readTls(settingsOf(folder, 'bank-a'), { role: 'participant', name: 'bank-a' }));
  t.ok(readTls(settingsOf(folder, 'bank-a'), { role: 'participant', name: undefined }));
  const both = join(folder, 'both.pem');
  const other = await makeSet(join(folder, 'other'));
  const [ours, theirs] = [tlsOf(folder, 'bank-a').ca, tlsOf(other, 'bank-a').ca];
  writeFileSync(both, theirs + ours);
  t.ok(readTls({ ...settings, tlsCa: both }, coordinator), 'while one CA follows another');
});

void t.test('what cannot work is refused in one sentence', async (t) => {
  const folder = await makeSet(t.testdir());
  const other = await makeSet(join(folder, 'other'));
  const good = settingsOf(folder, 'coordinator');
  const { tlsCert, tlsKey, tlsCa } = good;
  const uris = ['unanimous:coordinator'];
  await issueOdd(folder, 'expired', { uris, days: -1 });
  await issueOdd(folder, 'future', { uris, startDays: 0.5 });
  await issueOdd(folder, 'nobody', { dns: ['localhost'] });
  await issueOdd(folder, 'two', { uris: [...uris, 'unanimous:participant:bank-a'] });
  await issueOdd(folder, 'server', { uris, usages: ['1.3.6.1.5.5.7.3.1'] });
  const text = join(folder, 'text');
  writeFileSync(text, 'hello');
  const broken = join(folder, 'broken.pem');
  writeFileSync(broken, readFileSync(tlsCert, 'utf8').replace(/\n[^-]{20}/, '\nAAAA'));
  const bankA: Owner = { role: 'participant', name: 'bank-a' };
  const refused: [TlsSettings, RegExp, Owner?][] = [
    [{ tlsCert }, /^--tls-key is missing: --tls-cert is of no use without/],
    [{ tlsKey }, /^--tls-cert is missing: --tls-key is of no use without/],
    [{ tlsCa }, /^--tls-cert is missing: --tls-ca is of no use without/],
    [{ tlsCert, tlsCa }, /^--tls-key is missing/],
    [{ tlsKey, tlsCa }, /^--tls-cert is missing/],
    [{ ...good, tlsCert: join(folder, 'no.pem') }, /^--tls-cert: cannot read .*no\.pem: ENOENT/],
    [{ ...good, tlsKey: folder }, /^--tls-key: cannot read .*: EISDIR/],
    [{ ...good, tlsCa: join(folder, 'no.pem') }, /^--tls-ca: cannot read .*no\.pem: ENOENT/],
    [{ ...good, tlsCert: text }, /^--tls-cert: .*text is not a certificate in PEM; make a set/],
    [{ ...good, tlsCert: broken }, /^--tls-cert: .*broken\.pem is not a certificate in PEM/],
    [{ ...good, tlsKey: text }, /^--tls-key: .*text is not a private key in PEM/],
    [{ ...good, tlsKey: tlsCert }, /^--tls-key: .* is not a private key in PEM/],
    [
      { ...good, tlsKey: certificateFiles(folder, 'bank-a').key },
      /^--tls-key: .*bank-a-key\.pem does not belong to the certificate in .*coordinator\.pem/,
    ],
    [{ ...good, tlsCa: text }, /^--tls-ca: .*text has no certificate of a CA in PEM/],
    [{ ...good, tlsCa: tlsCert }, /^--tls-ca: .*coordinator\.pem has no certificate of a CA/],
    [
      { ...good, tlsCa: certificateFiles(other, 'ca').cert },
      /^--tls-cert: .*coordinator\.pem is not signed by the CA in .*other.*ca\.pem/,
    ],
    [settingsOf(folder, 'expired'), /^--tls-cert: .*expired\.pem has expired on .* GMT; make/],
    [settingsOf(folder, 'future'), /^--tls-cert: .*future\.pem is not valid before .*the clock/],
    [settingsOf(folder, 'nobody'), /names no node: .*must have the URI unanimous:coordinator/],
    [settingsOf(folder, 'two'), /^--tls-cert: .*two\.pem names no node/],
    [settingsOf(folder, 'server'), /^--tls-cert: .*server\.pem is for servers only/],
    [
      settingsOf(folder, 'bank-a'),
      /is that of unanimous:participant:bank-a: .* URI unanimous:coordinator/,
    ],
    [
      settingsOf(folder, 'bank-b'),
      /is that of unanimous:participant:bank-b: .* URI unanimous:participant:bank-a/,
      bankA,
    ],
    [
      good,
      /is that of unanimous:coordinator: .* URI unanimous:participant:<name>/,
      { role: 'participant' },
    ],
  ];
  for (const [settings, message, owner = coordinator] of refused) {
    t.throws(() => readTls(settings, owner), { name: 'SettingsError', message });
  }
});

const isRoot = process.getuid?.() === 0;

void t.test('a file that may not be read is named', { skip: isRoot }, async (t) => {
  const folder = await makeSet(t.testdir());
  const settings = settingsOf(folder, 'coordinator');
  chmodSync(settings.tlsKey, 0);
  t.throws(() => readTls(settings, coordinator), { message: /^--tls-key: cannot read .*EACCES/ });
});

void t.test('beyond this machine a node needs keys and TLS, or to be told that not', async (t) => {
  const folder = await makeSet(t.testdir());
  const keys = join(folder, 'keys.json');
  copyFileSync(new URL('../../package.json', import.meta.url), keys);
  const read = (flags: Record<string, string | boolean>) => {
    const coordinates = { data: folder, coordinator: 'https://127.0.0.1:1' };
    return () => {
      const options = { flags: { ...coordinates, ...flags }, env: {}, onFatal: () => undefined };
      return readNodeSettings(participantSettings, options).settings;
    };
  };
  const { tlsCert, tlsKey } = settingsOf(folder, 'bank-a');
  for (const host of ['0.0.0.0', '::', '10.0.0.1', 'bank.example']) {
    t.throws(read({ host, tlsCert, tlsKey }), { message: /^--keys is missing: .*other machines/ });
    const message = new RegExp(`^--tls-cert is missing: ${host} can be reached from .*--insecure`);
    t.throws(read({ host, keys }), { message });
    t.ok(read({ host, insecure: true })(), 'insecure');
  }
});

void t.test('addresses that begin with http are refused where TLS is spoken', async (t) => {
  const flags = { data: 'd', insecure: true, coordinator: 'http://127.0.0.1:1' };
  const settingsWith = (more: Record<string, string>) => {
    const options = { flags: { ...flags, ...more }, env: {}, onFatal: () => undefined };
    return readNodeSettings(participantSettings, options).settings;
  };
  const check = (more: Record<string, string>) => () => checkSchemes(settingsWith(more));
  const coordinator = 'https://127.0.0.1:1';
  t.doesNotThrow(check({ advertise: 'http://10.0.0.1' }), 'without TLS');
  t.throws(check({ tlsCert: 'c', tlsKey: 'k', tlsCa: 'a' }), {
    message: /^--coordinator: http:\/\/127\.0\.0\.1:1 must begin with https/,
  });
  const [one, two] = ['http://10.0.0.1:1', 'http://10.0.0.2:1'];
  const several = { coordinator: `${one},${coordinator},${two}`, advertise: one };
  t.throws(check({ tlsCert: 'c', tlsKey: 'k', tlsCa: 'a', ...several }), {
    message: new RegExp(`^--coordinator: ${one} .*\n--coordinator: ${two} .*\n--advertise: `),
  });
  t.throws(check({ tlsCert: 'c', coordinator, advertise: 'http://10.0.0.1' }), {
    message: /^--advertise: http:\/\/10\.0\.0\.1 must begin with https/,
  });
  t.doesNotThrow(check({ tlsCert: 'c', tlsCa: 'a', coordinator, advertise: 'https://a.example' }));
});
