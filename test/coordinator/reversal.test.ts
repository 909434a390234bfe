import t from 'tap';
import { apply, initial, type Begun, type Fact } from '../../coordinator/protocol.ts';
import { planReversal } from '../../coordinator/reversal.ts';

const at = '2026-11-23T10:00:00.000Z';
const id = 'k3f9q2ma-1-1';
const legs = [
  { from: 'bank-a/alice', to: 'bank-b/bob', amount: 2500, currency: 'USD' },
  { from: 'bank-b/bob', to: 'bank-c/carol', amount: 100, currency: 'EUR' },
];
const request = { at, lowerTs: 0, legs, timeoutMs: 5000, participants: ['bank-a', 'bank-b'] };
const begun: Begun = { type: 'begun', id, ...request };
const committed: Fact = {
  type: 'decided',
  at,
  id,
  votes: {},
  state: 'committed',
  timestamp: 1,
};

function original(...records: Fact[]) {
  const state = initial('k3f9q2ma', 1);
  for (const record of [begun, ...records]) apply(state, record);
  const transfer = state.transfers.get(id);
  if (!transfer) throw new Error('it has begun');
  let number = 1;
  const take = (...parts: [leg: number, amount: number][]) => {
    number += 1;
    const reverses = { id, legs: parts.map(([leg, amount]) => ({ leg, amount })) };
    apply(state, { ...begun, id: `k3f9q2ma-1-${number}`, reverses });
  };
  const plan = (...parts: [leg: number, amount: number][]) =>
    planReversal(
      state,
      transfer,
      parts.length === 0 ? 'all' : parts.map(([leg, amount]) => ({ leg, amount })),
    );
  return { take, plan };
}

void t.test('the whole goes back the other way, last leg first', (t) => {
  t.strictSame(original(committed).plan(), {
    outcome: 'planned',
    legs: [
      { from: 'bank-c/carol', to: 'bank-b/bob', amount: 100, currency: 'EUR' },
      { from: 'bank-b/bob', to: 'bank-a/alice', amount: 2500, currency: 'USD' },
    ],
    reverses: {
      id,
      legs: [
        { leg: 0, amount: 2500 },
        { leg: 1, amount: 100 },
      ],
    },
  });
  t.end();
});

void t.test('all that was taken back never exceeds what was moved', (t) => {
  const { plan, take } = original(committed);
  t.match(plan([0, 2500]), { outcome: 'planned', legs: [{ amount: 2500 }] });
  t.strictSame(plan([0, 2501]), { outcome: 'exceeds', over: [{ leg: 0, left: 2500 }] });
  t.strictSame(plan([0, 2000], [0, 501]).outcome, 'exceeds', 'a leg that is named twice');
  take([0, 2000], [1, 100]);
  t.strictSame(plan([0, 501], [1, 1]), {
    outcome: 'exceeds',
    over: [
      { leg: 0, left: 500 },
      { leg: 1, left: 0 },
    ],
  });
  t.match(plan(), { outcome: 'planned', reverses: { legs: [{ leg: 0, amount: 500 }] } });
  take([0, 500]);
  t.match(plan(), { outcome: 'exceeds', over: [{ left: 0 }, { left: 0 }] }, 'nothing is left');
  t.equal(plan([7, 1]).outcome, 'exceeds', 'there is no such leg');
  t.end();
});

void t.test('only what was committed is taken back', (t) => {
  const aborted: Fact = { ...committed, state: 'aborted', reason: 'vote-timeout' };
  t.strictSame(original().plan(), { outcome: 'not-committed' });
  t.strictSame(original(aborted).plan(), { outcome: 'not-committed' });
  t.end();
});
