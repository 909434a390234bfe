import { once } from 'node:events';
import { request as httpRequest, Agent } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import t, { type Test } from 'tap';
import { defaultHttpLimits, type HttpLimits } from '../../http/limits.ts';
import { problem } from '../../http/problems.ts';
import { buildServer, type Handler } from '../../http/server.ts';
import { stopServer } from '../../http/shutdown.ts';
import { checkReply, contracts } from '../fixtures/contract.ts';
import { fakeNode, type FakeNode } from '../fixtures/fake-node.ts';

async function listening(t: Test, options: Parameters<typeof fakeNode>[2] = {}) {
  const node = await fakeNode(t, 'participant', options);
  await node.app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = node.app.server.address() as AddressInfo;
  return { ...node, port };
}

/** Sends bytes as they are and collects what comes back until the connection ends. */
async function exchange(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
  socket.on('error', () => undefined);
  socket.write(bytes);
  await once(socket, 'close');
  return received;
}

void t.test('each node serves its own document and Swagger UI with its own policy', async (t) => {
  for (const role of ['coordinator', 'participant'] as const) {
    const { app } = await fakeNode(t, role);
    const document = await app.inject('/openapi.json');
    t.same(document.json().paths, contracts[role].document['paths']);
    t.match(document.headers['content-type'], /^application\/json/);
    t.match(document.headers['content-security-policy'], /^default-src 'none'/);
    for (const url of ['/docs', '/docs/static/swagger-ui-bundle.js']) {
      const reply = await app.inject(url);
      t.equal(reply.statusCode, 200, url);
      t.match(reply.headers['content-security-policy'], /default-src 'self';.*script-src 'self';/);
    }
    const page = await app.inject('/docs/static/swagger-initializer.js');
    t.match(page.body, /"tryItOutEnabled":\s*true/);
  }
});

void t.test('a request id is echoed, or made when it is not usable', async (t) => {
  const { app } = await fakeNode(t, 'participant');
  for (const url of ['/accounts', '/nothing', '/docs', '/accounts/%zz', '/accounts?x=1']) {
    const reply = await app.inject({ url, headers: { 'request-id': 'mine-1' } });
    t.equal(reply.headers['request-id'], 'mine-1', url);
    if (reply.statusCode >= 400) t.equal(reply.json().requestId, 'mine-1', url);
  }
  for (const bad of ['', 'two words', 'x'.repeat(129)]) {
    const reply = await app.inject({ url: '/accounts', headers: { 'request-id': bad } });
    t.equal(reply.statusCode, 200);
    t.match(reply.headers['request-id'], /^[0-9a-f-]{36}$/);
  }
});

void t.test('an unknown path is 404, an unknown method 405 with Allow', async (t) => {
  const { app } = await fakeNode(t, 'coordinator');
  const json = { 'content-type': 'application/json' };
  for (const url of ['/', '/nothing?x=1', '/transfers/a/b', `/${'x'.repeat(5000)}`]) {
    const reply = await app.inject({ method: 'POST', url, payload: '{', headers: json });
    t.match(reply.json(), { code: 'not-found', status: 404 }, url.slice(0, 20));
    t.ok(reply.json().detail.length < 200);
    t.match(reply.headers['content-type'], /^application\/problem\+json/);
  }
  const allows: [string, string, string][] = [
    ['DELETE', '/transfers', 'GET, HEAD, POST'],
    ['DELETE', '/transfers/k3f9q2ma-1-1?x=1', 'GET, HEAD'],
    ['POST', '/participants/bank-a', 'GET, HEAD, PUT'],
    ['POST', '/openapi.json', 'GET, HEAD'],
    ['PUT', '/docs', 'GET, HEAD'],
  ];
  for (const [method, url, allow] of allows) {
    const reply = await app.inject({ method: method as 'PUT', url });
    t.match(reply.json(), { code: 'method-not-allowed', status: 405 }, url);
    t.equal(reply.headers.allow, allow, url);
  }
  t.equal((await app.inject('/prepare')).statusCode, 404, 'of the other role');
  t.equal((await app.inject({ method: 'HEAD', url: '/transfers' })).statusCode, 200);
});

void t.test('an answer is sent as the handler gave it, a problem with its id', async (t) => {
  const { app } = await fakeNode(t, 'participant', {
    handlers: {
      getAccount: () => Promise.resolve(problem('account-not-found', { detail: 'no alice' })),
      listAccounts: () =>
        Promise.resolve({ status: 200, body: { big: 2 ** 53 - 1 }, headers: { 'x-mine': '1' } }),
      checkReady: () => Promise.resolve(problem('not-ready', { retryAfterSeconds: 3 })),
    },
  });
  const list = await app.inject('/accounts');
  t.equal(list.body, '{"big":9007199254740991}');
  t.equal(list.headers['x-mine'], '1');
  const missing = await app.inject('/accounts/alice');
  t.match(missing.json(), { code: 'account-not-found', detail: 'no alice' });
  checkReply(t, 'participant', 'getAccount', missing);
  const ready = await app.inject('/health/ready');
  t.equal(ready.headers['retry-after'], '3');
  checkReply(t, 'participant', 'checkReady', ready);
  checkReply(t, 'participant', 'checkLive', await app.inject('/health/live'));
});

void t.test('what a handler throws is logged, and told as an internal error only', async (t) => {
  let lines = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines += chunk.toString();
      done();
    },
  });
  const thrown: unknown[] = [new Error('the secret'), 'the secret', null];
  const handler: Handler = () => {
    throw thrown.shift();
  };
  const { app } = await fakeNode(t, 'participant', {
    logger: pino({}, stream),
    handlers: { listAccounts: handler },
  });
  while (thrown.length > 0) {
    lines = '';
    const reply = await app.inject({ url: '/accounts', headers: { 'request-id': 'r1' } });
    t.match(reply.json(), { code: 'internal-error', definite: false, requestId: 'r1' });
    t.notMatch(reply.body, /secret/);
    checkReply(t, 'participant', 'listAccounts', reply);
    t.match(lines, /"requestId":"r1".*failed unexpectedly/);
  }
  lines = '';
  await app.inject('/accounts?x=1');
  t.equal(lines, '', 'an expected failure is not logged');
});

void t.test('a server does not start without all its handlers, or with others', async (t) => {
  const options = {
    role: 'participant',
    keys: null,
    loopback: true,
    limits: defaultHttpLimits,
    logger: false,
  } as const;
  await t.rejects(buildServer({ ...options, handlers: {} }), /no handler for operation prepare/);
  const nothing: Handler = () => Promise.resolve({ status: 200, body: {} });
  const handlers = { createTransfer: nothing };
  await t.rejects(
    buildServer({ ...options, handlers }),
    /no operation for handlers createTransfer/,
  );
});

void t.test('what is not HTTP, too large or too slow is told and closed', async (t) => {
  const limits: HttpLimits = {
    ...defaultHttpLimits,
    requestTimeoutMs: 1_000,
    maxHeaderBytes: 4096,
  };
  const { port, calls } = await listening(t, { limits });
  const sent: [string, string, number][] = [
    ['NONSENSE\r\n\r\n', 'invalid-request', 400],
    [
      `GET /accounts HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(8192)}\r\n\r\n`,
      'headers-too-large',
      431,
    ],
    ['GET /accounts HTTP/1.1\r\nHost: localhost\r\nX', 'request-timeout', 408],
    [
      'POST /accounts HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n' +
        'Transfer-Encoding: chunked\r\n\r\n',
      'invalid-request',
      400,
    ],
  ];
  for (const [bytes, code, status] of sent) {
    const reply = await exchange(port, bytes);
    const [head = '', body = ''] = reply.split('\r\n\r\n');
    t.ok(head.startsWith(`HTTP/1.1 ${status} `), head);
    t.match(head, /content-type: application\/problem\+json/i);
    t.match(JSON.parse(body), { code, status, requestId: /.+/ });
    const headers = { 'content-type': 'application/problem+json', 'request-id': 'x' };
    checkReply(t, 'participant', 'openAccount', { statusCode: status, headers, body });
  }
  t.same(calls, []);
});

void t.test('connections on which nothing is said are closed without a word', async (t) => {
  const limits: HttpLimits = { ...defaultHttpLimits, requestTimeoutMs: 100 };
  const { port } = await listening(t, { limits });
  const replies = await Promise.all(Array.from({ length: 50 }, () => exchange(port, '')));
  t.strictSame([...new Set(replies)], ['']);
});

void t.test('a body that does not arrive in time is told 408', async (t) => {
  const limits: HttpLimits = { ...defaultHttpLimits, requestTimeoutMs: 100 };
  const { port, calls } = await listening(t, { limits });
  const head = 'POST /accounts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
  const reply = await exchange(port, `${head}Content-Length: 20\r\n\r\n{"id"`);
  t.match(reply, /^HTTP\/1\.1 408 /);
  t.match(reply, /"code":"request-timeout"/);
  t.same(calls, []);
});

void t.test('bad bytes behind a request do not answer it', async (t) => {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const handlers: Record<string, Handler> = {
    openAccount: async () => {
      await released;
      return { status: 201, body: {} };
    },
  };
  const { port, calls } = await listening(t, { handlers });
  const body = '{"id":"alice","currency":"USD","balance":1}';
  const head = 'POST /accounts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
  const bytes = `${head}Content-Length: ${body.length}\r\n\r\n${body}NONSENSE\r\n\r\n`;
  t.equal(await exchange(port, bytes), '', 'the connection is cut instead');
  t.same(calls, ['openAccount']);
  release();
});

/** A request over one kept-alive connection. */
async function get(port: number, agent: Agent, path: string) {
  const sent = httpRequest({ host: '127.0.0.1', port, path, agent }).end();
  const [response] = await once(sent, 'response');
  let body = '';
  for await (const chunk of response) body += String(chunk);
  return { statusCode: response.statusCode as number, headers: response.headers, body };
}

/** A node with one request under way, which ends when `release` is called. */
async function busyNode(t: Test): Promise<{
  node: FakeNode & { port: number };
  agent: Agent;
  release: () => void;
  reply: ReturnType<typeof get>;
}> {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  let entered: () => void = () => undefined;
  const inside = new Promise<void>((resolve) => (entered = resolve));
  const listAccounts: Handler = async () => {
    entered();
    await released;
    return { status: 200, body: { done: true } };
  };
  const node = await listening(t, { handlers: { listAccounts } });
  const agent = new Agent({ keepAlive: true });
  t.teardown(() => agent.destroy());
  const reply = get(node.port, agent, '/accounts');
  reply.catch(() => undefined);
  await inside;
  return { node, agent, release, reply };
}

void t.test('a stop ends what is under way, takes no more, and closes what is idle', async (t) => {
  const { node, agent, release, reply } = await busyNode(t);
  await get(node.port, agent, '/health/live');
  const accepted = once(node.app.server, 'connection');
  const silent = connect(node.port, '127.0.0.1');
  await accepted;
  const stopped = stopServer(node.app, { graceMs: 60_000 });
  let late = '';
  silent.on('data', (chunk: Buffer) => (late += chunk.toString()));
  silent.write('GET /branches HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(silent, 'close');
  const [head = '', body = ''] = late.split('\r\n\r\n');
  t.match(head, /^HTTP\/1\.1 503 /);
  t.match(head, /connection: close/i);
  t.match(JSON.parse(body), { code: 'shutting-down', definite: true });
  release();
  const { statusCode, headers } = await reply;
  t.equal(statusCode, 200);
  t.equal(headers.connection, 'close');
  await stopped;
  await t.rejects(get(node.port, new Agent(), '/health/live'), { code: 'ECONNREFUSED' });
});

void t.test('a stop cuts what needs longer than the grace', async (t) => {
  const { node, release, reply } = await busyNode(t);
  await stopServer(node.app, { graceMs: 10 });
  await t.rejects(reply, { code: 'ECONNRESET' });
  release();
});
