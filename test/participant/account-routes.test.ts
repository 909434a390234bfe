import t from 'tap';
import { debit, idOf, loneParticipant } from '../fixtures/lone-participant.ts';
import { participantNode } from '../fixtures/nodes.ts';

void t.test('accounts are opened once, within their minimum, and listed in order', async (t) => {
  const { node } = await loneParticipant(t);
  const open = (body: object) => node.call('openAccount', { body });
  const bob = await open({ id: 'bob', currency: 'EUR', balance: 0, minimum: -50 });
  const shown = { id: 'bob', currency: 'EUR', posted: 0, held: 0, available: 0, minimum: -50 };
  t.strictSame(bob.json(), { ...shown, frozen: false });
  t.equal(bob.headers['location'], '/accounts/bob');
  const twice = await open({ id: 'bob', currency: 'EUR', balance: 9 });
  t.match(twice.json(), { status: 409, code: 'account-exists' });
  const low = await open({ id: 'low', currency: 'EUR', balance: 1, minimum: 2 });
  t.match(low.json(), { status: 400, errors: [{ in: 'body', pointer: '/balance' }] });
  for (const balance of [-1, 0.5, 2 ** 53, '1']) {
    t.equal((await open({ id: 'bad', currency: 'EUR', balance })).statusCode, 400);
  }
  const read = await node.call('getAccount', { params: { id: 'bob' } });
  t.strictSame(read.json(), bob.json());
  const missing = await node.call('getAccount', { params: { id: 'low' } });
  t.match(missing.json(), { status: 404, code: 'account-not-found' });
  const first = await node.call('listAccounts', { query: { limit: '1' } });
  t.match(first.json().data, [{ id: 'alice' }]);
  const cursor = first.json().page.nextCursor;
  const second = await node.call('listAccounts', { query: { limit: '1', cursor } });
  t.match(second.json(), { data: [{ id: 'bob' }], page: { nextCursor: null } });
  for (const query of [{ cursor: 'x' }, { cursor: `${cursor}x` }]) {
    const reply = await node.call('listAccounts', { query });
    t.match(reply.json(), { status: 400, code: 'invalid-cursor' });
  }
  const other = await node.call('listBranches', { query: { cursor, state: 'prepared' } });
  t.match(other.json(), { code: 'invalid-cursor' }, 'a cursor belongs to its filters');
});

void t.test('an operator freezes an account, and lets it go again', async (t) => {
  const { node, prepare, commit, alice } = await loneParticipant(t);
  await prepare(1);
  const params = { id: 'alice' };
  const frozen = await node.call('freezeAccount', { params, body: { reason: 'a court order' } });
  t.match(frozen.json(), { id: 'alice', frozen: true, held: 60 });
  t.match((await node.call('freezeAccount', { params })).json(), { frozen: true }, 'again');
  const no = { vote: 'no', code: 'account-frozen', account: 'alice' };
  t.match((await prepare(2, { legs: [debit(1)] })).json().votes, [no]);
  await commit(1);
  t.strictSame(alice(), [40, 0], 'what was promised before is kept');
  const free = await node.call('unfreezeAccount', { params });
  t.match(free.json(), { frozen: false });
  t.match((await node.call('unfreezeAccount', { params, body: {} })).json(), { frozen: false });
  t.match((await prepare(3, { legs: [debit(1)] })).json().votes, [{ vote: 'yes' }]);
  for (const operation of ['freezeAccount', 'unfreezeAccount']) {
    const missing = await node.call(operation, { params: { id: 'nobody' } });
    t.match(missing.json(), { status: 404, code: 'account-not-found' });
  }
});

void t.test('a freeze survives a power cut', async (t) => {
  const { world, node } = await loneParticipant(t);
  await node.call('freezeAccount', { params: { id: 'alice' } });
  const again = await participantNode(t, world, 'bank-a', { disk: node.crash() });
  t.equal(again.participant.ledger.account('alice')?.frozen, true);
});

void t.test('accounts are listed by currency, and by whether they are frozen', async (t) => {
  const { node } = await loneParticipant(t);
  for (const [id, currency] of [
    ['bob', 'EUR'],
    ['carol', 'USD'],
    ['dave', 'USD'],
  ]) {
    await node.call('openAccount', { body: { id, currency, balance: 0 } });
  }
  await node.call('freezeAccount', { params: { id: 'carol' } });
  const ids = async (query: Record<string, string>) => {
    const reply = await node.call('listAccounts', { query });
    return reply.json().data.map(({ id }: { id: string }) => id);
  };
  t.strictSame(await ids({ currency: 'USD' }), ['alice', 'carol', 'dave']);
  t.strictSame(await ids({ frozen: 'true' }), ['carol']);
  t.strictSame(await ids({ frozen: 'false', currency: 'USD' }), ['alice', 'dave']);
  const first = await node.call('listAccounts', { query: { frozen: 'false', limit: '2' } });
  const cursor = first.json().page.nextCursor;
  await node.call('freezeAccount', { params: { id: 'bob' } });
  t.strictSame(
    await ids({ frozen: 'false', limit: '2', cursor }),
    ['dave'],
    'the rest is the same',
  );
  const other = await node.call('listAccounts', { query: { frozen: 'true', cursor } });
  t.match(other.json(), { code: 'invalid-cursor' });
});

void t.test('a statement is paged, and read from the log', async (t) => {
  const { node, prepare, commit, settle } = await loneParticipant(t, { segmentBytes: 4096 });
  for (let n = 1; n <= 60; n += 1) {
    await prepare(n, { legs: [debit(1), { ...debit(1), amount: 2 }] });
    await commit(n);
  }
  await settle(61);
  t.equal(node.participant.state.branches.size, 1, 'the branches are forgotten');
  const params = { id: 'alice' };
  const amounts: number[] = [];
  let cursor: string | null = null;
  do {
    const query: Record<string, string> = { limit: '25', ...(cursor !== null && { cursor }) };
    const reply = await node.call('listEntries', { params, query });
    t.equal(reply.statusCode, 200);
    amounts.push(...reply.json().data.map(({ amount }: { amount: number }) => amount));
    cursor = reply.json().page.nextCursor;
  } while (cursor !== null);
  t.strictSame(amounts, [...Array(60).fill([2, -1]).flat(), 100]);
  const newest = await node.call('listEntries', { params });
  const { data, page } = newest.json();
  t.equal(data.length, 20, 'a page, unless told');
  t.match(data[0], { kind: 'transfer', transferId: idOf(60), timestamp: 60, balance: 160 });
  const missing = await node.call('listEntries', { params: { id: 'nobody' } });
  t.match(missing.json(), { status: 404, code: 'account-not-found' });
  await node.call('openAccount', { body: { id: 'bob', currency: 'USD', balance: 0 } });
  const opened = await node.call('listEntries', { params: { id: 'bob' } });
  t.match(opened.json(), { data: [{ kind: 'opening', amount: 0 }], page: { nextCursor: null } });
  for (const [id, bad] of [
    ['bob', page.nextCursor],
    ['alice', 'x'],
    ['alice', `${page.nextCursor}x`],
  ]) {
    const reply = await node.call('listEntries', { params: { id }, query: { cursor: bad } });
    t.match(reply.json(), { status: 400, code: 'invalid-cursor' });
  }
});
