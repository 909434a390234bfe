import t from 'tap';
import { apply } from '../../participant/apply.ts';
import { at, coordinator, id, idOf, legs, machine, promise } from '../fixtures/machine.ts';

const prepared = { type: 'prepared', at, id, ...promise } as const;
const committed = { type: 'committed', at, id, timestamp: 8, entries: [] } as const;
const aborted = { type: 'aborted', at, id, coordinator } as const;
const resolved = { type: 'resolved', at, id, outcome: 'aborted', reason: '', entries: [] } as const;
const confirmed = { type: 'confirmed', at, id, state: 'aborted' } as const;
const damaged = { type: 'damaged', at, id, state: 'aborted', damage: legs, coordinator } as const;
const dismissed = { type: 'dismissed', at, id, reason: '', entries: [] } as const;

void t.test('records that contradict each other break an invariant', (t) => {
  const { prepare, commit, state } = machine();
  const fresh = () => machine().state;
  prepare();
  t.throws(() => apply(state, prepared), /k3f9q2ma-1-1 is prepared once/);
  t.throws(() => apply(state, confirmed), /k3f9q2ma-1-1 is confirmed only from resolved/);
  t.throws(() => apply(state, damaged), /k3f9q2ma-1-1 is damaged from none or resolved/);
  t.throws(() => apply(state, dismissed), /k3f9q2ma-1-1 is dismissed when damaged/);
  commit();
  t.throws(() => apply(state, prepared), /k3f9q2ma-1-1 is prepared once/);
  t.throws(() => apply(state, committed), /k3f9q2ma-1-1 commits only from prepared/);
  t.throws(() => apply(state, aborted), /k3f9q2ma-1-1 aborts from none or prepared/);
  t.throws(() => apply(state, resolved), /k3f9q2ma-1-1 is resolved only from prepared/);
  for (const record of [committed, resolved, confirmed, dismissed]) {
    t.throws(() => apply(fresh(), record), /only from|when damaged/);
  }
  const { coordinator: _, ...anonymous } = damaged;
  t.throws(() => apply(fresh(), anonymous), /damage without another record names the coordinator/);
  t.end();
});

void t.test('the highest id and timestamps of each store are seen', (t) => {
  const { prepare, commit, abort, resolve, state } = machine();
  const seen = () => state.coordinators.get('k3f9q2ma');
  prepare();
  t.strictSame(seen(), { epoch: 1, highest: id, timestamp: 7, committed: 0 });
  commit();
  t.strictSame(seen(), { epoch: 1, highest: id, timestamp: 8, committed: 8 });
  const one = [{ account: 'alice', amount: -1, currency: 'USD' }];
  prepare({ id: idOf(10), legs: one, lowerTs: 20 });
  prepare({ id: idOf(9), legs: one, lowerTs: 3 });
  t.strictSame(seen(), { epoch: 1, highest: idOf(10), timestamp: 20, committed: 8 });
  resolve('committed', idOf(10));
  commit({ id: idOf(10), timestamp: 30 });
  t.match(seen(), { timestamp: 30, committed: 30 });
  abort({ id: idOf(2, 3), coordinator: { ...coordinator, epoch: 3 } });
  t.match(seen(), { epoch: 3, highest: idOf(2, 3) });
  resolve('aborted', idOf(9));
  commit({ id: idOf(9), timestamp: 31 });
  t.match(seen(), { highest: idOf(2, 3), timestamp: 31, committed: 31 }, 'damage counts');
  abort({ id: 'zzzzzzzz-1-1', coordinator: { store: 'zzzzzzzz', epoch: 1 } });
  t.match(state.coordinators.get('zzzzzzzz'), { highest: 'zzzzzzzz-1-1' });
  t.end();
});

void t.test('a checkpoint of before there was more to see is understood', (t) => {
  const { state } = machine();
  const branch = { id, state: 'committed', coordinator, peers: [], legs, timestamp: 8 } as const;
  apply(state, { type: 'remembered', branch });
  const seen = { epoch: 1, highest: id, timestamp: 8, committed: 8 };
  t.strictSame(state.coordinators.get('k3f9q2ma'), seen);
  t.end();
});
