import t from 'tap';
import {
  confirm,
  debit,
  idOf,
  loneParticipant,
  playCoordinator,
  self,
} from '../fixtures/lone-participant.ts';
import { participantNode } from '../fixtures/nodes.ts';
import { nothing } from '../fixtures/nothing.ts';

const leg = debit(60);

void t.test(
  'a batch is answered item by item, and one bad item does not hurt others',
  async (t) => {
    const { send, alice } = await loneParticipant(t);
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
    t.match(reply.json().participant, { name: 'bank-a', store: 'banka000', sequence: Number });
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
  const { node, send, alice } = await loneParticipant(t);
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
  const { node, send, alice } = await loneParticipant(t);
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

void t.test('nothing is promised or answered before the coordinator has confirmed', async (t) => {
  const { node, send, prepare, alice } = await loneParticipant(t, { confirmed: false });
  const items = {
    prepare: { id: idOf(1), legs: [leg], timeoutMs: 500 },
    commitOnePhase: { id: idOf(1), legs: [leg], timeoutMs: 500, timestamp: 1, lowerTs: 0 },
    commit: { id: idOf(1), timestamp: 1 },
    abort: { id: idOf(1) },
  };
  for (const [operation, item] of Object.entries(items)) {
    const reply = await send(operation, [item]);
    t.match(reply.json(), { status: 503, code: 'not-ready' }, operation);
  }
  const balances = { query: { at: '1' }, key: 'coordinator' } as const;
  t.match((await node.call('getBalances', balances)).json(), { code: 'not-ready' });
  const known = { name: 'bank-a', coordinator: self, peers: [] };
  await node.world.settle(node.participant.named(known));
  t.match((await node.call('getBalances', balances)).json(), { code: 'not-ready' }, 'by name');
  t.equal(node.participant.state.branches.size, 0);
  await confirm(node);
  t.match((await prepare(1)).json(), { votes: [{ vote: 'yes' }] });
  t.strictSame(alice(), [100, 60]);
});

void t.test('a commit in one phase decides, each transfer for itself', async (t) => {
  const { node, send, alice } = await loneParticipant(t);
  const item = (n: number, legs: object[]) => {
    return { id: idOf(n), legs, timeoutMs: 500, timestamp: n, lowerTs: 0 };
  };
  const transfers = [item(1, [leg]), item(2, [leg]), item(1, [leg])];
  const reply = await send('commitOnePhase', transfers);
  t.match(reply.json().outcomes, [
    { id: idOf(1), state: 'committed' },
    { id: idOf(2), state: 'aborted', code: 'insufficient-funds', account: 'alice' },
    { id: idOf(1), state: 'committed' },
  ]);
  t.strictSame(alice(), [40, 0]);
  const balances = { query: { at: '4' }, key: 'coordinator' } as const;
  await node.call('getBalances', balances);
  const late = await send('commitOnePhase', [item(4, [debit(1)]), item(5, [debit(1)])]);
  t.match(late.json().outcomes, [{ state: 'prepared' }, { state: 'committed' }]);
  t.strictSame(alice(), [39, 1], 'what was not shown as of 4 gets another timestamp');
  const stale = { coordinator: { ...self, epoch: 0 } };
  await send('abort', [{ id: 'k3f9q2ma-2-1' }], { coordinator: { ...self, epoch: 2 } });
  t.equal((await send('commitOnePhase', transfers, stale)).statusCode, 400);
  t.match((await send('commitOnePhase', transfers)).json(), { code: 'stale-epoch' });
});

void t.test(
  'what may have been served before the start is not committed in one phase',
  async (t) => {
    const { world, node } = await loneParticipant(t);
    const again = await participantNode(t, world, 'bank-a', { disk: node.crash() });
    await confirm(again, 7);
    again.participant.confirm(8);
    const item = (n: number) => {
      return { id: idOf(n), legs: [debit(1)], timeoutMs: 500, timestamp: n, lowerTs: 0 };
    };
    const reply = await playCoordinator(world, again).send('commitOnePhase', [item(7), item(8)]);
    t.match(reply.json().outcomes, [{ state: 'prepared' }, { state: 'committed' }]);
  },
);

void t.test('a no, an abort and a commit in one phase survive a power cut at once', async (t) => {
  const { world, node, send } = await loneParticipant(t);
  const item = (n: number, amount: number) => {
    return { id: idOf(n), legs: [debit(amount)], timeoutMs: 500, timestamp: n, lowerTs: 0 };
  };
  await send('commitOnePhase', [item(1, 60)]);
  await send('commitOnePhase', [item(2, 60)]);
  await send('abort', [{ id: idOf(3) }]);
  const before = [...node.participant.state.branches];
  const again = await participantNode(t, world, 'bank-a', { disk: node.crash() });
  t.strictSame([...again.participant.state.branches], before);
  t.strictSame(again.amounts('alice'), [40, 0]);
  await confirm(again);
  const repeat = [item(1, 60), item(2, 60), item(3, 1)];
  const reply = await playCoordinator(world, again).send('commitOnePhase', repeat);
  const states = [{ state: 'committed' }, { state: 'aborted' }, { state: 'aborted' }];
  t.match(reply.json().outcomes, states, 'the recorded outcomes');
});

void t.test('what is settled is forgotten, through checkpoints and starts', async (t) => {
  const { world, node, send, prepare } = await loneParticipant(t, { segmentBytes: 4096 });
  for (let n = 1; n <= 300; n += 1) {
    await prepare(n, { legs: [{ ...leg, amount: 1 }] });
    const watermark = { epoch: 1, seq: n, except: n > 150 ? [idOf(150)] : [] };
    await send('commit', [{ id: idOf(n), timestamp: n }], { watermark });
  }
  const { branches, watermarks } = node.participant.state;
  t.ok(branches.size <= 101, `${branches.size} branches are remembered`);
  t.ok(branches.has(idOf(150)), 'what is listed is not settled');
  t.strictSame(watermarks.get('k3f9q2ma'), { epoch: 1, seq: 201, except: [idOf(150)] });
  const again = await participantNode(t, world, 'bank-a', { disk: node.crash() });
  t.strictSame([...again.participant.state.branches], [...branches]);
  t.strictSame([...again.participant.state.watermarks], [...watermarks]);
  await confirm(again);
  const late = playCoordinator(world, again);
  t.match((await late.prepare(7)).json().votes, [{ vote: 'refused', code: 'forgotten' }]);
  t.match((await late.commit(7)).json().outcomes, [{ state: 'committed' }]);
  t.match((await late.abort(7)).json().outcomes, [{ state: 'aborted' }]);
  t.strictSame(late.alice(), [400, 0]);
});

void t.test('a disk without room takes nothing new, and decides what is under way', async (t) => {
  const { world, node, send, prepare, commit, alice } = await loneParticipant(t);
  await prepare(1, { legs: [debit(5)] });
  node.disk.freeBytes = 1_000;
  await world.pass(1_000);
  await prepare(1, { legs: [debit(5)] });
  await world.quiet();
  const { sequence } = node.participant.signature;
  const reply = await prepare(2, { legs: [debit(5)] });
  t.match(reply.json().votes, [{ vote: 'no', code: 'storage-low', detail: String }]);
  t.equal(node.participant.signature.sequence, sequence, 'it has written nothing');
  const item = { id: idOf(3), legs: [leg], timeoutMs: 500, timestamp: 3, lowerTs: 0 };
  const outcome = await send('commitOnePhase', [item]);
  t.match(outcome.json().outcomes, [{ state: 'aborted', code: 'storage-low' }]);
  t.match((await commit(1)).json().outcomes, [{ state: 'committed' }]);
  t.strictSame(alice(), [95, 0]);
  node.disk.freeBytes = 10_000;
  await world.pass(1_000);
  await prepare(4);
  await world.quiet();
  t.match((await prepare(5, { legs: [debit(1)] })).json().votes, [{ vote: 'yes' }]);
});

void t.test('balances are read as of a timestamp', async (t) => {
  const { node, prepare, commit, alice, world } = await loneParticipant(t);
  await prepare(1);
  await commit(1, 5);
  const read = (at: number, timeoutMs?: number) => {
    const query = { at: String(at), ...(timeoutMs !== undefined && { timeoutMs: `${timeoutMs}` }) };
    return node.call('getBalances', { query, key: 'coordinator' });
  };
  const before = await read(4);
  t.match(before.json(), { timestamp: 4, accounts: [{ account: 'alice', posted: 100 }] });
  t.match((await read(5)).json(), {
    participant: { name: 'bank-a', store: 'banka000' },
    accounts: [{ account: 'alice', currency: 'USD', posted: 40 }],
    damage: nothing,
  });
  await prepare(2, { legs: [debit(7)], lowerTs: 5 });
  const since = world.clock.now();
  const doubt = await read(6);
  t.match(doubt.json(), { status: 503, code: 'in-doubt', transfers: [idOf(2)] });
  t.equal(doubt.headers['retry-after'], '1');
  t.equal(world.clock.now() - since, 5_000);
  t.match((await read(6, 0)).json(), { code: 'in-doubt' });
  const waiting = read(6);
  await world.quiet();
  await node.participant.receive([
    { type: 'commit', id: idOf(2), timestamp: 6, coordinator: self },
  ]);
  t.match((await waiting).json(), { accounts: [{ posted: 33 }] });
  t.strictSame(alice(), [33, 0]);
  const again = await participantNode(t, world, 'bank-a', { disk: node.crash() });
  await confirm(again, 6);
  const query = { at: '5' };
  const expired = await again.call('getBalances', { query, key: 'coordinator' });
  t.match(expired.json(), { status: 409, code: 'snapshot-expired' });
});

void t.test('a flood that is held in doubt on one account leaves the others alone', async (t) => {
  const { node, send, commit } = await loneParticipant(t);
  await node.call('openAccount', { body: { id: 'bob', currency: 'USD', balance: 20_000 } });
  const item = (n: number, account: string) => {
    return { id: idOf(n), legs: [{ ...debit(1), account }], timeoutMs: 60_000 };
  };
  for (let n = 0; n < 10_000; n += 1_000) {
    const batch = Array.from({ length: 1_000 }, (_, more) => item(n + more + 1, 'bob'));
    await send('prepare', batch);
  }
  t.equal(node.participant.state.prepared.size, 10_000);
  const votes = await send('prepare', [item(10_001, 'bob'), item(10_002, 'alice')]);
  t.match(votes.json().votes, [{ vote: 'no', code: 'busy', account: 'bob' }, { vote: 'yes' }]);
  await commit(1);
  t.match((await send('prepare', [item(10_003, 'bob')])).json().votes, [{ vote: 'yes' }]);
});

void t.test(
  'an abort in the name of another store is an alarm, also of what is decided here',
  async (t) => {
    const { node, send } = await loneParticipant(t);
    const item = { id: idOf(1), legs: [leg], timeoutMs: 500, timestamp: 1, lowerTs: 0 };
    await send('commitOnePhase', [item]);
    await send('abort', [{ id: idOf(1) }]);
    t.strictSame(node.alarms, [], 'whether it was committed may be asked');
    const forged = { coordinator: { store: 'zzzzzzzz', epoch: 1 } };
    const reply = await send('abort', [{ id: idOf(1) }], forged);
    t.match(reply.json().outcomes, [{ state: 'refused', code: 'wrong-store' }]);
    t.strictSame(node.alarms, [`refused to abort ${idOf(1)}`]);
  },
);
