import t, { type Test } from 'tap';
import { random, type MemoryDisk } from '../fixtures/memory-disk.ts';
import {
  back,
  coordinatorNode,
  id,
  lost,
  never,
  order,
  participantNode,
  settleAll,
  startCluster,
  stateAt,
  type CoordinatorNode,
  type ParticipantNode,
  type World,
} from '../fixtures/nodes.ts';

type Cluster = Awaited<ReturnType<typeof startCluster>>;

/** Starts a transfer whose answer may never come; the answers that do come are listed. */
function begin(coordinator: CoordinatorNode, body: object = order, headers = {}) {
  const answers: number[] = [];
  const call = coordinator.start('createTransfer', { body, headers });
  void call.then(({ statusCode }) => answers.push(statusCode));
  return answers;
}

const restart = (t: Test, world: World, disk: MemoryDisk) => coordinatorNode(t, world, { disk });
const decisionAt = async ({ coordinator }: CoordinatorNode) =>
  (await coordinator.find(id))?.decided;

void t.test('a coordinator that dies around the begun record leaves no effect', async (t) => {
  const moments: [name: string, operations: number, survives: boolean][] = [
    ['before it is written', 1, false],
    ['before it is forced', 2, false],
    ['after it is forced', 3, true],
  ];
  for (const [moment, operations, survives] of moments) {
    const { world, coordinator, a, b } = await startCluster(t);
    world.hook = never;
    coordinator.disk.stopAt(coordinator.disk.operations + operations);
    const answers = begin(coordinator, order, { prefer: 'respond-async' });
    await world.pass(30);
    t.equal(coordinator.disk.stopped, !survives, `it dies ${moment}`);
    t.strictSame(answers, survives ? [202] : [], 'and nobody heard more than was safe');
    const again = await restart(t, world, coordinator.crash());
    const found = await again.coordinator.inquire(id);
    t.equal(found.state, survives ? 'aborted' : 'presumed-aborted', moment);
    await settleAll(t, world, again, [a, b]);
    t.strictSame(a.amounts('alice'), [100_000, 0]);
  }
});

void t.test(
  'when the coordinator dies among its prepares, the promised ask and release',
  async (t) => {
    const { world, coordinator, a, b } = await startCluster(t);
    world.hook = (wire) => {
      if (wire.to === 'bank-a') return wire.forward();
      coordinator.die();
      return never();
    };
    const answers = begin(coordinator);
    await world.quiet();
    t.equal(coordinator.alive, false, 'it died on the way');
    t.equal(stateAt(a), 'prepared');
    t.strictSame(a.amounts('alice'), [100_000, 2_500]);
    world.hook = (wire) => wire.forward();
    const again = await restart(t, world, coordinator.crash());
    t.equal(again.coordinator.transfer(id), undefined, 'its begun record was lost');
    await world.pass(9_000);
    t.equal(stateAt(a), 'prepared', 'no timer leaves prepared');
    await world.until(() => stateAt(a) === 'aborted');
    t.equal(world.count('coordinator', 'decisions'), 1);
    t.strictSame(answers, []);
    await settleAll(t, world, again, [a, b]);
  },
);

void t.test('all yes without a decision on disk is an abort', async (t) => {
  for (const operations of [1, 2]) {
    const { world, coordinator, a, b } = await startCluster(t);
    world.hook = async (wire) => {
      const reply = await wire.forward();
      if (stateAt(a) === 'prepared' && stateAt(b) === 'prepared') {
        await new Promise<void>((resolve) => {
          world.clock.after(100, () => resolve());
        });
        coordinator.disk.stopAt(coordinator.disk.operations + operations);
      }
      return reply;
    };
    const answers = begin(coordinator);
    await world.pass(200);
    t.ok(coordinator.disk.stopped, 'it died while it wrote its decision');
    t.strictSame([stateAt(a), stateAt(b)], ['prepared', 'prepared']);
    world.hook = (wire) => wire.forward();
    const again = await restart(t, world, coordinator.crash());
    t.match(await decisionAt(again), { state: 'aborted', reason: 'coordinator-restarted' });
    await settleAll(t, world, again, [a, b]);
    t.strictSame([stateAt(a), stateAt(b)], ['aborted', 'aborted']);
    t.strictSame(answers, []);
  }
});

void t.test('a decision that is on disk is carried out, whoever has heard it', async (t) => {
  for (const reached of [[], ['bank-a']]) {
    const { world, coordinator, a, b } = await startCluster(t);
    world.hook = (wire) => {
      if (wire.kind === 'prepare') return wire.forward();
      if (reached.includes(wire.to)) return wire.forward();
      coordinator.die();
      return never();
    };
    const answers = begin(coordinator);
    await world.quiet();
    t.equal(coordinator.alive, false, `it died when ${reached.length} commits were sent`);
    t.strictSame([stateAt(a), stateAt(b)], [reached[0] ? 'committed' : 'prepared', 'prepared']);
    t.strictSame(answers, []);
    world.hook = (wire) => wire.forward();
    const again = await restart(t, world, coordinator.crash());
    t.match(await decisionAt(again), { state: 'committed', timestamp: 1 });
    await settleAll(t, world, again, [a, b]);
    t.strictSame(
      [a.amounts('alice'), b.amounts('bob')],
      [
        [97_500, 0],
        [102_500, 0],
      ],
    );
    const next = await again.call('createTransfer', { body: order });
    t.match(next.json(), { id: 'k3f9q2ma-2-1', timestamp: 2 });
  }
});

void t.test('commits are sent again when the end was not recorded, and applied once', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  let commits = 0;
  world.hook = async (wire) => {
    const reply = await wire.forward();
    if (wire.kind === 'commit' && ++commits === 2) {
      coordinator.disk.stopAt(coordinator.disk.operations + 1);
    }
    return reply;
  };
  const answers = begin(coordinator);
  await world.pass(100);
  t.ok(coordinator.disk.stopped, 'it died with both acknowledgements in hand');
  t.strictSame([stateAt(a), stateAt(b)], ['committed', 'committed']);
  t.strictSame(answers, [201], 'both have it on their disks, whatever is on this one');
  const again = await restart(t, world, coordinator.crash());
  await settleAll(t, world, again, [a, b]);
  t.equal(world.count('bank-a', 'commit'), 2);
  t.equal(world.count('bank-b', 'commit'), 2);
  t.strictSame(
    [a.amounts('alice'), b.amounts('bob')],
    [
      [97_500, 0],
      [102_500, 0],
    ],
  );
});

void t.test('an ended transfer is still answered for, and stays what it is', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  await coordinator.call('createTransfer', { body: order });
  await world.pass(50);
  const again = await restart(t, world, coordinator.crash());
  const found = await again.call('getDecision', { params: { id }, key: 'participant' });
  t.match(found.json(), { state: 'committed', timestamp: 1, coordinator: { epoch: 2 } });
  const to = { coordinator: { store: 'k3f9q2ma', epoch: 1 }, participant: { store: 'banka000' } };
  const message = (transfers: object[]) =>
    ({ body: { ...to, transfers }, key: 'coordinator' }) as const;
  const commit = await a.call('commit', message([{ id, timestamp: 1 }]));
  t.match(commit.json().outcomes, [{ id, state: 'committed' }]);
  const abort = await a.call('abort', message([{ id }]));
  t.match(abort.json().outcomes, [{ id, state: 'refused', code: 'already-committed' }]);
  t.equal(a.alarms.length, 1);
  await settleAll(t, world, again, [a, b]);
  t.strictSame(a.amounts('alice'), [97_500, 0]);
});

void t.test('a participant that dies before its promise is on disk has not voted', async (t) => {
  for (const operations of [1, 2]) {
    const { world, coordinator, a, b } = await startCluster(t);
    b.disk.stopAt(b.disk.operations + operations);
    const reply = await coordinator.call('createTransfer', { body: { ...back, timeoutMs: 500 } });
    t.ok(b.disk.stopped, 'it died while it wrote its promise');
    t.match(reply.json(), { code: 'vote-timeout', participants: [{ vote: 'none' }, {}] });
    const later = await participantNode(t, world, 'bank-b', { disk: b.crash() });
    t.strictSame(later.amounts('bob'), [100_000, 0]);
    t.not(stateAt(later), 'prepared');
    await settleAll(t, world, coordinator, [a, later]);
  }
});

void t.test('a promise on disk survives the death before its vote', async (t) => {
  for (const inTime of [true, false]) {
    const { world, coordinator, a, b } = await startCluster(t);
    world.hook = async (wire) => {
      if (wire.to !== 'bank-b' || wire.kind !== 'prepare') return wire.forward();
      await wire.forward();
      b.die();
      return lost();
    };
    const answers = begin(coordinator, { ...back, timeoutMs: 1_000 });
    await world.pass(10);
    t.equal(b.alive, false, 'it died before its vote left');
    if (!inTime) await world.pass(1_000);
    world.hook = (wire) => (wire.to === 'bank-b' ? lost() : wire.forward());
    const later = await participantNode(t, world, 'bank-b', { disk: b.crash() });
    t.strictSame(later.amounts('bob'), [100_000, 700], 'it holds what it has promised');
    await settleAll(t, world, coordinator, [a, later]);
    t.strictSame(answers, [inTime ? 201 : 422]);
    t.strictSame(later.amounts('bob'), [inTime ? 99_300 : 100_000, 0]);
  }
});

void t.test(
  'a commit whose acknowledgement died with the participant is applied once',
  async (t) => {
    const { world, coordinator, a, b } = await startCluster(t);
    world.hook = async (wire) => {
      if (wire.to !== 'bank-b' || wire.kind !== 'commit') return wire.forward();
      await wire.forward();
      b.die();
      return lost();
    };
    const answers = begin(coordinator, back);
    await world.until(() => answers.length > 0);
    t.equal(b.alive, false, 'it died before its acknowledgement left');
    t.strictSame(answers, [201], 'it is committed all the same');
    const later = await participantNode(t, world, 'bank-b', { disk: b.crash() });
    t.equal(stateAt(later), 'committed', 'what it would have acknowledged is on disk');
    t.notOk((await coordinator.coordinator.find(id))?.ended);
    await settleAll(t, world, coordinator, [a, later]);
    t.strictSame(later.amounts('bob'), [99_300, 0]);
  },
);

void t.test('a torn commit record is cut off, and the commit sent again', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  let node = b;
  const seeds = [1, 2, 3, 4];
  for (const [index, seed] of seeds.entries()) {
    const branch = `k3f9q2ma-1-${index + 1}`;
    const victim = node;
    world.hook = (wire) => {
      if (wire.to === 'bank-b' && wire.kind === 'commit' && !victim.disk.stopped) {
        victim.disk.stopAt(victim.disk.operations + 2);
      }
      return wire.forward();
    };
    const answers = begin(coordinator, back);
    await world.until(() => answers.length > 0);
    t.ok(victim.disk.stopped, 'it died after the write, before the force');
    world.hook = (wire) => wire.forward();
    node = await participantNode(t, world, 'bank-b', { disk: victim.crash(random(seed)) });
    await settleAll(t, world, coordinator, [a, node]);
    t.equal(stateAt(node, branch), 'committed', `seed ${seed}`);
  }
  t.strictSame(node.amounts('bob'), [100_000 - 700 * seeds.length, 0]);
});

const failures: [operation: 'sync' | 'write', code: string][] = [
  ['sync', 'EIO'],
  ['write', 'EROFS'],
  ['write', 'ENOSPC'],
];

/** Starts a transfer that meets a failing disk at one node, and checks that it exits silently. */
async function failAt(
  t: Test,
  { world, coordinator, a, b }: Cluster,
  node: CoordinatorNode | ParticipantNode,
  record: 'prepare' | 'commit' | 'decision',
  [operation, code]: (typeof failures)[number],
) {
  let replies = 0;
  world.hook = async (wire) => {
    const hit = node !== coordinator && wire.to === node.name && wire.kind === record;
    if (hit) node.disk.failAt(operation, node.disk.counts[operation] + 1, code);
    const reply = await wire.forward();
    if (hit) replies += 1;
    if (wire.kind === 'prepare' && record === 'decision' && !coordinator.failures.length) {
      node.disk.failAt(operation, node.disk.counts[operation] + 1, code);
    }
    return reply;
  };
  const answers = begin(coordinator, { ...back, timeoutMs: 500 });
  await world.until(() => node.failures.length > 0);
  t.match(node.failures[0]?.message, new RegExp(code), `${node.name} must exit: ${code}`);
  await world.pass(600);
  t.equal(replies, 0, 'nothing was answered');
  if (node === coordinator) t.strictSame(answers, []);
  world.hook = (wire) => wire.forward();
  const disk = node.crash();
  const c = node === coordinator ? await restart(t, world, disk) : coordinator;
  const later = node === b ? await participantNode(t, world, 'bank-b', { disk }) : b;
  await settleAll(t, world, c, [a, later]);
  const committed = record === 'commit';
  t.equal((await decisionAt(c))?.state ?? 'aborted', committed ? 'committed' : 'aborted');
  t.strictSame(later.amounts('bob'), [committed ? 99_300 : 100_000, 0]);
}

for (const failure of failures) {
  const [operation, code] = failure;
  void t.test(
    `a node whose ${operation} fails with ${code} says nothing and must exit`,
    async (t) => {
      for (const record of ['prepare', 'commit'] as const) {
        const cluster = await startCluster(t);
        await failAt(t, cluster, cluster.b, record, failure);
      }
      const cluster = await startCluster(t);
      await failAt(t, cluster, cluster.coordinator, 'decision', failure);
    },
  );
}
