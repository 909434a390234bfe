/** A whole cluster over TLS: what people do with it, and what strangers try. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { runCli } from '../../../client/cli/program.ts';
import { trustingFetch } from '../../../client/cli/trusting-fetch.ts';
import { connect, connectParticipant } from '../../../client/sdk/index.ts';
import { readKeyFile } from '../../../http/key-file.ts';
import { sentKeys, type Keys } from '../../../http/keys.ts';
import { callAs, makeSet, tlsOf, type Caller } from '../../fixtures/certificates.ts';
import { eventually, plainEnv, program } from '../../fixtures/cluster.ts';
import { fakeIo, unanimous } from '../../fixtures/fake-io.ts';
import { end, introduced, startUp } from '../../fixtures/up.ts';

const run = promisify(execFile);

interface Cluster {
  /** Of the certificates. */
  folder: string;
  ca: string;
  keys: Keys;
  coordinator: string;
  a: { address: string; pid: number };
  said: { text: string };
}

/** Runs a line that was printed, as a shell does that has the command. */
async function paste(line: string): Promise<string> {
  const command = `'${process.execPath}' '${program}'`;
  const text = line.replace('npx unanimous', command);
  return (await run('sh', ['-c', text], { env: plainEnv })).stdout;
}

/** The lines of the introduction that begin so. */
function printed(said: { text: string }, beginning: string): string {
  const from = said.text.indexOf(`\n  ${beginning}`);
  const end = said.text.indexOf('\n\n', from);
  return said.text.slice(from, end).split('\n  npx unanimous transfers')[0] ?? '';
}

async function pasted(t: Test, { said }: Cluster): Promise<void> {
  t.match(JSON.parse(await paste(printed(said, 'curl -s --cacert'))), { state: 'committed' });
  const look = /curl -s --cacert \S+ \S+\/accounts\/alice \S+/.exec(said.text)?.[0] ?? '';
  t.match(await paste(look), /"posted":97500.*"posted":102500/s);
  t.match(await paste(printed(said, 'npx unanimous transfer ')), /committed/);
  const list = /npx unanimous transfers .*/.exec(said.text)?.[0] ?? '';
  t.match(await paste(list), /(committed.*\n.*){2}/);
}

async function commands(t: Test, { coordinator, ca, folder }: Cluster): Promise<void> {
  const at = ['--coordinator', coordinator, '--tls-ca', ca];
  const lines: [string[], RegExp][] = [
    [['status'], /bank-b .*https:/],
    [['accounts'], /bank-a\/alice/],
    [['participants', 'bank-a'], /https:/],
    [['explain', 'wrong-certificate'], /Wrong certificate/],
    [['snapshot'], /bank-b\/bob/],
  ];
  for (const [args, out] of lines) {
    const told = await unanimous(...args, ...at);
    t.match(told, { code: 0, out }, `${args.join(' ')}: ${told.err}`);
  }
  const variables = { UNANIMOUS_TLS_CA: ca, UNANIMOUS_COORDINATOR: coordinator };
  const byVariables = async (args: string[], lines = '') => {
    const pipe = { input: Readable.from([lines]), terminal: undefined };
    const { io, said } = fakeIo(variables, pipe);
    t.equal(await runCli(args, io), 0, args.join(' '));
    return said.out.join('\n');
  };
  t.match(await byVariables(['statement', 'bank-a/alice']), /-25\.00/);
  t.match(await byVariables(['__complete', '--', 'accounts', 'bank-a/']), /^bank-a\/alice$/m);
  const typed = 'transfer 1.00 from alice to bob\nwait\naccounts\n';
  t.match(await byVariables(['shell'], typed), /committed.*bank-b\/bob/s);
  const without = await unanimous('accounts', '--coordinator', coordinator);
  const hint = /not trusted: .*\(--tls-ca or UNANIMOUS_TLS_CA gives its CA\)/;
  t.match(without, { code: 1, err: hint });
  const missing = await unanimous('accounts', '--tls-ca', join(folder, 'none.pem'));
  t.match(missing, { code: 2, err: /^--tls-ca: cannot read .*none\.pem: ENOENT/ });
}

const sdk = new URL('../../../dist/client/sdk/index.js', import.meta.url);

const script = `
import { connect } from '${sdk.href}';
const unanimous = connect(process.argv[1]);
const request = { from: 'bank-b/bob', to: 'bank-a/alice', amount: 5000, currency: 'USD' };
const { state } = await unanimous.transfer(request);
console.log(state);
`;

async function library(t: Test, { coordinator, ca }: Cluster): Promise<void> {
  const args = ['--input-type=module', '--eval', script, coordinator];
  const env = { ...plainEnv, NODE_EXTRA_CA_CERTS: ca };
  t.equal((await run(process.execPath, args, { env })).stdout, 'committed\n');
  const client = connect(coordinator, { fetch: trustingFetch(ca) });
  const kinds = new Set<string>();
  for await (const { type } of client.events({ after: '0' })) {
    kinds.add(type);
    if (type === 'ended') break;
  }
  t.strictSame([...kinds].sort(), ['begun', 'connected', 'decided', 'ended', 'registered']);
  t.match(await client.live(), { status: 'live' });
}

async function comesBack(t: Test, { a, coordinator, ca, said }: Cluster): Promise<void> {
  process.kill(a.pid, 'SIGKILL');
  await eventually('it is back', () => said.text.includes('bank-a is back at https:'), 60_000);
  const client = connect(coordinator, { fetch: trustingFetch(ca) });
  const request = { from: 'bank-a/alice', to: 'bank-b/bob', amount: 100, currency: 'USD' } as const;
  const outcome = await eventually('it takes part again', async () => {
    const one = await client.transfer(request).catch(() => undefined);
    return one?.state === 'committed' ? one : undefined;
  });
  t.equal(outcome.state, 'committed');
}

async function strangers(t: Test, { coordinator, a, folder, keys, ca }: Cluster): Promise<void> {
  const owner = await connect(coordinator, { fetch: trustingFetch(ca) }).participant('bank-a');
  const other = await makeSet(join(folder, '..', 'other'));
  const trusted = readFileSync(ca, 'utf8');
  const of = (name: string, set = folder): Caller => ({ ...tlsOf(set, name), ca: trusted });
  const address = 'https://127.0.0.1:9';
  const body = { store: 'stranger', epoch: 9, address, sequence: 0 };
  const register = (caller: Caller, more: object, path = '/participants', method = 'POST') =>
    callAs(caller, method, coordinator + path, {
      key: keys.participant,
      body: { ...body, ...more },
    });
  const refusals: [string, Promise<{ statusCode: number; body: string }>][] = [
    ['with no certificate', register({}, { name: 'bank-a' })],
    ['of another cluster', register(of('bank-a', other), { name: 'bank-a' })],
    ['of the coordinator', register(of('coordinator'), { name: 'bank-a' })],
    ['of bank-b, as bank-a', register(of('bank-b'), { name: 'bank-a' })],
    ['of bank-b, under a new name', register(of('bank-b'), { name: 'bank-c' })],
    ['of bank-b, with the store of bank-a', register(of('bank-b'), { store: owner.store })],
    [
      'of bank-b, with its own name and the store of bank-a',
      register(of('bank-b'), { name: 'bank-b', store: owner.store }),
    ],
    [
      'of bank-b, at the path of bank-a',
      register(of('bank-b'), { name: undefined }, '/participants/bank-a', 'PUT'),
    ],
    [
      'of bank-b, about what bank-a has missed',
      callAs(of('bank-b'), 'GET', `${coordinator}/decisions?participant=bank-a`, {
        key: keys.participant,
      }),
    ],
    [
      'of a participant, in the place of the coordinator',
      callAs(of('bank-b'), 'GET', `${a.address}/balances?at=0`, { key: keys.coordinator }),
    ],
  ];
  for (const [title, refused] of refusals) {
    const { statusCode, body: text } = await refused;
    t.match(JSON.parse(text), { code: 'wrong-certificate', definite: true }, title);
    t.equal(statusCode, 403);
  }
  const plain = await register(of('bank-b'), { address: 'http://127.0.0.1:9' });
  t.match(JSON.parse(plain.body), { code: 'invalid-request', detail: /must begin with https/ });
  const own = await callAs(of('bank-b'), 'GET', `${coordinator}/decisions?participant=bank-b`, {
    key: keys.participant,
  });
  t.equal(own.statusCode, 200);
  const after = await connect(coordinator, { fetch: trustingFetch(ca) }).participant('bank-a');
  t.match(after, { store: owner.store, address: owner.address, epoch: owner.epoch });
  const socket = connectSocket(Number(new URL(coordinator).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n');
  await new Promise((resolve) => socket.on('close', resolve));
}

/** A participant beside those of `up`; resolves with its last words, or once it is registered. */
async function joining(t: Test, cluster: Cluster, set: string, file: string, more: string[]) {
  const { coordinator, folder } = cluster;
  const data = join(folder, '..', `store-${file}-${more.length}`);
  await unanimous('init', '--role', 'participant', '--data', data);
  const keys = join(folder, '..', 'keys.json');
  const tls = ['--tls-cert', join(set, `${file}.pem`), '--tls-key', join(set, `${file}-key.pem`)];
  const args = ['participant', '--data', data, '--port', '0', '--keys', keys, ...tls, ...more];
  const child = spawn(process.execPath, [program, ...args, '--coordinator', coordinator], {
    env: plainEnv,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  t.teardown(() => end(child, 'SIGTERM'));
  let text = '';
  child.stderr.on('data', (bytes: Buffer) => (text += bytes.toString()));
  return { child, said: () => text };
}

async function newcomers(t: Test, cluster: Cluster): Promise<void> {
  const { folder, ca, coordinator } = cluster;
  t.equal((await unanimous('keygen', '--tls', folder, 'bank-c')).code, 0);
  await joining(t, cluster, folder, 'bank-c', ['--tls-ca', ca]);
  const client = connect(coordinator, { fetch: trustingFetch(ca) });
  const known = await eventually('the new one has the name of its certificate', () =>
    client.participant('bank-c').catch(() => undefined),
  );
  const ledger = connectParticipant(known.address, { fetch: trustingFetch(ca) });
  await eventually('it is ready', () => ledger.ready().catch(() => undefined));

  const other = await makeSet(join(folder, '..', 'others'));
  const both = join(other, 'both.pem');
  const read = (set: string) => readFileSync(join(set, 'ca.pem'), 'utf8');
  writeFileSync(both, read(other) + read(folder));
  const flags = ['--tls-ca', both, '--name', 'bank-a'];
  const stranger = await joining(t, cluster, other, 'bank-a', flags);
  const [code] = (await once(stranger.child, 'exit')) as [number];
  t.equal(code, 1, 'a node with the certificate of another cluster stops');
  t.match(stranger.said(), /refuses to register .*wrong-certificate/);
  const lost = await joining(t, cluster, other, 'bank-b', ['--tls-ca', join(other, 'ca.pem')]);
  await eventually('and one that does not trust the coordinator says so', () =>
    /not registered yet at https:.*(self-signed|unable to)/.test(lost.said()),
  );
}

void t.test('up --tls runs a cluster that works, and lets no stranger in', async (t) => {
  const data = join(t.testdir(), 'data');
  const { child, said } = startUp(t, data, {}, ['--tls']);
  const nodes = await introduced(said);
  const folder = join(data, 'tls');
  const keyFile = join(data, 'keys.json');
  const a = nodes.get('bank-a') ?? { address: '', pid: 0 };
  const coordinator = nodes.get('coordinator')?.address ?? '';
  const keys = sentKeys(readKeyFile(keyFile));
  const cluster = { folder, ca: join(folder, 'ca.pem'), keys, coordinator, a, said };
  t.match(coordinator, /^https:/);
  t.match(said.text, `\nWatch it: ${coordinator}/console\n`, 'there is no lab');
  t.equal(statSync(join(folder, 'ca-key.pem')).mode & 0o777, 0o600);
  await pasted(t, cluster);
  await commands(t, cluster);
  await library(t, cluster);
  await strangers(t, cluster);
  await newcomers(t, cluster);
  await comesBack(t, cluster);
  const certificate = readFileSync(cluster.ca, 'utf8');
  t.equal(await end(child, 'SIGINT'), 0);

  const second = startUp(t, data, {}, ['--tls']);
  const again = await introduced(second.said);
  t.equal(readFileSync(cluster.ca, 'utf8'), certificate, 'the certificates are kept');
  const fetch = trustingFetch(cluster.ca);
  const alice = await connectParticipant(again.get('bank-a')?.address ?? '', { fetch }).account(
    'alice',
  );
  t.equal(alice.posted, 99_800);
});
