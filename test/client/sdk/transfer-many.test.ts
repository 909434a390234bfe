/** What `transferMany` makes of every answer that it may get. */
import t from 'tap';
import { connect, type ManyRequest } from '../../../client/sdk/index.ts';
import { thrown } from '../../fixtures/api-error.ts';
import {
  committed,
  fakeCoordinator,
  json,
  problem,
  refused,
  reset,
  type Answerer,
} from '../../fixtures/fake-coordinator.ts';

const payment = { from: 'bank-a/alice', to: 'bank-b/bob', amount: 2500, currency: 'USD' } as const;

/** Never waits longer than it must. */
const random = () => 0;

const named = (n: number) => ({ ...committed, id: `k3f9q2ma-1-${n}` });
const done = (n: number, more: object = {}) => ({ status: 201, transfer: named(n), ...more });
const failed = (status: number, code: string, more: object = {}) => ({
  status,
  problem: problem(code, code, { status, ...more }),
});
const bulk = (...results: object[]) => json(200, { results });
const wrongKey = problem('unauthenticated', 'Unauthenticated');
const overloaded = problem('overloaded', 'Overloaded', { retryable: true });
const invalid = failed(400, 'invalid-request');
const inUse = failed(409, 'idempotency-key-in-use', { definite: false });

const keysOf = ({ body }: { body: string }): string[] =>
  JSON.parse(body).transfers.map((one: ManyRequest) => one.idempotencyKey);

void t.test('each transfer has its own outcome and key, in the order they came', async (t) => {
  const aborted = { status: 422, problem: refused };
  const answer = bulk(done(1, { idempotentReplayed: true }), aborted, invalid);
  const { url, seen } = await fakeCoordinator(t, answer);
  const requests: ManyRequest[] = [
    { ...payment, idempotencyKey: 'mine' },
    { legs: [payment, payment] },
    { ...payment, amount: 0 },
  ];
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const options = { waitSeconds: 3, traceparent };
  const outcomes = await connect(url, { key: 'secret' }).transferMany(requests, options);
  const uuid = /^[0-9a-f-]{36}$/;
  t.match(outcomes, [
    { state: 'committed', id: 'k3f9q2ma-1-1', idempotencyKey: 'mine', replayed: true },
    { state: 'aborted', code: 'insufficient-funds', idempotencyKey: uuid, replayed: false },
    { state: 'refused', error: { code: 'invalid-request', status: 400 }, idempotencyKey: uuid },
  ]);
  t.match(seen, [{ method: 'POST', url: '/transfers/bulk', authorization: 'Bearer secret' }]);
  t.match(seen[0], { prefer: 'wait=3', traceparent });
  t.match(JSON.parse(seen[0]?.body ?? ''), {
    transfers: requests.map((one, at) => ({ ...one, idempotencyKey: at === 0 ? 'mine' : uuid })),
  });
});

void t.test(
  'what is open, or may pass, is asked again under its key; the rest is not',
  async (t) => {
    const answers: Answerer[] = [
      bulk(done(1), inUse, failed(503, 'overloaded', { retryable: true }), invalid),
      reset,
      json(401, wrongKey),
      bulk(done(2)),
      bulk(done(2), { status: 202, transfer: { ...named(3), state: 'preparing' } }),
      bulk(done(3)),
    ];
    const { url, seen } = await fakeCoordinator(t, ...answers);
    const requests = ['a', 'b', 'c', 'd'].map((idempotencyKey) => ({ ...payment, idempotencyKey }));
    const outcomes = await connect(url, { random }).transferMany(requests);
    t.match(outcomes, [
      { state: 'committed', id: 'k3f9q2ma-1-1' },
      { state: 'committed', id: 'k3f9q2ma-1-2' },
      { state: 'committed', id: 'k3f9q2ma-1-3' },
      { state: 'refused' },
    ]);
    t.strictSame(seen.map(keysOf), [
      ['a', 'b', 'c', 'd'],
      ['b', 'c'],
      ['b', 'c'],
      ['b', 'c'],
      ['b', 'c'],
      ['c'],
    ]);
  },
);

void t.test('when patience ends, what is open is unknown', async (t) => {
  const { url } = await fakeCoordinator(
    t,
    bulk(done(1), inUse, failed(503, 'overloaded', { retryable: true })),
    json(503, overloaded, { 'retry-after': '3600' }),
  );
  const outcomes = await connect(url, { random }).transferMany([payment, payment, payment]);
  t.match(outcomes, [
    { state: 'committed' },
    { state: 'unknown', error: { code: 'overloaded' } },
    { state: 'refused', error: { code: 'overloaded' } },
  ]);
});

void t.test('respondAsync takes 202 for an outcome', async (t) => {
  const preparing = { status: 202, transfer: { ...committed, state: 'preparing' } };
  const { url, seen } = await fakeCoordinator(t, bulk(preparing));
  const outcomes = await connect(url).transferMany([payment], { respondAsync: true });
  t.match(outcomes, [{ state: 'preparing' }]);
  t.equal(seen[0]?.prefer, 'respond-async');
});

void t.test('when nothing at all was begun, that is thrown', async (t) => {
  const { url } = await fakeCoordinator(t, json(401, wrongKey));
  const requests = [payment, payment];
  t.match(await thrown(connect(url).transferMany(requests)), { code: 'unauthenticated' });
  const busy = await fakeCoordinator(t, json(503, overloaded, { 'retry-after': '3600' }));
  t.match(await thrown(connect(busy.url).transferMany(requests)), { code: 'overloaded' });
  const odd = await fakeCoordinator(t, bulk(done(1)));
  const [first] = await connect(odd.url, { random }).transferMany(requests, { patienceMs: 600 });
  t.match(first, { state: 'unknown', error: { code: 'not-unanimous' } }, 'who knows what it did');
});

void t.test('more than one request can carry are sent in several', async (t) => {
  const answer: Answerer = (request, response) => {
    const { body = '' } = seen.at(-1) ?? {};
    if (seen.length === 2) json(401, wrongKey)(request, response);
    else bulk(...keysOf({ body }).map((_, at) => done(at + 1)))(request, response);
  };
  const { url, seen } = await fakeCoordinator(t, answer);
  const requests = Array.from({ length: 2001 }, () => payment);
  const outcomes = await connect(url).transferMany(requests);
  t.strictSame(
    seen.map((one) => keysOf(one).length),
    [1000, 1000, 1],
  );
  const states = outcomes.map(({ state }) => state);
  t.equal(states.length, 2001);
  t.strictSame([...new Set(states.slice(1000, 2000))], ['refused'], 'the second was refused');
  t.equal(states[2000], 'committed', 'which does not stop the third');

  const metadata = { note: 'x'.repeat(500) };
  await connect(url).transferMany(Array.from({ length: 900 }, () => ({ ...payment, metadata })));
  t.equal(seen.length, 5, 'large ones, too');
  t.strictSame(await connect(url).transferMany([]), []);
});
