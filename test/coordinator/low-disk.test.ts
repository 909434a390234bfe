/** A disk that fills: nothing new, and what is decided still has room. */
import t from 'tap';
import { back, id, order, settleAll, startCluster, stateAt } from '../fixtures/nodes.ts';

/** The room is looked at once a second, in the background. */
const nextLook = 1_100;

void t.test('a coordinator whose disk is nearly full begins nothing, and decides', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t, { reserveBytes: 1_000_000 });
  const votes: (() => void)[] = [];
  world.hook = async (wire) => {
    const reply = await wire.forward();
    if (wire.kind === 'prepare') await new Promise<void>((resolve) => votes.push(resolve));
    return reply;
  };
  const underWay = coordinator.start('createTransfer', { body: order });
  await world.quiet();
  t.equal(votes.length, 2, 'both have voted');
  coordinator.disk.freeBytes = 999_999;
  await world.pass(nextLook);
  await coordinator.call('createTransfer', { body: back, headers: { prefer: 'respond-async' } });
  await world.quiet();
  const refused = await coordinator.call('createTransfer', { body: back });
  t.equal(refused.statusCode, 503);
  t.match(refused.json(), { code: 'overloaded', definite: true, detail: /disk .* nearly full/ });
  t.ok(refused.headers['retry-after']);
  for (const vote of votes) vote();
  t.equal((await world.settle(underWay)).statusCode, 201, 'what was under way is decided');
  coordinator.disk.freeBytes = 1_000_000;
  world.hook = (wire) => wire.forward();
  await world.pass(nextLook);
  await coordinator.call('createTransfer', { body: order });
  const again = await coordinator.call('createTransfer', { body: order });
  t.equal(again.statusCode, 201, 'there is room again');
  await settleAll(t, world, coordinator, [a, b]);
});

void t.test(
  'a participant whose disk is nearly full refuses, and keeps its promises',
  async (t) => {
    const { world, coordinator, a, b } = await startCluster(t);
    const commits: (() => void)[] = [];
    world.hook = async (wire) => {
      if (wire.kind === 'commit') await new Promise<void>((resolve) => commits.push(resolve));
      return wire.forward();
    };
    const underWay = coordinator.start('createTransfer', { body: order });
    await world.quiet();
    t.equal(stateAt(b), 'prepared');
    b.disk.freeBytes = 10;
    await b.call('listAccounts');
    await world.pass(nextLook);
    await coordinator.call('createTransfer', { body: back, headers: { prefer: 'respond-async' } });
    await world.pass(nextLook);
    const before = b.disk.operations;
    const refused = await coordinator.call('createTransfer', { body: back });
    t.match(refused.json(), { code: 'storage-low', state: 'aborted', retryable: true });
    t.equal(b.disk.operations, before, 'the no writes nothing');
    for (const commit of commits) commit();
    world.hook = (wire) => wire.forward();
    t.equal((await world.settle(underWay)).statusCode, 201, 'the decision still has room');
    t.equal(stateAt(b, id), 'committed');
    await settleAll(t, world, coordinator, [a, b]);
  },
);
