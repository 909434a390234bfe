import t from 'tap';
import { compareIds, isInDoubt, newerEpoch, partsOf, see } from '../../participant/state.ts';
import { coordinator, id, idOf, machine } from '../fixtures/machine.ts';

void t.test('a prepare of a past epoch is stale once a newer one was seen', (t) => {
  const { prepare, abort, state } = machine();
  t.equal(newerEpoch(state, coordinator), undefined, 'nothing was seen yet');
  prepare({ coordinator: { store: 'k3f9q2ma', epoch: 2 } });
  t.equal(newerEpoch(state, coordinator), 2);
  t.equal(newerEpoch(state, { store: 'k3f9q2ma', epoch: 2 }), undefined);
  t.equal(newerEpoch(state, { store: 'zzzzzzzz', epoch: 1 }), undefined, 'of another store');
  see(state, { store: 'k3f9q2ma', epoch: 3 });
  t.equal(newerEpoch(state, { store: 'k3f9q2ma', epoch: 2 }), 3);
  abort({ id: 'k3f9q2ma-1-3' });
  t.equal(newerEpoch(state, { store: 'k3f9q2ma', epoch: 2 }), 3, 'an epoch never goes back');
  t.end();
});

void t.test('ids are ordered as they were issued', (t) => {
  t.strictSame(partsOf(idOf(12, 3)), { store: 'k3f9q2ma', epoch: 3, number: 12 });
  t.match(partsOf(''), { store: '' });
  const ids = [idOf(10), idOf(9), 'zzzzzzzz-1-1', idOf(1, 10), idOf(1, 2), 'aaaaaaaa-9-9'];
  const sorted = ['aaaaaaaa-9-9', idOf(9), idOf(10), idOf(1, 2), idOf(1, 10), 'zzzzzzzz-1-1'];
  t.strictSame(ids.sort(compareIds), sorted);
  t.end();
});

void t.test('what an operator has resolved stays in doubt until the decision is known', (t) => {
  const { prepare, resolve, abort, state } = machine();
  t.notOk(isInDoubt(state, id));
  prepare();
  t.ok(isInDoubt(state, id));
  resolve('aborted');
  t.ok(isInDoubt(state, id));
  abort();
  t.notOk(isInDoubt(state, id));
  t.end();
});
