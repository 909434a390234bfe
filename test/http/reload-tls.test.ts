/** Nodes whose certificates are replaced while they run. */
import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { certificateFiles } from '../../client/cli/certificates.ts';
import { runCoordinator } from '../../coordinator/main.ts';
import { readKeyFile } from '../../http/key-file.ts';
import { sentKeys, type Keys } from '../../http/keys.ts';
import { runParticipant } from '../../participant/main.ts';
import { callAs, makeSet, tlsOf, type Caller } from '../fixtures/certificates.ts';
import { unanimous } from '../fixtures/fake-io.ts';

interface Place {
  folder: string;
  keys: Keys;
  /** The certificates in use, and those of another cluster. */
  set: string;
  other: string;
}

async function place(t: Test): Promise<Place> {
  const folder = t.testdir();
  const file = join(folder, 'keys.json');
  await unanimous('keygen', '--out', file);
  const keys = sentKeys(readKeyFile(file));
  const [set, other] = [join(folder, 'set'), join(folder, 'other')];
  return { folder, keys, set: await makeSet(set), other: await makeSet(other) };
}

/** Puts the files of another set in the place of a node's. */
function replace({ set, other }: Place, name: string): void {
  for (const one of [name, 'ca']) {
    const [from, to] = [certificateFiles(other, one), certificateFiles(set, one)];
    copyFileSync(from.cert, to.cert);
    copyFileSync(from.key, to.key);
  }
}

async function start(
  t: Test,
  { folder, set }: Place,
  name: string,
  more: Record<string, string> = {},
) {
  const role = name === 'coordinator' ? name : 'participant';
  const data = join(folder, name);
  if (!existsSync(data)) await unanimous('init', '--role', role, '--data', data);
  const { cert: tlsCert, key: tlsKey } = certificateFiles(set, name);
  const tls = { tlsCert, tlsKey, tlsCa: certificateFiles(set, 'ca').cert };
  const flags = { data, port: '0', keys: join(folder, 'keys.json'), logLevel: 'silent', ...tls };
  const run = role === 'coordinator' ? runCoordinator : runParticipant;
  const node = await run({
    flags: { ...flags, ...more },
    env: {},
    onFatal: (error) => t.fail(error.message),
  });
  let isRunning = true;
  const stop = async () => {
    if (isRunning) await node.stop();
    isRunning = false;
  };
  t.teardown(stop);
  return { ...node, stop };
}

void t.test('new certificates count for new connections, and so does a new CA', async (t) => {
  const here = await place(t);
  const node = await start(t, here, 'coordinator');
  const before = tlsOf(here.set, 'bank-a');
  const after = tlsOf(here.other, 'bank-a');
  const options = { key: here.keys.participant, body: {} };
  const status = async (caller: Caller) =>
    (await callAs(caller, 'POST', `${node.address}/participants`, options)).statusCode;
  t.equal(await status(before), 400, 'it came as far as its body');
  await t.rejects(status(after));

  writeFileSync(certificateFiles(here.set, 'coordinator').cert, 'broken');
  node.reload();
  t.equal(await status(before), 400, 'what cannot be used changes nothing');

  replace(here, 'coordinator');
  t.equal(await status(before), 400, 'nor what was not read yet');
  node.reload();
  t.equal(await status(after), 400);
  await t.rejects(status(before));
  t.equal(await status({ ...before, ca: after.ca }), 403, 'the CA of before is not trusted');
});

void t.test('a node shows its new certificate to others as well', async (t) => {
  const here = await place(t);
  const coordinator = await start(t, here, 'coordinator');
  const bank = await start(t, here, 'bank-a', { coordinator: coordinator.address });
  const snapshot = async () => {
    const { ca } = tlsOf(here.set, 'coordinator');
    return (await callAs({ ca }, 'GET', `${coordinator.address}/snapshot`)).statusCode;
  };
  t.equal(await snapshot(), 200);
  replace(here, 'coordinator');
  replace(here, 'bank-a');
  coordinator.reload();
  t.equal(await snapshot(), 503, 'one of them has its old one');
  bank.reload();
  t.equal(await snapshot(), 200);
});

void t.test('without TLS there is nothing to read', async (t) => {
  const here = await place(t);
  const data = join(here.folder, 'plain');
  await unanimous('init', '--role', 'coordinator', '--data', data);
  const flags = { data, port: '0', keys: join(here.folder, 'keys.json'), logLevel: 'silent' };
  const node = await runCoordinator({ flags, env: {}, onFatal: (error) => t.fail(error.message) });
  t.teardown(() => node.stop());
  t.doesNotThrow(() => node.reload());
  t.match(node.address, /^http:/);
});
