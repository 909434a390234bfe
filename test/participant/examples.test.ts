import t from 'tap';
import { order, participantNode, startCluster, World } from '../fixtures/nodes.ts';

void t.test('examples of a new participant are those of the contract', async (t) => {
  const node = await participantNode(t, new World(), 'shop');
  const document = await node.document();
  const { AccountId, TransferId } = document.components.parameters;
  t.strictSame([AccountId.example, TransferId.example], ['alice', 'k3f9q2ma-1-42']);
  const { examples } = document.paths['/accounts'].post.requestBody.content['application/json'];
  t.match(examples.opening.value, { id: 'carol', currency: 'USD' });
});

void t.test('accounts to open have free ids, those to read exist', async (t) => {
  const node = await participantNode(t, new World(), 'shop');
  await node.call('openAccount', { body: { id: 'zoe', currency: 'EUR', balance: 1 } });
  const seen: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    const document = await node.document();
    const id = document.components.parameters.AccountId.example;
    t.equal((await node.call('getAccount', { params: { id } })).json().id, 'zoe');
    const { examples } = document.paths['/accounts'].post.requestBody.content['application/json'];
    for (const { value: body } of [examples.opening, examples.overdraft]) {
      const reply = await node.call('openAccount', { body });
      t.equal(reply.statusCode, 201);
      t.equal(reply.json().currency, 'EUR', 'as the account that is there');
      seen.push(reply.json().id);
    }
  }
  t.strictSame(seen, ['carol', 'dave', 'carol-2', 'dave-2', 'carol-3', 'dave-3']);
});

void t.test('the branch to read is the newest', async (t) => {
  const { coordinator, a } = await startCluster(t);
  for (const id of ['k3f9q2ma-1-1', 'k3f9q2ma-1-2']) {
    await coordinator.call('createTransfer', { body: order });
    const document = await a.document();
    t.equal(document.components.parameters.TransferId.example, id);
  }
});
