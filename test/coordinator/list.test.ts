import t from 'tap';
import { fingerprint, matches } from '../../coordinator/list.ts';
import type { Transfer } from '../../coordinator/protocol.ts';

const at = '2026-11-23T10:00:00.000Z';

function transfer(id: string, state?: 'committed' | 'aborted', reference?: string): Transfer {
  const legs = [{ from: 'bank-a/alice', to: 'bank-b/bob', amount: 1, currency: 'USD' }];
  const participants = ['bank-a', 'bank-b'];
  const request = { legs, timeoutMs: 5000, ...(reference !== undefined && { reference }) };
  const decision = { type: 'decided', at, id, votes: {} } as const;
  return {
    begun: { type: 'begun', at, id, participants, lowerTs: 0, ...request },
    votes: new Map(),
    acknowledged: new Set(),
    damage: new Map(),
    expired: undefined,
    decided:
      state === 'committed'
        ? { ...decision, state, timestamp: 1 }
        : state && { ...decision, state, reason: 'vote-timeout' },
    ended: undefined,
  };
}

void t.test('every filter must match', (t) => {
  const one = transfer('s-1-1', 'committed', 'invoice 7');
  t.ok(matches(one, {}));
  t.ok(matches(one, { state: 'committed', participant: 'bank-b', account: 'bank-b/bob' }));
  t.ok(matches(one, { account: 'bank-a/alice', reference: 'invoice 7' }));
  t.notOk(matches(one, { state: 'preparing' }));
  t.notOk(matches(one, { participant: 'bank-c' }));
  t.notOk(matches(one, { account: 'bank-a/bob' }));
  t.notOk(matches(one, { reference: 'invoice 8' }));
  t.notOk(matches(one, { state: 'committed', reference: 'invoice 8' }));
  t.ok(matches(transfer('s-1-2'), { state: 'preparing' }));
  t.notOk(matches(transfer('s-1-2'), { reference: 'invoice 7' }));
  t.end();
});

void t.test('bodies that mean the same have one fingerprint', (t) => {
  const body = { amount: 1, legs: [{ a: null, b: true }], metadata: { x: 'y', a: 'b' } };
  const same = { metadata: { a: 'b', x: 'y' }, legs: [{ b: true, a: null }], amount: 1 };
  t.equal(fingerprint(body), fingerprint(same));
  const others = [
    { ...body, amount: 2 },
    { ...body, amount: '1' },
    { ...body, legs: [] },
    { ...body, metadata: { x: 'y,"a":"b' } },
    { ...body, reference: '' },
  ];
  const prints = new Set([body, ...others].map(fingerprint));
  t.equal(prints.size, 6);
  t.end();
});
