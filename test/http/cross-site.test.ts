import t from 'tap';
import { checkReply } from '../fixtures/contract.ts';
import { fakeNode } from '../fixtures/fake-node.ts';

type Headers = Record<string, string>;

const cancel = { method: 'POST', url: '/transfers/k3f9q2ma-1-1/cancel' } as const;
const list = { method: 'GET', url: '/transfers' } as const;

void t.test('what a page elsewhere makes a browser send is refused, body or none', async (t) => {
  const { app, calls } = await fakeNode(t, 'coordinator');
  const senders: Headers[] = [
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
    { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' },
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
    { origin: 'https://shop.example' },
    { origin: 'http://localhost:3000' },
    { origin: 'http://localhost:80.shop.example' },
    { origin: 'null' },
    { origin: 'localhost:80' },
  ];
  for (const sender of senders) {
    const headers = { host: 'localhost:7700', ...sender };
    const reply = await app.inject({ ...cancel, headers });
    t.match(reply.json(), { code: 'cross-site', status: 403, definite: true }, sender);
    checkReply(t, 'coordinator', 'cancelTransfer', reply);
    const form = { ...headers, 'content-type': 'text/plain' };
    t.equal((await app.inject({ ...cancel, headers: form, payload: '{}' })).statusCode, 403);
  }
  t.same(calls, []);
});

void t.test('the own pages of a node, and what is no browser, are let through', async (t) => {
  const { app, calls } = await fakeNode(t, 'coordinator');
  const senders: Headers[] = [
    {},
    { 'sec-fetch-site': 'same-origin', origin: 'http://localhost:7700' },
    { 'sec-fetch-site': 'none' },
    { origin: 'http://localhost:7700' },
  ];
  for (const sender of senders) {
    const headers = { host: 'localhost:7700', ...sender };
    t.equal((await app.inject({ ...cancel, headers })).statusCode, 200, sender);
  }
  t.equal(calls.length, senders.length);
});

void t.test('a page elsewhere may lead here, but not have anything fetched', async (t) => {
  const { app } = await fakeNode(t, 'coordinator');
  const site = { 'sec-fetch-site': 'cross-site' };
  for (const url of ['/docs', '/transfers', '/health/live']) {
    const link = { ...site, 'sec-fetch-mode': 'navigate' };
    for (const dest of ['document', 'iframe', 'object']) {
      const { statusCode } = await app.inject({
        url,
        headers: { ...link, 'sec-fetch-dest': dest },
      });
      t.equal(statusCode, dest === 'document' ? 200 : 403, `${url} ${dest}`);
    }
    for (const mode of ['no-cors', 'cors', 'websocket']) {
      const reply = await app.inject({ url, headers: { ...site, 'sec-fetch-mode': mode } });
      t.equal(reply.json().code, 'cross-site', `${url} ${mode}`);
    }
  }
  checkReply(
    t,
    'coordinator',
    'checkLive',
    await app.inject({ url: '/health/live', headers: site }),
  );
});

void t.test('no answer allows another origin anything', async (t) => {
  const { app } = await fakeNode(t, 'coordinator');
  const origin = 'https://shop.example';
  const asked = { origin, 'access-control-request-method': 'POST' };
  for (const url of ['/transfers', '/docs', '/openapi.json', '/nothing']) {
    for (const method of ['OPTIONS', 'GET'] as const) {
      const { headers, statusCode } = await app.inject({ method, url, headers: asked });
      const cors = Object.keys(headers).filter((name) => name.startsWith('access-control-'));
      t.strictSame(cors, [], `${method} ${url}`);
      if (method === 'OPTIONS') t.equal(statusCode, 403, url);
    }
  }
  t.equal(
    (await app.inject({ ...list, headers: { origin } })).statusCode,
    200,
    'as no browser asks',
  );
});

void t.test('a form cannot be a body, whatever it says that it is', async (t) => {
  const { app, calls } = await fakeNode(t, 'participant');
  const freeze = { method: 'POST', url: '/accounts/alice/freeze' } as const;
  const types = [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
  ];
  for (const type of types) {
    for (const payload of ['', '{"reason":"stolen"}', 'a=1']) {
      const reply = await app.inject({ ...freeze, payload, headers: { 'content-type': type } });
      t.equal(reply.json().code, 'unsupported-media-type', `${type} ${payload}`);
      checkReply(t, 'participant', 'freezeAccount', reply);
    }
  }
  t.same(calls, []);
});
