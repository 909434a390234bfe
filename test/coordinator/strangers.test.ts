/** Somebody else is where a participant was: what a transport that checks certificates says. */
import t from 'tap';
import { TransportError } from '../../http/transport.ts';
import { never, openAccount, order, settleAll, startCluster } from '../fixtures/nodes.ts';

void t.test('a stranger where a participant was is told of once, and not used', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  world.hook = (wire) =>
    wire.to === 'bank-b'
      ? Promise.reject(new TransportError('untrusted', `${wire.to} has another certificate`))
      : wire.forward();
  const reply = await coordinator.call('createTransfer', { body: order });
  t.match(reply.json(), { code: 'vote-timeout', state: 'aborted' });
  await world.pass(10_000);
  const [alarm, ...more] = coordinator.alarms;
  t.match(alarm, /^nothing is sent to bank-b: bank-b has another certificate; find out who/);
  t.strictSame(more, []);
  const refused = await coordinator.call('createTransfer', { body: order });
  t.match(refused.json(), { code: 'participant-unavailable' });
  await settleAll(t, world, coordinator, [a, b]);
  await world.pass(1_000);
  const again = await coordinator.call('createTransfer', { body: order });
  t.match(again.json(), { state: 'committed' }, 'it is back');
});

void t.test('every message names the node that must answer it', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  const kinds = new Set<string>();
  let cut = false;
  world.hook = (wire) => {
    const { to, kind, request } = wire;
    t.equal(request.to, to, `${wire.from} ${kind}`);
    kinds.add(`${to === 'coordinator' ? to : 'participant'} ${kind}`);
    // In doubt, and with nobody else to ask than the peers.
    const decides = kind === 'commit' || to === 'coordinator';
    return cut && decides ? never() : wire.forward();
  };
  t.match((await coordinator.call('createTransfer', { body: order })).json(), { applied: true });
  const own = { ...order, to: 'bank-a/alice2' };
  await openAccount(a, 'alice2');
  await coordinator.call('createTransfer', { body: own });
  await coordinator.call('getSnapshot');
  await coordinator.document();
  await world.pass(10_000);
  cut = true;
  await coordinator.call('createTransfer', { body: { ...order, timeoutMs: 500 } });
  await world.pass(60_000);
  cut = false;
  await world.pass(60_000);
  t.strictSame([...kinds].sort(), [
    'coordinator decisions',
    'coordinator participants',
    'participant accounts',
    'participant balances',
    'participant commit',
    'participant commit-one-phase',
    'participant health',
    'participant inquiry',
    'participant prepare',
  ]);
  await settleAll(t, world, coordinator, [a, b]);
});
