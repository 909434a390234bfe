import t from 'tap';
import {
  id,
  lost,
  never,
  order,
  settleAll,
  startCluster,
  stateAt,
  type TestNode,
} from '../fixtures/nodes.ts';
import { Scrape } from '../fixtures/scrape.ts';

const scrape = async (node: TestNode) => new Scrape((await node.call('getMetrics')).body);

void t.test('a branch in doubt is there with its age, and is inquired about', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  world.hook = (wire) => {
    if (wire.kind === 'commit' && wire.to === 'bank-b') return never();
    return ['decisions', 'inquiry'].includes(wire.kind) ? lost() : wire.forward();
  };
  const made = coordinator.start('createTransfer', { body: order, headers: { prefer: 'wait=0' } });
  await world.until(() => stateAt(a) === 'committed');
  await world.pass(90_000);
  await made;
  const held = await scrape(b);
  t.equal(held.value('unanimous_branches_in_doubt'), 1);
  t.ok(held.value('unanimous_branches_in_doubt_oldest_seconds') >= 90);
  t.ok(held.value('unanimous_inquiries_total', { answer: 'unanswered' }) > 0);
  t.equal(held.value('unanimous_inquiries_total', { answer: 'answered' }), 0);
  await settleAll(t, world, coordinator, [a, b]);
  const after = await scrape(b);
  t.equal(after.value('unanimous_branches_in_doubt'), 0);
  t.equal(after.value('unanimous_branches_in_doubt_oldest_seconds'), 0);
  t.strictSame(after.counts('unanimous_outcomes_total'), { committed: 1 });
});

void t.test('what an operator does, and the damage it makes, is counted', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  world.hook = (wire) => (wire.to === 'bank-b' && wire.kind === 'commit' ? lost() : wire.forward());
  await coordinator.call('createTransfer', { body: order, headers: { prefer: 'wait=0' } });
  await world.until(() => stateAt(b) === 'prepared');
  const params = { id };
  const reason = 'the auditor said so';
  await b.call('resolveBranch', { params, body: { outcome: 'aborted', reason }, key: 'operator' });
  t.strictSame((await scrape(b)).counts('unanimous_resolutions_total'), { aborted: 1 });
  world.hook = (wire) => wire.forward();
  await world.until(() => stateAt(b) === 'damaged');
  await world.until(() => coordinator.coordinator.state.active.size === 0);
  const damaged = await scrape(b);
  t.equal(damaged.value('unanimous_damage_reports_total'), 1);
  t.equal(damaged.value('unanimous_damaged_branches'), 1);
  t.strictSame(damaged.counts('unanimous_outcomes_total'), { committed: 1 });
  const told = await scrape(coordinator);
  t.strictSame(told.counts('unanimous_damaged_transfers_total'), { 'bank-b': 1 });
  await b.call('dismissBranch', { params, body: { reason }, key: 'operator' });
  const dismissed = await scrape(b);
  t.equal(dismissed.value('unanimous_dismissals_total'), 1);
  t.equal(dismissed.value('unanimous_damaged_branches'), 0);
  await settleAll(t, world, coordinator, [a, b]);
});

void t.test('accounts, and whether the store is known to be whole', async (t) => {
  const { a } = await startCluster(t);
  const seen = await scrape(a);
  t.equal(seen.value('unanimous_accounts'), 1);
  t.equal(seen.value('unanimous_store_confirmed'), 1);
  t.equal(seen.value('unanimous_store_old_copy'), 0);
  t.equal(seen.value('unanimous_ready'), 1);
  a.participant.quarantine();
  const old = await scrape(a);
  t.equal(old.value('unanimous_store_old_copy'), 1);
  t.equal(old.value('unanimous_ready'), 0);
});
