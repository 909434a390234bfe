import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { AddressRules } from '../../http/addresses.ts';
import { readOriginPatterns } from '../../http/origin-patterns.ts';
import {
  defaultTransportLimits,
  openTransport,
  TransportError,
  type TransportRequest,
} from '../../http/transport.ts';
import { anyAddress } from '../fixtures/any-address.ts';

/** Without TLS nobody shows who he is. */
const to = 'bank-a';

const json = { 'content-type': 'application/json' };

async function serve(t: Test, listener: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function open(t: Test, limits = defaultTransportLimits, rules = anyAddress) {
  const transport = openTransport(rules, limits);
  t.teardown(() => transport.close());
  return transport;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

const failure = (kind: string, message: RegExp) => ({ name: 'TransportError', kind, message });

void t.test(
  'a request carries method, path, key, id and JSON; a reply any status, headers and JSON',
  async (t) => {
    const seen: unknown[] = [];
    const { url } = await serve(t, (request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const { authorization, 'content-type': type, 'request-id': own } = request.headers;
        seen.push([request.method, request.url, authorization, type, body, own]);
        const status = request.method === 'PUT' ? 409 : 200;
        const type_ =
          status === 409 ? 'application/problem+json; charset=utf-8' : 'application/json';
        response.writeHead(status, { 'content-type': type_ }).end('{"max":9007199254740991,"ü":1}');
      });
    });
    const transport = open(t);
    const body = { max: 9007199254740991, ü: 1 };
    const sent = { url: `${url}/prepare?a=1`, body: { id: 'ü' }, keys: ['k'], timeoutMs: 5000 };
    const send = async (request: Omit<TransportRequest, 'to'>) => {
      const { headers, ...reply } = await transport.send({ to, ...request });
      t.match(headers, { 'content-type': /json/, date: /GMT/ });
      return reply;
    };
    t.same(await send({ method: 'POST', ...sent }), { status: 200, body });
    t.same(await send({ method: 'PUT', ...sent, requestId: 'r1' }), { status: 409, body });
    t.same(await send({ method: 'GET', url, timeoutMs: 5000 }), { status: 200, body });
    t.same(seen, [
      ['POST', '/prepare?a=1', 'Bearer k', 'application/json', '{"id":"ü"}', undefined],
      ['PUT', '/prepare?a=1', 'Bearer k', 'application/json', '{"id":"ü"}', 'r1'],
      ['GET', '/', undefined, undefined, '', undefined],
    ]);
  },
);

void t.test('what is refused for its key goes once more with the second one', async (t) => {
  const seen: unknown[] = [];
  let status = 401;
  const { url } = await serve(t, (request, response) => {
    const { authorization } = request.headers;
    seen.push(authorization);
    request.resume().on('end', () => {
      response.writeHead(authorization === 'Bearer old' ? 200 : status, json).end('{}');
    });
  });
  const transport = open(t);
  const send = async (...keys: string[]) => {
    seen.length = 0;
    const sent = { to, method: 'POST', url, body: {}, keys, timeoutMs: 5_000 } as const;
    return { status: (await transport.send(sent)).status, seen: [...seen] };
  };
  t.same(await send('new', 'old'), { status: 200, seen: ['Bearer new', 'Bearer old'] });
  t.same(await send('old', 'new'), { status: 200, seen: ['Bearer old'] });
  t.same(await send('new'), { status: 401, seen: ['Bearer new'] });
  t.same(await send('new', 'wrong'), { status: 401, seen: ['Bearer new', 'Bearer wrong'] });
  status = 429;
  const both = { status: 200, seen: ['Bearer new', 'Bearer old'] };
  t.same(await send('new', 'old'), both, 'too many wrong keys were counted');
  status = 401;
  t.same(await send(), { status: 401, seen: [undefined] });
  for (status of [403, 409, 500]) {
    t.same(await send('new', 'old'), { status, seen: ['Bearer new'] }, 'it may have had an effect');
  }
});

void t.test('both keys together have the time of one request', async (t) => {
  const { url } = await serve(t, ({ headers }, response) => {
    if (headers.authorization === 'Bearer new') {
      setTimeout(() => response.writeHead(401, json).end('{}'), 300);
    }
  });
  const transport = open(t);
  const sent = transport.send({ to, method: 'GET', url, keys: ['new', 'old'], timeoutMs: 3_000 });
  const error = await sent.then(
    () => undefined,
    (failed: unknown) => failed as Error,
  );
  t.match(error, failure('timeout', /no reply in \d+ ms$/));
  const left = Number(/(\d+) ms$/.exec(error?.message ?? '')?.[1]);
  t.ok(left > 0 && left <= 2_701, `${left} ms are what the first has left`);
});

void t.test('no reply within the time is a timeout, at every stage', async (t) => {
  const transport = open(t);
  const silent = await serve(t, () => undefined);
  const slow = await serve(t, (_request, response) => {
    response.writeHead(200, json).write('{"a":');
  });
  for (const { url } of [silent, slow]) {
    const sent = transport.send({ to, method: 'POST', url, body: {}, timeoutMs: 50 });
    await t.rejects(sent, failure('timeout', /^POST http:.*no reply in 50 ms$/));
  }
});

void t.test('what is not a JSON reply is garbage', async (t) => {
  const transport = open(t);
  const replies: [number, Record<string, string>, string | Buffer, RegExp][] = [
    [200, { 'content-type': 'text/html' }, '<p>hello', /200 with text\/html instead of JSON/],
    [200, {}, '{}', /200 with nothing instead of JSON/],
    [502, { 'content-type': 'text/plain' }, 'Bad gateway', /502 with text\/plain/],
    [200, json, '{"a":', /200 with broken JSON/],
    [200, json, '', /200 with broken JSON/],
    [200, json, Buffer.from([0x22, 0xff, 0x22]), /200 with broken JSON/],
    [200, { 'content-type': 'application/jsonx' }, '{}', /application\/jsonx/],
    [307, { ...json, location: '/elsewhere' }, '{}', /redirect 307 is not followed/],
    [301, { location: '/elsewhere' }, '', /redirect 301 is not followed/],
  ];
  let asked = 0;
  const { url } = await serve(t, (_request, response) => {
    const [status = 500, headers = {}, body] = replies[asked] ?? [];
    asked += 1;
    response.writeHead(status, headers).end(body);
  });
  for (const [, , , message] of replies) {
    const sent = transport.send({ to, method: 'GET', url, timeoutMs: 5000 });
    await t.rejects(sent, failure('garbage', message));
  }
  t.equal(asked, replies.length, 'nothing was asked twice');
});

void t.test('a reply above the limit is too large, with and without Content-Length', async (t) => {
  const transport = open(t, { ...defaultTransportLimits, replyBytes: 1000 });
  const text = JSON.stringify('x'.repeat(2000));
  const { url } = await serve(t, (request, response) => {
    if (request.url === '/whole') response.writeHead(200, json).end(text);
    else response.writeHead(200, json).write(text, () => response.end());
  });
  for (const path of ['/whole', '/chunked']) {
    const sent = transport.send({ to, method: 'GET', url: url + path, timeoutMs: 5000 });
    await t.rejects(sent, failure('too-large', /the reply is too large/));
  }
});

void t.test('no connection, or one that breaks, is unreachable', async (t) => {
  const transport = open(t);
  const gone = createTcpServer();
  await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
  const { port } = gone.address() as AddressInfo;
  await new Promise((resolve) => gone.close(resolve));
  const url = `http://127.0.0.1:${port}`;
  const refused = transport.send({ to, method: 'GET', url, timeoutMs: 5000 });
  await t.rejects(refused, failure('unreachable', /ECONNREFUSED/));
  const cut = await serve(t, (request, response) => {
    if (request.url === '/half') response.writeHead(200, json).write('{"a":');
    setImmediate(() => request.socket.destroy());
  });
  for (const path of ['/', '/half']) {
    const sent = transport.send({ to, method: 'GET', url: cut.url + path, timeoutMs: 5000 });
    await t.rejects(sent, failure('unreachable', /.+/));
  }
  const invalid = transport.send({ to, method: 'GET', url: 'nowhere', timeoutMs: 5000 });
  await t.rejects(invalid, failure('unreachable', /Invalid URL/));
});

void t.test('a caller can give up, before and during', async (t) => {
  const transport = open(t);
  const stop = new AbortController();
  const { url } = await serve(t, () => {
    stop.abort();
  });
  const { signal } = stop;
  const sent = transport.send({ to, method: 'GET', url, timeoutMs: 5000, signal });
  await t.rejects(sent, failure('cancelled', /cancelled/));
  const again = transport.send({ to, method: 'GET', url, timeoutMs: 5000, signal });
  await t.rejects(again, failure('cancelled', /cancelled/));
});

void t.test('who waits for a connection for too long, or gives up, sends nothing', async (t) => {
  const transport = open(t, { ...defaultTransportLimits, connectionsPerNode: 2 });
  const seen: string[] = [];
  const held: (() => void)[] = [];
  const { url } = await serve(t, (request, response) => {
    seen.push(request.url ?? '');
    const answer = () => response.writeHead(200, json).end('{}');
    if (request.url === '/held') held.push(answer);
    else answer();
  });
  const ask = (path: string, signal?: AbortSignal) => {
    const more = signal
      ? { signal, timeoutMs: 5_000 }
      : { timeoutMs: path === '/late' ? 50 : 5_000 };
    return transport.send({ to, method: 'POST', url: url + path, body: {}, ...more });
  };
  const busy = [ask('/held'), ask('/held')];
  await until(() => held.length === 2);
  const stop = new AbortController();
  const cancelled = ask('/cancelled', stop.signal);
  const late = ask('/late');
  stop.abort();
  await t.rejects(cancelled, failure('cancelled', /cancelled/));
  await t.rejects(late, failure('timeout', /no reply in 50 ms/));
  for (const answer of held) answer();
  await Promise.all([...busy, ask('/last'), ask('/last')]);
  t.same(seen, ['/held', '/held', '/last', '/last']);
});

void t.test('closing cuts what is under way', async (t) => {
  const transport = openTransport(anyAddress);
  let arrived: () => void = () => undefined;
  const inside = new Promise<void>((resolve) => (arrived = resolve));
  const { url } = await serve(t, () => {
    arrived();
  });
  const sent = transport.send({ to, method: 'GET', url, timeoutMs: 5000 });
  sent.catch(() => undefined);
  await inside;
  await transport.close();
  await t.rejects(sent, { name: 'TransportError', kind: 'cancelled' });
  await t.rejects(transport.send({ to, method: 'GET', url, timeoutMs: 5000 }), TransportError);
});

void t.test('a redirect leads nowhere', async (t) => {
  let asked = 0;
  const other = await serve(t, (_request, response) => {
    asked += 1;
    response.writeHead(200, json).end('{}');
  });
  const { url } = await serve(t, (request, response) => {
    const status = Number(request.url?.slice(1));
    response.writeHead(status, { ...json, location: other.url }).end('{}');
  });
  const transport = open(t);
  for (const status of [301, 302, 303, 307, 308]) {
    const sent = transport.send({
      method: 'GET',
      url: `${url}/${status}`,
      to: 'bank-a',
      timeoutMs: 5000,
    });
    await t.rejects(sent, failure('garbage', /redirect 30\d is not followed/));
  }
  t.equal(asked, 0);
});

/** Rules under which `bank-a` leads to one of these for each connection, in their order. */
function leadsTo(answers: string[], options: { loopback: boolean; setting?: string }) {
  const asked: string[] = [];
  const { loopback, setting = '' } = options;
  const rules = new AddressRules({
    loopback,
    allowed: readOriginPatterns('allowedOrigins', setting),
    resolve: (hostname, _options, callback) => {
      asked.push(hostname);
      const address = answers.shift();
      if (address === undefined) callback(new Error('getaddrinfo ENOTFOUND'), []);
      else callback(null, [{ address, family: address.includes(':') ? 6 : 4 }]);
    },
  });
  return { rules, asked };
}

void t.test('a name that leads elsewhere later is followed to no forbidden place', async (t) => {
  const seen: string[] = [];
  const { url } = await serve(t, (request, response) => {
    seen.push(request.headers.host ?? '');
    const last = seen.length === 2 ? { connection: 'close' } : {};
    response.writeHead(200, { ...json, ...last }).end('{}');
  });
  const named = url.replace('127.0.0.1', 'bank-a.test');
  const answers = ['127.0.0.1', '169.254.169.254', '::ffff:169.254.169.254', '127.0.0.1'];
  const { rules, asked } = leadsTo(answers, { loopback: true });
  const transport = open(t, defaultTransportLimits, rules);
  const ask = async () => {
    // The connection of the reply before is free again, or closed.
    await new Promise((resolve) => setImmediate(resolve));
    return transport.send({ method: 'POST', url: named, body: {}, to: 'bank-a', timeoutMs: 5000 });
  };
  await ask();
  await ask();
  const host = named.replace('http://', '');
  t.same([asked, seen], [['bank-a.test'], [host, host]], 'once for a connection, which is kept');
  for (const address of ['169.254.169.254', '::ffff:169.254.169.254']) {
    const message = new RegExp(`^POST \\S+: the address must not lead to ${address}, the metadata`);
    await t.rejects(ask(), failure('refused', message));
  }
  t.equal(seen.length, 2, 'nothing was sent');
  await ask();
  t.equal(seen.length, 3, 'it leads to the node again');
  t.equal(asked.length, 4, 'each connection has resolved it once');
  await t.rejects(
    open(t, defaultTransportLimits, rules).send({
      method: 'GET',
      url: named,
      to: 'bank-a',
      timeoutMs: 5000,
    }),
    failure('unreachable', /ENOTFOUND/),
  );
});

void t.test('nothing is sent to an address that is refused as it stands', async (t) => {
  let asked = 0;
  const { url } = await serve(t, (_request, response) => {
    asked += 1;
    response.writeHead(200, json).end('{}');
  });
  const refused = async (url: string, loopback: boolean, setting = '') => {
    const { rules } = leadsTo(['127.0.0.1'], { loopback, setting });
    const transport = open(t, defaultTransportLimits, rules);
    const sent = transport.send({ method: 'GET', url: `${url}/x`, to: 'bank-a', timeoutMs: 5000 });
    await t.rejects(sent, failure('refused', /^GET http:.*: the address must /), url);
  };
  for (const host of ['2852039166', '[::ffff:169.254.169.254]', '0.0.0.0', '[::]', '224.0.0.1']) {
    await refused(url.replace('127.0.0.1', host), true);
  }
  for (const host of ['127.0.0.1', '127.1', 'localhost', 'bank-a.test', '[::ffff:127.0.0.1]']) {
    await refused(url.replace('127.0.0.1', host), false);
  }
  await refused(url, true, 'https://*.bank.internal:7701');
  t.equal(asked, 0);
  const { rules } = leadsTo(['127.0.0.1'], { loopback: false, setting: 'http://localhost:*' });
  const local = url.replace('127.0.0.1', 'localhost');
  const transport = open(t, defaultTransportLimits, rules);
  t.match(await transport.send({ method: 'GET', url: local, to: 'bank-a', timeoutMs: 5000 }), {
    status: 200,
  });
});
