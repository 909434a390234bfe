import t from 'tap';
import { at, id, idOf, machine } from '../fixtures/machine.ts';
import { nothing } from '../fixtures/nothing.ts';

const reason = 'the auditor said so';
const take = (amount: number) => [{ account: 'alice', amount, currency: 'USD' }];

void t.test('an operator may end the doubt of what is prepared: it books at once', (t) => {
  const { prepare, resolve, branch, state, alice } = machine();
  prepare();
  const entries = [{ account: 'alice', amount: -60, balance: 40 }];
  const resolved = { type: 'resolved', at, id, outcome: 'committed', reason, entries };
  t.strictSame(resolve('committed'), { records: [resolved] });
  t.strictSame(alice(), [40, 0]);
  t.match(branch(), { state: 'resolved', resolution: { outcome: 'committed', reason, at } });
  t.ok(state.prepared.has(id), 'the decision is still asked for');
  t.end();
});

void t.test('a resolution to abort releases the hold', (t) => {
  const { prepare, resolve, alice, branch } = machine();
  prepare();
  t.match(resolve('aborted'), { records: [{ outcome: 'aborted', entries: nothing }] });
  t.strictSame(alice(), [100, 0]);
  t.match(branch(), { state: 'resolved' });
  t.end();
});

void t.test('a resolution is repeatable, and never changes', (t) => {
  const { prepare, resolve, abort, alice } = machine();
  t.strictSame(resolve('aborted'), { refused: 'unknown-branch' });
  prepare();
  resolve('aborted');
  t.strictSame(resolve('aborted'), { records: [] });
  t.strictSame(resolve('committed'), { refused: 'branch-decided' });
  abort();
  t.strictSame(resolve('aborted'), { refused: 'branch-decided' });
  t.strictSame(alice(), [100, 0]);
  t.end();
});

void t.test('dismissing damage books what the accounts lack', (t) => {
  const { prepare, resolve, commit, dismiss, branch, alice, state, log, image } = machine();
  t.strictSame(dismiss(), { refused: 'unknown-branch' });
  prepare();
  t.strictSame(dismiss(), { refused: 'no-damage' });
  resolve('aborted');
  commit();
  const entries = [{ account: 'alice', amount: -60, balance: 40 }];
  const dismissed = { type: 'dismissed', at, id, reason: 'booked by hand', entries };
  t.strictSame(dismiss(), { records: [dismissed] });
  t.strictSame([alice(), state.damaged.size], [[40, 0], 0]);
  const dismissal = { reason: 'booked by hand', at, compensated: true };
  t.match(branch(), { state: 'committed', timestamp: 8, dismissal });
  t.strictSame(dismiss(), { records: [] });
  t.strictSame(machine(log).image(), image());
  t.end();
});

void t.test('damage of a wrong commit is given back', (t) => {
  const { prepare, resolve, abort, dismiss, branch, alice } = machine();
  prepare();
  resolve('committed');
  abort();
  t.strictSame(alice(), [40, 0]);
  t.match(dismiss(), { records: [{ entries: [{ amount: 60, balance: 100 }] }] });
  t.strictSame(alice(), [100, 0]);
  t.match(branch(), { state: 'aborted', dismissal: { compensated: true } });
  t.end();
});

void t.test('a dismissal may leave the balances as they are', (t) => {
  const { prepare, resolve, commit, dismiss, branch, alice } = machine();
  prepare();
  resolve('aborted');
  commit();
  t.match(dismiss(false), { records: [{ entries: nothing }] });
  t.strictSame(alice(), [100, 0]);
  t.match(branch(), { state: 'committed', dismissal: { compensated: false } });
  t.end();
});

void t.test('a compensation that the ledger cannot book changes nothing', (t) => {
  const { prepare, resolve, commit, dismiss, branch, alice } = machine();
  prepare();
  resolve('aborted');
  commit();
  prepare({ id: idOf(2), legs: take(-50) });
  t.match(dismiss(), { refusal: { code: 'insufficient-funds', account: 'alice' } });
  t.match(branch(), { state: 'damaged' });
  t.strictSame(alice(), [100, 50]);
  t.match(dismiss(false), { records: [{ entries: nothing }] });
  t.end();
});

void t.test('a frozen and busy account is compensated all the same', (t) => {
  const { prepare, resolve, commit, dismiss, keep, alice } = machine([], { preparedPerAccount: 1 });
  prepare();
  resolve('aborted');
  commit();
  t.match(prepare({ id: idOf(2), legs: take(-1) }).reply, { vote: 'yes' });
  t.match(prepare({ id: idOf(3), legs: take(-1) }).reply, { vote: 'no', code: 'busy' });
  keep({ type: 'frozen', at, id: 'alice' });
  t.match(dismiss(), { records: [{ type: 'dismissed' }] });
  t.strictSame(alice(), [40, 1]);
  t.end();
});
