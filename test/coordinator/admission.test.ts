/** What one participant or one client may take of what a coordinator can hold. */
import t from 'tap';
import {
  coordinatorNode,
  never,
  openAccount,
  order,
  participantNode,
  settleAll,
  startCluster,
  type CoordinatorNode,
} from '../fixtures/nodes.ts';

const async = { prefer: 'respond-async' };

/** A store that is not the one that was asked for: its node is up, and acknowledges nothing. */
const lostStore = () => Promise.resolve({ status: 421, body: { code: 'wrong-store' } });

void t.test('a participant whose store is lost leaves room for the others', async (t) => {
  const limits = { transfersPerParticipant: 2, transfersInFlight: 4, maxBackoffMs: 100 };
  const { world, coordinator: first, a, b } = await startCluster(t, limits);
  const c = await participantNode(t, world, 'bank-c');
  await openAccount(c, 'carol');
  await world.pass(50);
  const others = { ...order, to: 'bank-c/carol' };
  const make = (node: CoordinatorNode, body: object) =>
    node.call('createTransfer', { body: { ...body, timeoutMs: 50 } });
  world.hook = (wire) => (wire.to === 'bank-b' ? lostStore() : wire.forward());
  for (const n of [1, 2]) {
    t.match((await make(first, order)).json(), { status: 422, code: 'vote-timeout' }, `${n}`);
  }
  const full = async (node: CoordinatorNode) => {
    const refused = await make(node, order);
    const detail = /bank-b has 2 transfers to acknowledge/;
    t.match(refused.json(), { code: 'participant-unavailable', definite: true, detail });
    t.ok(refused.headers['retry-after']);
    t.equal((await make(node, others)).statusCode, 201, 'others go on');
  };
  await full(first);
  const disk = first.crash();
  const again = await coordinatorNode(t, world, { disk, limits });
  await full(again);
  world.hook = (wire) => wire.forward();
  await world.pass(500);
  t.equal((await make(again, order)).statusCode, 201, 'what is acknowledged counts no more');
  await settleAll(t, world, again, [a, b, c]);
});

void t.test('what has ended in any way counts for no participant', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t, { transfersPerParticipant: 1 });
  await openAccount(a, 'carol');
  const kinds = [order, { ...order, to: 'bank-a/carol' }, { ...order, amount: 9_999_999 }];
  for (const body of [...kinds, { ...order, from: 'bank-a/nobody', to: 'bank-b/nobody' }]) {
    for (const n of [1, 2, 3]) {
      const reply = await coordinator.call('createTransfer', { body });
      t.not(reply.statusCode, 503, `${n}: ${JSON.stringify(body)}`);
      await world.pass(50);
    }
  }
  await settleAll(t, world, coordinator, [a, b]);
});

void t.test('whoever has voted no has nothing to acknowledge', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t, { transfersPerParticipant: 1 });
  const c = await participantNode(t, world, 'bank-c');
  await openAccount(c, 'carol');
  await world.pass(50);
  world.hook = (wire) => (wire.kind === 'abort' ? lostStore() : wire.forward());
  const tooMuch = { ...order, amount: 9_999_999 };
  const refused = await coordinator.call('createTransfer', { body: tooMuch });
  t.match(refused.json(), { code: 'insufficient-funds', detail: /bank-a voted no/ });
  const body = { ...order, to: 'bank-c/carol' };
  t.equal((await coordinator.call('createTransfer', { body })).statusCode, 201, 'bank-a goes on');
  const other = await coordinator.call('createTransfer', { body: order });
  t.match(other.json(), { detail: /bank-b has 1 transfers to acknowledge/ });
  await settleAll(t, world, coordinator, [a, b, c]);
});

void t.test('one client cannot have all transfers that wait for votes', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t, { transfersPerClient: 1 });
  world.hook = (wire) => (wire.kind === 'prepare' ? never() : wire.forward());
  const make = (key: 'client' | 'operator', headers: object = {}) =>
    coordinator.call('createTransfer', { body: order, headers: { ...async, ...headers }, key });
  const mine = { 'idempotency-key': 'mine' };
  t.equal((await make('client', mine)).statusCode, 202);
  const refused = await make('client');
  t.match(refused.json(), {
    status: 503,
    code: 'overloaded',
    detail: /1 transfers of this client/,
  });
  t.ok(refused.headers['retry-after']);
  t.equal((await make('client', mine)).statusCode, 202, 'what has begun is told');
  const body = { transfers: [order] };
  const bulk = await coordinator.call('createTransfers', { body, key: 'client' });
  t.match(bulk.json(), { results: [{ status: 503, problem: { code: 'overloaded' } }] });
  t.equal((await make('operator')).statusCode, 202, 'another client has a share of its own');
  await world.pass(5_000);
  t.equal((await make('client')).statusCode, 202, 'what is decided counts no more');
  await settleAll(t, world, coordinator, [a, b]);
});

void t.test('what only waits for its one participant counts for no client', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t, { transfersPerClient: 1 });
  await openAccount(a, 'carol');
  await openAccount(b, 'dave');
  world.hook = (wire) => (wire.to === 'bank-a' ? never() : wire.forward());
  const stuck = { ...order, to: 'bank-a/carol' };
  await coordinator.call('createTransfer', { body: stuck, headers: async });
  const body = { ...order, from: 'bank-b/bob', to: 'bank-b/dave' };
  const refused = await coordinator.call('createTransfer', { body });
  t.match(refused.json(), { code: 'overloaded', detail: /of this client/ });
  await world.pass(5_000);
  t.equal((await coordinator.call('createTransfer', { body })).statusCode, 201);
  await settleAll(t, world, coordinator, [a, b]);
});
