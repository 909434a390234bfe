/** An audit of stores of which segments were moved elsewhere. */
import t, { type Test } from 'tap';
import { moveSegments } from '../../../log/move-segments.ts';
import { coordinatorNeeds } from '../../../coordinator/needs.ts';
import { participantNeeds } from '../../../participant/needs.ts';
import { auditStores, storesOf } from '../../fixtures/audit.ts';
import type { MemoryDisk } from '../../fixtures/memory-disk.ts';
import {
  back,
  coordinatorNode,
  openAccount,
  participantNode,
  settleAll,
  World,
} from '../../fixtures/nodes.ts';

const segmentBytes = 8_000;

/** The stores of a cluster that goes on, after the coordinator's and bank-a's past were moved. */
async function archivedStores(t: Test): Promise<MemoryDisk> {
  const world = new World();
  const coordinator = await coordinatorNode(t, world, { limits: { segmentBytes } });
  const a = await participantNode(t, world, 'bank-a', { segmentBytes });
  const b = await participantNode(t, world, 'bank-b', { segmentBytes });
  await openAccount(a, 'alice');
  await openAccount(b, 'bob');
  await world.pass(50);
  const transfers = Array.from({ length: 10 }, () => ({ ...back, amount: 1 }));
  const work = async () => {
    const body = { transfers };
    for (let n = 0; n < 12; n += 1) await coordinator.call('createTransfers', { body });
  };
  await work();
  await settleAll(t, world, coordinator, [a, b]);
  const common = { folder: '/data', before: Infinity, pid: 2, at: '' };
  const { disk } = coordinator;
  const to = '/archive/coordinator';
  t.ok((await moveSegments({ ...common, to, disk, needs: coordinatorNeeds })).part);
  const bank = { ...common, to: '/archive/bank-a', disk: a.disk };
  t.ok((await moveSegments({ ...bank, needs: participantNeeds })).part);
  await work();
  await world.pass(1_000);
  return storesOf([coordinator, a, b]);
}

void t.test('stores and archives are proved as one', async (t) => {
  const stores = await archivedStores(t);
  const whole = await auditStores(stores);
  t.strictSame([whole.violations, whole.notChecked, whole.notices], [[], [], []]);
  t.match(whole.transfers, { committed: 240, aborted: 0, undecided: 0 });
  t.match(whole.totals, [{ currency: 'USD', opened: 200_000n, posted: 200_000n }]);

  await t.test('what is not there is said, and nobody is blamed', async (t) => {
    const disk = stores.copy();
    for (const name of disk.paths) if (name.startsWith('/archive/bank-a')) disk.delete(name);
    const some = await auditStores(disk);
    t.strictSame(some.violations, []);
    t.match(some.notChecked, [
      /^what \/cluster\/bank-a says: the records up to \d+ were moved to \/archive\/bank-a, and/,
      /^what bank-a has done, and totals: give its folder too/,
    ]);
    t.equal(some.stores.length, 3);
    t.match(some.transfers, { committed: 240 });
    for (const name of disk.paths) if (name.startsWith('/archive')) disk.delete(name);
    const less = await auditStores(disk);
    t.strictSame(less.violations, []);
    t.match(less.notChecked, [/bank-a says/, /coordinator says/, /totals of bank-b: give/]);
  });

  await t.test('what is wrong in an archive, or behind it, is found', async (t) => {
    const disk = stores.copy();
    const moved = '/archive/coordinator/000001.json';
    disk.flip(moved, 8 * 300);
    const { violations } = await auditStores(disk);
    const text = /^\/archive\/coordinator\/000001\.json is damaged/;
    t.match(violations, [{ rule: 'store', text }]);
    const cut = stores.copy();
    cut.delete(moved);
    const first = cut.paths.find((name) => name.startsWith('/cluster/coordinator/log/')) ?? '';
    cut.flip(first, 8 * 300);
    const stayed = await auditStores(cut);
    const behind = /coordinator\/log\/0+\d+\.json is damaged/;
    t.match(stayed.violations, [{ rule: 'store', text: behind }]);
  });
});
