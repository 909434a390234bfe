/** Segments that an operator has moved away from a participant. */
import t from 'tap';
import { moveSegments } from '../../log/move-segments.ts';
import { participantNeeds } from '../../participant/needs.ts';
import type { Fact } from '../../participant/participant.ts';
import {
  back,
  coordinatorNode,
  lost,
  openAccount,
  order,
  participantNode,
  settleAll,
  World,
  type CoordinatorNode,
  type ParticipantNode,
} from '../fixtures/nodes.ts';

const TO = '/archive/bank-a';
const idOf = (number: number) => `k3f9q2ma-1-${number}`;

async function makeMany(node: CoordinatorNode, count: number): Promise<void> {
  const transfers = Array.from({ length: count }, () => ({ ...back, amount: 1 }));
  await node.call('createTransfers', { body: { transfers } });
}

const move = (node: ParticipantNode) =>
  moveSegments({
    ...{ folder: '/data', to: TO, before: Infinity, disk: node.disk, pid: 2, at: '' },
    needs: participantNeeds,
  });

async function start(t: Parameters<typeof coordinatorNode>[0]) {
  const world = new World();
  const coordinator = await coordinatorNode(t, world);
  const a = await participantNode(t, world, 'bank-a', { segmentBytes: 8_000 });
  const b = await participantNode(t, world, 'bank-b');
  await openAccount(a, 'alice');
  await openAccount(b, 'bob');
  await world.pass(50);
  return { world, coordinator, a, b };
}

const branch = async (node: ParticipantNode, id: string) =>
  (await node.call('getBranch', { params: { id } })).json();

/** Lets everything be resolved; what was moved cannot be looked at any more. */
async function drain(world: World, node: CoordinatorNode): Promise<void> {
  world.hook = (wire) => wire.forward();
  await world.until(() => node.coordinator.state.active.size === 0);
  await world.pass(50);
}

/** The whole statement of alice, by pages. */
async function statement(node: ParticipantNode) {
  const lines: { transferId?: string }[] = [];
  let page: { nextCursor: string | null; archivedTo?: string } = { nextCursor: null };
  do {
    const query = { limit: '10', ...(page.nextCursor !== null && { cursor: page.nextCursor }) };
    const reply = (await node.call('listEntries', { params: { id: 'alice' }, query })).json();
    lines.push(...reply.data);
    page = reply.page as typeof page;
  } while (page.nextCursor !== null);
  return { lines, page };
}

void t.test('branches and statements end where the records were moved, and say so', async (t) => {
  const { world, coordinator, a, b } = await start(t);
  for (let n = 0; n < 30; n += 1) await makeMany(coordinator, 10);
  await settleAll(t, world, coordinator, [a, b]);
  const whole = await statement(a);
  t.equal(whole.lines.length, 301);
  t.strictSame(whole.page, { nextCursor: null });
  const { part } = await move(a);
  t.ok(part);
  const again = await participantNode(t, world, 'bank-a', {
    disk: a.crash(),
    segmentBytes: 8_000,
  });
  await world.until(() => again.registered);
  const { lines, page } = await statement(again);
  t.strictSame(page, { nextCursor: null, archivedTo: TO });
  t.ok(lines.length > 10 && lines.length < 300, `${lines.length} lines have stayed`);
  t.strictSame(lines, whole.lines.slice(0, lines.length));
  const oldest = Number(lines.at(-1)?.transferId?.split('-')[2]);
  const archived = { status: 410, code: 'records-archived', archivedTo: TO };
  for (const id of [idOf(1), idOf(oldest - 1)]) t.match(await branch(again, id), archived, id);
  t.match(await branch(again, idOf(oldest + 20)), { state: 'committed' });
  t.match(await branch(again, idOf(300)), { state: 'committed' });
  const params = { id: idOf(1) };
  const ruled = { params, key: 'operator' } as const;
  const resolve = { ...ruled, body: { outcome: 'aborted', reason: 'x' } };
  t.match((await again.call('resolveBranch', resolve)).json(), archived);
  const dismiss = { ...ruled, body: { reason: 'x' } };
  t.match((await again.call('dismissBranch', dismiss)).json(), archived);
  t.match(await branch(again, idOf(9_999)), { code: 'branch-not-found' }, 'not issued by far');
  t.strictSame(again.amounts('alice'), [100_300, 0], 'the balance is what it was');
});

void t.test('what is in doubt, or damaged, keeps its records', async (t) => {
  const { world, coordinator, a } = await start(t);
  for (let n = 0; n < 10; n += 1) await makeMany(coordinator, 10);
  world.hook = (wire) => {
    const isHeld = JSON.stringify(wire.request.body ?? '').includes(idOf(101));
    return wire.kind === 'commit' && wire.to === 'bank-a' && isHeld ? lost() : wire.forward();
  };
  await coordinator.call('createTransfer', { body: order });
  world.hook = (wire) => {
    const isHeld = JSON.stringify(wire.request.body ?? '').includes(idOf(101));
    return isHeld && wire.kind === 'commit' ? lost() : wire.forward();
  };
  for (let n = 0; n < 20; n += 1) await makeMany(coordinator, 10);
  const { part, stays } = await move(a);
  t.ok(part);
  t.match(stays, /its node still looks for a record in it/);
  t.match(await branch(a, idOf(101)), { state: 'prepared' });
  t.match(await branch(a, idOf(1)), { code: 'records-archived' });
  await drain(world, coordinator);
  for (let n = 0; n < 20; n += 1) await makeMany(coordinator, 10);
  await drain(world, coordinator);
  t.notOk(a.participant.state.branches.has(idOf(101)), 'it is forgotten');
  t.match(await branch(a, idOf(101)), { state: 'committed', legs: [{ amount: -2_500 }] });
});

void t.test('a participant looks for what is not settled', (t) => {
  const coordinator = { store: 'k3f9q2ma', epoch: 1 };
  const of = (number: number, state: 'committed' | 'aborted' | 'resolved' | 'damaged') => {
    const branch = { id: idOf(number), state, coordinator, peers: [], legs: [] };
    return { type: 'remembered', branch } as const;
  };
  const promised = { coordinator, peers: [], legs: [], lowerTs: 0, timeoutMs: 1 };
  const prepared = (number: number): Fact => {
    return { type: 'prepared', at: '', id: idOf(number), ...promised };
  };
  const state = [prepared(1), of(2, 'committed'), of(3, 'aborted'), of(4, 'resolved')];
  const isNeeded = participantNeeds.neededBy([...state, of(5, 'damaged')]);
  t.strictSame(
    [1, 2, 3, 4, 5, 6].map((number) => isNeeded(prepared(number))),
    [true, false, false, true, true, false],
  );
  const watermark = { epoch: 1, seq: 1, except: [] };
  t.notOk(isNeeded({ type: 'watermark', at: '', store: '', watermark }));
  t.equal(participantNeeds.keyOf(prepared(1)), undefined);
  t.end();
});
