/** One request: its limits, its signal, and what it makes of answers that are not good ones. */
import { getEventListeners } from 'node:events';
import type { ServerResponse } from 'node:http';
import t from 'tap';
import { connect, connectParticipant } from '../../../client/sdk/index.ts';
import { thrown } from '../../fixtures/api-error.ts';
import {
  committed,
  deadAddress,
  fakeCoordinator,
  hang,
  html,
  json,
  problem,
  reset,
  tear,
} from '../../fixtures/fake-coordinator.ts';

const id = committed.id;

void t.test(
  'a read gives what the contract promises, and keeps fields it does not know',
  async (t) => {
    const { url, seen } = await fakeCoordinator(t, json(200, { ...committed, colour: 'blue' }));
    const unanimous = connect(url, { key: 'secret' });
    t.strictSame(await unanimous.getTransfer(id), { ...committed, colour: 'blue' });
    await unanimous.getTransfer('a/b?c', { waitSeconds: 3 });
    t.match(seen, [
      { method: 'GET', url: `/transfers/${id}`, authorization: 'Bearer secret', prefer: '' },
      { url: '/transfers/a%2Fb%3Fc', prefer: 'wait=3' },
    ]);
  },
);

void t.test('an error of the node keeps its code, its word and its whole body', async (t) => {
  const body = problem('transfer-not-found', 'Transfer not found', {
    status: 404,
    detail: 'no transfer has this id',
    errors: [{ in: 'path', pointer: '/id', detail: 'must be an id' }],
  });
  const { url } = await fakeCoordinator(t, json(404, body));
  const error = await thrown(connect(url).getTransfer(id));
  t.match(error, {
    name: 'ApiError',
    code: 'transfer-not-found',
    status: 404,
    definite: true,
    retryable: false,
  });
  t.strictSame(error.problem, body);
  t.equal(error.message, 'Transfer not found: no transfer has this id', 'one sentence');
});

void t.test('an error about several fields says what is wrong with each', async (t) => {
  const fields = ['/from', '/to'].map((pointer) => ({ pointer, detail: 'must be an account' }));
  const body = problem('invalid-request', 'Invalid request', { detail: 'x', errors: fields });
  const { url } = await fakeCoordinator(t, json(400, body));
  const { message } = await thrown(connect(url).getTransfer(id));
  t.equal(message, 'Invalid request: /from must be an account; /to must be an account');
});

void t.test('a code that the contract does not list yet is an error like any other', async (t) => {
  const body = problem('too-fast', 'Too fast', { status: 429, retryable: true });
  const { url } = await fakeCoordinator(t, json(429, body));
  t.match(await thrown(connect(url).getTransfer(id)), { code: 'too-fast', retryable: true });
});

void t.test('what is not of the contract is never taken for an answer', async (t) => {
  const answers = [
    html(200),
    html(301, { location: '/elsewhere' }),
    json(200, null),
    json(200, [committed]),
    json(200, { ...committed, state: 'done' }),
    json(200, { ...committed, participants: [{ name: 'bank-a' }] }),
    json(200, { ...committed, timestamp: '42' }),
    json(201, committed),
    json(404, { code: 'transfer-not-found' }),
    json(404, { ...problem('x', 'X'), definite: 'yes' }),
    html(503),
  ];
  for (const answer of answers) {
    const { url, seen } = await fakeCoordinator(t, answer);
    const error = await thrown(connect(url).getTransfer(id));
    t.match(error, { code: 'not-unanimous', problem: undefined });
    t.match(error.message, new RegExp(`^${url} answered .*: is this the address of a node`));
    t.equal(seen.length, 1, 'and it is not asked again');
  }
});

void t.test('an answer without an end is cut off', async (t) => {
  let sent = 0;
  const pour = (response: ServerResponse) => {
    const chunk = Buffer.alloc(1024 * 1024, ' ');
    const more = () => {
      while (!response.destroyed) {
        sent += 1;
        if (!response.write(chunk)) {
          response.once('drain', more);
          return;
        }
      }
    };
    more();
  };
  const { url } = await fakeCoordinator(t, (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    pour(response);
  });
  const error = await thrown(connect(url).getTransfer(id));
  t.match(error, { code: 'not-unanimous', status: 200 });
  t.match(error.message, /more than 33554432 bytes/);
  t.ok(sent < 64, `${sent} MB were sent`);
});

void t.test('no answer in time is an error, also when it has begun', async (t) => {
  const slow = await fakeCoordinator(t, hang, (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write('{');
  });
  const unanimous = connect(slow.url, { timeoutMs: 1_000 });
  for (let n = 0; n < 2; n += 1) {
    const error = await thrown(unanimous.getTransfer(id));
    t.match(error, { code: 'timeout', status: undefined, definite: false, retryable: true });
    t.equal(error.message, `${slow.url} did not answer within 1000 ms`);
  }
  t.equal(slow.seen.length, 2);
});

void t.test('a read that lets the node wait is given that time, too', async (t) => {
  const { url } = await fakeCoordinator(t, (request, response) => {
    setTimeout(() => json(200, committed)(request, response), 100);
  });
  const unanimous = connect(url, { timeoutMs: 50 });
  t.match(await thrown(unanimous.getTransfer(id)), { code: 'timeout' });
  t.strictSame(await unanimous.getTransfer(id, { waitSeconds: 20 }), committed);
});

void t.test('a connection that breaks, or never is, is an error that says which', async (t) => {
  const { url } = await fakeCoordinator(t, reset, tear);
  for (let n = 0; n < 2; n += 1) {
    const error = await thrown(connect(url).getTransfer(id));
    t.match(error, { code: 'unreachable', definite: false, retryable: true });
    t.match(error.message, `no answer from ${url}: `);
    t.ok(error.cause, 'with what the platform said');
  }
  const secure = url.replace('http:', 'https:');
  const mistaken = await thrown(connect(secure).getTransfer(id));
  t.match(mistaken, { code: 'unreachable', definite: false });
  t.equal(mistaken.message, `no answer from ${secure}: it does not speak https`);
  const nobody = await deadAddress();
  t.match(await thrown(connect(nobody).getTransfer(id)), { code: 'unreachable', definite: true });
});

void t.test('a browser does not say why it has no answer, so it may have been sent', async (t) => {
  const failing = () => Promise.reject(new TypeError('Failed to fetch'));
  const unanimous = connect('http://coordinator.test', { fetch: failing });
  const error = await thrown(unanimous.ready());
  t.match(error, { code: 'unreachable', definite: false });
  t.equal(error.message, 'no answer from http://coordinator.test: Failed to fetch');
});

void t.test('a fetch that does not listen to its signal holds nobody', async (t) => {
  const deaf = () => new Promise<never>(() => undefined);
  const late = connect('http://coordinator.test', { fetch: deaf, timeoutMs: 20 });
  t.match(await thrown(late.ready()), { code: 'timeout' });
  const ending = new AbortController();
  const ready = connect('http://coordinator.test', { fetch: deaf }).ready(ending);
  ending.abort(new Error('enough'));
  await t.rejects(ready, new Error('enough'));
});

void t.test('an abort rejects with its reason and leaves nothing behind', async (t) => {
  const reason = new Error('not needed any more');
  const ending = new AbortController();
  const { url } = await fakeCoordinator(t, json(200, committed), () => {
    ending.abort(reason);
  });
  const { signal } = ending;
  const unanimous = connect(url);
  await unanimous.getTransfer(id, { signal });
  t.equal(getEventListeners(signal, 'abort').length, 0, 'a signal that lives long gathers nothing');
  await t.rejects(unanimous.getTransfer(id, { signal }), reason);
  await t.rejects(unanimous.getTransfer(id, { signal }), reason);
});

void t.test('a wrong URL or key is refused before anything is sent', async (t) => {
  const wrong = [
    '127.0.0.1:7700',
    'ftp://x',
    'http://',
    'http://u:p@x',
    'http://x/?a',
    'http://x y',
  ];
  for (const url of [...wrong, 'http://x:99999']) {
    const refusal = new TypeError(`"${url}" must look like http://127.0.0.1:7700`);
    t.throws(() => connect(url), refusal);
    t.throws(() => connectParticipant(url), refusal);
  }
  t.throws(() => connect('http://x', { key: 'a b' }), /visible ASCII/);
  const { url, seen } = await fakeCoordinator(t, json(200, committed));
  await connect(`${url}/bank/`).getTransfer(id);
  t.equal(seen[0]?.url, `/bank/transfers/${id}`, 'a path before the routes is kept');
});
