import t from 'tap';
import { TransportError } from '../../http/transport.ts';
import { coordinatorNode, order, startCluster, World } from '../fixtures/nodes.ts';

void t.test('no participant registers where no node is', async (t) => {
  const world = new World();
  const coordinator = await coordinatorNode(t, world);
  const store = 'bankb000';
  const register = async (address: string) => {
    const body = { store, epoch: 1, address };
    const key = 'participant';
    const post = await coordinator.call('registerParticipant', { body, key });
    const params = { name: 'bank-b' };
    const put = await coordinator.call('updateParticipant', { body, params, key });
    return [post, put].map((reply) => reply.json());
  };
  for (const address of [
    ...['http://169.254.169.254', 'http://2852039166', 'http://[::ffff:169.254.169.254]:7701'],
    ...['http://0.0.0.0:7701', 'http://[::]:7701', 'http://224.0.0.1', 'http://bank-b:0'],
    ...['http://me@bank-b', 'http://bank-b/path', 'http://bank-b?', 'http://bank-b#'],
    ...['http://bank-b\\@bank-c', 'ftp://bank-b', 'http://１６９.254.169.254'],
  ]) {
    for (const said of await register(address)) {
      const errors = [{ in: 'body', pointer: '/address' }];
      t.match(said, { status: 400, code: 'invalid-request', errors }, address);
    }
  }
  const { directory, end } = coordinator.coordinator;
  t.strictSame([directory.size, end], [0, 0], 'nothing was registered');
  const [said] = await register('http://169.254.169.254');
  t.match(said, { detail: /\/address must not lead to 169\.254\.169\.254, the metadata service/ });
  const [first] = await register('http://BANK-B.test:80/');
  t.match(first, { address: 'http://bank-b.test' }, 'it is noted as the client reads it');
});

void t.test('a participant at a refused address is down, and the log says so once', async (t) => {
  const { world, coordinator, b } = await startCluster(t);
  const message = 'POST http://bank-b.test/prepare: the address must not lead to 169.254.169.254';
  let refused = true;
  world.hook = (wire) =>
    refused && wire.to === 'bank-b'
      ? Promise.reject(new TransportError('refused', message))
      : wire.forward();
  const look = async () => {
    const params = { name: 'bank-b' };
    return (await coordinator.call('getParticipant', { params })).json();
  };
  t.notOk('reason' in (await look()), 'it is up');
  for (let times = 1; times <= 2; times += 1) {
    refused = true;
    const reply = await coordinator.call('createTransfer', { body: { ...order, timeoutMs: 500 } });
    t.match(reply.json(), { code: 'vote-timeout' });
    t.match(await look(), { health: 'down', reason: message });
    await world.pass(3_000);
    t.equal(coordinator.alarms.length, times, 'once for each time that it is found so');
    const advice = /^nothing is sent to bank-b: POST .*; .*--advertise.*--allowed-origins/;
    t.match(coordinator.alarms.at(-1), advice);
    refused = false;
    await world.until(() => b.participant.state.prepared.size === 0);
    await world.pass(3_000);
    const healed = await look();
    t.match(healed, { health: 'up' });
    t.notOk('reason' in healed);
  }
});
