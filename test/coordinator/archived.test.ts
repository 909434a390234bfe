/** Segments that an operator has moved away: said so, and never taken for what never was. */
import t, { type Test } from 'tap';
import { coordinatorNeeds } from '../../coordinator/needs.ts';
import { moveSegments, type Moved } from '../../log/move-segments.ts';
import { participantNeeds } from '../../participant/needs.ts';
import { checkReply } from '../fixtures/contract.ts';
import {
  back,
  coordinatorNode,
  lost,
  openAccount,
  order,
  participantNode,
  settleAll,
  startCluster,
  type CoordinatorNode,
  type TestNode,
  type World,
} from '../fixtures/nodes.ts';

const TO = '/archive/coordinator';
const limits = { segmentBytes: 8_000, idempotencyHours: 1 };
const idOf = (number: number, epoch = 1) => `k3f9q2ma-${epoch}-${number}`;

async function makeMany(node: CoordinatorNode, count: number): Promise<void> {
  const transfers = Array.from({ length: count }, () => ({ ...back, amount: 1 }));
  await node.call('createTransfers', { body: { transfers } });
}

/** Moves all that may be moved, of a node that is running. */
function move(node: TestNode, to = TO): Promise<Moved> {
  const common = { folder: '/data', to, before: Infinity, disk: node.disk, pid: 2, at: '' };
  return node.role === 'coordinator'
    ? moveSegments({ ...common, needs: coordinatorNeeds })
    : moveSegments({ ...common, needs: participantNeeds });
}

/** A cluster with a past, of which the coordinator's segments were moved as far as may be. */
async function archivedCluster(t: Test) {
  const cluster = await startCluster(t, limits);
  const { world, coordinator, a, b } = cluster;
  for (let n = 0; n < 12; n += 1) await makeMany(coordinator, 10);
  await settleAll(t, world, coordinator, [a, b]);
  const { part } = await move(coordinator);
  const last = part?.keys.find(([epoch]) => epoch === 1)?.[1] ?? 0;
  t.ok(last > 20 && last < 120, `transfers up to ${last} were moved`);
  return { ...cluster, last };
}

/** Lets everything be resolved; what was moved cannot be looked at any more. */
async function drain(world: World, node: CoordinatorNode): Promise<void> {
  world.hook = (wire) => wire.forward();
  await world.until(() => node.coordinator.state.active.size === 0);
  await world.pass(50);
}

const get = async (node: CoordinatorNode, id: string) =>
  (await node.call('getTransfer', { params: { id } })).json();

const decide = async (node: CoordinatorNode, id: string) =>
  (await node.call('getDecision', { params: { id }, key: 'participant' })).json();

void t.test('what was moved is said so, also after a restart', async (t) => {
  const { world, coordinator, last } = await archivedCluster(t);
  const again = () => coordinatorNode(t, world, { disk: coordinator.crash(), limits });
  for (const start of [() => coordinator, again]) {
    const node = await start();
    for (const id of [idOf(1), idOf(last)]) {
      const archived = { status: 410, code: 'transfer-archived', archivedTo: TO };
      t.match(await get(node, id), { ...archived, detail: /^the records up to \d+ were moved to/ });
      const params = { id };
      t.match((await node.call('getTimeline', { params })).json(), archived);
      t.match((await node.call('reverseTransfer', { params })).json(), archived);
      t.match((await node.call('cancelTransfer', { params })).json(), archived);
    }
    t.match(await get(node, idOf(last + 1)), { state: 'committed' }, 'the next one has stayed');
    t.match(await get(node, idOf(120)), { state: 'committed' });
    for (const id of [idOf(121), idOf(1, 7), 'zzzzzzzz-1-1']) {
      t.match(await get(node, id), { code: 'transfer-not-found' }, `${id} never began`);
    }
  }
});

void t.test('a repeated reversal of what was moved has its answer', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t, limits);
  for (let n = 0; n < 12; n += 1) await makeMany(coordinator, 10);
  const headers = { 'idempotency-key': 'give-back' };
  const reverse = (body = {}) =>
    coordinator.call('reverseTransfer', { params: { id: idOf(1) }, headers, body });
  const first = (await reverse()).json();
  t.match(first, { state: 'committed', reverses: idOf(1) });
  await makeMany(coordinator, 10);
  await settleAll(t, world, coordinator, [a, b]);
  await move(coordinator);
  t.match(await get(coordinator, idOf(1)), { code: 'transfer-archived' });
  const again = await reverse();
  t.match(again.json(), { id: first.id, state: 'committed' });
  t.equal(again.headers['idempotent-replayed'], 'true');
  t.match((await reverse({ amount: 1 })).json(), { code: 'idempotency-key-reused' });
});

void t.test('nobody is told that what was moved is aborted', async (t) => {
  const { world, coordinator, last } = await archivedCluster(t);
  // The begun record of this one is lost, and its prepare has arrived.
  world.hook = (wire) => (wire.to === 'bank-b' ? lost() : wire.forward());
  void coordinator.start('createTransfer', { body: order });
  await world.quiet();
  const disk = coordinator.crash();
  world.hook = (wire) => wire.forward();
  const node = await coordinatorNode(t, world, { disk, limits });
  await world.pass(20_000);
  t.match(await decide(node, idOf(121)), { state: 'presumed-aborted' }, 'it was never decided');
  for (let n = 1; n <= last; n += 1) {
    const { status, code } = await decide(node, idOf(n));
    if (status !== 410 || code !== 'transfer-archived') t.fail(`${idOf(n)}: ${status}`);
  }
  for (let n = last + 1; n <= 120; n += 1) {
    const { state } = await decide(node, idOf(n));
    if (state !== 'committed') t.fail(`${idOf(n)}: ${state}`);
  }
  await makeMany(node, 10);
  for (let n = 0; n < 12; n += 1) await makeMany(node, 10);
  await drain(world, node);
  const { part } = await move(node, '/archive/later');
  t.ok((part?.keys.find(([epoch]) => epoch === 2)?.[1] ?? 0) > 0, 'the next epoch was moved, too');
  t.match(await decide(node, idOf(121)), { state: 'presumed-aborted' }, 'still');
  t.match(await decide(node, idOf(1)), { status: 410, archivedTo: TO });
  t.match(await decide(node, idOf(120)), { status: 410, archivedTo: '/archive/later' });
  t.match(await decide(node, idOf(1, 2)), { status: 410, archivedTo: '/archive/later' });
  t.strictSame(node.failures, []);
});

void t.test('lists end where the records were moved, and say so', async (t) => {
  const { coordinator, last } = await archivedCluster(t);
  const ids: string[] = [];
  let page: { nextCursor: string | null; archivedTo?: string } = { nextCursor: null };
  do {
    const query = { limit: '50', ...(page.nextCursor !== null && { cursor: page.nextCursor }) };
    const reply = (await coordinator.call('listTransfers', { query })).json();
    ids.push(...reply.data.map(({ id }: { id: string }) => id));
    page = reply.page as typeof page;
    if (page.nextCursor !== null) t.equal(page.archivedTo, undefined, 'not before the end');
  } while (page.nextCursor !== null);
  t.strictSame(ids.length, 120 - last);
  t.equal(ids.at(-1), idOf(last + 1));
  t.equal(page.archivedTo, TO);
  const query = { state: 'preparing' };
  const undecided = (await coordinator.call('listTransfers', { query })).json();
  t.strictSame(undecided, { data: [], page: { nextCursor: null } }, 'of these, all are here');
});

void t.test('events go on where they have stayed', async (t) => {
  const { world, coordinator } = await archivedCluster(t);
  const follow = (id?: string) => {
    const headers = { prefer: 'wait=1', ...(id !== undefined && { 'last-event-id': id }) };
    return world.settle(coordinator.app.inject({ url: '/events', headers }));
  };
  const [moved] = await coordinator.coordinator.moved();
  const end = moved?.sequence ?? 0;
  for (const id of ['0', 'k3f9q2ma-1', `k3f9q2ma-${end - 2}`]) {
    const reply = await follow(id);
    checkReply(t, 'coordinator', 'streamEvents', reply);
    const refused = reply.json();
    t.match(refused, { status: 410, code: 'records-archived', archivedTo: TO }, id);
    t.match(refused.detail, new RegExp(`the events up to k3f9q2ma-${end} were moved`));
  }
  for (const id of [`k3f9q2ma-${end - 1}`, `k3f9q2ma-${end}`]) {
    const stream = await follow(id);
    t.equal(stream.statusCode, 200, `${id}: the seal is no event`);
    t.match(stream.body, new RegExp(`id: k3f9q2ma-${end + 1}\n`));
  }
  t.equal((await follow()).statusCode, 200);
});

void t.test('an old copy that misses what was moved stays in quarantine', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t, limits);
  await makeMany(coordinator, 5);
  const backup = a.disk.copy();
  for (let n = 0; n < 12; n += 1) await makeMany(coordinator, 10);
  await settleAll(t, world, coordinator, [a, b]);
  await move(coordinator);
  for (let n = 0; n < 11; n += 1) await makeMany(coordinator, 10);
  const later = a.disk.copy();
  await makeMany(coordinator, 5);
  await drain(world, coordinator);
  a.die();
  const old = await participantNode(t, world, 'bank-a', { disk: backup });
  await world.pass(60_000);
  const shown = await coordinator.call('getParticipant', { params: { name: 'bank-a' } });
  t.match(shown.json(), { quarantined: true });
  t.notOk(old.registered);
  const why = /answered 410, and no page; put back what was moved to \/archive/;
  t.match(old.notices.join('\n'), why, 'and says why');
  t.strictSame(old.amounts('alice'), [100_005, 0], 'nothing is applied in part');
  old.die();
  const newer = await participantNode(t, world, 'bank-a', { disk: later });
  await world.until(() => newer.registered);
  t.strictSame(newer.amounts('alice'), [100_240, 0], 'a copy that is young enough catches up');
});

void t.test('what has not ended, or has a key, stays', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t, limits);
  await makeMany(coordinator, 10);
  const headers = { 'idempotency-key': 'k' };
  const first = await coordinator.call('createTransfer', { body: order, headers });
  t.equal(first.json().id, idOf(11));
  for (let n = 0; n < 12; n += 1) await makeMany(coordinator, 10);
  await settleAll(t, world, coordinator, [a, b]);
  const before = await move(coordinator);
  t.match(before.stays, /its node still looks for a record in it/);
  const again = await coordinator.call('createTransfer', { body: order, headers });
  t.equal(again.json().id, idOf(11), 'the answer under a key is there as long as the key is');
  t.equal(again.headers['idempotent-replayed'], 'true');
  // The key is forgotten; another transfer cannot end.
  await world.pass(2 * 3_600_000);
  world.hook = async (wire) => {
    const { status, body } = await wire.forward();
    if (wire.kind !== 'commit') return { status, body };
    const { outcomes = [], ...rest } = body as { outcomes?: { id: string }[] };
    return { status, body: { ...rest, outcomes: outcomes.filter((one) => one.id !== idOf(132)) } };
  };
  await coordinator.call('createTransfer', { body: order });
  for (let n = 0; n < 12; n += 1) await makeMany(coordinator, 10);
  const { part, stays } = await move(coordinator);
  const last = part?.keys[0]?.[1] ?? 0;
  t.ok(last > 11 && last < 132, `${last}: the key's transfer was moved, the open one was not`);
  t.match(stays, /its node still looks for a record in it/);
  t.match(await get(coordinator, idOf(11)), { code: 'transfer-archived' });
  t.match(await get(coordinator, idOf(132)), { state: 'committed', applied: false });
  await drain(world, coordinator);
  t.match(await get(coordinator, idOf(132)), { state: 'committed', applied: true });
});

void t.test('who claims to have committed what was moved is reported, no more', async (t) => {
  const { world, coordinator, b } = await startCluster(t, limits);
  await openAccount(b, 'carol');
  let release: () => void = () => undefined;
  world.hook = async (wire) => {
    const reply = await wire.forward();
    if (wire.kind !== 'prepare' || wire.to !== 'bank-a') return reply;
    await new Promise<void>((resolve) => (release = resolve));
    const votes = [{ id: idOf(1), vote: 'refused', code: 'already-committed', detail: 'late' }];
    return { status: 200, body: { ...(reply.body as object), votes } };
  };
  await coordinator.call('createTransfer', { body: { ...back, amount: 100_001 } });
  const within = { from: 'bank-b/bob', to: 'bank-b/carol', amount: 1, currency: 'USD' };
  const transfers = Array.from({ length: 20 }, () => within);
  for (let n = 0; n < 6; n += 1) await coordinator.call('createTransfers', { body: { transfers } });
  await world.pass(500);
  await move(coordinator);
  t.match(await get(coordinator, idOf(1)), { code: 'transfer-archived' });
  release();
  await world.pass(100);
  t.match(coordinator.alarms, [
    /^bank-a has committed k3f9q2ma-1-1: it is not here; the records up to \d+ were moved to/,
  ]);
  t.strictSame(coordinator.failures, []);
});
