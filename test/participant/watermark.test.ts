import t from 'tap';
import { id, idOf, machine } from '../fixtures/machine.ts';

const one = [{ account: 'alice', amount: -1, currency: 'USD' }];

void t.test('a watermark is recorded when it is far enough ahead', (t) => {
  const { heed, log } = machine();
  t.ok(heed(1, 1), 'the first one');
  t.notOk(heed(1, 100), '99 further');
  t.ok(heed(1, 101), '100 further');
  t.notOk(heed(1, 50), 'an old one');
  t.ok(heed(2, 0), 'of a newer epoch');
  t.notOk(heed(1, 900), 'of an older one');
  t.equal(log.length, 4);
  t.end();
});

void t.test('what is decided below the watermark is forgotten, and only that', (t) => {
  const { prepare, commit, abort, resolve, heed, state } = machine([], { preparedPerAccount: 9 });
  for (const n of [1, 2, 3, 4, 5, 6, 101]) prepare({ id: idOf(n), legs: one });
  for (const n of [1, 2, 101]) commit({ id: idOf(n) });
  abort({ id: idOf(3) });
  resolve('committed', idOf(5));
  resolve('aborted', idOf(6));
  commit({ id: idOf(6) });
  abort({ id: idOf(7) });
  const foreign = { id: 'zzzzzzzz-1-1', coordinator: { store: 'zzzzzzzz', epoch: 1 } };
  abort(foreign);
  heed(1, 101, [idOf(2)]);
  t.strictSame(
    [...state.branches.values()].map((branch) => [branch.id, branch.state]),
    [
      [idOf(2), 'committed'],
      [idOf(4), 'prepared'],
      [idOf(5), 'resolved'],
      [idOf(6), 'damaged'],
      [idOf(101), 'committed'],
      [foreign.id, 'aborted'],
    ],
  );
  heed(2, 0);
  t.notOk(state.branches.has(idOf(2)), 'it is not listed any more');
  t.notOk(state.branches.has(idOf(101)), 'every id of an older epoch is below');
  t.end();
});

void t.test('what is decided below the watermark later is forgotten at once', (t) => {
  const { prepare, commit, abort, resolve, dismiss, heed, state } = machine();
  for (const n of [1, 2, 3]) prepare({ id: idOf(n), legs: one });
  resolve('aborted', idOf(3));
  heed(1, 101);
  commit();
  abort({ id: idOf(2) });
  commit({ id: idOf(3), timestamp: 9 });
  t.strictSame([...state.branches.keys()], [idOf(3)], 'damage is not settled');
  t.equal(state.prepared.size, 0);
  dismiss(false, idOf(3));
  t.strictSame([state.branches.size, state.damaged.size], [0, 0]);
  t.end();
});

void t.test('messages about what is forgotten have no effect', (t) => {
  const { prepare, commit, abort, commitOnePhase, inquire, heed, log, alice, state } = machine();
  heed(1, 101, [idOf(2)]);
  const before = log.length;
  const refusal = { records: [], reply: { id, refused: 'forgotten' }, forced: true };
  t.strictSame(prepare(), refusal);
  t.strictSame(prepare({}, { isStorageLow: true }), refusal);
  t.strictSame(commitOnePhase(), refusal);
  t.strictSame(commit(), { records: [], reply: { id, state: 'committed' }, forced: true });
  t.strictSame(abort(), { records: [], reply: { id, state: 'aborted' }, forced: true });
  t.strictSame(inquire(), { records: [], reply: { id, state: 'unknown' }, forced: true });
  t.strictSame([log.length, alice(), state.branches.size], [before, [100, 0], 0]);
  t.match(prepare({ id: idOf(2) }).reply, { vote: 'yes' }, 'a listed one is not settled');
  t.match(prepare({ id: idOf(101), legs: one }).reply, { vote: 'yes' }, 'nor is one above');
  t.end();
});

void t.test('the memory of a busy participant does not grow', (t) => {
  const { prepare, commit, abort, heed, state, summary } = machine();
  for (let n = 1; n <= 5_000; n += 1) {
    prepare({ id: idOf(n), legs: [{ account: 'alice', amount: 1, currency: 'USD' }] });
    if (n % 3 === 0) abort({ id: idOf(n) });
    else commit({ id: idOf(n), timestamp: n });
    heed(1, n);
    if (state.branches.size > 101) t.fail(`${state.branches.size} branches are remembered`);
  }
  t.ok(summary().length < 110);
  t.end();
});

void t.test('what was settled once is settled for good, whatever is listed later', (t) => {
  const { prepare, commit, commitOnePhase, heed, alice, state } = machine();
  prepare({ legs: one });
  commit();
  heed(1, 101);
  t.ok(heed(1, 301, [id, idOf(150)]), 'it was forgotten, and is called unsettled');
  t.match(prepare({ legs: one }).reply, { refused: 'forgotten' });
  t.match(commitOnePhase({ legs: one }).reply, { refused: 'forgotten' });
  t.strictSame([alice(), state.branches.size], [[99, 0], 0], 'it is booked once');
  t.match(prepare({ id: idOf(150), legs: one }).reply, { vote: 'yes' }, 'another may be listed');
  t.end();
});
