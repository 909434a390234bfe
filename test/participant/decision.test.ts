import t from 'tap';
import { at, coordinator, id, legs, machine } from '../fixtures/machine.ts';

const damage = [{ account: 'alice', currency: 'USD', amount: -60 }];

void t.test('a commit applies what is prepared, once', (t) => {
  const { prepare, commit, state, branch, alice } = machine();
  prepare();
  const entries = [{ account: 'alice', amount: -60, balance: 40 }];
  const committed = { type: 'committed', at, id, timestamp: 8, entries };
  const reply = { id, state: 'committed' };
  t.strictSame(commit(), { records: [committed], reply, forced: true });
  t.strictSame(alice(), [40, 0]);
  t.strictSame(commit(), { records: [], reply, forced: true }, 'acknowledged again, no effect');
  t.strictSame(alice(), [40, 0]);
  t.match(branch(), { state: 'committed', timestamp: 8, decidedAt: at });
  t.equal(state.prepared.size, 0);
  const refused = { id, refused: 'already-committed' };
  t.strictSame(commit({ timestamp: 9 }).reply, refused, 'a decision never changes');
  t.end();
});

void t.test('a commit of what was never promised is refused and never applied', (t) => {
  const { commit, abort, alice } = machine();
  t.strictSame(commit(), { records: [], reply: { id, refused: 'unknown-branch' }, forced: true });
  abort();
  t.strictSame(commit().reply, { id, refused: 'already-aborted' });
  t.strictSame(alice(), [100, 0]);
  t.end();
});

void t.test('an abort releases, is acknowledged again, and never undoes a commit', (t) => {
  const { prepare, abort, alice, branch } = machine();
  prepare();
  const reply = { id, state: 'aborted' };
  const aborted = { type: 'aborted', at, id, coordinator };
  t.strictSame(abort(), { records: [aborted], reply, forced: false });
  t.strictSame(alice(), [100, 0]);
  t.strictSame(abort(), { records: [], reply, forced: true });
  t.match(branch(), { state: 'aborted', legs, peers: ['bank-b'] });

  const committed = machine();
  committed.prepare();
  committed.commit();
  const refusal = { records: [], reply: { id, refused: 'already-committed' }, forced: true };
  t.strictSame(committed.abort(), refusal);
  t.strictSame(committed.alice(), [40, 0]);
  t.end();
});

void t.test('an abort that comes first leaves a tombstone, forced before it is answered', (t) => {
  const { prepare, abort, alice } = machine();
  const tombstone = { type: 'aborted', at, id, coordinator };
  const reply = { id, state: 'aborted' };
  t.strictSame(abort(), { records: [tombstone], reply, forced: true });
  t.strictSame(abort(), { records: [], reply, forced: true });
  t.strictSame(prepare().reply, { id, vote: 'no', code: 'already-aborted' });
  t.strictSame(alice(), [100, 0]);
  t.end();
});

void t.test('a decision that agrees with the operator is confirmed', (t) => {
  const { prepare, resolve, commit, abort, branch, alice, state } = machine();
  prepare();
  resolve('committed');
  const reply = { id, state: 'committed' };
  const confirmed = { type: 'confirmed', id, at, state: 'committed', timestamp: 8 };
  t.strictSame(commit(), { records: [confirmed], reply, forced: true });
  t.match(branch(), { state: 'committed', timestamp: 8, resolution: { outcome: 'committed' } });
  t.strictSame([state.prepared.size, alice()], [0, [40, 0]], 'booked once');
  t.strictSame(commit(), { records: [], reply, forced: true });
  t.strictSame(abort().reply, { id, refused: 'already-committed' });

  const aborted = machine();
  aborted.prepare();
  aborted.resolve('aborted');
  const release = { type: 'confirmed', id, at, state: 'aborted' };
  t.strictSame(aborted.abort(), {
    records: [release],
    reply: { id, state: 'aborted' },
    forced: true,
  });
  t.match(aborted.branch(), { state: 'aborted' });
  t.strictSame(aborted.alice(), [100, 0]);
  t.end();
});

void t.test('a commit of what an operator has aborted is damage, and acknowledged as such', (t) => {
  const { prepare, resolve, commit, abort, branch, alice, state } = machine();
  prepare();
  resolve('aborted');
  t.strictSame(alice(), [100, 0]);
  const reply = { id, state: 'committed', damage };
  const damaged = { type: 'damaged', id, at, state: 'committed', timestamp: 8, damage };
  t.strictSame(commit(), { records: [damaged], reply, forced: true });
  t.match(branch(), { state: 'damaged', timestamp: 8, damage: { state: 'committed' } });
  t.strictSame([state.prepared.size, [...state.damaged]], [0, [id]]);
  t.strictSame(commit(), { records: [], reply, forced: true }, 'the same answer again');
  t.strictSame(commit({ timestamp: 9 }).reply, { id, refused: 'already-committed' });
  t.strictSame(abort().reply, { id, refused: 'already-committed' });
  t.strictSame(alice(), [100, 0], 'nothing is booked behind the operator');
  t.end();
});

void t.test('an abort of what an operator has committed is damage the other way', (t) => {
  const { prepare, resolve, commit, abort, branch, alice } = machine();
  prepare();
  resolve('committed');
  const reply = { id, state: 'aborted', damage: [{ ...damage[0], amount: 60 }] };
  t.match(abort(), { records: [{ type: 'damaged', state: 'aborted' }], reply, forced: true });
  t.match(branch(), { state: 'damaged', damage: { state: 'aborted' } });
  t.strictSame(abort(), { records: [], reply, forced: true });
  t.strictSame(commit().reply, { id, refused: 'already-aborted' });
  t.strictSame(alice(), [40, 0]);
  t.end();
});

void t.test('a branch that is resolved by nobody breaks an invariant', (t) => {
  const { state, commit } = machine();
  state.branches.set(id, { id, state: 'resolved', coordinator, peers: [], legs });
  t.throws(() => commit(), /k3f9q2ma-1-1 is resolved by somebody/);
  t.end();
});
