import t from 'tap';
import { defaultHttpLimits } from '../../http/limits.ts';
import {
  checkInvariants,
  coordinatorNode,
  never,
  openAccount,
  order,
  participantNode,
  startCluster,
  transfersOf,
  World,
} from '../fixtures/nodes.ts';
import { nothing } from '../fixtures/nothing.ts';

void t.test('a transfer that everybody can keep happens everywhere, and 201 says so', async (t) => {
  const { coordinator, a, b } = await startCluster(t);
  const body = { ...order, reference: 'invoice 7', metadata: { order: '1009' } };
  const reply = await coordinator.call('createTransfer', { body });
  t.equal(reply.statusCode, 201);
  const vote = { vote: 'yes', state: 'committed' };
  t.match(reply.json(), {
    id: 'k3f9q2ma-1-1',
    state: 'committed',
    applied: true,
    timestamp: 1,
    legs: [order],
    participants: [
      { name: 'bank-a', ...vote },
      { name: 'bank-b', ...vote },
    ],
    reference: 'invoice 7',
    metadata: { order: '1009' },
  });
  t.equal(reply.headers['location'], '/transfers/k3f9q2ma-1-1');
  t.notOk(reply.headers['idempotent-replayed']);
  t.strictSame(
    [a.amounts('alice'), b.amounts('bob')],
    [
      [97_500, 0],
      [102_500, 0],
    ],
  );
  const read = await coordinator.call('getTransfer', { params: { id: 'k3f9q2ma-1-1' } });
  t.strictSame(read.json(), reply.json());
  await checkInvariants(t, coordinator, [a, b]);
});

void t.test('the same key and body get the same answer, marked as replayed', async (t) => {
  const { coordinator, a, b } = await startCluster(t);
  const headers = { 'idempotency-key': 'invoice-7' };
  const first = await coordinator.call('createTransfer', { body: order, headers });
  const { currency, amount, to, from } = order;
  const reordered = { currency, amount, to, from };
  const again = await coordinator.call('createTransfer', { body: reordered, headers });
  t.equal(again.statusCode, 201);
  t.equal(again.headers['idempotent-replayed'], 'true');
  t.strictSame(again.json(), first.json());
  const other = await coordinator.call('createTransfer', {
    body: { ...order, amount: 1 },
    headers,
  });
  t.match(other.json(), { status: 422, code: 'idempotency-key-reused' });
  t.notOk(other.json().transferId, 'it began nothing');
  const failed = { 'idempotency-key': 'too-much' };
  const body = { ...order, amount: 9_999_999 };
  const no = await coordinator.call('createTransfer', { body, headers: failed });
  const noAgain = await coordinator.call('createTransfer', { body, headers: failed });
  t.equal(noAgain.headers['idempotent-replayed'], 'true');
  t.strictSame({ ...noAgain.json(), requestId: '' }, { ...no.json(), requestId: '' });
  t.strictSame(a.amounts('alice'), [97_500, 0]);
  await checkInvariants(t, coordinator, [a, b]);
});

void t.test('two requests under one key at the same moment begin one transfer', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  const headers = { 'idempotency-key': 'at-once' };
  const requests = [order, { ...order, amount: 1 }, order].map((body) =>
    coordinator.start('createTransfer', { body, headers }),
  );
  const replies = await world.settle(Promise.all(requests));
  t.strictSame(
    replies.map((reply) => [reply.statusCode, reply.json().code]),
    [
      [201, undefined],
      [422, 'idempotency-key-reused'],
      [409, 'idempotency-key-in-use'],
    ],
  );
  t.ok(replies[2]?.headers['retry-after']);
  t.equal((await transfersOf(coordinator)).size, 1);
  await checkInvariants(t, coordinator, [a, b]);
});

void t.test('whoever does not want to wait gets 202 and reads the outcome later', async (t) => {
  const { world, coordinator } = await startCluster(t);
  const headers = { prefer: 'respond-async', 'idempotency-key': 'k' };
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  world.hook = async (wire) => {
    if (wire.to === 'bank-b') await held;
    return wire.forward();
  };
  const reply = await coordinator.call('createTransfer', { body: order, headers });
  t.equal(reply.statusCode, 202);
  t.match(reply.json(), { state: 'preparing', applied: false });
  t.equal(reply.headers['preference-applied'], 'respond-async');
  const { id } = reply.json();
  const again = await coordinator.call('createTransfer', { body: order, headers });
  t.equal(again.statusCode, 202);
  t.equal(again.headers['idempotent-replayed'], 'true');
  const found = await coordinator.call('getDecision', { params: { id }, key: 'participant' });
  t.match(found.json(), { state: 'pending' });
  const now = await coordinator.call('getTransfer', { params: { id } });
  t.match(now.json(), { state: 'preparing' });
  const prefer = { prefer: 'wait=2' };
  const waiting = coordinator.start('getTransfer', { params: { id }, headers: prefer });
  await world.pass(1_000);
  release();
  const told = await world.settle(waiting);
  t.match(told.json(), { state: 'committed' });
  t.equal(told.headers['preference-applied'], 'wait=2');
  const unknown = { id: 'k3f9q2ma-1-9' };
  const missing = await coordinator.call('getTransfer', { params: unknown, headers: prefer });
  t.match(missing.json(), { status: 404, code: 'transfer-not-found' });
  const soon = { prefer: 'respond-async, wait=3' };
  const done = await coordinator.call('createTransfer', { body: order, headers: soon });
  t.equal(done.statusCode, 201, 'the decision came within the wait');
});

void t.test('a refused transfer tells who voted what and which field it is about', async (t) => {
  const { coordinator, a, b } = await startCluster(t);
  await openAccount(a, 'carol');
  const refusals: [object, string, string, string, string][] = [
    [{ amount: 100_001 }, 'insufficient-funds', 'bank-a', 'alice', '/from'],
    [{ from: 'bank-a/nobody' }, 'unknown-account', 'bank-a', 'nobody', '/from'],
    [{ to: 'bank-b/nobody' }, 'unknown-account', 'bank-b', 'nobody', '/to'],
    [{ currency: 'EUR', amount: 1 }, 'currency-mismatch', 'bank-a', 'alice', '/from'],
  ];
  for (const [change, code, name, account, pointer] of refusals) {
    const reply = await coordinator.call('createTransfer', { body: { ...order, ...change } });
    t.match(reply.json(), { status: 422, code, state: 'aborted', transferId: /^k3f9q2ma-1-/ });
    const { participants, errors } = reply.json();
    t.match(
      participants.find((one: { name: string }) => one.name === name),
      { vote: 'no', code, account, state: 'aborted' },
    );
    t.equal(errors[0].pointer, pointer, code);
    const read = await coordinator.call('getTransfer', { params: { id: reply.json().transferId } });
    t.match(read.json(), { state: 'aborted', reason: code });
  }
  const most = Number.MAX_SAFE_INTEGER;
  await openAccount(b, 'rich', most - 10);
  const legs = [order, { ...order, to: 'bank-b/rich', amount: 11 }];
  const full = await coordinator.call('createTransfer', { body: { legs } });
  t.match(full.json(), { code: 'balance-limit-exceeded', errors: [{ pointer: '/legs/1/to' }] });
  t.strictSame(
    [a.amounts('alice'), b.amounts('bob')],
    [
      [100_000, 0],
      [100_000, 0],
    ],
  );
});

void t.test('a vote that does not come in time aborts the transfer', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  world.hook = (wire) => (wire.to === 'bank-b' ? new Promise(() => undefined) : wire.forward());
  const body = { ...order, timeoutMs: 300 };
  const before = world.clock.now();
  const reply = await coordinator.call('createTransfer', { body });
  t.match(reply.json(), { code: 'vote-timeout', state: 'aborted', retryable: true });
  t.match(reply.json().participants, [{ vote: 'yes' }, { vote: 'none', state: 'aborted' }]);
  t.equal(world.clock.now() - before, 300);
  world.hook = (wire) => wire.forward();
  await world.until(() => coordinator.coordinator.state.active.size === 0);
  await checkInvariants(t, coordinator, [a, b]);
});

void t.test('three participants and three legs commit or abort together', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  const c = await participantNode(t, world, 'bank-c');
  await openAccount(c, 'carol');
  const legs = [
    order,
    { ...order, from: 'bank-b/bob', to: 'bank-c/carol', amount: 700 },
    { ...order, from: 'bank-c/carol', to: 'bank-a/alice', amount: 20 },
  ];
  const reply = await coordinator.call('createTransfer', { body: { legs } });
  t.equal(reply.statusCode, 201);
  t.equal(reply.json().participants.length, 3);
  const posted = () => [a.amounts('alice')[0], b.amounts('bob')[0], c.amounts('carol')[0]];
  t.strictSame(posted(), [97_520, 101_800, 100_680]);
  const tooMuch = { legs: [...legs, { ...order, amount: 1_000_000 }] };
  const refused = await coordinator.call('createTransfer', { body: tooMuch });
  t.match(refused.json().participants, [{ vote: 'no' }, { vote: 'yes' }, { vote: 'yes' }]);
  t.strictSame(posted(), [97_520, 101_800, 100_680]);
  await world.until(() => coordinator.coordinator.state.active.size === 0);
  await checkInvariants(t, coordinator, [a, b, c]);
});

void t.test('a request that begins nothing says why, and moves nothing', async (t) => {
  const { coordinator, a, b } = await startCluster(t, { voteTimeoutMs: 1_000 });
  const cases: [object, string, string][] = [
    [{ ...order, to: order.from }, 'invalid-request', '/to'],
    [{ ...order, timeoutMs: 1_001 }, 'invalid-request', '/timeoutMs'],
    [{ ...order, amount: 0 }, 'invalid-request', '/amount'],
    [{ ...order, amount: 2 ** 53 }, 'invalid-request', '/amount'],
    [{ ...order, to: 'bank-z/bob' }, 'unknown-participant', '/to'],
    [{ legs: [order, { ...order, from: 'bank-z/bob' }] }, 'unknown-participant', '/legs/1/from'],
    [{ legs: [order, { ...order, to: order.from }] }, 'invalid-request', '/legs/1/to'],
  ];
  for (const [body, code, pointer] of cases) {
    const reply = await coordinator.call('createTransfer', { body });
    t.match(reply.json(), { code, definite: true }, pointer);
    t.equal(reply.json().errors[0].pointer, pointer);
    t.notOk(reply.json().transferId);
  }
  t.equal((await transfersOf(coordinator)).size, 0);
  await checkInvariants(t, coordinator, [a, b]);
});

void t.test(
  'a participant that is down fails a new transfer at once, until it is back',
  async (t) => {
    const { world, coordinator, a, b } = await startCluster(t);
    const disk = b.crash();
    const late = await coordinator.call('createTransfer', { body: { ...order, timeoutMs: 100 } });
    t.match(late.json(), { code: 'vote-timeout' });
    const reply = await coordinator.call('createTransfer', { body: order });
    t.match(reply.json(), { status: 503, code: 'participant-unavailable', detail: /bank-b/ });
    t.ok(reply.headers['retry-after']);
    const down = await coordinator.call('getParticipant', { params: { name: 'bank-b' } });
    t.match(down.json(), { health: 'down' });
    const back = await participantNode(t, world, 'bank-b', { disk });
    const up = await coordinator.call('getParticipant', { params: { name: 'bank-b' } });
    t.match(up.json(), { health: 'up', epoch: 2 });
    const now = await coordinator.call('createTransfer', { body: order });
    t.equal(now.statusCode, 201);
    await world.until(() => coordinator.coordinator.state.active.size === 0);
    await checkInvariants(t, coordinator, [a, back]);
  },
);

void t.test('a participant shows how long its last answer has taken', async (t) => {
  const { world, coordinator } = await startCluster(t);
  const look = async () => {
    const params = { name: 'bank-b' };
    return (await coordinator.call('getParticipant', { params })).json();
  };
  t.notOk('latencyMs' in (await look()), 'a registration is no answer');
  world.hook = async (wire) => {
    if (wire.to === 'bank-b') await new Promise<void>((go) => world.clock.after(30.125, go));
    return wire.forward();
  };
  await coordinator.call('createTransfer', { body: order });
  t.match(await look(), { health: 'up', latencyMs: 30.13 });
});

void t.test('a full coordinator refuses new transfers and answers old keys', async (t) => {
  const limits = { transfersInFlight: 1, idempotencyKeys: 1 };
  const { world, coordinator } = await startCluster(t, limits);
  const first = { 'idempotency-key': 'first' };
  const done = await coordinator.call('createTransfer', { body: order, headers: first });
  t.equal(done.statusCode, 201);
  const second = { 'idempotency-key': 'second' };
  const full = await coordinator.call('createTransfer', { body: order, headers: second });
  t.match(full.json(), { status: 503, code: 'idempotency-window-full' });
  const again = await coordinator.call('createTransfer', { body: order, headers: first });
  t.equal(again.headers['idempotent-replayed'], 'true');
  world.hook = () => new Promise(() => undefined);
  const async = { prefer: 'respond-async' };
  await coordinator.call('createTransfer', { body: order, headers: async });
  const busy = await coordinator.call('createTransfer', { body: order, headers: async });
  t.match(busy.json(), { status: 503, code: 'overloaded' });
  t.ok(busy.headers['retry-after']);
});

void t.test('a congested coordinator reads no body of a new transfer', async (t) => {
  const { world, coordinator } = await startCluster(t, { transfersUndecided: 1 });
  world.hook = () => new Promise(() => undefined);
  const first = { 'idempotency-key': 'first', prefer: 'respond-async' };
  await coordinator.call('createTransfer', { body: order, headers: first });
  const large = { what: 'x'.repeat(2 * defaultHttpLimits.bodyBytes) };
  const busy = await coordinator.call('createTransfer', { body: large });
  t.match(busy.json(), { status: 503, code: 'overloaded', definite: true });
  t.ok(busy.headers['retry-after']);
  const again = await coordinator.call('createTransfer', { body: order, headers: first });
  t.equal(again.statusCode, 202, 'what has begun is told');
  const other = { ...order, amount: order.amount + 1 };
  const reused = await coordinator.call('createTransfer', { body: other, headers: first });
  t.match(reused.json(), { code: 'idempotency-key-reused' });
  const bulk = await coordinator.call('createTransfers', { body: { transfers: [order] } });
  t.match(bulk.json(), { results: [{ status: 503, problem: { code: 'overloaded' } }] });
});

void t.test('what only waits for its one participant congests nobody', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t, { transfersUndecided: 1 });
  await openAccount(a, 'carol');
  await openAccount(b, 'dave');
  world.hook = (wire) => (wire.to === 'bank-a' ? never() : wire.forward());
  const headers = { prefer: 'respond-async' };
  const stuck = { ...order, to: 'bank-a/carol' };
  await coordinator.call('createTransfer', { body: stuck, headers });
  const body = { ...order, from: 'bank-b/bob', to: 'bank-b/dave' };
  t.equal((await coordinator.call('createTransfer', { body })).statusCode, 503);
  await world.pass(5_000);
  t.equal((await coordinator.call('createTransfer', { body })).statusCode, 201);
});

void t.test('transfers are listed newest first, by any filter, page by page', async (t) => {
  const { coordinator } = await startCluster(t);
  for (const n of [1, 2, 3]) {
    const body = { ...order, amount: n, reference: n === 2 ? 'even' : 'odd' };
    await coordinator.call('createTransfer', { body });
  }
  await coordinator.call('createTransfer', { body: { ...order, amount: 9_999_999 } });
  const ids = async (query: Record<string, string>) => {
    const reply = await coordinator.call('listTransfers', { query });
    const { data, page } = reply.json();
    return { ids: data.map(({ id }: { id: string }) => id.at(-1)).join(''), page };
  };
  t.strictSame(await ids({}), { ids: '4321', page: { nextCursor: null } });
  t.match(await ids({ state: 'aborted' }), { ids: '4' });
  t.match(await ids({ state: 'preparing' }), { ids: '' });
  t.match(await ids({ reference: 'odd' }), { ids: '31' });
  t.match(await ids({ account: 'bank-b/bob', participant: 'bank-a' }), { ids: '4321' });
  t.match(await ids({ participant: 'bank-z' }), { ids: '' });
  const first = await ids({ limit: '1', reference: 'odd' });
  t.equal(first.ids, '3');
  const cursor = first.page.nextCursor;
  t.match(await ids({ limit: '1', reference: 'odd', cursor }), {
    ids: '1',
    page: { nextCursor: null },
  });
  for (const query of [{ cursor }, { cursor, reference: 'even' }, { cursor: 'bm9uZQ' }]) {
    const reply = await coordinator.call('listTransfers', { query });
    t.match(reply.json(), { status: 400, code: 'invalid-cursor' });
  }
  const bad = await coordinator.call('listTransfers', { query: { limit: '101' } });
  t.match(bad.json(), { status: 400, code: 'invalid-request' });
});

void t.test('participants register, keep their name, and move', async (t) => {
  const world = new World();
  const coordinator = await coordinatorNode(t, world);
  const node = await participantNode(t, world, 'host-1', { wanted: null });
  t.equal(node.participant.membership?.name, 'participant-1');
  const register = (body: object) =>
    coordinator.call('registerParticipant', { body, key: 'participant' });
  const one = { store: 'host1000', epoch: 1, address: 'http://host-1.test' };
  const known = await register({ ...one, name: 'another' });
  t.equal(known.statusCode, 200);
  t.match(known.json(), { name: 'participant-1', coordinator: { store: 'k3f9q2ma', epoch: 1 } });
  const two = { name: 'bank-b', store: 'bbbbbbbb', epoch: 4, address: 'http://host-2.test/' };
  const fresh = await register(two);
  t.equal(fresh.statusCode, 201);
  t.match(fresh.json(), { address: 'http://host-2.test', peers: [{ name: 'participant-1' }] });
  const stale = await register({ ...two, epoch: 3 });
  t.match(stale.json(), { status: 409, code: 'stale-epoch' });
  const thief = { ...two, store: 'cccccccc' };
  t.match((await register(thief)).json(), { status: 409, code: 'name-taken' });
  const params = { name: 'bank-b' };
  const { name, ...update } = { ...two, epoch: 5, address: 'http://moved.test' };
  const put = { params, body: update, key: 'participant' } as const;
  const moved = await coordinator.call('updateParticipant', put);
  t.match(moved.json(), { name, epoch: 5, address: 'http://moved.test' });
  const list = await coordinator.call('listParticipants');
  t.match(list.json().data, [
    { name: 'participant-1', health: 'up', inDoubt: nothing },
    { name: 'bank-b', address: 'http://moved.test' },
  ]);
  const missing = await coordinator.call('getParticipant', { params: { name: 'nobody' } });
  t.match(missing.json(), { status: 404, code: 'participant-not-found' });
  const restarted = await coordinatorNode(t, world, { disk: coordinator.crash() });
  const after = await restarted.call('listParticipants');
  t.match(after.json().data, [{ health: 'unknown', lastSeenAt: null }, { epoch: 5 }]);
});

void t.test('an inquiry is answered with what this store knows', async (t) => {
  const { coordinator } = await startCluster(t);
  await coordinator.call('createTransfer', { body: order });
  await coordinator.call('createTransfer', { body: { ...order, amount: 9_999_999 } });
  const ask = async (id: string) => {
    const call = { params: { id }, key: 'participant' } as const;
    return (await coordinator.call('getDecision', call)).json();
  };
  const self = { store: 'k3f9q2ma', epoch: 1 };
  const committed = { id: 'k3f9q2ma-1-1', state: 'committed', timestamp: 1, coordinator: self };
  t.strictSame(await ask('k3f9q2ma-1-1'), committed);
  t.match(await ask('k3f9q2ma-1-2'), { state: 'aborted' });
  t.match(await ask('zzzzzzzz-1-1'), { status: 421, code: 'wrong-store' });
  const ready = await coordinator.call('checkReady');
  t.match(ready.json(), { status: 'ready', role: 'coordinator', ...self });
  t.match(await ask('k3f9q2ma-1-3'), { status: 409, code: 'never-issued' });
});

void t.test('what a participant must have is listed for those who are registered', async (t) => {
  const { coordinator } = await startCluster(t);
  await coordinator.call('createTransfer', { body: order });
  const list = async (participant: string) => {
    const call = { query: { participant }, key: 'participant' } as const;
    return (await coordinator.call('listDecisions', call)).json();
  };
  const data = [{ id: 'k3f9q2ma-1-1', state: 'committed', peers: ['bank-b'] }];
  t.match(await list('bank-a'), { data, page: { nextCursor: null } });
  t.match(await list('bank-x'), { status: 404, code: 'participant-not-found' });
});

void t.test('operations between nodes want the key of their role', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  const wrong = ['client', 'operator', 'coordinator'] as const;
  const body = { store: 'zzzzzzzz', epoch: 9, address: 'http://evil.test' };
  const params = { name: 'bank-a', id: 'k3f9q2ma-1-1' };
  for (const operation of ['registerParticipant', 'updateParticipant', 'getDecision']) {
    const given = operation === 'getDecision' ? {} : { body };
    const none = await coordinator.call(operation, { params, ...given });
    t.equal(none.statusCode, 401, operation);
    for (const key of wrong) {
      const reply = await coordinator.call(operation, { params, ...given, key });
      t.equal(reply.statusCode, 403, `${operation} as ${key}`);
    }
  }
  const batch = {
    coordinator: { store: 'k3f9q2ma', epoch: 1 },
    participant: { store: 'banka000' },
  };
  const forged = { ...batch, transfers: [{ id: 'k3f9q2ma-1-1', timestamp: 1 }] };
  for (const operation of ['prepare', 'commit', 'abort']) {
    t.equal((await a.call(operation, { body: forged })).statusCode, 401);
    for (const key of ['client', 'operator', 'participant'] as const) {
      t.equal((await a.call(operation, { body: forged, key })).statusCode, 403);
    }
  }
  t.equal(coordinator.coordinator.directory.size, 2);
  t.equal(a.participant.state.branches.size, 0);
  t.equal(world.sent.length, 2, 'nothing but the two registrations');
  await checkInvariants(t, coordinator, [a, b]);
});

void t.test('a new store that registers under a free name by PUT is told so by 201', async (t) => {
  const { coordinator } = await startCluster(t);
  const body = { store: 'bankc000', epoch: 1, address: 'http://bank-c.test' };
  const put = { params: { name: 'bank-c' }, body, key: 'participant' } as const;
  const statuses = [];
  for (let times = 0; times < 2; times += 1) {
    statuses.push((await coordinator.call('updateParticipant', put)).statusCode);
  }
  t.strictSame(statuses, [201, 200]);
});
