/** Memory follows what is in flight; the log answers for the rest (PROTOCOL.md, forgetting). */
import t from 'tap';
import { auditStores, storesOf } from '../fixtures/audit.ts';
import {
  back,
  checkInvariants,
  coordinatorNode,
  id,
  lost,
  order,
  settleAll,
  startCluster,
  transfersOf,
  type CoordinatorNode,
} from '../fixtures/nodes.ts';

async function makeMany(node: CoordinatorNode, count: number, body: object = {}) {
  const transfers = Array.from({ length: count }, (_, n) => ({
    ...(n % 2 ? back : order),
    amount: 1,
    reference: `invoice ${n}`,
    ...body,
  }));
  const reply = await node.call('createTransfers', { body: { transfers } });
  return reply.json().results as { status: number; transfer: { id: string } }[];
}

void t.test('what has ended leaves the memory of every node, and can still be read', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  await makeMany(coordinator, 300);
  await coordinator.call('createTransfer', { body: { ...order, amount: 10 ** 9 } });
  await settleAll(t, world, coordinator, [a, b]);
  await world.pass(50);
  const { state } = coordinator.coordinator;
  t.equal(state.transfers.size, 0, 'the coordinator has forgotten all of them');
  await makeMany(coordinator, 2);
  await world.pass(50);
  for (const { name, participant } of [a, b]) {
    t.ok(participant.state.branches.size <= 10, `${name}: ${participant.state.branches.size}`);
  }
  const params = { id };
  const first = await coordinator.call('getTransfer', { params });
  t.match(first.json(), { id, state: 'committed', applied: true, reference: 'invoice 0' });
  const branch = await a.call('getBranch', { params });
  t.match(branch.json(), { id, state: 'committed', timestamp: first.json().timestamp });
  const timeline = await coordinator.call('getTimeline', { params });
  const steps = timeline.json().steps.map(({ type }: { type: string }) => type);
  t.strictSame([steps[0], steps.at(-1)], ['begun', 'ended']);
  const aborted = await coordinator.call('getTransfer', { params: { id: 'k3f9q2ma-1-301' } });
  t.match(aborted.json(), { state: 'aborted', reason: 'insufficient-funds' });
  t.equal(
    (await coordinator.call('getTransfer', { params: { id: 'k3f9q2ma-1-400' } })).statusCode,
    404,
  );
  t.equal(
    (await coordinator.call('getTransfer', { params: { id: 'zzzzzzzz-1-1' } })).statusCode,
    404,
  );
  const decision = await coordinator.call('getDecision', { params, key: 'participant' });
  t.match(decision.json(), { state: 'committed', timestamp: first.json().timestamp });
});

void t.test('lists go on over what is forgotten, page by page, also after a restart', async (t) => {
  const limits = { segmentBytes: 20_000 };
  const { world, coordinator, a, b } = await startCluster(t, limits);
  await makeMany(coordinator, 130);
  await settleAll(t, world, coordinator, [a, b]);
  await world.pass(50);
  const pages = async (node: CoordinatorNode, query: Record<string, string>) => {
    const ids: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const asked: Record<string, string> = { ...query, ...(cursor && { cursor }) };
      const { data, page } = (await node.call('listTransfers', { query: asked })).json();
      ids.push(...data.map((one: { id: string }) => one.id));
      cursor = page.nextCursor as string | null;
    }
    return ids;
  };
  const all = Array.from({ length: 130 }, (_, n) => `k3f9q2ma-1-${130 - n}`);
  const again = await coordinatorNode(t, world, { disk: coordinator.crash(), limits });
  for (const node of [again]) {
    t.strictSame(await pages(node, { limit: '50' }), all);
    t.strictSame(await pages(node, { limit: '100', account: order.from }), all);
    t.strictSame(await pages(node, { reference: 'invoice 12' }), ['k3f9q2ma-1-13']);
    t.strictSame(await pages(node, { participant: 'bank-b', state: 'aborted' }), []);
    t.strictSame(await pages(node, { state: 'preparing' }), []);
  }
  world.hook = (wire) => (wire.kind === 'prepare' ? lost() : wire.forward());
  void again.start('createTransfer', { body: order });
  await world.pass(50);
  t.strictSame(await pages(again, { state: 'preparing' }), ['k3f9q2ma-2-1']);
  const wrong = await again.call('listTransfers', { query: { cursor: 'bm8', limit: '5' } });
  t.equal(wrong.json().code, 'invalid-cursor');
});

void t.test('a damaged log does not say that a transfer never began', async (t) => {
  const limits = { segmentBytes: 20_000 };
  const { world, coordinator, a, b } = await startCluster(t, limits);
  await coordinator.call('createTransfer', { body: order });
  await makeMany(coordinator, 130);
  await settleAll(t, world, coordinator, [a, b]);
  await world.pass(50);
  const image = coordinator.crash();
  const path = image.paths.find((name) => name.endsWith('000001.json')) ?? '';
  const text = image.text(path);
  const begun = text.search(new RegExp(`"begun"[^\\n]*"id":"${id}"`));
  const decided = text.search(new RegExp(`"decided"[^\\n]*"id":"${id}"`));
  const query = { participant: 'bank-a' };
  for (const [what, byte] of [
    ['its id', text.indexOf(id, begun)],
    ['that it has begun', begun + 2],
    ['its decision', decided + 2],
  ] as const) {
    const disk = image.copy();
    disk.flip(path, 8 * byte);
    const node = await coordinatorNode(t, world, { limits, disk });
    const decision = await node.call('getDecision', { params: { id }, key: 'participant' });
    const list = await node.call('listDecisions', { query, key: 'participant' });
    const shown = await node.call('getTransfer', { params: { id } });
    t.strictSame([decision.statusCode, list.statusCode, shown.statusCode], [500, 500, 500], what);
    node.crash();
  }
});

void t.test('a key outlives its transfer', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  const headers = { 'idempotency-key': 'k' };
  const first = await coordinator.call('createTransfer', { body: order, headers });
  await settleAll(t, world, coordinator, [a, b]);
  await world.pass(50);
  t.equal(coordinator.coordinator.state.transfers.size, 0);
  const again = await coordinator.call('createTransfer', { body: order, headers });
  t.strictSame([again.statusCode, again.json()], [201, first.json()]);
  t.equal(again.headers['idempotent-replayed'], 'true');
  const other = await coordinator.call('createTransfer', { body: back, headers });
  t.equal(other.json().code, 'idempotency-key-reused');
  const reversed = await coordinator.call('reverseTransfer', { params: { id } });
  t.equal(reversed.statusCode, 201, 'it can still be taken back');
  await world.pass(50);
  const later = await coordinatorNode(t, world, { disk: coordinator.crash() });
  t.equal((await later.call('createTransfer', { body: order, headers })).json().id, id);
  const linked = await later.call('getTransfer', { params: { id } });
  t.strictSame(linked.json().reversals, ['k3f9q2ma-1-2']);
  t.equal((await transfersOf(later)).size, 2);
  await checkInvariants(t, later, [a, b]);
});

void t.test('a key is forgotten after hours of running time, whatever else happens', async (t) => {
  const limits = { idempotencyHours: 1 };
  const { world, coordinator, a, b } = await startCluster(t, limits);
  const headers = { 'idempotency-key': 'k' };
  const pay = async (node: CoordinatorNode) =>
    (await node.call('createTransfer', { body: order, headers })).json().id as string;
  const hour = () => world.pass(3_600_000);
  await hour();
  t.equal(await pay(coordinator), id, 'hours without keys count for nothing');
  await hour();
  t.equal(await pay(coordinator), id);
  const again = await coordinatorNode(t, world, { disk: coordinator.crash(), limits });
  t.equal(await pay(again), id, 'a start forgets nothing');
  await hour();
  const second = await pay(again);
  t.equal(second, 'k3f9q2ma-2-1');
  await world.pass(50);
  const later = await coordinatorNode(t, world, { disk: again.crash(), limits });
  t.equal(await pay(later), second, 'nor does it remember more');
  const seen: string[] = [];
  const read = async (after: number): Promise<void> => {
    const entries = await later.coordinator.read(after, 1);
    for (const { sequence, record } of entries) {
      seen.push(record.type);
      await read(sequence);
    }
  };
  await read(0);
  t.equal(seen.filter((type) => type === 'begun').length, 2, 'hours end no stream of events');
  t.notOk(seen.some((type) => type === 'elapsed'));
  await settleAll(t, world, later, [a, b]);
  t.strictSame((await auditStores(storesOf([later, a, b]))).violations, []);
});

void t.test('one participant that is away does not hold up the memory of the others', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  world.hook = (wire) => (wire.to === 'bank-b' && wire.kind === 'commit' ? lost() : wire.forward());
  await coordinator.call('createTransfer', { body: order, headers: { prefer: 'wait=0' } });
  await world.quiet();
  world.hook = (wire) => wire.forward();
  await makeMany(coordinator, 250, { to: 'bank-a/alice', from: 'bank-b/bob' });
  await makeMany(coordinator, 1);
  await world.pass(50);
  t.ok(a.participant.state.branches.size < 20, `${a.participant.state.branches.size} at bank-a`);
  await settleAll(t, world, coordinator, [a, b]);
});

void t.test('a commit that comes again after everything was forgotten has no effect', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  const late: (() => Promise<unknown>)[] = [];
  world.hook = (wire) => {
    if (wire.kind === 'commit' || wire.kind === 'prepare') late.push(() => wire.forward());
    return wire.forward();
  };
  await coordinator.call('createTransfer', { body: order });
  const messages = late.splice(0);
  await makeMany(coordinator, 200);
  await makeMany(coordinator, 1);
  await world.pass(50);
  t.notOk(a.participant.state.branches.has(id), 'it is forgotten');
  const before = [a.amounts('alice'), b.amounts('bob')];
  type Reply = { status: number; body: { votes?: object[]; outcomes?: object[] } };
  const replies = (await world.settle(Promise.all(messages.map((send) => send())))) as Reply[];
  t.equal(replies.length, 4);
  for (const { body } of replies) {
    if (body.votes) t.match(body.votes, [{ id, vote: 'refused', code: 'forgotten' }]);
    else t.match(body.outcomes, [{ id, state: 'committed' }]);
  }
  t.strictSame([a.amounts('alice'), b.amounts('bob')], before, 'nothing moved');
  await settleAll(t, world, coordinator, [a, b]);
});
