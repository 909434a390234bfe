import t, { type Test } from 'tap';
import { TransportError } from '../../http/transport.ts';
import { contracts } from '../fixtures/contract.ts';
import {
  coordinatorNode,
  lost,
  never,
  order,
  participantNode,
  startCluster,
  World,
  type CoordinatorNode,
  type Hook,
  type ParticipantNode,
} from '../fixtures/nodes.ts';

/** The examples of POST /transfers as they are served now. */
async function transfers(node: CoordinatorNode) {
  const document = await node.document();
  const { single, multi } =
    document.paths['/transfers'].post.requestBody.content['application/json'].examples;
  return { single: single.value, multi: multi.value };
}

async function open(node: ParticipantNode, id: string, currency: string, balance: number) {
  await node.call('openAccount', { body: { id, currency, balance } });
}

/** A coordinator with participants of other names than those in the contract. */
async function startShop(t: Test) {
  const world = new World();
  const coordinator = await coordinatorNode(t, world, { limits: { voteTimeoutMs: 700 } });
  const till = await participantNode(t, world, 'till');
  const shop = await participantNode(t, world, 'shop');
  await world.pass(50);
  return { world, coordinator, till, shop };
}

/** What comes back in the place of every list of accounts. */
const answering = (reply: () => Promise<{ status: number; body: unknown }>): Hook => {
  return (wire) => (wire.kind === 'accounts' ? reply() : wire.forward());
};

void t.test('before the first transfer, examples move money that is there', async (t) => {
  const { coordinator, till, shop } = await startShop(t);
  await open(shop, 'empty', 'EUR', 0);
  await open(shop, 'lonely', 'JPY', 1_000_000);
  await open(shop, 'ann', 'EUR', 8_000);
  await open(shop, 'ben', 'EUR', 0);
  await open(till, 'cash', 'EUR', 0);
  const { single, multi } = await transfers(coordinator);
  const leg = { from: 'shop/ann', to: 'till/cash', amount: 2_500, currency: 'EUR' };
  t.match(single, leg, 'from who can pay to another participant, in one currency');
  t.match(multi, { legs: [leg, { ...leg, amount: 25 }], timeoutMs: 700 });
  for (const body of [single, multi]) {
    t.equal((await coordinator.call('createTransfer', { body })).statusCode, 201);
  }
});

void t.test('the second leg goes back where there is something to give back', async (t) => {
  const { coordinator } = await startCluster(t);
  const { single, multi } = await transfers(coordinator);
  t.match(single, order);
  t.match(multi.legs, [order, { from: order.to, to: order.from, amount: 25, currency: 'USD' }]);
  for (const body of [single, multi]) {
    t.equal((await coordinator.call('createTransfer', { body })).statusCode, 201);
  }
});

void t.test('one participant is enough, and little money', async (t) => {
  const { coordinator, shop } = await startShop(t);
  await open(shop, 'ann', 'EUR', 3);
  await open(shop, 'ben', 'EUR', 0);
  const { single, multi } = await transfers(coordinator);
  t.match(single, { from: 'shop/ann', to: 'shop/ben', amount: 1 });
  for (const body of [single, multi]) {
    t.equal((await coordinator.call('createTransfer', { body })).statusCode, 201);
  }
});

void t.test('ids are those of the newest transfer and of a participant', async (t) => {
  const { coordinator } = await startCluster(t);
  const idExample = async () =>
    (await coordinator.document()).components.parameters.TransferId.example;
  t.equal(await idExample(), 'k3f9q2ma-1-42', 'of the contract, before the first transfer');
  await coordinator.call('createTransfer', { body: order });
  await coordinator.call('createTransfer', { body: { ...order, amount: 10 ** 9 } });
  t.equal(await idExample(), 'k3f9q2ma-1-2', 'also an aborted one can be read');
  const shop = await startShop(t);
  const { parameters } = (await shop.coordinator.document()).components;
  t.equal(parameters.ParticipantName.example, 'shop', 'the first by name');
  await open(shop.till, 'cash', 'EUR', 10);
  await open(shop.shop, 'ann', 'EUR', 0);
  const body = { from: 'till/cash', to: 'shop/ann', amount: 1, currency: 'EUR' };
  await shop.coordinator.call('createTransfer', { body });
  const { ParticipantName, AccountId } = (await shop.coordinator.document()).components.parameters;
  const filledIn = [ParticipantName.example, AccountId.example];
  t.strictSame(filledIn, ['till', 'cash'], 'of the newest transfer, with an account of its own');
});

void t.test(
  'when no participant tells, the newest committed transfer is turned round',
  async (t) => {
    const { world, coordinator, a } = await startCluster(t);
    await open(a, 'fees', 'USD', 0);
    await coordinator.call('createTransfer', { body: { ...order, to: 'bank-a/fees' } });
    await coordinator.call('createTransfer', { body: { ...order, amount: 10 ** 9 } });
    const amount = Math.floor(order.amount / 3);
    const unusable = [
      lost,
      never,
      () => Promise.resolve({ status: 401, body: {} }),
      () => Promise.resolve({ status: 200, body: { data: [{ id: 'alice' }] } }),
      () => Promise.reject(new TransportError('garbage', 'by the test')),
    ];
    for (const reply of unusable) {
      world.hook = answering(reply);
      const before = world.clock.now();
      const { single, multi } = await transfers(coordinator);
      t.ok(world.clock.now() - before <= 500, 'nobody is waited for longer');
      t.match(single, { from: 'bank-a/fees', to: order.from, amount, currency: 'USD' });
      for (const body of [single, multi]) {
        t.equal((await coordinator.call('createTransfer', { body })).statusCode, 201);
      }
      await coordinator.call('createTransfer', { body: { ...order, to: 'bank-a/fees' } });
    }
  },
);

void t.test('a frozen account is not named', async (t) => {
  const { world, coordinator } = await startShop(t);
  const account = { currency: 'EUR', posted: 9_000, held: 0, available: 9_000, minimum: 0 };
  const data = [
    { ...account, id: 'ice', frozen: true },
    { ...account, id: 'ann', frozen: false },
  ];
  const body = { data, page: { nextCursor: null } };
  world.hook = answering(() => Promise.resolve({ status: 200, body }));
  t.match((await transfers(coordinator)).single, { from: 'shop/ann', to: 'till/ann' });
});

void t.test('with nothing to go by, the examples of the contract stay', async (t) => {
  const { coordinator, shop } = await startShop(t);
  const contract = (contracts.coordinator.document as ReturnType<typeof JSON.parse>).paths;
  const { examples } = contract['/transfers'].post.requestBody.content['application/json'];
  t.strictSame((await transfers(coordinator)).single, examples.single.value, 'no account');
  await open(shop, 'ann', 'EUR', 100_000);
  await open(shop, 'ben', 'USD', 2);
  await open(shop, 'dan', 'USD', 0);
  t.strictSame((await transfers(coordinator)).multi, examples.multi.value, 'no pair');
});

void t.test('two participants that are up are asked, without a key', async (t) => {
  const { world, coordinator, shop } = await startShop(t);
  await participantNode(t, world, 'bank');
  await participantNode(t, world, 'attic');
  await world.pass(50);
  const asked: string[] = [];
  world.hook = (wire) => {
    if (wire.kind === 'accounts') asked.push(`${wire.to} ${wire.request.keys?.[0] ?? 'no key'}`);
    return wire.forward();
  };
  await coordinator.document();
  t.strictSame(asked.splice(0), ['attic no key', 'bank no key']);
  await open(shop, 'ann', 'EUR', 0);
  world.nodes.get('bank')?.die();
  const body = { from: 'bank/x', to: 'attic/y', amount: 1, currency: 'EUR' };
  t.equal((await coordinator.call('createTransfer', { body })).statusCode, 422);
  await coordinator.document();
  t.strictSame(asked, ['attic no key', 'shop no key'], 'bank is known to be down');
});

void t.test('an error that is not the network is not hidden', async (t) => {
  const { world, coordinator } = await startShop(t);
  world.hook = answering(() => Promise.reject(new Error('by the test')));
  const reply = await world.settle(coordinator.app.inject('/openapi.json'));
  t.equal(reply.statusCode, 500);
});
