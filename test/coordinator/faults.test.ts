import t from 'tap';
import {
  back,
  checkInvariants,
  id,
  lost,
  never,
  openAccount,
  order,
  participantNode,
  settleAll,
  startCluster,
  stateAt,
} from '../fixtures/nodes.ts';
import { nothing } from '../fixtures/nothing.ts';

void t.test('a lost prepare or vote is an abort at the deadline', async (t) => {
  for (const arrives of [false, true]) {
    const { world, coordinator, a, b } = await startCluster(t);
    let losses = 0;
    world.hook = async (wire) => {
      if (wire.to !== 'bank-b') return wire.forward();
      if (arrives) await wire.forward();
      losses += 1;
      return lost();
    };
    const body = { ...back, timeoutMs: 300 };
    const reply = await coordinator.call('createTransfer', { body });
    t.ok(losses > 0);
    t.match(reply.json(), { code: 'vote-timeout' });
    t.equal(b.participant.state.branches.has(id), arrives);
    await world.pass(1_000);
    t.notOk((await coordinator.coordinator.find(id))?.ended, 'the abort is not heard either');
    await settleAll(t, world, coordinator, [a, b]);
    t.strictSame(b.amounts('bob'), [100_000, 0]);
  }
});

void t.test('a lost commit or acknowledgement is sent again until it is heard', async (t) => {
  for (const arrives of [false, true]) {
    const { world, coordinator, a, b } = await startCluster(t);
    let losses = 0;
    world.hook = async (wire) => {
      if (wire.kind !== 'commit' || losses === 3) return wire.forward();
      losses += 1;
      if (arrives) await wire.forward();
      return lost();
    };
    const reply = await coordinator.call('createTransfer', { body: back });
    t.equal(reply.statusCode, 201);
    t.equal(losses, 3);
    await settleAll(t, world, coordinator, [a, b]);
    t.strictSame(
      [a.amounts('alice'), b.amounts('bob')],
      [
        [100_700, 0],
        [99_300, 0],
      ],
    );
  }
});

void t.test('every message twice has one effect', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  let twice = 0;
  world.hook = async (wire) => {
    await wire.forward();
    twice += 1;
    return wire.forward();
  };
  const done = await coordinator.call('createTransfer', { body: order });
  t.match(done.json(), { state: 'committed', applied: true });
  const no = await coordinator.call('createTransfer', { body: { ...order, amount: 999_999 } });
  t.match(no.json(), { code: 'insufficient-funds' });
  await settleAll(t, world, coordinator, [a, b]);
  t.ok(twice >= 7);
  t.strictSame(
    [a.amounts('alice'), b.amounts('bob')],
    [
      [97_500, 0],
      [102_500, 0],
    ],
  );
  t.strictSame([...coordinator.alarms, ...a.alarms, ...b.alarms], []);
});

void t.test('an abort that overtakes its prepare leaves a tombstone', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  const votes: unknown[] = [];
  let arrive: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (arrive = resolve));
  world.hook = async (wire) => {
    if (wire.to !== 'bank-b' || wire.kind !== 'prepare') return wire.forward();
    await held;
    const reply = await wire.forward();
    votes.push(reply.body);
    return reply;
  };
  const reply = await coordinator.call('createTransfer', { body: { ...back, timeoutMs: 100 } });
  t.match(reply.json(), { code: 'vote-timeout' });
  await world.until(() => stateAt(b) === 'aborted');
  arrive();
  await world.quiet();
  t.match(votes, [{ votes: [{ id, vote: 'no', code: 'already-aborted' }] }]);
  await settleAll(t, world, coordinator, [a, b]);
  t.strictSame(b.amounts('bob'), [100_000, 0]);
});

void t.test(
  'a commit that comes hours late is applied, whatever the wall clock says',
  async (t) => {
    const { world, coordinator, a, b } = await startCluster(t);
    let losses = 0;
    world.hook = (wire) => {
      const cut = wire.from === 'bank-b' || (wire.to === 'bank-b' && wire.kind !== 'prepare');
      if (!cut) return wire.forward();
      losses += 1;
      return lost();
    };
    const reply = await coordinator.call('createTransfer', { body: back });
    t.match(reply.json(), { state: 'committed', applied: false });
    for (const jump of [-86_400_000, 172_800_000]) {
      world.clock.jumpWall(jump);
      world.clock.advance(3 * 3_600_000);
      await world.quiet();
      t.equal(stateAt(b), 'prepared', 'it stays in doubt');
      t.strictSame(b.amounts('bob'), [100_000, 700]);
    }
    t.ok(losses >= 2);
    await checkInvariants(t, coordinator, [a, b], { settled: false });
    await settleAll(t, world, coordinator, [a, b]);
    t.strictSame(b.amounts('bob'), [99_300, 0]);
  },
);

void t.test('a reply of another store or about another transfer is no vote', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  const false1 = { participant: { name: 'bank-b', store: 'zzzzzzzz', sequence: 1 } };
  const participant = { name: 'bank-b', store: 'bankb000', sequence: 1 };
  const lies = [
    { ...false1, votes: [{ id, vote: 'no', code: 'insufficient-funds' }] },
    { participant, votes: [{ id: 'k3f9q2ma-1-99', vote: 'no' }] },
    { participant, votes: [{ id, vote: 'refused', code: 'legs-differ' }] },
    { participant, votes: [{ id, vote: 'maybe' }] },
    { participant, outcomes: [] },
    { status: 'garbage' },
  ];
  const told = lies.length;
  world.hook = async (wire) => {
    const reply = await wire.forward();
    if (wire.to !== 'bank-b' || wire.kind !== 'prepare') return reply;
    const lie = lies.shift();
    return lie === undefined ? reply : { status: 200, body: lie };
  };
  const reply = await coordinator.call('createTransfer', { body: back });
  t.match(reply.json(), { state: 'committed' }, 'only the true vote counted');
  t.equal(lies.length, 0);
  t.equal(world.count('bank-b', 'prepare'), told + 1);
  t.ok(coordinator.alarms.length >= 5);
  await settleAll(t, world, coordinator, [a, b]);
});

void t.test('only the outcome that was decided acknowledges it', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  const participant = { name: 'bank-b', store: 'bankb000', sequence: 1 };
  const lies = [
    { id, state: 'aborted' },
    { id, state: 'prepared' },
    { id, state: 'refused', code: 'unknown-branch' },
  ];
  const told = lies.length;
  world.hook = async (wire) => {
    const lie = wire.to === 'bank-b' && wire.kind === 'commit' ? lies.shift() : undefined;
    if (lie === undefined) return wire.forward();
    await Promise.resolve();
    return { status: 200, body: { participant, outcomes: [lie] } };
  };
  const reply = await coordinator.call('createTransfer', { body: back });
  t.match(reply.json(), { state: 'committed', applied: true });
  t.equal(world.count('bank-b', 'commit'), told + 1, 'it was told until it said so');
  t.equal(coordinator.alarms.length, told);
  await settleAll(t, world, coordinator, [a, b]);
  t.strictSame(b.amounts('bob'), [99_300, 0]);
});

void t.test(
  'a participant that is cut off after its vote stays in doubt until healed',
  async (t) => {
    const { world, coordinator, a, b } = await startCluster(t);
    let cut = 0;
    world.hook = (wire) => {
      const isB = wire.to === 'bank-b' || wire.from === 'bank-b';
      if (!isB || (wire.kind === 'prepare' && cut === 0)) return wire.forward();
      cut += 1;
      return never();
    };
    const reply = await coordinator.call('createTransfer', { body: back });
    t.equal(reply.statusCode, 201);
    await world.pass(40_000);
    t.ok(world.count('coordinator', 'decisions') > 1, 'it asked and heard nothing');
    t.ok(cut > 4);
    t.equal(stateAt(b), 'prepared');
    t.strictSame(b.amounts('bob'), [100_000, 700]);
    await checkInvariants(t, coordinator, [a, b], { settled: false });
    await settleAll(t, world, coordinator, [a, b]);
    t.equal(stateAt(b), 'committed');
  },
);

void t.test(
  'a participant that only it can reach the coordinator is resolved by asking',
  async (t) => {
    const { world, coordinator, a, b } = await startCluster(t);
    world.hook = (wire) => {
      if (wire.to === 'bank-b' && wire.kind !== 'prepare') return never();
      return wire.forward();
    };
    const reply = await coordinator.call('createTransfer', { body: { ...back, timeoutMs: 500 } });
    t.match(reply.json(), { state: 'committed', applied: false });
    await world.until(() => stateAt(b) === 'committed');
    t.equal(world.count('coordinator', 'decisions'), 1);
    t.notOk((await coordinator.coordinator.find(id))?.ended);
    await settleAll(t, world, coordinator, [a, b]);
  },
);

void t.test(
  'a participant is found at its new address, and its name cannot be taken',
  async (t) => {
    const { world, coordinator, a, b } = await startCluster(t);
    world.hook = (wire) => {
      if (wire.to !== 'bank-b' || wire.kind !== 'commit') return wire.forward();
      b.die();
      return never();
    };
    const reply = await coordinator.call('createTransfer', { body: back });
    t.match(reply.json(), { state: 'committed', applied: false });
    t.equal(b.alive, false);
    const impostor = await participantNode(t, world, 'impostor', { wanted: 'bank-b' });
    t.match(impostor.failures, [{ message: /name-taken/ }]);
    t.equal(impostor.registered, false);
    t.equal(world.count('impostor', 'commit'), 0);
    const moved = await participantNode(t, world, 'elsewhere', { disk: b.crash(), wanted: null });
    t.equal(moved.participant.membership?.name, 'bank-b');
    await world.until(() => stateAt(moved) === 'committed', 1_000);
    const shown = await coordinator.call('getParticipant', { params: { name: 'bank-b' } });
    t.match(shown.json(), { address: 'http://elsewhere.test', health: 'up', inDoubt: nothing });
    await world.until(() => coordinator.coordinator.state.active.size === 0);
    t.strictSame(
      [a.amounts('alice'), moved.amounts('bob')],
      [
        [100_700, 0],
        [99_300, 0],
      ],
    );
  },
);

void t.test('an abort that asked about what has ended meanwhile alarms nobody', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  await openAccount(a, 'fees', 0);
  const held = new Map<string, () => void>();
  world.hook = async (wire) => {
    const reply = await wire.forward();
    if (wire.kind === 'commit-one-phase' || wire.kind === 'abort') {
      await new Promise<void>((release) => held.set(wire.kind, release));
    }
    return reply;
  };
  const body = { from: 'bank-a/alice', to: 'bank-a/fees', amount: 700, currency: 'USD' };
  const answer = coordinator.call('createTransfer', { body: { ...body, timeoutMs: 300 } });
  await world.pass(500);
  t.strictSame([...held.keys()], ['commit-one-phase', 'abort'], 'the abort is on its way as well');
  held.get('commit-one-phase')?.();
  await world.pass(500);
  t.equal((await answer).statusCode, 201, 'its answer to the commit has come first');
  t.notOk(coordinator.coordinator.transfer(id), 'it has ended, and has left the memory');
  held.get('abort')?.();
  await world.pass(500);
  t.match(await coordinator.coordinator.find(id), { decided: { state: 'committed' } });
  t.strictSame([...coordinator.alarms, ...coordinator.failures], []);
  const booked = [a.amounts('alice'), a.amounts('fees'), b.amounts('bob')];
  t.strictSame(booked, [
    [99_300, 0],
    [700, 0],
    [100_000, 0],
  ]);
});

void t.test('who claims to have committed what has ended as aborted is reported', async (t) => {
  const { world, coordinator } = await startCluster(t);
  let release: () => void = () => undefined;
  world.hook = async (wire) => {
    const reply = await wire.forward();
    if (wire.kind !== 'prepare' || wire.to !== 'bank-a') return reply;
    await new Promise<void>((resolve) => (release = resolve));
    const votes = [{ id, vote: 'refused', code: 'already-committed', detail: 'by the test' }];
    return { status: 200, body: { ...(reply.body as object), votes } };
  };
  const reply = await coordinator.call('createTransfer', { body: { ...back, amount: 100_001 } });
  t.match(reply.json(), { code: 'insufficient-funds' });
  await world.pass(500);
  t.notOk(coordinator.coordinator.transfer(id), 'it has ended, and has left the memory');
  release();
  await world.pass(100);
  t.match(coordinator.alarms, [/bank-a has committed k3f9q2ma-1-1/]);
});
