import t from 'tap';
import { isOlder, matches, newest, refreshed } from '../../../client/console/listing.ts';
import type { Transfer } from '../../../client/sdk/index.ts';

const transfer = (number: number, more: Partial<Transfer> = {}): Transfer => ({
  id: `k3f9q2ma-1-${number}`,
  state: 'committed',
  applied: true,
  legs: [{ from: 'bank-a/alice', to: 'bank-b/bob', amount: 2500, currency: 'USD' }],
  participants: [],
  createdAt: '2026-11-23T10:00:00.000Z',
  ...more,
});

const numbers = (rows: readonly Transfer[]) => rows.map(({ id }) => Number(id.split('-')[2]));

void t.test('a filter lets through what meets all of its conditions', async (t) => {
  const one = transfer(1, { reference: 'invoice 7' });
  t.ok(matches(one, {}));
  const all = { state: 'committed', participant: 'bank-b', account: 'bank-a/alice' } as const;
  t.ok(matches(one, { ...all, reference: 'invoice 7' }));
  t.notOk(matches(one, { ...all, state: 'aborted' }));
  t.notOk(matches(one, { ...all, participant: 'bank' }), 'a part of a name is another name');
  t.notOk(matches(one, { ...all, account: 'bank-a/al' }));
  t.notOk(matches(one, { ...all, reference: 'invoice' }));
});

void t.test('transfers are in the order in which they were begun', async (t) => {
  t.ok(isOlder({ id: 'k3f9q2ma-1-9' }, { id: 'k3f9q2ma-1-10' }));
  t.ok(isOlder({ id: 'k3f9q2ma-9-99' }, { id: 'k3f9q2ma-10-1' }), 'by the start first');
  t.notOk(isOlder({ id: 'k3f9q2ma-1-9' }, { id: 'k3f9q2ma-1-9' }));
});

void t.test('what was listed stands behind what events tell of, once', async (t) => {
  const live = [transfer(4, { state: 'preparing' }), transfer(3)];
  const listed = [transfer(3, { state: 'preparing' }), transfer(2), transfer(1)];
  const rows = newest(live, listed, {}, 3);
  t.strictSame(numbers(rows), [4, 3, 2]);
  t.equal(rows[1]?.state, 'committed', 'as the events have told');
  t.strictSame(numbers(newest(live, listed, { state: 'committed' }, 3)), [3, 2, 1]);
});

void t.test('rows that are held stay where they are, and show what becomes of them', async (t) => {
  const held = [transfer(2, { state: 'preparing' }), transfer(1)];
  const rows = refreshed(held, [transfer(3), transfer(2)]);
  t.strictSame(numbers(rows), [2, 1]);
  t.equal(rows[0]?.state, 'committed');
});
