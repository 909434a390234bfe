/** When the coordinator says that it can do its work, and what it says when it cannot. */
import t from 'tap';
import {
  back,
  coordinatorNode,
  lost,
  openAccount,
  participantNode,
  startCluster,
  type CoordinatorNode,
} from '../fixtures/nodes.ts';

/** The room is looked at once a second, in the background. */
const nextLook = 1_100;

const ready = async (node: CoordinatorNode) => {
  const reply = await node.call('checkReady');
  return reply.statusCode === 200 ? 'ready' : reply.json<{ detail: string }>().detail;
};

void t.test('a coordinator whose disk is nearly full is not ready', async (t) => {
  const { world, coordinator } = await startCluster(t);
  t.equal(await ready(coordinator), 'ready');
  coordinator.disk.freeBytes = 10;
  await ready(coordinator);
  await world.pass(nextLook);
  await ready(coordinator);
  t.match(await ready(coordinator), /disk is nearly full/);
  coordinator.disk.freeBytes = 1_000_000;
  await world.pass(nextLook);
  await ready(coordinator);
  t.equal(await ready(coordinator), 'ready');
});

void t.test(
  'it waits for the participants that were asked for, and names who is away',
  async (t) => {
    const readyParticipants = 'bank-a,bank-b,bank-c';
    const { world, coordinator, a } = await startCluster(t, { readyParticipants });
    t.equal(await ready(coordinator), 'bank-c has not registered');
    const c = await participantNode(t, world, 'bank-c');
    await openAccount(c, 'carol');
    await world.pass(50);
    t.equal(await ready(coordinator), 'ready');

    a.die();
    const body = { ...back, timeoutMs: 500 };
    t.equal((await coordinator.call('createTransfer', { body })).statusCode, 422);
    t.equal(await ready(coordinator), 'bank-a cannot be reached');
    const again = await participantNode(t, world, 'bank-a', { disk: a.disk.copy() });
    await world.until(() => again.registered);
    t.equal(await ready(coordinator), 'ready');
  },
);

void t.test('after its start it looks for those that it has not heard of', async (t) => {
  const readyParticipants = 'bank-a,bank-b';
  const { world, coordinator, b } = await startCluster(t, { readyParticipants });
  const disk = coordinator.crash();
  b.die();
  let answer: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (answer = resolve));
  world.hook = async (wire) => {
    if (wire.kind === 'participants') return lost();
    await held;
    return wire.forward();
  };
  const again = await coordinatorNode(t, world, { disk, limits: { readyParticipants } });
  const both = 'bank-a has not been heard of yet; bank-b has not been heard of yet';
  t.equal(await ready(again), both);
  t.equal(await ready(again), both);
  answer();
  await world.quiet();
  t.equal(world.count('bank-a', 'health'), 1, 'whoever asks again makes it look no more often');
  t.equal(await ready(again), 'bank-b cannot be reached');
  world.hook = (wire) => wire.forward();
  await participantNode(t, world, 'bank-b', { disk: b.disk.copy() });
  await world.pass(1_000);
  t.equal(await ready(again), 'ready');
});

void t.test('one that catches up is not there yet', async (t) => {
  const { world, coordinator, a } = await startCluster(t, { readyParticipants: 'bank-a' });
  const backup = a.disk.copy();
  t.equal((await coordinator.call('createTransfer', { body: back })).statusCode, 201);
  await world.pass(50);
  a.die();
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  world.hook = async (wire) => {
    if (wire.kind === 'decisions') await held;
    return wire.forward();
  };
  const restored = await participantNode(t, world, 'bank-a', { disk: backup });
  await world.pass(1_000);
  t.equal(await ready(coordinator), 'bank-a has an old copy of its store, and catches up');
  release();
  await world.until(() => restored.registered);
  t.equal(await ready(coordinator), 'ready');
});
