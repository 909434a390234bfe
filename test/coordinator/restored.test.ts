import t from 'tap';
import { isForeign, neverIssued, oldCopy } from '../../coordinator/restored.ts';
import {
  back,
  coordinatorNode,
  id,
  lost,
  order,
  participantNode,
  settleAll,
  startCluster,
  stateAt,
  type CoordinatorNode,
} from '../fixtures/nodes.ts';

const issued = { store: 'k3f9q2ma', epoch: 2, sequence: 40, timestamp: 70 };

void t.test('a store is an old copy when it is shown what it never issued', (t) => {
  const shown = (id?: string, timestamp?: number) => neverIssued(issued, { id, timestamp });
  t.equal(shown('k3f9q2ma-2-41'), 'transfer k3f9q2ma-2-41');
  t.equal(shown('k3f9q2ma-3-1'), 'transfer k3f9q2ma-3-1');
  t.equal(shown('k3f9q2ma-2-40', 71), 'commit timestamp 71');
  t.equal(shown(undefined, 71), 'commit timestamp 71');
  t.equal(shown('k3f9q2ma-2-40', 70), undefined);
  t.equal(shown('k3f9q2ma-1-9999'), undefined, 'its begun may have been lost, unforced');
  t.equal(shown('k3f9q2ma-what'), undefined);
  t.equal(shown(), undefined);
  t.end();
});

void t.test('what another coordinator has issued says nothing about this one', (t) => {
  t.equal(neverIssued(issued, { id: 'zzzzzzzz-9-9', timestamp: 99 }), undefined);
  t.ok(isForeign(issued, 'zzzzzzzz-9-9'));
  t.notOk(isForeign(issued, 'k3f9q2ma-9-9'));
  t.notOk(isForeign(issued, undefined));
  t.end();
});

void t.test('it says which store, who has shown what, and what to do', (t) => {
  const said = oldCopy('/data', 'bank-a', 'transfer k3f9q2ma-2-41');
  t.match(said, /^the store \/data is an old copy: bank-a has seen transfer k3f9q2ma-2-41/);
  t.match(said, /newest copy of the store/);
  t.notMatch(said, /\n/);
  t.end();
});

async function pay(coordinator: CoordinatorNode, times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) await coordinator.call('createTransfer', { body: back });
}

void t.test(
  'a coordinator on an old copy stops as soon as a participant speaks to it',
  async (t) => {
    const { world, coordinator, a, b } = await startCluster(t);
    await pay(coordinator, 2);
    const backup = coordinator.disk.copy();
    await pay(coordinator, 3);
    coordinator.die();
    const restored = await coordinatorNode(t, world, { disk: backup });
    await world.until(() => restored.failures.length > 0, 11_000);
    t.match(restored.failures[0]?.message, /^the store \/data is an old copy: bank-a has seen/);
    t.match(restored.failures[0]?.message, /commit timestamp 5, .* Put the newest copy/);
    t.match(restored.alarms, [/is an old copy/]);
    t.match(a.alarms, [/refuses to register .*never-issued/], 'whoever has shown it hears so');
    t.strictSame([a.failures, b.failures], [[], []], 'and goes on');
    const { length } = world.sent.filter((sent) => !sent.startsWith('coordinator '));
    const body = { ...order, timeoutMs: 200 };
    await restored.call('createTransfer', { body, headers: { prefer: 'wait=0' } });
    await world.pass(1_000);
    t.equal(world.sent.filter((sent) => !sent.startsWith('coordinator ')).length, length);
    restored.die();
    const newest = await coordinatorNode(t, world, { disk: coordinator.crash() });
    await world.pass(11_000);
    t.strictSame(newest.failures, []);
    await pay(newest, 1);
    await settleAll(t, world, newest, [a, b]);
  },
);

void t.test('an id of this very epoch shows it, too', async (t) => {
  const { world, coordinator, a } = await startCluster(t);
  const cold = coordinator.disk.copy();
  const first = await coordinatorNode(t, world, { disk: coordinator.crash() });
  const body = { ...order, amount: 999_999 };
  await first.call('createTransfer', { body });
  await world.until(() => a.participant.state.branches.size > 0);
  first.die();
  const restored = await coordinatorNode(t, world, { disk: cold });
  await world.until(() => restored.failures.length > 0, 11_000);
  t.match(restored.failures[0]?.message, /bank-a has seen transfer k3f9q2ma-2-1,/);
});

void t.test('whoever asks about what was never issued is told so before the end', async (t) => {
  const { world, coordinator } = await startCluster(t);
  const ask = (id: string, query = {}) =>
    coordinator.call('getDecision', { params: { id }, query, key: 'participant' });
  t.equal((await ask('zzzzzzzz-1-1')).statusCode, 421);
  await pay(coordinator, 1);
  t.equal((await ask(id, { timestamp: '1' })).statusCode, 200);
  t.equal((await ask(id, { timestamp: '2' })).json().code, 'never-issued');
  t.strictSame(coordinator.failures, [], 'the answer goes first');
  const answered: string[] = [];
  const others = {
    getTransfer: { params: { id } },
    listTransfers: {},
    getSnapshot: {},
    listDecisions: { query: { participant: 'bank-a' }, key: 'participant' },
  } as const;
  for (const [operation, request] of Object.entries(others)) {
    void coordinator.start(operation, request).then(() => answered.push(operation));
  }
  await world.pass(100);
  t.strictSame(answered, [], 'nothing else is told from an old copy');
  t.match(coordinator.failures, [{ message: /whoever asks about k3f9q2ma-1-1 has seen/ }]);
});

void t.test('whoever has lost its store does not take that for an old copy', async (t) => {
  const { world, coordinator } = await startCluster(t);
  const newer = 'k3f9q2ma-2-1';
  coordinator.coordinator.durable = () => new Promise(() => undefined);
  const answered: string[] = [];
  const params = { id: newer };
  void coordinator
    .start('getDecision', { params, key: 'participant' })
    .then(() => answered.push('getDecision'));
  const body = { name: 'bank-c', store: 'cccccccc', epoch: 1, sequence: 0, highest: newer };
  void coordinator
    .start('registerParticipant', { body: { ...body, address: 'http://a' }, key: 'participant' })
    .then(() => answered.push('registerParticipant'));
  await world.pass(1_000);
  t.strictSame(answered, []);
  t.strictSame([coordinator.failures, coordinator.alarms], [[], []]);
});

void t.test('to be refused an abort of what is committed shows it', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  let vote: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (vote = resolve));
  world.hook = async (wire) => {
    if (wire.kind === 'participants') return lost();
    if (wire.to === 'bank-b' && wire.kind === 'prepare') await held;
    return wire.forward();
  };
  const answer = coordinator.start('createTransfer', { body: order });
  await world.pass(100);
  const backup = coordinator.disk.copy();
  vote();
  t.equal((await world.settle(answer)).statusCode, 201);
  coordinator.die();
  const restored = await coordinatorNode(t, world, { disk: backup });
  await world.until(() => restored.failures.length > 0, 11_000);
  t.match(restored.failures[0]?.message, /bank-[ab] has seen a commit of k3f9q2ma-1-1/);
  t.strictSame([stateAt(a), stateAt(b)], ['committed', 'committed']);
});

void t.test('to be refused a prepare of what is committed shows it at once', async (t) => {
  const { world, coordinator } = await startCluster(t);
  world.hook = async (wire) => {
    const reply = await wire.forward();
    if (wire.to !== 'bank-b' || wire.kind !== 'prepare') return reply;
    const votes = [{ id, vote: 'refused', code: 'already-committed' }];
    return { status: 200, body: { ...(reply.body as object), votes } };
  };
  void coordinator.start('createTransfer', { body: order });
  await world.until(() => coordinator.failures.length > 0, 1_000);
  t.match(coordinator.failures[0]?.message, /bank-b has seen a commit of k3f9q2ma-1-1/);
});

void t.test(
  'a decision is told however long ago it ended, and changes nothing twice',
  async (t) => {
    const { world, coordinator, a, b } = await startCluster(t);
    await coordinator.call('createTransfer', { body: order });
    await world.until(() => coordinator.coordinator.state.active.size === 0);
    const again = await coordinatorNode(t, world, { disk: coordinator.crash() });
    const ask = () => again.call('getDecision', { params: { id }, key: 'participant' });
    t.match((await ask()).json(), { id, state: 'committed', timestamp: 1 });
    await pay(again, 120);
    const later = await coordinatorNode(t, world, { disk: again.crash() });
    const told = await later.call('getDecision', { params: { id }, key: 'participant' });
    t.match(told.json(), { id, state: 'committed', timestamp: 1 });
    const batch = {
      coordinator: { store: 'k3f9q2ma', epoch: 3 },
      participant: { store: 'banka000' },
    };
    const commit = { ...batch, transfers: [{ id, timestamp: 1 }] };
    const repeated = await a.call('commit', { body: commit, key: 'coordinator' });
    t.match(repeated.json(), { outcomes: [{ id, state: 'committed' }] });
    await settleAll(t, world, later, [a, b]);
    t.strictSame(a.amounts('alice'), [100_000 - 2_500 + 120 * 700, 0]);
  },
);

void t.test('with a new store under its address, what is in doubt stays so', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  await pay(coordinator, 3);
  world.hook = (wire) => (wire.kind === 'commit' ? lost() : wire.forward());
  void coordinator.start('createTransfer', { body: { ...back, timeoutMs: 500 } });
  await world.until(() => a.participant.state.prepared.size > 0);
  await world.until(() => b.participant.state.prepared.size > 0);
  coordinator.die();
  world.hook = (wire) => wire.forward();
  const other = await coordinatorNode(t, world, { store: 'newstore' });
  await world.until(() => other.coordinator.directory.size === 2, 20_000);
  await world.pass(60_000);
  t.match([stateAt(a, 'k3f9q2ma-1-4'), stateAt(b, 'k3f9q2ma-1-4')], ['prepared', 'prepared']);
  t.strictSame(b.amounts('bob'), [100_000 - 2_100, 700]);
  const said = a.alarms.join('\n');
  t.match(
    said,
    /had store k3f9q2ma, and has newstore now: what k3f9q2ma has left in doubt stays so/,
  );
  t.match(said, /1-4 stays in doubt: .* does not have store k3f9q2ma, .* let an operator resolve/);
  t.strictSame(other.failures, []);
  const reply = await other.call('createTransfer', { body: back });
  t.match(reply.json(), { state: 'committed' }, 'and new work goes on');
});

void t.test('a participant whose store is lost is not taken for itself', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  world.hook = (wire) => (wire.kind === 'commit' && wire.to === 'bank-b' ? lost() : wire.forward());
  const body = { ...back, timeoutMs: 500 };
  await coordinator.call('createTransfer', { body, headers: { prefer: 'wait=0' } });
  await world.until(() => stateAt(a) === 'committed');
  b.die();
  world.hook = (wire) => wire.forward();
  const empty = await participantNode(t, world, 'bank-b', { store: 'newstore' });
  await world.pass(60_000);
  t.match(empty.failures, [{ message: /name-taken/ }]);
  t.strictSame([...empty.participant.ledger.accounts()], [], 'no account is made up');
  t.equal(stateAt(empty), undefined);
  const said = coordinator.alarms.join('\n');
  t.match(said, /bank-b is the name of store bankb000, not of newstore/);
  const shown = await coordinator.call('getTransfer', { params: { id } });
  t.match(shown.json(), { state: 'committed', applied: false });
});
