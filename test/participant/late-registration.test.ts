import t from 'tap';
import { back, participantNode, startCluster } from '../fixtures/nodes.ts';

void t.test(
  'a registration that comes late, of a run that takes part, changes nothing',
  async (t) => {
    const { world, coordinator, b } = await startCluster(t);
    const disk = b.crash();
    let arrive: () => void = () => undefined;
    let first = true;
    world.hook = async (wire) => {
      if (wire.from !== 'bank-b' || wire.kind !== 'participants' || !first) return wire.forward();
      first = false;
      await new Promise<void>((resolve) => (arrive = resolve));
      return wire.forward();
    };
    const again = await world.settle(participantNode(t, world, 'bank-b', { disk }));
    await world.until(() => again.participant.isConfirmed);
    t.notOk(first, 'its first registration is still on its way');
    const reply = await coordinator.call('createTransfer', { body: back });
    t.equal(reply.statusCode, 201, 'it has voted: its log has grown');
    arrive();
    await world.pass(1_000);
    t.match(coordinator.coordinator.directory.get('bank-b'), { quarantined: false });
    await world.pass(20_000);
    t.strictSame(again.failures, [], 'it goes on after its next registrations');
    t.equal((await coordinator.call('createTransfer', { body: back })).statusCode, 201);
  },
);

void t.test(
  'a participant that calls the coordinator by a wrong name stops, and says so',
  async (t) => {
    const { world } = await startCluster(t);
    world.hook = (wire) => {
      if (wire.kind !== 'participants') return wire.forward();
      return Promise.resolve({ status: 421, body: { code: 'wrong-host' } });
    };
    const node = await participantNode(t, world, 'bank-c');
    await world.quiet();
    t.match(node.failures[0]?.message, /refuses to register .*wrong-host/);
  },
);
