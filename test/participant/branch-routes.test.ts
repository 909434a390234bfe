import t from 'tap';
import {
  confirm,
  debit,
  idOf,
  loneParticipant,
  playCoordinator,
  self,
} from '../fixtures/lone-participant.ts';
import { participantNode, type ParticipantNode } from '../fixtures/nodes.ts';

const leg = debit(60);

void t.test(
  'branches are listed newest first, by state, without what only the node needs',
  async (t) => {
    const { node, send, prepare } = await loneParticipant(t);
    await prepare(1, { lowerTs: 3, peers: ['bank-b'] });
    await prepare(2);
    await send('abort', [{ id: idOf(3) }]);
    const list = await node.call('listBranches');
    const ids = (reply: typeof list) => reply.json().data.map(({ id }: { id: string }) => id);
    t.strictSame(ids(list), [idOf(3), idOf(2), idOf(1)]);
    const aborted = await node.call('listBranches', { query: { state: 'aborted', limit: '1' } });
    t.strictSame(ids(aborted), [idOf(3)]);
    const query = { state: 'aborted', limit: '1', cursor: aborted.json().page.nextCursor };
    t.strictSame(ids(await node.call('listBranches', { query })), [idOf(2)]);
    const one = await node.call('getBranch', { params: { id: idOf(1) } });
    t.strictSame(one.json(), {
      id: idOf(1),
      coordinator: self,
      peers: ['bank-b'],
      legs: [leg],
      state: 'prepared',
      preparedAt: one.json().preparedAt,
    });
    const missing = await node.call('getBranch', { params: { id: idOf(9) } });
    t.match(missing.json(), { status: 404, code: 'branch-not-found' });
  },
);

void t.test('branches are listed by account and by every state', async (t) => {
  const { node, prepare, commit, abort } = await loneParticipant(t);
  await node.call('openAccount', { body: { id: 'bob', currency: 'USD', balance: 0 } });
  for (const n of [1, 2, 3, 4]) await prepare(n, { legs: [debit(1)] });
  await prepare(5, { legs: [{ ...leg, account: 'bob', amount: 1 }] });
  await resolve(node, 2, 'aborted');
  await resolve(node, 3, 'aborted');
  await commit(3);
  await abort(4);
  const ids = async (query: Record<string, string>) => {
    const reply = await node.call('listBranches', { query });
    return reply.json().data.map(({ id }: { id: string }) => id);
  };
  t.strictSame(await ids({ account: 'bob' }), [idOf(5)]);
  t.strictSame(await ids({ account: 'alice', state: 'prepared' }), [idOf(1)]);
  t.strictSame(await ids({ state: 'resolved' }), [idOf(2)]);
  t.strictSame(await ids({ state: 'damaged' }), [idOf(3)]);
  t.strictSame(await ids({ state: 'aborted' }), [idOf(4)]);
});

void t.test('a list goes on where it was, whatever was forgotten meanwhile', async (t) => {
  const { node, prepare, commit, settle } = await loneParticipant(t);
  for (const n of [1, 2, 3]) await prepare(n, { legs: [debit(1)] });
  await commit(2);
  const first = await node.call('listBranches', { query: { limit: '2' } });
  t.match(first.json().data, [{ id: idOf(3) }, { id: idOf(2) }]);
  await settle(3);
  const query = { limit: '2', cursor: first.json().page.nextCursor };
  const second = await node.call('listBranches', { query });
  t.match(second.json(), { data: [{ id: idOf(1) }], page: { nextCursor: null } });
});

void t.test('a branch is readable for ever, also when it is forgotten', async (t) => {
  const { world, node, prepare, commit, abort, settle } = await loneParticipant(t, {
    segmentBytes: 4096,
  });
  await prepare(1, { legs: [debit(1)], peers: ['bank-b'] });
  await commit(1);
  await prepare(2, { legs: [debit(1)] });
  await abort(2);
  const get = (n: number, from = node) => from.call('getBranch', { params: { id: idOf(n) } });
  const known = [(await get(1)).json(), (await get(2)).json()];
  t.match(known, [{ state: 'committed', peers: ['bank-b'] }, { state: 'aborted' }]);
  await settle(3);
  for (let n = 3; n < 40; n += 1) await prepare(n, { legs: [debit(1)] });
  t.notOk(node.participant.state.branches.has(idOf(1)));
  t.strictSame([(await get(1)).json(), (await get(2)).json()], known);
  await settle(103);
  for (const n of [100, 200]) t.match((await get(n)).json(), { code: 'branch-not-found' });
  const again = await participantNode(t, world, 'bank-a', { disk: node.crash() });
  t.strictSame((await get(1, again)).json(), known[0]);
});

void t.test('an operator resolves what is in doubt, once and on the record', async (t) => {
  const { world, node, prepare, alice } = await loneParticipant(t);
  await prepare(1);
  const params = { id: idOf(1) };
  const body = { outcome: 'committed', reason: 'the coordinator is lost' };
  for (const key of [undefined, 'client', 'coordinator', 'participant'] as const) {
    const reply = await node.call('resolveBranch', { params, body, ...(key && { key }) });
    t.ok([401, 403].includes(reply.statusCode), `not for ${key}`);
  }
  const resolved = await resolve(node, 1, 'committed');
  const resolution = { outcome: 'committed', reason: 'the coordinator is lost', at: String };
  t.match(resolved.json(), { id: idOf(1), state: 'resolved', resolution });
  t.strictSame(alice(), [40, 0]);
  t.equal((await resolve(node, 1, 'committed')).statusCode, 200, 'again');
  t.match((await resolve(node, 1, 'aborted')).json(), { status: 409, code: 'branch-decided' });
  t.match((await resolve(node, 9, 'aborted')).json(), { status: 404, code: 'branch-not-found' });
  const again = await participantNode(t, world, 'bank-a', { disk: node.crash() });
  t.strictSame(again.participant.state.branches.get(idOf(1))?.state, 'resolved');
  await confirm(again);
  const { send } = playCoordinator(world, again);
  await send('commit', [{ id: idOf(1), timestamp: 3 }]);
  t.match((await resolve(again, 1, 'committed')).json(), { code: 'branch-decided' });
  t.match(again.participant.state.branches.get(idOf(1)), { state: 'committed', timestamp: 3 });
});

void t.test('damage is reported, shown, and dismissed with what it lacks', async (t) => {
  const { node, prepare, commit, abort, settle, alice } = await loneParticipant(t);
  await prepare(1);
  t.match((await dismiss(node, 1)).json(), { status: 409, code: 'no-damage' });
  t.match((await dismiss(node, 9)).json(), { status: 404, code: 'branch-not-found' });
  await resolve(node, 1, 'aborted');
  const lack = [{ account: 'alice', currency: 'USD', amount: -60 }];
  const reply = await commit(1);
  t.match(reply.json().outcomes, [{ id: idOf(1), state: 'committed', damage: lack }]);
  t.match((await commit(1)).json().outcomes, [{ state: 'committed', damage: lack }]);
  const shown = await node.call('getBranch', { params: { id: idOf(1) } });
  t.match(shown.json(), { state: 'damaged', damage: { state: 'committed', entries: lack } });
  await prepare(2, { legs: [debit(50)] });
  t.match((await dismiss(node, 1)).json(), { status: 422, code: 'insufficient-funds' });
  await abort(2);
  const dismissed = await dismiss(node, 1);
  const dismissal = { reason: 'booked after all', compensated: true };
  t.match(dismissed.json(), { state: 'committed', timestamp: 1, dismissal });
  t.strictSame(alice(), [40, 0]);
  t.equal((await dismiss(node, 1)).statusCode, 200, 'again');
  await settle(3);
  t.notOk(node.participant.state.branches.has(idOf(1)));
  t.strictSame((await dismiss(node, 1)).json(), dismissed.json(), 'also when it is forgotten');
  t.match((await dismiss(node, 2)).json(), { code: 'no-damage' });
  t.match((await resolve(node, 1, 'aborted')).json(), { code: 'branch-decided' });
  const statement = await node.call('listEntries', { params: { id: 'alice' } });
  const compensation = { kind: 'compensation', amount: -60, balance: 40, transferId: idOf(1) };
  t.match(statement.json().data, [compensation, { kind: 'opening' }]);
});

void t.test('damage may be dismissed without a booking', async (t) => {
  const { node, prepare, commit, alice } = await loneParticipant(t);
  await prepare(1);
  await resolve(node, 1, 'aborted');
  await commit(1);
  const reply = await dismiss(node, 1, { compensate: false });
  t.match(reply.json(), { state: 'committed', dismissal: { compensated: false } });
  t.strictSame(alice(), [100, 0]);
});

void t.test('a resource of its own may refuse a compensation for its own reasons', async (t) => {
  const { world, node, prepare, commit } = await loneParticipant(t);
  await prepare(1);
  await resolve(node, 1, 'aborted');
  await commit(1);
  node.participant.ledger.prepare = () => ({ code: 'closed-on-sundays', detail: 'come back' });
  const reply = await node.app.inject({
    method: 'POST',
    url: `/branches/${idOf(1)}/dismiss`,
    headers: { authorization: `Bearer ${world.keys.operator}` },
    payload: { reason: 'booked after all' },
  });
  const detail = `${idOf(1)}: come back`;
  t.match(reply.json(), { status: 422, code: 'refused-by-participant', detail });
});

function resolve(node: ParticipantNode, n: number, outcome: 'committed' | 'aborted') {
  const body = { outcome, reason: 'the coordinator is lost' };
  return node.call('resolveBranch', { params: { id: idOf(n) }, body, key: 'operator' });
}

function dismiss(node: ParticipantNode, n: number, more: object = {}) {
  const body = { reason: 'booked after all', ...more };
  return node.call('dismissBranch', { params: { id: idOf(n) }, body, key: 'operator' });
}
