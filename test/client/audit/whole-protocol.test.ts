import t from 'tap';
import { auditStores, storesOf } from '../../fixtures/audit.ts';
import {
  back,
  coordinatorNode,
  lost,
  openAccount,
  order,
  participantNode,
  World,
} from '../../fixtures/nodes.ts';
import { nothing } from '../../fixtures/nothing.ts';

const segmentBytes = 16 * 1024;
const idOf = (number: number) => `k3f9q2ma-1-${number}`;

void t.test('all that the protocol knows is clean, and operators are accounted for', async (t) => {
  const world = new World();
  const coordinator = await coordinatorNode(t, world, { limits: { segmentBytes } });
  const a = await participantNode(t, world, 'bank-a', { segmentBytes });
  const b = await participantNode(t, world, 'bank-b', { segmentBytes });
  const look = () => auditStores(storesOf([coordinator, a, b]));
  await openAccount(a, 'alice');
  await openAccount(a, 'carol');
  await openAccount(b, 'bob');
  await world.pass(50);
  const pay = (body: object) => coordinator.call('createTransfer', { body });
  const operate = (operationId: string, id: string, body: object) =>
    b.call(operationId, { params: { id }, body: { reason: 'by hand', ...body }, key: 'operator' });

  await pay({ ...order, to: 'bank-a/carol' });
  await pay({ ...order, to: 'bank-a/carol', amount: 10_000_000 });
  await pay(order);
  const params = { id: idOf(3) };
  for (const amount of [1_000, 1_500]) {
    const reply = await coordinator.call('reverseTransfer', { params, body: { amount } });
    t.equal(reply.statusCode, 201);
  }
  for (let round = 0; round < 4; round++) {
    const transfers = Array.from({ length: 60 }, () => ({ ...back, amount: 1 }));
    await coordinator.call('createTransfers', { body: { transfers } });
    await world.pass(1_000);
  }
  await world.pass(1_000);
  const worked = await look();
  t.strictSame(worked.violations, []);
  t.match(worked.transfers, { committed: 244, aborted: 1, undecided: 0 });
  t.match(worked.notChecked, nothing);
  const marks = b.participant.state.watermarks;
  t.ok(
    [...marks.values()].some(({ seq }) => seq > 100),
    'a watermark was recorded',
  );
  t.ok(
    b.disk.paths.some((path) => path.endsWith('000003.json')),
    'there are borders',
  );

  world.hook = (wire) => {
    return wire.kind === 'commit' && wire.to === 'bank-b' ? lost() : wire.forward();
  };
  const begun = await coordinator.start('createTransfer', {
    body: order,
    headers: { prefer: 'respond-async' },
  });
  const { id } = begun.json<{ id: string }>();
  await world.pass(200);
  t.match(await look(), { violations: nothing, totals: [{ underWay: 2_500n }] });
  t.equal((await operate('resolveBranch', id, { outcome: 'aborted' })).statusCode, 200);
  t.match(await look(), { violations: nothing, damage: [{ state: 'unreported' }] });
  world.hook = (wire) => wire.forward();
  await world.pass(60_000);
  t.match(await look(), {
    violations: nothing,
    damage: [{ participant: 'bank-b', account: 'bob', amount: 2_500, state: 'reported' }],
    totals: [{ opened: 300_000n, posted: 297_500n, damage: 2_500n, underWay: 0n }],
  });
  t.equal((await operate('dismissBranch', id, {})).statusCode, 200);
  await world.pass(1_000);
  t.match(await look(), {
    violations: nothing,
    damage: [{ state: 'compensated' }],
    totals: [{ posted: 300_000n, damage: 0n }],
  });
});
