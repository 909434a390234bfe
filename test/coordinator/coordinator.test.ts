import t from 'tap';
import { keyEntries } from '../fixtures/key-entries.ts';
import {
  back,
  checkInvariants,
  coordinatorNode,
  id,
  never,
  order,
  openAccount,
  participantNode,
  settleAll,
  startCluster,
  World,
  type CoordinatorNode,
} from '../fixtures/nodes.ts';

void t.test('checkpoints of both nodes rebuild what the whole log would', async (t) => {
  const world = new World();
  const limits = { segmentBytes: 1_500 };
  const coordinator = await coordinatorNode(t, world, { limits });
  const a = await participantNode(t, world, 'bank-a', limits);
  const b = await participantNode(t, world, 'bank-b', limits);
  await openAccount(a, 'alice');
  await openAccount(b, 'bob');
  for (let n = 0; n < 12; n++) {
    const body = { ...(n % 2 ? order : back), amount: n % 5 ? 10 : 999_999 };
    const headers = { 'idempotency-key': `key-${n}` };
    await coordinator.call('createTransfer', { body, headers });
  }
  await settleAll(t, world, coordinator, [a, b]);
  await world.pass(50);
  for (const { disk, name } of [coordinator, a, b]) {
    const checkpoint = JSON.parse(disk.text('/data/checkpoint.json')) as { sequence: number };
    t.ok(checkpoint.sequence > 0, `${name} has made a checkpoint`);
  }
  const shown = await coordinator.call('listTransfers');
  const [a2, b2] = [
    await participantNode(t, world, 'bank-a', { disk: a.crash() }),
    await participantNode(t, world, 'bank-b', { disk: b.crash() }),
  ];
  const later = await coordinatorNode(t, world, { disk: coordinator.crash() });
  t.strictSame((await later.call('listTransfers')).json(), shown.json());
  const keysOf = (node: CoordinatorNode) => keyEntries(node.coordinator.state.keys);
  t.strictSame(keysOf(later), keysOf(coordinator));
  t.equal(later.coordinator.state.timestamp, coordinator.coordinator.state.timestamp);
  t.strictSame(a2.amounts('alice'), a.amounts('alice'));
  t.strictSame(b2.amounts('bob'), b.amounts('bob'));
  t.equal(a2.participant.membership?.name, 'bank-a');
  t.strictSame([...a2.participant.state.branches], [...a.participant.state.branches]);
  await checkInvariants(t, later, [a2, b2]);
});

void t.test(
  'a coordinator that closes lets the waiting go and leaves nothing behind',
  async (t) => {
    const { world, coordinator, a, b } = await startCluster(t);
    world.hook = never;
    const waiting = coordinator.start('createTransfer', { body: order });
    await world.quiet();
    await coordinator.coordinator.close();
    const reply = await waiting;
    t.equal(reply.statusCode, 202, 'it is not known yet');
    for (const participant of [a, b]) await participant.close();
    const before = world.sent.length;
    await world.pass(60_000);
    t.equal(world.sent.length, before);
    t.strictSame(coordinator.failures, []);
  },
);

void t.test('a reply that comes while the coordinator closes breaks nothing', async (t) => {
  for (let turns = 0; turns < 6; turns++) {
    const { world, coordinator } = await startCluster(t);
    world.hook = async (wire) => {
      const reply = await wire.forward();
      let soon: Promise<void> = Promise.resolve();
      for (let turn = 0; turn < turns; turn++) soon = soon.then(() => undefined);
      void soon.then(() => coordinator.coordinator.close());
      return reply;
    };
    void coordinator.start('createTransfer', { body: order });
    await world.pass(10);
    t.strictSame(coordinator.failures, [], `${turns} turns after the reply`);
  }
});

void t.test(
  'a batch that is refused whole is an alarm; one that fails is tried again',
  async (t) => {
    const { world, coordinator, a, b } = await startCluster(t);
    const replies = [503, 429, 400, 421, 409];
    world.hook = (wire) => {
      const status = wire.to === 'bank-b' ? replies.shift() : undefined;
      return status ? Promise.resolve({ status, body: {} }) : wire.forward();
    };
    const reply = await coordinator.call('createTransfer', { body: order });
    t.equal(reply.statusCode, 201);
    t.equal(replies.length, 0);
    t.match(coordinator.alarms, Array(3).fill('bank-b refused a whole prepare batch'));
    await settleAll(t, world, coordinator, [a, b]);
  },
);

void t.test('a participant that refuses to commit is an alarm, and asked again', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  let refusals = 0;
  const participant = { name: 'bank-b', store: 'bankb000', sequence: 1 };
  const outcomes = [{ id, state: 'refused', code: 'unknown-branch' }];
  world.hook = (wire) => {
    if (wire.to !== 'bank-b' || wire.kind !== 'commit') return wire.forward();
    refusals += 1;
    return Promise.resolve({ status: 200, body: { participant, outcomes } });
  };
  const reply = await coordinator.call('createTransfer', { body: order });
  t.match(reply.json(), { state: 'committed', applied: false });
  const shown = await coordinator.call('getParticipant', { params: { name: 'bank-b' } });
  t.match(shown.json(), { inDoubt: [id] });
  t.ok(refusals > 2);
  t.match(coordinator.alarms[0], `bank-b refused to commit ${id}`);
  await settleAll(t, world, coordinator, [a, b]);
});

void t.test(
  'a fresh look finds a participant healthy again without its registration',
  async (t) => {
    const { world, coordinator, a, b } = await startCluster(t);
    let down = true;
    world.hook = (wire) => (down && wire.to === 'bank-b' ? never() : wire.forward());
    await coordinator.call('createTransfer', { body: { ...order, timeoutMs: 100 } });
    await world.until(() => coordinator.coordinator.health('bank-b').health === 'down', 6_000);
    await world.until(() => world.count('bank-b', 'health') > 1);
    down = false;
    await world.until(() => coordinator.coordinator.health('bank-b').health === 'up');
    const reply = await coordinator.call('createTransfer', { body: order });
    t.equal(reply.statusCode, 201);
    await settleAll(t, world, coordinator, [a, b]);
  },
);
