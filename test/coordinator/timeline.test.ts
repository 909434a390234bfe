import t from 'tap';
import {
  coordinatorNode,
  id,
  lost,
  never,
  order,
  participantNode,
  settleAll,
  startCluster,
  type CoordinatorNode,
} from '../fixtures/nodes.ts';

interface Step {
  type: string;
  node: string;
  to?: string;
  afterMs: number;
  durationMs: number | null;
  [detail: string]: unknown;
}

async function timelineOf(coordinator: CoordinatorNode) {
  const reply = await coordinator.call('getTimeline', { params: { id } });
  coordinator.t.equal(reply.statusCode, 200);
  return reply.json<{ nodes: string[]; state: string; steps: Step[] }>();
}

/** `prepare coordinator→bank-a`, without times. */
const short = ({ type, node, to }: Step) => `${type} ${node}${to === undefined ? '' : `→${to}`}`;

void t.test('a committed transfer is told step by step, after a restart as before', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  world.hook = async (wire) => {
    if (wire.kind !== 'prepare') return wire.forward();
    // On its way for 3 ms.
    await new Promise<void>((resolve) => world.clock.after(3, resolve));
    return wire.forward();
  };
  await coordinator.call('createTransfer', { body: order });
  await settleAll(t, world, coordinator, [a, b]);
  const told = await timelineOf(coordinator);
  t.strictSame(told.nodes, ['coordinator', 'bank-a', 'bank-b']);
  t.strictSame(told.steps.map(short).sort(), [
    'acknowledge bank-a→coordinator',
    'acknowledge bank-b→coordinator',
    'begun coordinator',
    'commit coordinator→bank-a',
    'commit coordinator→bank-b',
    'committed bank-a',
    'committed bank-b',
    'decided coordinator',
    'ended coordinator',
    'prepare coordinator→bank-a',
    'prepare coordinator→bank-b',
    'prepared bank-a',
    'prepared bank-b',
    'vote bank-a→coordinator',
    'vote bank-b→coordinator',
  ]);
  t.equal(told.steps[0]?.type, 'begun');
  t.equal(told.steps.at(-1)?.type, 'ended');
  const times = told.steps.map(({ afterMs }) => afterMs);
  t.strictSame(
    times,
    times.toSorted((x, y) => x - y),
    'in order of time',
  );
  const one = (type: string) => told.steps.find((step) => step.type === type);
  t.match(one('prepare'), { afterMs: 0, durationMs: 3 });
  t.match(one('vote'), { afterMs: 3, vote: 'yes' });
  t.match(one('prepared'), { forced: true, durationMs: 0 });
  t.match(one('decided'), { forced: true, durationMs: 0, state: 'committed', timestamp: 1 });
  t.match(one('acknowledge'), { state: 'committed' });
  const later = await coordinatorNode(t, world, { disk: coordinator.crash() });
  t.strictSame(await timelineOf(later), told);
});

void t.test(
  'a transfer that waits shows whom it has asked, how often, and who has said what',
  async (t) => {
    const { world, coordinator, a, b } = await startCluster(t);
    world.hook = (wire) => (wire.to === 'bank-b' ? lost() : wire.forward());
    const waiting = coordinator.start('createTransfer', { body: order });
    await world.pass(1_000);
    const told = await timelineOf(coordinator);
    t.equal(told.state, 'preparing');
    const [toA, toB] = ['bank-a', 'bank-b'].map((to) =>
      told.steps.find((step) => step.type === 'prepare' && step.to === to),
    );
    t.match(toA, { durationMs: 0 });
    t.notOk(toA && 'attempts' in toA, 'once');
    t.equal(toB?.durationMs, null, 'no answer yet');
    t.ok(Number(toB?.['attempts']) > 2, 'and again');
    const [first, last] = [Number(toB?.afterMs), Number(toB?.['lastAfterMs'])];
    t.ok(last > first + 100 && last <= 1_000, 'for the last time after a while');
    t.strictSame(told.steps.filter(({ type }) => type === 'vote').map(short), [
      'vote bank-a→coordinator',
    ]);
    await settleAll(t, world, coordinator, [a, b]);
    t.equal((await waiting).statusCode, 201);
  },
);

void t.test('who is in doubt asks, and that is told with what was answered', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  world.hook = (wire) =>
    wire.to === 'bank-b' && wire.kind === 'commit' ? never() : wire.forward();
  void coordinator.start('createTransfer', { body: order });
  const asked = async () => {
    const { steps } = await timelineOf(coordinator);
    return steps.filter(({ type }) => type === 'inquiry');
  };
  await world.pass(100);
  t.strictSame(await asked(), []);
  await world.pass(60_000);
  const [inquiry, ...others] = await asked();
  t.match(inquiry, { node: 'bank-b', to: 'coordinator', state: 'committed', durationMs: null });
  t.strictSame(others, []);
  world.hook = (wire) => wire.forward();
  await settleAll(t, world, coordinator, [a, b]);
  t.strictSame(await asked(), [inquiry], 'also when it has ended');
  const stranger = {
    params: { id },
    query: { participant: 'bank-c' },
    key: 'participant',
  } as const;
  t.equal((await coordinator.call('getDecision', stranger)).statusCode, 200);
  t.strictSame(await asked(), [inquiry], 'nobody else is in it');
});

void t.test('an abort names who refused, and why', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  await coordinator.call('createTransfer', { body: { ...order, amount: 999_999_999 } });
  await settleAll(t, world, coordinator, [a, b]);
  const { steps } = await timelineOf(coordinator);
  const no = steps.find(({ type, node }) => type === 'vote' && node === 'bank-a');
  t.match(no, { vote: 'no', code: 'insufficient-funds', account: 'alice' });
  t.match(
    steps.find(({ type }) => type === 'decided'),
    {
      state: 'aborted',
      reason: 'insufficient-funds',
    },
  );
  t.notOk(steps.some(({ type, node }) => type === 'prepared' && node === 'bank-a'));
  t.strictSame(
    steps.filter(({ type }) => type === 'abort').map(short),
    ['abort coordinator→bank-b'],
    'whoever voted no is told nothing',
  );
});

void t.test('what a restart does is told after it, and what it lost is not made up', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  world.hook = (wire) => (wire.kind === 'commit' ? never() : wire.forward());
  void coordinator.start('createTransfer', { body: order });
  await world.pass(100);
  const before = await timelineOf(coordinator);
  t.equal(before.steps.filter(({ type }) => type === 'commit').length, 2);
  const disk = coordinator.crash();
  await world.pass(2_000);
  const later = await coordinatorNode(t, world, { disk });
  await settleAll(t, world, later, [a, b]);
  const { steps } = await timelineOf(later);
  const votes = ({ type }: Step) => type === 'prepare' || type === 'vote';
  t.strictSame(steps.filter(votes), before.steps.filter(votes), 'what decided it is on record');
  const commits = steps.filter(({ type }) => type === 'commit');
  t.equal(commits.length, 2);
  for (const { afterMs } of commits) t.ok(afterMs >= 2_000, 'sent again by the new start');
  t.equal(steps.find(({ type }) => type === 'decided')?.durationMs, null, 'not on record');
});

void t.test('a transfer that a restart aborted is told from its records alone', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  world.hook = never;
  void coordinator.start('createTransfer', { body: order });
  await world.pass(100);
  const disk = coordinator.crash();
  const later = await coordinatorNode(t, world, { disk });
  await settleAll(t, world, later, [a, b]);
  const { steps } = await timelineOf(later);
  t.match(
    steps.find(({ type }) => type === 'decided'),
    { reason: 'coordinator-restarted' },
  );
  t.notOk(steps.some(({ type }) => type === 'prepare' || type === 'vote'));
  t.equal(steps.filter(({ type }) => type === 'abort').length, 2);
});

void t.test('there is no timeline of a transfer that never was', async (t) => {
  const { world } = await startCluster(t);
  const coordinator = await coordinatorNode(t, world, { store: 'othersto' });
  const reply = await coordinator.call('getTimeline', { params: { id } });
  t.equal(reply.json().code, 'transfer-not-found');
});

void t.test('no participant can be called coordinator', async (t) => {
  const { world, coordinator } = await startCluster(t);
  const node = await participantNode(t, world, 'bank-c', { wanted: 'coordinator' });
  await world.quiet();
  t.match(node.failures[0]?.message, /refuses to register/);
  t.notOk(coordinator.coordinator.directory.has('coordinator'));
});
