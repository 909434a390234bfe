import t from 'tap';
import {
  back,
  checkInvariants,
  id,
  lost,
  never,
  settleAll,
  startCluster,
  stateAt,
} from '../fixtures/nodes.ts';

void t.test(
  'a cut before the votes is an abort, and everybody hears of it when it is healed',
  async (t) => {
    const { world, coordinator, a, b } = await startCluster(t);
    let cut = 0;
    world.hook = (wire) => {
      if (wire.to !== 'bank-b' && wire.from !== 'bank-b') return wire.forward();
      cut += 1;
      return never();
    };
    const body = { ...back, timeoutMs: 500 };
    const reply = await coordinator.call('createTransfer', { body });
    t.match(reply.json(), { code: 'vote-timeout', state: 'aborted' });
    t.ok(cut > 0, `${cut} messages were cut off`);
    t.equal(stateAt(b), undefined, 'the prepare has not arrived');
    await world.pass(60_000);
    t.equal(stateAt(a), 'aborted');
    t.notOk((await coordinator.coordinator.find(id))?.ended, 'one of them has not heard it');
    await checkInvariants(t, coordinator, [a, b], { settled: false });
    await settleAll(t, world, coordinator, [a, b]);
    t.equal(stateAt(b), 'aborted', 'a tombstone');
    t.strictSame(b.amounts('bob'), [100_000, 0]);
  },
);

void t.test('when no reply of a participant arrives, it is in doubt and never wrong', async (t) => {
  for (const from of ['prepare', 'commit']) {
    const { world, coordinator, a, b } = await startCluster(t);
    let losses = 0;
    let isCut = false;
    world.hook = async (wire) => {
      isCut ||= wire.to === 'bank-b' && wire.kind === from;
      // What it asks arrives, too; only no answer comes through, to either of the two.
      const isB = wire.to === 'bank-b' || wire.from === 'bank-b';
      const reply = await wire.forward();
      if (!isCut || !isB) return reply;
      losses += 1;
      return lost();
    };
    const body = { ...back, timeoutMs: 500 };
    const reply = await coordinator.call('createTransfer', { body });
    const state = from === 'commit' ? 'committed' : 'aborted';
    t.equal(reply.json().state, state);
    await world.pass(30_000);
    t.equal(stateAt(b), state, 'it was told');
    t.notOk((await coordinator.coordinator.find(id))?.ended, 'and nobody knows that it has heard');
    t.ok(losses > 2, `${losses} replies were lost`);
    await settleAll(t, world, coordinator, [a, b]);
    t.strictSame(b.amounts('bob'), [state === 'committed' ? 99_300 : 100_000, 0]);
  }
});
