import t from 'tap';
import { openAccount, participantNode, startCluster, World } from '../fixtures/nodes.ts';

const self = { store: 'k3f9q2ma', epoch: 1 };
const leg = { account: 'alice', amount: -60, currency: 'USD' };
const idOf = (n: number) => `k3f9q2ma-1-${n}`;

/** A participant that has no coordinator: the test is the coordinator. */
async function participant(t: Parameters<typeof participantNode>[0]) {
  const world = new World();
  const node = await participantNode(t, world, 'bank-a');
  await openAccount(node, 'alice', 100);
  const to = { coordinator: self, participant: { store: 'banka000' } };
  const send = async (operation: string, transfers: object[], envelope: object = to) =>
    node.call(operation, { body: { ...envelope, transfers }, key: 'coordinator' });
  return {
    world,
    node,
    send,
    prepare: (n: number, more: object = {}) =>
      send('prepare', [{ id: idOf(n), legs: [leg], timeoutMs: 500, ...more }]),
    alice: () => node.amounts('alice'),
  };
}

void t.test(
  'a batch is answered item by item, and one bad item does not hurt others',
  async (t) => {
    const { send, alice } = await participant(t);
    const item = (n: number, ...legs: object[]) => ({ id: idOf(n), legs, timeoutMs: 500 });
    const reply = await send('prepare', [
      item(1, leg),
      item(2, leg),
      item(3, { ...leg, account: 'nobody' }),
      item(4, { ...leg, currency: 'EUR' }),
      item(1, leg),
      item(1, { ...leg, amount: -61 }),
      { ...item(5, leg), id: 'zzzzzzzz-1-1' },
    ]);
    t.equal(reply.statusCode, 200);
    t.match(reply.json().participant, { name: null, store: 'banka000', sequence: Number });
    t.match(reply.json().votes, [
      { id: idOf(1), vote: 'yes' },
      { id: idOf(2), vote: 'no', code: 'insufficient-funds', account: 'alice' },
      { id: idOf(3), vote: 'no', code: 'unknown-account', account: 'nobody' },
      { id: idOf(4), vote: 'no', code: 'currency-mismatch', account: 'alice' },
      { id: idOf(1), vote: 'yes' },
      { id: idOf(1), vote: 'refused', code: 'legs-differ' },
      { id: 'zzzzzzzz-1-1', vote: 'refused', code: 'wrong-store' },
    ]);
    t.strictSame(alice(), [100, 60]);
    const outcomes = await send('commit', [
      { id: idOf(1), timestamp: 7 },
      { id: idOf(1), timestamp: 7 },
      { id: idOf(1), timestamp: 8 },
      { id: idOf(2), timestamp: 9 },
      { id: idOf(9), timestamp: 9 },
    ]);
    t.match(outcomes.json().outcomes, [
      { id: idOf(1), state: 'committed' },
      { id: idOf(1), state: 'committed' },
      { id: idOf(1), state: 'refused', code: 'already-committed' },
      { id: idOf(2), state: 'refused', code: 'already-aborted' },
      { id: idOf(9), state: 'refused', code: 'unknown-branch' },
    ]);
    t.strictSame(alice(), [40, 0]);
    const aborts = await send('abort', [{ id: idOf(1) }, { id: idOf(2) }, { id: idOf(8) }]);
    t.match(aborts.json().outcomes, [
      { state: 'refused', code: 'already-committed' },
      { state: 'aborted' },
      { state: 'aborted' },
    ]);
    t.strictSame(alice(), [40, 0]);
  },
);

void t.test('what is not meant for this store or this epoch is refused whole', async (t) => {
  const { node, send, alice } = await participant(t);
  const items = {
    prepare: { id: idOf(1), legs: [leg], timeoutMs: 500 },
    commit: { id: idOf(1), timestamp: 1 },
    abort: { id: idOf(1) },
  };
  for (const [operation, item] of Object.entries(items)) {
    const other = { coordinator: self, participant: { store: 'zzzzzzzz' } };
    const reply = await send(operation, [item], other);
    t.match(reply.json(), { status: 421, code: 'wrong-store' }, operation);
  }
  const to = { coordinator: { ...self, epoch: 2 }, participant: { store: 'banka000' } };
  await send('abort', [{ id: 'k3f9q2ma-2-1' }], to);
  const stale = await send('prepare', [items.prepare]);
  t.match(stale.json(), { status: 409, code: 'stale-epoch' });
  t.strictSame(alice(), [100, 0]);
  t.strictSame([...node.participant.state.branches.keys()], ['k3f9q2ma-2-1']);
  const late = await send('commit', [items.commit]);
  t.equal(late.statusCode, 200, 'a decision is heard from any epoch');
});

void t.test('bad input moves nothing', async (t) => {
  const { node, send, alice } = await participant(t);
  const good = { id: idOf(1), legs: [leg], timeoutMs: 500 };
  const cases: [string, object[]][] = [
    ['prepare', []],
    ['prepare', [{ ...good, legs: [] }]],
    ['prepare', [good, { ...good, id: 'x' }]],
    ['prepare', [{ ...good, legs: [{ ...leg, amount: 0 }] }]],
    ['prepare', [{ ...good, legs: [{ ...leg, amount: -(2 ** 53) }] }]],
    ['prepare', [{ ...good, legs: [{ ...leg, amount: -1.5 }] }]],
    ['prepare', [{ ...good, legs: [{ ...leg, currency: 'XXX' }] }]],
    ['commit', [{ id: idOf(1) }]],
    ['commit', [{ id: idOf(1), timestamp: 0 }]],
    ['abort', [{ id: 7 }]],
  ];
  for (const [operation, items] of cases) {
    const reply = await send(operation, items);
    t.match(reply.json(), { status: 400, code: 'invalid-request' }, JSON.stringify(items));
  }
  t.equal(node.participant.state.branches.size, 0);
  t.strictSame(alice(), [100, 0]);
});

void t.test('accounts are opened once, within their minimum, and listed in order', async (t) => {
  const { node } = await participant(t);
  const open = (body: object) => node.call('openAccount', { body });
  const bob = await open({ id: 'bob', currency: 'EUR', balance: 0, minimum: -50 });
  const shown = { id: 'bob', currency: 'EUR', posted: 0, held: 0, available: 0, minimum: -50 };
  t.strictSame(bob.json(), { ...shown, frozen: false });
  t.equal(bob.headers['location'], '/accounts/bob');
  const twice = await open({ id: 'bob', currency: 'EUR', balance: 9 });
  t.match(twice.json(), { status: 409, code: 'account-exists' });
  const low = await open({ id: 'low', currency: 'EUR', balance: 1, minimum: 2 });
  t.match(low.json(), { status: 400, errors: [{ in: 'body', pointer: '/balance' }] });
  for (const balance of [-1, 0.5, 2 ** 53, '1']) {
    t.equal((await open({ id: 'bad', currency: 'EUR', balance })).statusCode, 400);
  }
  const read = await node.call('getAccount', { params: { id: 'bob' } });
  t.strictSame(read.json(), bob.json());
  const missing = await node.call('getAccount', { params: { id: 'low' } });
  t.match(missing.json(), { status: 404, code: 'account-not-found' });
  const first = await node.call('listAccounts', { query: { limit: '1' } });
  t.match(first.json().data, [{ id: 'alice' }]);
  const cursor = first.json().page.nextCursor;
  const second = await node.call('listAccounts', { query: { limit: '1', cursor } });
  t.match(second.json(), { data: [{ id: 'bob' }], page: { nextCursor: null } });
  for (const query of [{ cursor: 'x' }, { cursor: `${cursor}x` }]) {
    const reply = await node.call('listAccounts', { query });
    t.match(reply.json(), { status: 400, code: 'invalid-cursor' });
  }
  const other = await node.call('listBranches', { query: { cursor, state: 'prepared' } });
  t.match(other.json(), { code: 'invalid-cursor' }, 'a cursor belongs to its filters');
});

void t.test(
  'branches are listed newest first, by state, without what only the node needs',
  async (t) => {
    const { node, send, prepare } = await participant(t);
    await prepare(1, { lowerTs: 3, peers: ['bank-b'] });
    await prepare(2);
    await send('abort', [{ id: idOf(3) }]);
    const list = await node.call('listBranches');
    const ids = (reply: typeof list) => reply.json().data.map(({ id }: { id: string }) => id);
    t.strictSame(ids(list), [idOf(3), idOf(2), idOf(1)]);
    const aborted = await node.call('listBranches', { query: { state: 'aborted', limit: '1' } });
    t.strictSame(ids(aborted), [idOf(3)]);
    const query = { state: 'aborted', limit: '1', cursor: aborted.json().page.nextCursor };
    t.strictSame(ids(await node.call('listBranches', { query })), [idOf(2)]);
    const one = await node.call('getBranch', { params: { id: idOf(1) } });
    t.strictSame(one.json(), {
      id: idOf(1),
      coordinator: self,
      peers: ['bank-b'],
      legs: [leg],
      state: 'prepared',
      preparedAt: one.json().preparedAt,
    });
    const missing = await node.call('getBranch', { params: { id: idOf(9) } });
    t.match(missing.json(), { status: 404, code: 'branch-not-found' });
  },
);

void t.test('a participant is ready when the coordinator knows where it is', async (t) => {
  const { node } = await participant(t);
  const early = await node.call('checkReady');
  t.match(early.json(), { status: 503, code: 'not-ready' });
  const { a } = await startCluster(t);
  const ready = await a.call('checkReady');
  t.strictSame(ready.json(), {
    status: 'ready',
    role: 'participant',
    store: 'banka000',
    epoch: 1,
    name: 'bank-a',
  });
});

void t.test('what was acknowledged is there after a power cut', async (t) => {
  const { world, node, send, prepare } = await participant(t);
  await prepare(1);
  await send('commit', [{ id: idOf(1), timestamp: 4 }]);
  await prepare(2, { legs: [{ ...leg, amount: -5 }] });
  const before = [...node.participant.state.branches];
  const again = await participantNode(t, world, 'bank-a', { disk: node.crash() });
  t.strictSame([...again.participant.state.branches], before);
  t.strictSame(again.amounts('alice'), [40, 5]);
  const twice = await participantNode(t, world, 'bank-a', { disk: again.crash() });
  t.strictSame([...twice.participant.state.branches], before, 'replaying twice is replaying once');
});
