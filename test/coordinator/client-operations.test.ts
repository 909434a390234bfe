/** Cancel, reverse and bulk, as clients see them. */
import t from 'tap';
import {
  checkInvariants,
  id,
  never,
  openAccount,
  order,
  settleAll,
  startCluster,
} from '../fixtures/nodes.ts';

void t.test('a transfer is cancelled while it is preparing, and never after', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  world.hook = (wire) =>
    wire.to === 'bank-b' && wire.kind === 'prepare' ? never() : wire.forward();
  const waiting = coordinator.start('createTransfer', { body: order });
  await world.quiet();
  t.strictSame(a.amounts('alice'), [100_000, 2_500], 'bank-a has promised');
  const params = { id };
  const cancelled = await coordinator.call('cancelTransfer', { params });
  t.equal(cancelled.statusCode, 200);
  t.match(cancelled.json(), { id, state: 'aborted', reason: 'cancelled' });
  const told = await world.settle(waiting);
  t.equal(told.statusCode, 422, 'whoever waits is told');
  t.match(told.json(), { code: 'cancelled', state: 'aborted', retryable: false });
  const again = await coordinator.call('cancelTransfer', { params });
  t.strictSame([again.statusCode, again.json()], [200, cancelled.json()], 'a repeat is harmless');
  await settleAll(t, world, coordinator, [a, b]);

  await coordinator.call('createTransfer', { body: order });
  const late = await coordinator.call('cancelTransfer', { params: { id: 'k3f9q2ma-1-2' } });
  t.strictSame([late.statusCode, late.json().code], [409, 'already-decided']);
  await coordinator.call('createTransfer', { body: { ...order, amount: 10 ** 9 } });
  const refused = await coordinator.call('cancelTransfer', { params: { id: 'k3f9q2ma-1-3' } });
  t.strictSame([refused.statusCode, refused.json().code], [409, 'already-decided']);
  const unknown = await coordinator.call('cancelTransfer', { params: { id: 'k3f9q2ma-1-9' } });
  t.equal(unknown.statusCode, 404);
  await checkInvariants(t, coordinator, [a, b]);
});

void t.test('a transfer is taken back whole or in parts, never more than was moved', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  await coordinator.call('createTransfer', { body: order });
  const params = { id };
  const reverse = (body?: object, headers?: Record<string, string>) =>
    coordinator.call('reverseTransfer', {
      params,
      ...(body && { body }),
      ...(headers && { headers }),
    });
  const part = await reverse({ amount: 1_000, reference: 'refund' }, { 'idempotency-key': 'r' });
  t.equal(part.statusCode, 201);
  const { from, to } = order;
  t.match(part.json(), {
    id: 'k3f9q2ma-1-2',
    reverses: id,
    reference: 'refund',
    legs: [{ from: to, to: from, amount: 1_000 }],
  });
  const same = await reverse({ amount: 1_000, reference: 'refund' }, { 'idempotency-key': 'r' });
  t.equal(same.json().id, part.json().id, 'the key holds for reversals, too');
  t.equal(same.headers['idempotent-replayed'], 'true');
  const reused = await reverse({ amount: 999 }, { 'idempotency-key': 'r' });
  t.equal(reused.json().code, 'idempotency-key-reused');

  const tooMuch = await reverse({ amount: 1_501 });
  t.strictSame([tooMuch.statusCode, tooMuch.json().code], [422, 'reversal-limit-exceeded']);
  t.notOk(tooMuch.json().transferId, 'nothing was begun');
  const rest = await reverse({});
  t.match(rest.json(), { legs: [{ amount: 1_500 }] }, 'what is left');
  t.equal((await reverse()).json().code, 'reversal-limit-exceeded', 'nothing is left');
  const original = (await coordinator.call('getTransfer', { params })).json();
  t.strictSame(original.reversals, ['k3f9q2ma-1-2', 'k3f9q2ma-1-3'], 'linked both ways');
  t.strictSame(
    [a.amounts('alice'), b.amounts('bob')],
    [
      [100_000, 0],
      [100_000, 0],
    ],
  );
  await settleAll(t, world, coordinator, [a, b]);
});

void t.test('a reversal that is aborted gives back what it would have taken', async (t) => {
  const { coordinator, b } = await startCluster(t);
  await coordinator.call('createTransfer', { body: order });
  const poor = { from: 'bank-b/bob', to: 'bank-a/alice', amount: 102_000, currency: 'USD' };
  await coordinator.call('createTransfer', { body: poor });
  t.strictSame(b.amounts('bob'), [500, 0]);
  const params = { id };
  const failed = await coordinator.call('reverseTransfer', { params });
  t.equal(failed.json().code, 'insufficient-funds');
  const original = (await coordinator.call('getTransfer', { params })).json();
  t.notOk(original.reversals, 'it does not count');
  const fits = await coordinator.call('reverseTransfer', { params, body: { amount: 500 } });
  t.equal(fits.statusCode, 201);
});

void t.test('what a reversal asks for must fit the transfer', async (t) => {
  const { world, coordinator } = await startCluster(t);
  const legs = [order, { ...order, amount: 7 }];
  await coordinator.call('createTransfer', { body: { legs } });
  const cases: [body: object, pointer: string][] = [
    [{ amount: 7 }, '/amount'],
    [{ legs: [{ leg: 2, amount: 7 }] }, '/legs/0/leg'],
    [
      {
        legs: [
          { leg: 1, amount: 3 },
          { leg: 1, amount: 4 },
        ],
      },
      '/legs/0/leg',
    ],
    [{ timeoutMs: 100_000 }, '/timeoutMs'],
  ];
  const params = { id };
  for (const [body, pointer] of cases) {
    const reply = await coordinator.call('reverseTransfer', { params, body });
    t.equal(reply.statusCode, 400, pointer);
    t.ok(
      reply
        .json()
        .errors.some((one: { pointer: string }) => one.pointer.startsWith(pointer.slice(0, 5))),
    );
  }
  const legsBack = { legs: [{ leg: 1, amount: 7 }] };
  const back = await coordinator.call('reverseTransfer', { params, body: legsBack });
  t.match(back.json(), { legs: [{ from: order.to, to: order.from, amount: 7 }] });
  world.hook = never;
  void coordinator.start('createTransfer', { body: order });
  await world.quiet();
  const early = await coordinator.call('reverseTransfer', { params: { id: 'k3f9q2ma-1-3' } });
  t.strictSame([early.statusCode, early.json().code], [409, 'not-committed']);
  const unknown = await coordinator.call('reverseTransfer', { params: { id: 'k3f9q2ma-1-9' } });
  t.equal(unknown.statusCode, 404);
});

void t.test('two reversals at the same moment do not take the same money twice', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  await coordinator.call('createTransfer', { body: order });
  const params = { id };
  const both = [1, 2].map(() =>
    coordinator.start('reverseTransfer', { params, body: { amount: 2_000 } }),
  );
  const statuses = (await world.settle(Promise.all(both))).map(({ statusCode }) => statusCode);
  t.strictSame(statuses.sort(), [201, 422]);
  await settleAll(t, world, coordinator, [a, b]);
  t.strictSame(a.amounts('alice'), [99_500, 0]);
});

void t.test('many transfers in one request each have their own outcome', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  await openAccount(a, 'carol');
  const transfers = [
    { ...order, idempotencyKey: 'one' },
    { ...order, amount: 10 ** 9, idempotencyKey: 'two' },
    { ...order, amount: -1 },
    { ...order, to: 'bank-z/bob' },
    { ...order, to: order.from },
    { ...order, idempotencyKey: 'one' },
    { ...order, idempotencyKey: 'one', amount: 7 },
    { ...order, idempotencyKey: 'not a key' },
    { ...order, idempotencyKey: 7 },
    { legs: [order, { ...order, from: 'bank-a/carol', amount: 5 }], reference: 'two legs' },
    {},
  ];
  const reply = await coordinator.call('createTransfers', { body: { transfers } });
  t.equal(reply.statusCode, 200);
  type Result = { status: number; transfer?: { legs: object[] }; problem?: { code: string } };
  const results: Result[] = reply.json().results;
  const told = results.map(({ status, problem }) => [status, problem?.code]);
  t.strictSame(told, [
    [201, undefined],
    [422, 'insufficient-funds'],
    [400, 'invalid-request'],
    [422, 'unknown-participant'],
    [400, 'invalid-request'],
    [409, 'idempotency-key-in-use'],
    [422, 'idempotency-key-reused'],
    [400, 'invalid-request'],
    [400, 'invalid-request'],
    [201, undefined],
    [400, 'invalid-request'],
  ]);
  t.match(results[2], { problem: { errors: [{ pointer: '/amount' }], requestId: /./ } });
  t.match(results[9], { transfer: { reference: 'two legs' } });
  const again = await coordinator.call('createTransfers', {
    body: { transfers: transfers.slice(0, 2) },
  });
  t.match(again.json().results, [
    { status: 201, idempotentReplayed: true },
    { status: 422, idempotentReplayed: true },
  ]);
  await settleAll(t, world, coordinator, [a, b]);
  t.strictSame(a.amounts('alice'), [95_000, 0]);
  t.strictSame(b.amounts('bob'), [105_005, 0]);
});

void t.test(
  'a thousand transfers in one request go to each participant in one message',
  async (t) => {
    const { world, coordinator } = await startCluster(t, { batchWeight: 100_000 });
    const transfers = Array.from({ length: 1_000 }, () => ({ ...order, amount: 1 }));
    const before = world.count('bank-a', 'prepare');
    const headers = { prefer: 'wait=0' };
    const reply = await coordinator.call('createTransfers', { body: { transfers }, headers });
    const results: { status: number }[] = reply.json().results;
    t.ok(results.every(({ status }) => status === 201));
    t.equal(results.length, 1_000);
    t.equal(world.count('bank-a', 'prepare') - before, 1);
    t.equal(reply.headers['preference-applied'], 'wait=0');
  },
);
