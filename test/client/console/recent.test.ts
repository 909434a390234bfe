import t from 'tap';
import { Recent } from '../../../client/console/recent.ts';
import type { Event, Transfer } from '../../../client/sdk/index.ts';

const legs: Transfer['legs'] = [
  { from: 'bank-a/alice', to: 'bank-b/bob', amount: 2500, currency: 'USD' },
];
const at = (ms: number) => new Date(Date.UTC(2026, 10, 23, 10) + ms).toISOString();
const idOf = (number: number) => `k3f9q2ma-1-${number}`;

const begun = (number: number): Event => ({
  eventId: `k3f9q2ma-${3 * number}`,
  type: 'begun',
  id: idOf(number),
  at: at(number),
  legs,
  participants: ['bank-a', 'bank-b'],
});

const votes = [
  { name: 'bank-a', vote: 'yes' as const },
  { name: 'bank-b', vote: 'yes' as const },
];

const committed = (number: number): Event => ({
  eventId: `k3f9q2ma-${3 * number + 1}`,
  type: 'decided',
  id: idOf(number),
  at: at(number + 4),
  state: 'committed',
  timestamp: number,
  participants: votes,
});

const aborted = (number: number): Event => ({
  eventId: `k3f9q2ma-${3 * number + 1}`,
  type: 'decided',
  id: idOf(number),
  at: at(number + 4),
  state: 'aborted',
  reason: 'insufficient-funds',
  participants: [
    { name: 'bank-a', vote: 'no', code: 'insufficient-funds', account: 'alice' },
    { name: 'bank-b', vote: 'yes' },
  ],
});

const ended = (number: number): Event => ({
  eventId: `k3f9q2ma-${3 * number + 2}`,
  type: 'ended',
  id: idOf(number),
  at: at(number + 5),
});

const after = (...events: Event[]) => {
  const recent = new Recent();
  for (const event of events) recent.take(event);
  return recent;
};

const ids = (recent: Recent) => recent.list().map(({ id }) => id);

void t.test('a transfer is shown as its events have told so far', async (t) => {
  const first = { ...legs[0], reference: 'invoice 7' };
  t.match(after({ ...begun(1), reference: 'invoice 7' } as Event).list(), [
    { id: idOf(1), state: 'preparing', applied: false, reference: first.reference },
  ]);
  t.match(after(begun(1), committed(1)).list(), [
    {
      state: 'committed',
      applied: false,
      timestamp: 1,
      createdAt: at(1),
      decidedAt: at(5),
      participants: [{ state: 'prepared' }, { state: 'prepared' }],
    },
  ]);
  t.match(after(begun(1), committed(1), ended(1)).list(), [
    { applied: true, participants: [{ state: 'committed' }, { state: 'committed' }] },
  ]);
  t.match(after(begun(1), aborted(1), ended(1)).list(), [
    {
      state: 'aborted',
      applied: false,
      reason: 'insufficient-funds',
      participants: [{ vote: 'no', account: 'alice', state: 'aborted' }, { state: 'aborted' }],
    },
  ]);
});

void t.test('damage stays with the participant that has reported it', async (t) => {
  const entries = [{ account: 'bob', currency: 'USD' as const, amount: 2500 }];
  const damaged = { ...ended(1), damage: { 'bank-b': entries } } as Event;
  t.match(after(begun(1), committed(1), damaged).list(), [
    { participants: [{ state: 'committed' }, { state: 'damaged', damage: entries }] },
  ]);
});

void t.test('the newest transfer comes first, and 500 are kept', async (t) => {
  t.strictSame(ids(after(begun(1), begun(2), committed(1))), [idOf(2), idOf(1)]);
  const many = after(...Array.from({ length: 620 }, (_, number) => begun(number + 1)));
  t.equal(many.list().length, 500);
  t.equal(many.list()[0]?.id, idOf(620));
  t.equal(many.list()[499]?.id, idOf(121));
  many.take(committed(1));
  t.equal(many.list().length, 500, 'what is forgotten does not come back by its decision');
});

void t.test('events that a list has told before take nothing back', async (t) => {
  const [done] = after(begun(2), committed(2), ended(2)).list();
  const [older] = after(begun(1)).list();
  if (!done || !older) throw new Error('the list has both');
  const recent = new Recent();
  recent.preload([done, older]);
  t.strictSame(ids(recent), [idOf(2), idOf(1)]);
  for (const event of [begun(2), committed(2)]) recent.take(event);
  t.strictSame(recent.list()[0], done, 'as it was when it was listed');
  recent.take(committed(1));
  t.match(recent.list()[1], { state: 'committed' }, 'and what goes on goes on');
});

void t.test('what is about no transfer changes nothing', async (t) => {
  const connected: Event = {
    eventId: 'k3f9q2ma-1',
    type: 'connected',
    store: 'k3f9q2ma',
    epoch: 1,
  };
  t.strictSame(after(connected, ended(7)).list(), []);
});
