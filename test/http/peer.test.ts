/** Servers over TLS: which certificates may call what, and what becomes of those that misbehave. */
import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import t, { type Test } from 'tap';
import type { NodeRole } from '../../http/contract.ts';
import { defaultHttpLimits, type HttpLimits } from '../../http/limits.ts';
import { problem } from '../../http/problems.ts';
import { stopServer } from '../../http/shutdown.ts';
import type { Tls } from '../../http/tls.ts';
import { callAs, issueOdd, makeSet, tlsOf, type Caller } from '../fixtures/certificates.ts';
import { checkReply, contracts } from '../fixtures/contract.ts';
import { fakeNode } from '../fixtures/fake-node.ts';

interface Options {
  tls?: Tls;
  limits?: HttpLimits;
}

/** A node over TLS that remembers what reached its handlers. */
async function listening(t: Test, role: NodeRole, options: Options = {}) {
  const folder = await makeSet(join(t.testdir(), 'set'));
  const tls = options.tls ?? tlsOf(folder, role === 'coordinator' ? role : 'bank-a');
  const node = await fakeNode(t, role, { ...options, tls });
  const url = await addressOf(node.app);
  return { ...node, folder, port: Number(new URL(url).port), url };
}

async function addressOf(app: FastifyInstance): Promise<string> {
  await app.listen({ port: 0, host: '127.0.0.1' });
  return `https://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
}

const closeOf = (socket: Socket) => new Promise((resolve) => socket.on('close', resolve));

const isForNodes = (roles: readonly string[]) =>
  roles.length > 0 && roles.every((role) => role === 'coordinator' || role === 'participant');

const pathOf = (path: string) =>
  path.replace('{id}', 'k3f9q2ma-1-1').replace('{name}', 'bank-a').replace('{code}', 'x');

for (const role of ['coordinator', 'participant'] as const) {
  void t.test(`what only nodes may call at a ${role} needs the right certificate`, async (t) => {
    const { url, folder, keys, calls } = await listening(t, role);
    const other = await makeSet(join(folder, 'other'));
    const uris = ['unanimous:coordinator'];
    await issueOdd(folder, 'old', { uris, days: -1 });
    await issueOdd(folder, 'alone', { uris, selfSigned: true });
    await issueOdd(folder, 'server', { uris, usages: ['1.3.6.1.5.5.7.3.1'] });
    await issueOdd(folder, 'nobody', { dns: ['coordinator'] });
    await issueOdd(folder, 'two', { uris: [...uris, 'unanimous:participant:bank-a'] });
    const of = (name: string, set = folder): Caller => {
      const { cert, key } = tlsOf(set, name);
      return { cert, key };
    };
    const offers: [string, Caller, RegExp][] = [
      ['none', {}, /^a client certificate of the CA of this cluster is needed$/],
      ['of another CA', of('coordinator', other), /not a valid one .*: [A-Z_]+$/],
      ['of another CA, as a peer', of('bank-b', other), /not a valid one .*: [A-Z_]+$/],
      ['of no CA', of('alone'), /not a valid one .*: DEPTH_ZERO_SELF_SIGNED_CERT$/],
      ['expired', of('old'), /not a valid one .*: CERT_HAS_EXPIRED$/],
      ['for servers', of('server'), /not a valid one .*: INVALID_PURPOSE$/],
      ['of nobody', of('nobody'), /^the certificate has the name of no node$/],
      ['of two', of('two'), /^the certificate has the name of no node$/],
    ];
    const rights = { coordinator: of('coordinator'), participant: of('bank-b') };
    let checked = 0;
    for (const { operationId, method, path, roles } of contracts[role].operations.values()) {
      if (!isForNodes(roles)) continue;
      const right = roles[0] as NodeRole;
      const wrong = right === 'coordinator' ? 'participant' : 'coordinator';
      const key = keys[right];
      const call = async (caller: Caller) => {
        // Nodes see nothing of a body that does not keep the contract.
        const body = method === 'GET' ? undefined : {};
        return callAs(caller, method, url + pathOf(path), { key, ...(body && { body }) });
      };
      const ofOther = new RegExp(`^the certificate is that of unanimous:${wrong}.* a ${right}$`);
      for (const [title, caller, detail] of [
        ...offers,
        ['of another node', rights[wrong], ofOther] as const,
      ]) {
        const reply = await call(caller);
        const { code, ...rest } = JSON.parse(reply.body);
        t.equal(code, 'wrong-certificate', `${operationId} with a certificate ${title}`);
        t.match(rest, { status: 403, definite: true, detail });
        checkReply(t, role, operationId, reply);
        checked += 1;
      }
      t.not((await call(rights[right])).statusCode, 403, `${operationId} with the right one`);
      const keyless = await callAs(rights[right], method, url + pathOf(path));
      t.equal(keyless.statusCode, 401, `${operationId} with the right one, and without a key`);
    }
    t.ok(checked > 0);
    t.strictSame(
      calls.filter((name) => !isForNodes(rolesOf(role, name))),
      [],
      'nothing else ran',
    );
  });
}

const rolesOf = (role: NodeRole, operationId: string) =>
  contracts[role].operations.get(operationId)?.roles ?? [];

void t.test('without keys, nodes still need their certificates', async (t) => {
  const folder = await makeSet(join(t.testdir(), 'set'));
  const { app } = await fakeNode(t, 'participant', { keys: null, tls: tlsOf(folder, 'bank-a') });
  const url = await addressOf(app);
  t.equal((await callAs({}, 'POST', `${url}/prepare`, { body: {} })).statusCode, 403);
  t.equal((await callAs({}, 'GET', `${url}/accounts`)).statusCode, 200);
});

void t.test('clients need no certificate, and a wrong one does not harm them', async (t) => {
  const { url, folder, keys } = await listening(t, 'participant');
  const other = await makeSet(join(folder, 'other'));
  const { ca } = tlsOf(folder, 'bank-a');
  const { cert, key } = tlsOf(other, 'bank-a');
  for (const caller of [{ ca }, { ca, cert, key }]) {
    t.equal((await callAs(caller, 'GET', `${url}/accounts`)).statusCode, 200);
    const options = { key: keys.client };
    t.equal((await callAs(caller, 'GET', `${url}/accounts`, options)).statusCode, 200);
  }
  await t.rejects(callAs({ ca: tlsOf(other, 'bank-a').ca }, 'GET', `${url}/accounts`));
});

void t.test('without a CA nobody is asked for a certificate', async (t) => {
  const folder = await makeSet(join(t.testdir(), 'set'));
  const { ca, ...tls } = tlsOf(folder, 'bank-a');
  const { app, keys } = await fakeNode(t, 'participant', { tls });
  const url = await addressOf(app);
  const options = { key: keys.coordinator, body: {} };
  t.equal((await callAs({ ca }, 'POST', `${url}/prepare`, options)).statusCode, 400);
});

/** What comes back over TLS until the connection ends. */
async function exchange(port: number, bytes: string, options: ConnectionOptions = {}) {
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  let received = '';
  let session: Buffer | undefined;
  let [reused, protocol] = [false, null as string | null];
  socket.on('secureConnect', () => {
    session ??= socket.getSession();
    [reused, protocol] = [socket.isSessionReused(), socket.getProtocol()];
  });
  // With TLS 1.3 it comes later, if it does.
  socket.on('session', (one) => (session = one));
  socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
  socket.on('error', () => undefined);
  socket.write(bytes);
  await closeOf(socket);
  return { received, reused, protocol, session };
}

/** What comes back from bytes that are no TLS. */
async function plain(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  if (bytes !== '') socket.write(bytes);
  await closeOf(socket);
  return received;
}

void t.test('what is no TLS is cut off, and harms nobody', async (t) => {
  const limits = { ...defaultHttpLimits, requestTimeoutMs: 2_000 };
  const { port, url } = await listening(t, 'participant', { limits });
  const request = 'GET /accounts HTTP/1.1\r\nHost: localhost\r\n\r\n';
  for (const bytes of [request, 'NONSENSE', '\x16\x03\x01\xff\xff', '\x00'.repeat(70_000)]) {
    t.notMatch(await plain(port, bytes), /HTTP/, JSON.stringify(bytes.slice(0, 10)));
  }
  t.equal(await plain(port, ''), '', 'a hand that is never shaken is let go in time');
  await Promise.all(Array.from({ length: 50 }, () => plain(port, request)));
  t.equal((await callAs({}, 'GET', `${url}/accounts`)).statusCode, 200);
});

void t.test('TLS is 1.2 or 1.3, and a session is never resumed', async (t) => {
  const { port, folder } = await listening(t, 'participant');
  const request = 'GET /accounts HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' } as const;
  t.match(await exchange(port, request, old), { received: '', protocol: null });
  t.match((await exchange(port, request)).received, /^HTTP\/1\.1 200 /);
  const { cert, key } = tlsOf(folder, 'bank-b');
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    for (const shown of [{}, { cert, key }]) {
      const { session } = await exchange(port, request, { maxVersion, ...shown });
      t.ok(session);
      const second = await exchange(port, request, { maxVersion, ...(session && { session }) });
      t.match(second, { received: /^HTTP\/1\.1 200 /, reused: false, protocol: maxVersion });
    }
  }
});

void t.test('the limits of requests hold over TLS', async (t) => {
  const limits = { ...defaultHttpLimits, requestTimeoutMs: 2_000, maxHeaderBytes: 4096 };
  const { port, calls } = await listening(t, 'participant', { limits });
  const sent: [string, RegExp][] = [
    ['NONSENSE\r\n\r\n', /^HTTP\/1\.1 400 .*"code":"invalid-request"/s],
    [`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(8192)}\r\n\r\n`, /^HTTP\/1\.1 431 /],
    ['GET /accounts HTTP/1.1\r\nHost: localhost\r\nX', /^HTTP\/1\.1 408 /],
    [
      'POST /accounts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n' +
        'Content-Length: 20\r\n\r\n{"id"',
      /^HTTP\/1\.1 408 /,
    ],
  ];
  for (const [bytes, answer] of sent) t.match((await exchange(port, bytes)).received, answer);
  t.same(calls, []);
  const keptAlive = { ...defaultHttpLimits, keepAliveTimeoutMs: 100 };
  const quick = await listening(t, 'coordinator', { limits: keptAlive });
  const { received } = await exchange(
    quick.port,
    'GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n',
  );
  t.match(received, /^HTTP\/1\.1 200 /, 'an idle connection is closed');
});

void t.test('a stop does not wait for those who shake hands for ever', async (t) => {
  const limits = { ...defaultHttpLimits, requestTimeoutMs: 60_000 };
  const { app, port } = await listening(t, 'participant', { limits });
  const accepted = once(app.server, 'connection');
  const silent = connect(port, '127.0.0.1');
  silent.on('error', () => undefined);
  await accepted;
  const closed = closeOf(silent);
  const begun = performance.now();
  await stopServer(app, { graceMs: 10 });
  await closed;
  t.ok(performance.now() - begun < 20_000, 'not for the time that a handshake may take');
});

void t.test('what is said of certificates is said in the contract', async (t) => {
  const { body } = problem('wrong-certificate', { detail: 'no certificate' });
  const reply = { ...(body as object), requestId: 'x' };
  t.equal(contracts.coordinator.replyErrors('getDecision', 403, reply), null);
  t.match(contracts.coordinator.reply('getDecision', 403)?.examples, ['forbidden']);
  const ofClients = contracts.coordinator.reply('createTransfer', 403)?.examples ?? [];
  t.notOk(ofClients.includes('wrong-certificate'));
});
