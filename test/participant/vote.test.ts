import t from 'tap';
import { owed } from '../../participant/protocol.ts';
import { at, coordinator, id, idOf, legs, machine, promise } from '../fixtures/machine.ts';
import { nothing } from '../fixtures/nothing.ts';

const tooMuch = [{ account: 'alice', amount: -101, currency: 'USD' }];
const other = [{ account: 'alice', amount: -61, currency: 'USD' }];
const entries = [{ account: 'alice', amount: -60, balance: 40 }];
const low = { isStorageLow: true };

void t.test('a prepare that can be kept is recorded, holds, and votes yes when forced', (t) => {
  const { prepare, state, branch, alice } = machine();
  const { records, reply, forced } = prepare();
  t.strictSame(records, [{ type: 'prepared', at, id, ...promise }]);
  t.strictSame(reply, { id, vote: 'yes' });
  t.equal(forced, true);
  t.strictSame(alice(), [100, 60]);
  t.strictSame([...state.prepared], [id]);
  t.strictSame(owed(state), [branch()]);
  t.match(branch(), { state: 'prepared', preparedAt: at });
  t.end();
});

void t.test('a prepare that cannot be kept votes no, at once, and stays no', (t) => {
  const { prepare, branch, alice, log } = machine();
  const { records, reply, forced } = prepare({ legs: tooMuch });
  const reason = { code: 'insufficient-funds', account: 'alice' };
  t.strictSame(records, [{ type: 'aborted', at, id, coordinator, ...reason }]);
  t.match(reply, { id, vote: 'no', ...reason, detail: String });
  t.equal(forced, false, 'presumed abort needs no forced no');
  t.strictSame(alice(), [100, 0]);
  t.strictSame(prepare(), { records: [], reply: { id, vote: 'no', ...reason }, forced: false });
  t.match(branch(), { state: 'aborted', legs: nothing, ...reason });
  t.equal(log.length, 2);
  t.end();
});

void t.test('a repeated prepare is answered alike, with other legs refused', (t) => {
  const { prepare, alice } = machine();
  prepare();
  t.strictSame(prepare(), { records: [], reply: { id, vote: 'yes' }, forced: true });
  t.strictSame(alice(), [100, 60], 'one hold');
  const refusal = { records: [], reply: { id, refused: 'legs-differ' }, forced: true };
  t.strictSame(prepare({ legs: other }), refusal);
  t.strictSame(alice(), [100, 60]);
  t.end();
});

void t.test('a prepare of what is decided or resolved promises nothing', (t) => {
  const { prepare, commit, abort, resolve, log } = machine();
  prepare();
  commit();
  prepare({ id: idOf(2), legs: [{ account: 'alice', amount: -1, currency: 'USD' }] });
  abort({ id: idOf(2) });
  prepare({ id: idOf(3), legs: [{ account: 'alice', amount: -1, currency: 'USD' }] });
  resolve('aborted', idOf(3));
  const before = log.length;
  t.strictSame(prepare().reply, { id, refused: 'already-committed' });
  const no = { id: idOf(2), vote: 'no', code: 'already-aborted' };
  t.strictSame(prepare({ id: idOf(2) }), { records: [], reply: no, forced: false });
  t.strictSame(prepare({ id: idOf(3) }).reply, { id: idOf(3), refused: 'resolved' });
  commit({ id: idOf(3) });
  t.strictSame(prepare({ id: idOf(3) }).reply, { id: idOf(3), refused: 'already-committed' });
  t.equal(log.length, before + 1, 'the damage');
  t.end();
});

void t.test('on a full disk a new prepare gets a no that leaves no record', (t) => {
  const { prepare, log } = machine();
  const { records, reply, forced } = prepare({}, low);
  t.match(reply, { id, vote: 'no', code: 'storage-low', detail: String });
  t.strictSame([records, forced, log.length], [[], false, 1]);
  t.match(prepare().reply, { vote: 'yes' }, 'it may be asked again');
  t.match(prepare({}, low).reply, { vote: 'yes' }, 'a promise stays one');
  t.end();
});

void t.test('a commit in one phase promises and commits in one step, once', (t) => {
  const { commitOnePhase, prepare, commit, branch, alice, state } = machine();
  const { records, reply, forced } = commitOnePhase();
  t.strictSame(records, [
    { type: 'prepared', at, id, ...promise, peers: [] },
    { type: 'committed', at, id, timestamp: 8, entries },
  ]);
  t.strictSame([reply, forced], [{ id, state: 'committed' }, true]);
  t.strictSame([alice(), state.prepared.size], [[40, 0], 0]);
  t.match(branch(), { state: 'committed', timestamp: 8 });
  t.strictSame(commitOnePhase(), { records: [], reply: { id, state: 'committed' }, forced: true });
  t.strictSame(prepare().reply, { id, refused: 'already-committed' });
  t.strictSame(commit().reply, { id, state: 'committed' });
  t.strictSame(alice(), [40, 0]);
  t.end();
});

void t.test('a no in one phase is forced, and repeated with its reason', (t) => {
  const { commitOnePhase, commit, log } = machine();
  const { records, reply, forced } = commitOnePhase({ legs: tooMuch });
  const reason = { code: 'insufficient-funds', account: 'alice' };
  t.strictSame(records, [{ type: 'aborted', at, id, coordinator, ...reason }]);
  t.match(reply, { id, state: 'aborted', ...reason, detail: String });
  t.equal(forced, true, 'the answer decides');
  const again = { records: [], reply: { id, state: 'aborted', ...reason }, forced: true };
  t.strictSame(commitOnePhase(), again);
  t.strictSame(commit().reply, { id, refused: 'already-aborted' });
  t.equal(log.length, 2);
  t.end();
});

void t.test('a delayed commit in one phase finds the abort that overtook it', (t) => {
  const { commitOnePhase, abort, alice } = machine();
  t.match(abort(), { records: [{ type: 'aborted' }], forced: true });
  t.strictSame(commitOnePhase().reply, { id, state: 'aborted' });
  t.strictSame(alice(), [100, 0]);
  t.end();
});

void t.test('on a full disk the no in one phase is on record: it has decided', (t) => {
  const { commitOnePhase } = machine();
  const { records, reply, forced } = commitOnePhase({}, low);
  t.match(reply, { state: 'aborted', code: 'storage-low' });
  t.strictSame(records, [{ type: 'aborted', at, id, coordinator, code: 'storage-low' }]);
  t.equal(forced, true);
  t.match(commitOnePhase().reply, { state: 'aborted' }, 'a late copy of the message decides alike');
  t.end();
});

void t.test('whoever has served balances at its timestamp votes in two phases', (t) => {
  const { commitOnePhase, commit, branch, alice } = machine();
  const { records, reply, forced } = commitOnePhase({}, { served: 8 });
  t.strictSame(records, [{ type: 'prepared', at, id, ...promise, peers: [] }]);
  t.strictSame([reply, forced], [{ id, state: 'prepared' }, true]);
  t.strictSame(alice(), [100, 60]);
  const again = { records: [], reply: { id, state: 'prepared' }, forced: true };
  t.strictSame(commitOnePhase(), again, 'a vote stays a vote');
  t.strictSame(commitOnePhase({ legs: other }).reply, { id, refused: 'legs-differ' });
  t.strictSame(commit({ timestamp: 9 }).reply, { id, state: 'committed' });
  t.match(branch(), { timestamp: 9 });
  t.match(commitOnePhase({ id: idOf(2), legs: [] }, { served: 7 }).reply, { state: 'committed' });
  t.end();
});

void t.test('a commit in one phase never undoes what an operator has resolved', (t) => {
  const { prepare, commitOnePhase, resolve, commit } = machine();
  prepare();
  resolve('aborted');
  t.strictSame(commitOnePhase().reply, { id, refused: 'resolved' });
  commit();
  t.strictSame(commitOnePhase().reply, { id, state: 'committed', damage: legs });
  t.end();
});
