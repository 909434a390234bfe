/** What `transfer` makes of every answer that it may get. */
import t from 'tap';
import { connect, type TransferRequest } from '../../../client/sdk/index.ts';
import { thrown } from '../../fixtures/api-error.ts';
import {
  committed,
  deadAddress,
  fakeCoordinator,
  hang,
  html,
  json,
  problem,
  refused,
  reset,
  tear,
  type Answerer,
} from '../../fixtures/fake-coordinator.ts';

const payment: TransferRequest = {
  from: 'bank-a/alice',
  to: 'bank-b/bob',
  amount: 2500,
  currency: 'USD',
};

/** Never waits longer than it must. */
const random = () => 0;

/** Ends every patience. */
const tooLate = { 'retry-after': '3600' };

const internal = problem('internal-error', 'Internal error', { definite: false, retryable: true });
const inUse = problem('idempotency-key-in-use', 'In use', { definite: false, retryable: true });
const busy = problem('overloaded', 'Overloaded', { retryable: true });
const stopping = problem('shutting-down', 'Shutting down', { retryable: true });
const wrongKey = problem('unauthenticated', 'Unauthenticated', { detail: 'a key is needed' });
const preparing = { ...committed, state: 'preparing', applied: false };

void t.test('a committed transfer is a value, with the key it was sent under', async (t) => {
  const { url, seen } = await fakeCoordinator(t, json(201, committed));
  const outcome = await connect(`${url}/`, { key: 'secret' }).transfer(payment);
  t.match(outcome, { ...committed, replayed: false, idempotencyKey: /^[0-9a-f-]{36}$/ });
  t.match(seen, [{ method: 'POST', url: '/transfers', authorization: 'Bearer secret' }]);
  t.strictSame(JSON.parse(seen[0]?.body ?? ''), payment);
  t.equal(seen[0]?.key, outcome.idempotencyKey);
  t.equal(seen[0]?.prefer, '');
});

void t.test('two transfers have two keys, unless the caller chooses', async (t) => {
  const { url, seen } = await fakeCoordinator(t, json(201, committed));
  const unanimous = connect(url);
  await unanimous.transfer(payment);
  await unanimous.transfer(payment);
  t.not(seen[0]?.key, seen[1]?.key);
  const { idempotencyKey } = await unanimous.transfer(payment, { idempotencyKey: 'mine' });
  t.strictSame([idempotencyKey, seen[2]?.key], ['mine', 'mine']);
});

void t.test('a trace of the caller goes with every attempt, and with no other', async (t) => {
  const { url, seen } = await fakeCoordinator(t, json(503, busy), json(201, committed));
  const unanimous = connect(url, { random });
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  await unanimous.transfer(payment, { traceparent, waitSeconds: 1 });
  await unanimous.reverse(committed.id, {}, { traceparent });
  await unanimous.transfer(payment);
  t.strictSame(
    seen.map((one) => one.traceparent),
    [traceparent, traceparent, traceparent, ''],
  );
  t.equal(seen[0]?.prefer, 'wait=1');
});

void t.test('an answer that was given before says so', async (t) => {
  const replayed = { 'idempotent-replayed': 'true' };
  const { url } = await fakeCoordinator(t, json(201, committed, replayed));
  t.match(await connect(url).transfer(payment), { state: 'committed', replayed: true });
});

void t.test('an aborted transfer is a value that says why', async (t) => {
  const { url, seen } = await fakeCoordinator(t, json(422, refused));
  const outcome = await connect(url).transfer(payment, { idempotencyKey: 'mine' });
  t.strictSame(outcome, {
    state: 'aborted',
    id: 'k3f9q2ma-1-43',
    code: 'insufficient-funds',
    title: 'Insufficient funds',
    detail: 'bank-a voted no',
    retryable: false,
    participants: refused.participants,
    errors: refused.errors,
    idempotencyKey: 'mine',
    replayed: false,
  });
  t.equal(seen.length, 1);
});

void t.test('preferences are sent, and 202 is an outcome only if it was asked for', async (t) => {
  const { url, seen } = await fakeCoordinator(t, json(202, preparing), json(201, committed));
  const unanimous = connect(url, { random });
  const wanted = { respondAsync: true, waitSeconds: 2 };
  t.match(await unanimous.transfer(payment, wanted), { state: 'preparing', id: committed.id });
  t.equal(seen[0]?.prefer, 'respond-async, wait=2');
  const patient = await fakeCoordinator(t, json(202, preparing), json(201, committed));
  const outcome = await connect(patient.url, { random }).transfer(payment, { waitSeconds: 5 });
  t.equal(outcome.state, 'committed');
  t.strictSame(
    patient.seen.map(({ prefer }) => prefer),
    ['wait=5', 'wait=5'],
  );
});

void t.test('what leaves the outcome open is asked again, same key, same body', async (t) => {
  const open: Answerer[] = [
    json(500, internal),
    reset,
    tear,
    json(409, inUse),
    html(200),
    html(502),
    json(201, {}),
    json(201, { ...committed, state: 'aborted' }),
    json(201, { ...committed, legs: 'none' }),
    json(200, committed),
    json(202, preparing),
    json(422, { ...refused, transferId: undefined, definite: false }),
    json(500, { ...refused, participants: 'none' }),
    (_, response) => response.writeHead(204).end(),
    (_, response) => response.writeHead(999).end(),
  ];
  const { url, seen } = await fakeCoordinator(t, ...open, json(201, committed));
  const request = { ...payment };
  const transfer = connect(url, { random }).transfer(request, { idempotencyKey: 'mine' });
  request.amount = 1;
  t.match(await transfer, { state: 'committed', idempotencyKey: 'mine' });
  t.equal(seen.length, open.length + 1, 'every one of them was asked again');
  for (const { key, body } of seen) {
    t.equal(key, 'mine');
    t.strictSame(JSON.parse(body), payment, 'also when the caller changes its object');
  }
});

void t.test('once an attempt is in doubt, only an outcome ends it', async (t) => {
  const nothing = [json(503, stopping), json(401, wrongKey), html(404), json(422, wrongKey)];
  for (const [state, last] of [
    ['committed', json(201, committed)],
    ['aborted', json(422, refused)],
  ] as const) {
    const { url, seen } = await fakeCoordinator(t, reset, ...nothing, last);
    t.match(await connect(url, { random }).transfer(payment), { state });
    t.equal(seen.length, 6);
  }
});

void t.test('when patience ends in doubt, the outcome is unknown, never an error', async (t) => {
  const wanted = { idempotencyKey: 'mine' };
  const { url } = await fakeCoordinator(t, reset, json(401, wrongKey, tooLate));
  const outcome = await connect(url, { random }).transfer(payment, wanted);
  t.match(outcome, {
    state: 'unknown',
    idempotencyKey: 'mine',
    error: { code: 'unauthenticated' },
  });
  const waiting = await fakeCoordinator(t, json(409, inUse), json(409, inUse, tooLate));
  const held = await connect(waiting.url, { random }).transfer(payment, wanted);
  t.match(held, { state: 'unknown', error: { code: 'idempotency-key-in-use', definite: false } });
  t.equal(waiting.seen.length, 2, 'a key in use was waited for');
  const silent = await fakeCoordinator(t, hang);
  const unheard = await connect(silent.url).transfer(payment, { patienceMs: 300 });
  t.match(unheard, { state: 'unknown', error: { code: 'timeout', definite: false } });
});

void t.test('what began nothing is thrown at once', async (t) => {
  const reused = problem('idempotency-key-reused', 'Idempotency key reused', { status: 422 });
  for (const [status, body] of [
    [401, wrongKey],
    [422, reused],
  ] as const) {
    const { url, seen } = await fakeCoordinator(t, json(status, body));
    const error = await thrown(connect(url).transfer(payment));
    t.match(error, { code: body.code, status, definite: true, retryable: false, problem: body });
    t.equal(seen.length, 1);
  }
});

void t.test(
  'what began nothing is tried again if that may help, until patience ends',
  async (t) => {
    const { url, seen } = await fakeCoordinator(t, json(503, busy), json(201, committed));
    t.match(await connect(url, { random }).transfer(payment), { state: 'committed' });
    t.equal(seen[0]?.key, seen[1]?.key);
    const always = await fakeCoordinator(t, json(503, busy), json(503, busy, tooLate));
    const error = await thrown(connect(always.url, { random }).transfer(payment));
    t.match(error, { code: 'overloaded', status: 503, definite: true, retryable: true });
    t.equal(always.seen.length, 2);
  },
);

void t.test('an attempt that would be cut off is not made', async (t) => {
  const { url, seen } = await fakeCoordinator(t, json(503, busy, { 'retry-after': '2' }));
  const error = await thrown(connect(url, { random }).transfer(payment, { patienceMs: 2_300 }));
  t.match(error, { code: 'overloaded' }, 'so what is known stays known');
  t.equal(seen.length, 1);
});

void t.test('an address where nothing listens is an error at once', async (t) => {
  const url = await deadAddress();
  const error = await thrown(connect(url).transfer(payment));
  t.match(error, { code: 'unreachable', status: undefined, definite: true, retryable: true });
  t.match(error.message, `nothing answers at ${url} (ECONNREFUSED): is it up`);
  t.match(await thrown(connect('http://127.0.0.1:1').transfer(payment)), { definite: true });
});

void t.test('a reversal is asked for in the same way, with its own path and body', async (t) => {
  const back = { ...committed, id: 'k3f9q2ma-1-52', reverses: committed.id };
  const { url, seen } = await fakeCoordinator(t, reset, json(409, inUse), json(201, back));
  const unanimous = connect(url, { random });
  const part = { amount: 5, reference: 'refund' };
  const outcome = await unanimous.reverse(committed.id, part, { idempotencyKey: 'mine' });
  t.match(outcome, { state: 'committed', reverses: committed.id, idempotencyKey: 'mine' });
  t.strictSame(
    seen.map(({ method, url, key, body }) => [method, url, key, JSON.parse(body)]),
    Array(3).fill(['POST', `/transfers/${committed.id}/reverse`, 'mine', part]),
  );
  await unanimous.reverse(committed.id);
  t.equal(seen.at(-1)?.body, '{}', 'nothing said is all that is left');
  const limit = problem('reversal-limit-exceeded', 'Reversal limit exceeded');
  const full = await fakeCoordinator(t, json(422, limit));
  const refusal = await thrown(connect(full.url).reverse(committed.id));
  t.match(refusal, { code: 'reversal-limit-exceeded', definite: true });
});

void t.test('another server is an error at once, and is not followed elsewhere', async (t) => {
  const target = await fakeCoordinator(t, json(201, committed));
  const foreign = [html(404), json(404, { hello: 'world' }), html(302, { location: target.url })];
  for (const answer of foreign) {
    const { url, seen } = await fakeCoordinator(t, answer);
    const error = await thrown(connect(url).transfer(payment));
    t.match(error, { code: 'not-unanimous', definite: true, retryable: false, problem: undefined });
    t.match(error.message, `${url} answered`);
    t.equal(seen.length, 1);
  }
  t.equal(target.seen.length, 0);
});

void t.test('Retry-After is honoured, and ends a patience that is shorter', async (t) => {
  const later = json(503, busy, { 'retry-after': '1' });
  const { url } = await fakeCoordinator(t, later, json(201, committed));
  const from = performance.now();
  await connect(url, { random }).transfer(payment);
  t.ok(performance.now() - from >= 1000, 'it waited');
  const never = await fakeCoordinator(t, json(503, busy, tooLate));
  t.match(await thrown(connect(never.url).transfer(payment)), { code: 'overloaded' });
  t.equal(never.seen.length, 1);
});

void t.test('attempts are spread: the wait doubles, and chance shortens it', async (t) => {
  const times: number[] = [];
  const failing: Answerer = (request, response) => {
    times.push(performance.now());
    json(500, internal)(request, response);
  };
  const answers = [failing, failing, failing, failing, json(201, committed)];
  const { url } = await fakeCoordinator(t, ...answers);
  await connect(url, { random: () => 0.99 }).transfer(payment);
  const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  for (const [index, least] of [100, 198, 396].entries()) {
    t.ok((waits[index] ?? 0) >= least - 5, `${waits[index]} ms, at least ${least}`);
  }
});

void t.test('an abort rejects with its reason, wherever it comes', async (t) => {
  const reason = new Error('changed my mind');
  const early = await fakeCoordinator(t, json(201, committed));
  const aborted = AbortSignal.abort(reason);
  await t.rejects(connect(early.url).transfer(payment, { signal: aborted }), reason);
  t.equal(early.seen.length, 0, 'nothing was sent');
  const during = new AbortController();
  const silent = await fakeCoordinator(t, () => {
    during.abort(reason);
  });
  await t.rejects(connect(silent.url).transfer(payment, { signal: during.signal }), reason);
  const between = new AbortController();
  const failing = await fakeCoordinator(t, (request, response) => {
    response.on('close', () => setImmediate(() => between.abort(reason)));
    json(500, internal, { 'retry-after': '20' })(request, response);
  });
  await t.rejects(connect(failing.url).transfer(payment, { signal: between.signal }), reason);
  t.equal(failing.seen.length, 1);
});
