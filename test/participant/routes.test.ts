import t from 'tap';
import { debit, idOf, loneParticipant, self } from '../fixtures/lone-participant.ts';
import { lost, participantNode, startCluster } from '../fixtures/nodes.ts';

void t.test('a participant is ready when the coordinator knows where it is', async (t) => {
  const { node } = await loneParticipant(t, { confirmed: false });
  const early = await node.call('checkReady');
  const unconfirmed = 'the coordinator has not confirmed this start yet';
  t.match(early.json(), { status: 503, code: 'not-ready', detail: unconfirmed });
  const { world, a } = await startCluster(t);
  const ready = await a.call('checkReady');
  t.strictSame(ready.json(), {
    status: 'ready',
    role: 'participant',
    store: 'banka000',
    epoch: 1,
    name: 'bank-a',
  });
  a.disk.freeBytes = 10;
  await world.pass(1_100);
  await a.call('checkReady');
  t.match((await a.call('checkReady')).json(), { status: 503, detail: /disk is nearly full/ });
});

void t.test('accounts open again once the store is known to be no old copy', async (t) => {
  const { world, a } = await startCluster(t);
  let isCutOff = true;
  world.hook = (wire) => (isCutOff ? lost() : wire.forward());
  const again = await participantNode(t, world, 'bank-a', { disk: a.crash() });
  const body = { id: 'carol', currency: 'USD', balance: 0 };
  const early = await again.call('openAccount', { body });
  t.match(early.json(), { status: 503, code: 'not-ready', detail: /no old copy/ });
  t.equal((await again.call('getAccount', { params: { id: 'alice' } })).statusCode, 200);
  isCutOff = false;
  await world.until(() => again.registered);
  t.equal((await again.call('openAccount', { body })).statusCode, 201);
});

void t.test('what was acknowledged is there after a power cut', async (t) => {
  const { world, node, send, prepare } = await loneParticipant(t);
  await prepare(1);
  await send('commit', [{ id: idOf(1), timestamp: 4 }]);
  await prepare(2, { legs: [debit(5)] });
  const before = [...node.participant.state.branches];
  const again = await participantNode(t, world, 'bank-a', { disk: node.crash() });
  t.strictSame([...again.participant.state.branches], before);
  t.strictSame(again.amounts('alice'), [40, 5]);
  const twice = await participantNode(t, world, 'bank-a', { disk: again.crash() });
  t.strictSame([...twice.participant.state.branches], before, 'replaying twice is replaying once');
});

void t.test('a broken invariant ends the node before it answers from its memory', async (t) => {
  const { node, commit } = await loneParticipant(t);
  const branch = { id: idOf(1), coordinator: self, peers: [], legs: [debit(1)] };
  node.participant.state.branches.set(idOf(1), { ...branch, state: 'resolved' });
  t.match((await commit(1)).json(), { status: 500, code: 'internal-error' });
  t.match(node.failures, [{ message: 'broken invariant: k3f9q2ma-1-1 is resolved by somebody' }]);
});
