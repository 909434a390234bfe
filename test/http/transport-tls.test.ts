/** The node-to-node client over TLS: whom it speaks to, and whom it shows itself as. */
import { once } from 'node:events';
import { createServer as createPlainServer } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { TLSSocket } from 'node:tls';
import { contextOf, type Tls } from '../../http/tls.ts';
import { defaultTransportLimits, openTransport } from '../../http/transport.ts';
import { anyAddress } from '../fixtures/any-address.ts';
import { issueOdd, makeSet, tlsOf } from '../fixtures/certificates.ts';

interface Seen {
  url: string;
  shown: string | undefined;
  authorized: boolean;
  socket: TLSSocket;
}

/** A server that remembers who has called. */
async function serve(t: Test, tls: Tls, port = 0) {
  const seen: Seen[] = [];
  const options = { ...contextOf(tls), requestCert: true, rejectUnauthorized: false };
  // As a server would that is not ours: it gives out tickets to resume sessions with.
  const server: Server = createServer({ ...options, secureOptions: 0 }, (request, response) => {
    const { socket } = request;
    if (!(socket instanceof TLSSocket)) throw new Error('it speaks TLS');
    const { subjectaltname: shown } = socket.getPeerCertificate();
    seen.push({ url: request.url ?? '', shown, authorized: socket.authorized, socket });
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  t.teardown(stop);
  const { port: bound } = server.address() as AddressInfo;
  return { seen, server, stop, port: bound, url: `https://127.0.0.1:${bound}` };
}

function open(t: Test, tls: Tls) {
  const transport = openTransport(anyAddress, defaultTransportLimits, tls);
  t.teardown(() => transport.close());
  const ask = (url: string, to: string) =>
    transport.send({ method: 'GET', url, to, timeoutMs: 5_000 });
  return { transport, ask };
}

const untrusted = (message: RegExp) => ({ name: 'TransportError', kind: 'untrusted', message });

void t.test('a node is known by the name in its certificate, wherever it is', async (t) => {
  const folder = await makeSet(join(t.testdir(), 'set'));
  const { ask } = open(t, tlsOf(folder, 'coordinator'));
  const uris = ['unanimous:participant:bank-b'];
  await issueOdd(folder, 'elsewhere', { uris, dns: ['b.example'] });
  const moved = await serve(t, tlsOf(folder, 'elsewhere'));
  t.equal((await ask(moved.url, 'bank-b')).status, 200, 'its host is not in its certificate');
  const { shown, authorized } = moved.seen[0] ?? {};
  t.match(shown, /URI:unanimous:coordinator/, 'and is shown who calls');
  t.equal(authorized, true);
  const named = /the certificate at 127\.0\.0\.1 is not that of unanimous:participant:bank-a$/;
  await t.rejects(ask(moved.url, 'bank-a'), untrusted(named));
  await t.rejects(ask(moved.url, 'coordinator'), untrusted(/not that of unanimous:coordinator$/));
  t.equal(moved.seen.length, 1, 'nothing is sent to another one');
});

void t.test('what is of no use as a certificate is not spoken to', async (t) => {
  const folder = await makeSet(join(t.testdir(), 'set'));
  const other = await makeSet(join(folder, 'other'));
  const uris = ['unanimous:participant:bank-a'];
  await issueOdd(folder, 'old', { uris, days: -1 });
  await issueOdd(folder, 'future', { uris, startDays: 0.5 });
  await issueOdd(folder, 'alone', { uris, selfSigned: true });
  await issueOdd(folder, 'client', { uris, usages: ['1.3.6.1.5.5.7.3.2'] });
  await issueOdd(folder, 'nobody', { dns: ['localhost', 'bank-a'] });
  const { ask } = open(t, tlsOf(folder, 'coordinator'));
  for (const [title, tls] of [
    ['of another CA', tlsOf(other, 'bank-a')],
    ['expired', tlsOf(folder, 'old')],
    ['of the future', tlsOf(folder, 'future')],
    ['of no CA', tlsOf(folder, 'alone')],
    ['for clients', tlsOf(folder, 'client')],
    ['of nobody', tlsOf(folder, 'nobody')],
  ] as const) {
    const { url, seen } = await serve(t, tls);
    await t.rejects(ask(url, 'bank-a'), untrusted(/^GET https:/), title);
    t.same(seen, [], title);
  }
});

void t.test('where there is a CA, plain http is not spoken at all', async (t) => {
  const folder = await makeSet(join(t.testdir(), 'set'));
  const { ask } = open(t, tlsOf(folder, 'coordinator'));
  let asked = 0;
  const plain = createPlainServer((_request, response) => {
    asked += 1;
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  plain.listen(0, '127.0.0.1');
  await once(plain, 'listening');
  t.teardown(() => plain.close());
  const { port } = plain.address() as AddressInfo;
  await t.rejects(ask(`http://127.0.0.1:${port}`, 'bank-a'), untrusted(/speak https only$/));
  t.equal(asked, 0);
  const down = { name: 'TransportError', kind: 'unreachable' };
  await t.rejects(ask(`https://127.0.0.1:${port}`, 'bank-a'), down, 'nor taken for TLS');
  t.equal(asked, 0);
});

void t.test('a connection or session of one node is never used for another', async (t) => {
  const folder = await makeSet(join(t.testdir(), 'set'));
  const { ask } = open(t, tlsOf(folder, 'coordinator'));
  const first = await serve(t, tlsOf(folder, 'bank-a'));
  t.equal((await ask(first.url, 'bank-a')).status, 200);
  await t.rejects(ask(first.url, 'bank-b'), untrusted(/bank-b$/), 'over an open connection');
  // bank-a takes the place of bank-b on the same host, with sessions that can be resumed.
  first.server.closeAllConnections();
  await t.rejects(ask(first.url, 'bank-b'), untrusted(/bank-b$/), 'with its session');
  t.equal((await ask(first.url, 'bank-a')).status, 200);
  t.notOk(first.seen.at(-1)?.socket.isSessionReused(), 'no session is resumed at all');
  t.equal(first.seen.length, 2);
});

void t.test('a new certificate is shown on new connections, and a new CA trusted', async (t) => {
  const folder = await makeSet(join(t.testdir(), 'set'));
  const other = await makeSet(join(folder, 'other'));
  const { ask, transport } = open(t, tlsOf(folder, 'coordinator'));
  const [before, after] = [
    await serve(t, tlsOf(folder, 'bank-a')),
    await serve(t, tlsOf(other, 'bank-a')),
  ];
  await ask(before.url, 'bank-a');
  await t.rejects(ask(after.url, 'bank-a'), untrusted(/./));
  transport.renew(tlsOf(other, 'coordinator'));
  t.equal((await ask(after.url, 'bank-a')).status, 200);
  t.equal(after.seen[0]?.authorized, true);
  await t.rejects(ask(before.url, 'bank-a'), untrusted(/./), 'also where it was connected before');
});

void t.test('what is under way when certificates change still ends', async (t) => {
  const folder = await makeSet(join(t.testdir(), 'set'));
  const tls = tlsOf(folder, 'bank-a');
  let answer: () => void = () => undefined;
  const server = createServer(contextOf(tls), (_request, response) => {
    answer = () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    server.emit('held');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { ask, transport } = open(t, tlsOf(folder, 'coordinator'));
  const held = once(server, 'held');
  const sent = ask(`https://127.0.0.1:${(server.address() as AddressInfo).port}`, 'bank-a');
  await held;
  transport.renew(tlsOf(folder, 'coordinator'));
  answer();
  t.equal((await sent).status, 200);
});
