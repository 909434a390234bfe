import { mock } from 'node:test';
import t, { type Test } from 'tap';
import { rateLimitsOf, type RateLimits } from '../../http/rate-limits.ts';
import { checkReply, contracts } from '../fixtures/contract.ts';
import { fakeNode } from '../fixtures/fake-node.ts';

const none: RateLimits = {
  keyRequestsPerSecond: 0,
  addressRequestsPerSecond: 0,
  wrongKeysPerMinute: 0,
};

/** A coordinator on the network, whose time stands still. */
function limited(t: Test, rates: Partial<RateLimits>) {
  mock.timers.enable({ apis: ['Date'], now: 0 });
  t.teardown(() => {
    mock.timers.reset();
  });
  return fakeNode(t, 'coordinator', { loopback: false, rates: { ...none, ...rates } });
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const wrong = bearer('x'.repeat(43));

void t.test('more requests of one key than are taken are answered 429', async (t) => {
  const { app, keys, calls } = await limited(t, { keyRequestsPerSecond: 3 });
  const ask = (key: string, at = 1, scheme = 'Bearer') => {
    const headers = { authorization: `${scheme} ${key}` };
    return app.inject({ url: '/transfers', headers, remoteAddress: `10.0.0.${at}` });
  };
  for (const [left, scheme] of [[2], [1, 'bearer'], [0, 'BEARER  ']] as const) {
    const reply = await ask(keys.client, left, scheme);
    t.equal(reply.statusCode, 200);
    t.equal(reply.headers['ratelimit-policy'], '"key";q=3;w=1');
    t.equal(reply.headers['ratelimit'], `"key";r=${left};t=1`);
    t.notOk(reply.headers['retry-after']);
  }
  const refused = await ask(keys.client);
  t.match(refused.json(), { code: 'rate-limited', status: 429, definite: true, retryable: true });
  t.equal(refused.headers['retry-after'], '1');
  t.equal(refused.headers['ratelimit'], '"key";r=0;t=1');
  checkReply(t, 'coordinator', 'listTransfers', refused);
  t.equal(calls.length, 3, 'no handler hears of it');
  t.equal((await ask(keys.operator)).statusCode, 200, 'another key has its own');
  mock.timers.tick(1_000);
  t.equal((await ask(keys.client)).statusCode, 200, 'in the next second there is more');
});

void t.test('an address has its limit, whatever keys it has', async (t) => {
  const rates = { keyRequestsPerSecond: 9, addressRequestsPerSecond: 2 };
  const { app, keys } = await limited(t, rates);
  const ask = (remoteAddress: string, key = keys.client) =>
    app.inject({ url: '/transfers', headers: bearer(key), remoteAddress });
  const first = await ask('10.0.0.1');
  t.equal(first.headers['ratelimit-policy'], '"key";q=9;w=1, "address";q=2;w=1');
  t.equal(first.headers['ratelimit'], '"key";r=8;t=1, "address";r=1;t=1');
  t.equal((await ask('10.0.0.1', keys.operator)).statusCode, 200);
  const refused = await ask('10.0.0.1');
  t.match(refused.json(), { code: 'rate-limited', detail: /2 requests .* one address/ });
  t.equal((await ask('10.0.0.2')).statusCode, 200, 'another address has its own');
  for (const host of ['1', '2', '3']) {
    const { statusCode } = await ask(`2001:db8:0:1::${host}`);
    t.equal(statusCode, host === '3' ? 429 : 200, 'a network of 64 bits is one client');
  }
  t.equal((await ask('2001:db8:0:2::1')).statusCode, 200);
});

void t.test('a body that is too much is not read', async (t) => {
  const { app, keys } = await limited(t, { keyRequestsPerSecond: 1 });
  const headers = { ...bearer(keys.client), 'content-type': 'application/json' };
  const post = () => app.inject({ method: 'POST', url: '/transfers', headers, payload: '{' });
  t.equal((await post()).json().code, 'malformed-json');
  const refused = await post();
  t.equal(refused.json().code, 'rate-limited');
  checkReply(t, 'coordinator', 'createTransfer', refused);
});

void t.test('what nodes ask, health and the pages of errors have no limit', async (t) => {
  const rates = { keyRequestsPerSecond: 1, addressRequestsPerSecond: 1, wrongKeysPerMinute: 1 };
  for (const role of ['coordinator', 'participant'] as const) {
    const options = { loopback: false, rates };
    const { app, keys } = await fakeNode(t, role, options);
    for (const { operationId, method, path, roles } of contracts[role].operations.values()) {
      if (roles.includes('client') || roles.includes('operator')) continue;
      const [own] = roles;
      for (let time = 0; time < 3; time += 1) {
        const reply = await app.inject({
          method: method as 'GET',
          url: path.replace('{id}', 'k3f9q2ma-1-1').replace('{name}', 'b').replace('{code}', 'x'),
          headers: own === undefined ? {} : bearer(keys[own]),
        });
        t.not(reply.statusCode, 429, operationId);
        t.notOk(reply.headers['ratelimit']);
      }
    }
  }
});

void t.test('wrong keys of one address are limited, and right ones go on', async (t) => {
  const { app, keys } = await limited(t, { wrongKeysPerMinute: 2 });
  const decision = { url: '/decisions/k3f9q2ma-1-1' };
  for (const url of ['/transfers', decision.url]) {
    t.equal((await app.inject({ url, headers: wrong })).statusCode, 401);
  }
  const refused = await app.inject({ ...decision, headers: wrong });
  t.match(refused.json(), { code: 'rate-limited', detail: /2 wrong keys in a minute/ });
  t.equal(refused.headers['retry-after'], '60');
  t.equal(refused.headers['ratelimit-policy'], '"wrong-keys";q=2;w=60');
  checkReply(t, 'coordinator', 'getDecision', refused);
  t.equal((await app.inject('/transfers')).statusCode, 401, 'no key is no guess');
  for (const key of [keys.client, keys.operator]) {
    t.equal((await app.inject({ url: '/transfers', headers: bearer(key) })).statusCode, 200);
  }
  t.equal((await app.inject({ ...decision, headers: bearer(keys.participant) })).statusCode, 200);
  const elsewhere = { ...decision, headers: wrong, remoteAddress: '10.0.0.9' };
  t.equal((await app.inject(elsewhere)).statusCode, 401, 'another address has its own');
  mock.timers.tick(60_000);
  t.equal((await app.inject({ ...decision, headers: wrong })).statusCode, 401);
});

void t.test('the table of counters keeps the newest only', async (t) => {
  const { app, keys } = await limited(t, { addressRequestsPerSecond: 1 });
  const ask = (n: number) => {
    const remoteAddress = `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;
    return app.inject({ url: '/transfers', headers: bearer(keys.client), remoteAddress });
  };
  t.equal((await ask(0)).statusCode, 200);
  t.equal((await ask(0)).statusCode, 429);
  for (let n = 1; n <= 5_000; n += 1) await ask(n);
  t.equal((await ask(0)).statusCode, 200, 'the oldest is forgotten');
});

void t.test('where clients need no key there is no limit unless it is set', (t) => {
  const settings = { wrongKeysPerMinute: 600 };
  t.same(rateLimitsOf(settings, true), { ...none, ...settings });
  t.match(rateLimitsOf(settings, false), {
    keyRequestsPerSecond: 5_000,
    addressRequestsPerSecond: 2_000,
  });
  const set = { ...settings, addressRequestsPerSecond: 7 };
  t.equal(rateLimitsOf(set, true).addressRequestsPerSecond, 7);
  t.equal(rateLimitsOf({ ...settings, keyRequestsPerSecond: 0 }, false).keyRequestsPerSecond, 0);
  t.end();
});
