import t from 'tap';
import { owed, summarise } from '../../participant/protocol.ts';
import { coordinator, id, idOf, legs, machine, replayed } from '../fixtures/machine.ts';

void t.test('a message about an id of another store is refused', (t) => {
  const { prepare, commit, abort, commitOnePhase, inquire, catchUp, log } = machine();
  const foreign = { coordinator: { store: 'zzzzzzzz', epoch: 1 } };
  const refusal = { records: [], reply: { id, refused: 'wrong-store' }, forced: true };
  for (const send of [prepare, commit, abort, commitOnePhase, inquire, catchUp]) {
    t.strictSame(send(foreign), refusal);
  }
  t.equal(log.length, 1);
  t.end();
});

void t.test('whatever has not heard its decision is owed an inquiry', (t) => {
  const { prepare, resolve, commit, state } = machine();
  const one = [{ account: 'alice', amount: -1, currency: 'USD' }];
  for (const n of [1, 2, 3]) prepare({ id: idOf(n), legs: one });
  resolve('committed', idOf(2));
  commit({ id: idOf(3) });
  t.strictSame(
    owed(state).map((branch) => branch.id),
    [idOf(1), idOf(2)],
  );
  state.prepared.add('gone');
  t.equal(owed(state).length, 2);
  t.end();
});

void t.test('replay and summary rebuild an equal state', (t) => {
  const { prepare, commit, abort, resolve, dismiss, heed, state, log, image, summary } = machine();
  const one = [{ account: 'alice', amount: -1, currency: 'USD' }];
  for (const n of [2, 3]) prepare({ id: idOf(n), legs: one });
  commit({ id: idOf(2) });
  abort({ id: idOf(3), coordinator: { store: 'k3f9q2ma', epoch: 4 } });
  for (const n of [4, 5, 6]) prepare({ id: idOf(n), legs: one });
  resolve('committed', idOf(4));
  resolve('aborted', idOf(5));
  commit({ id: idOf(5), timestamp: 11 });
  t.match(state.branches.get(idOf(5)), { state: 'damaged' });
  prepare({ id: idOf(7), legs: one });
  resolve('aborted', idOf(7));
  commit({ id: idOf(7), timestamp: 12 });
  dismiss(true, idOf(7));
  prepare({ id: idOf(8), legs: one });
  resolve('aborted', idOf(8));
  abort({ id: idOf(8) });
  prepare({ id: idOf(9) });
  prepare({ id: idOf(10), legs: [{ account: 'alice', amount: -99, currency: 'USD' }] });
  t.match(state.branches.get(idOf(10)), { state: 'aborted', code: 'insufficient-funds' });
  t.strictSame(replayed(log), image());
  t.ok(heed(1, 3, [idOf(2)]));
  t.strictSame(replayed(log), image());
  t.strictSame(replayed(summary()), image());
  t.strictSame(replayed(machine(summary()).summary()), image());
  const types = summary().map(({ type }) => type);
  const branches = ['remembered', 'remembered', 'remembered', 'remembered', 'prepared'];
  t.strictSame(types.slice(0, 3), ['opened', 'seen', 'watermark']);
  t.strictSame(types.slice(3, 8), branches);
  t.end();
});

void t.test('a branch without its details is summarised with zeros', (t) => {
  const { state } = machine();
  state.branches.set(id, { id, state: 'prepared', coordinator, peers: [], legs });
  const details = { id, coordinator, peers: [], legs, lowerTs: 0, timeoutMs: 0 };
  t.strictSame([...summarise(state)], [{ type: 'prepared', at: '', ...details }]);
  t.end();
});
