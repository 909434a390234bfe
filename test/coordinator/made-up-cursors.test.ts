import t from 'tap';
import { writeCursor } from '../../http/cursor.ts';
import { order, startCluster } from '../fixtures/nodes.ts';

/** Places that no list has given out, under the digest of the right filters: that is no secret. */
const places = [
  '',
  ' ',
  '-1',
  '0',
  '1e3',
  'NaN',
  '9007199254740993',
  'k3f9q2ma',
  'k3f9q2ma-1',
  '-',
  'alice',
];
const more = ['k3f9q2ma-9-9', 'zzzzzzzz-1-1', '7.7', '999999999999999.999', '__proto__', '\0', 'ä'];

void t.test('a cursor that a client has made up is refused, or leads to a page', async (t) => {
  const { coordinator, a } = await startCluster(t);
  await coordinator.call('createTransfer', { body: order });
  const participant = 'bank-a';
  const lists = [
    { node: coordinator, operation: 'listTransfers', filter: {} },
    { node: coordinator, operation: 'listDecisions', filter: { participant } },
    {
      node: a,
      operation: 'listAccounts',
      filter: { list: 'accounts', currency: undefined, frozen: undefined },
    },
    {
      node: a,
      operation: 'listBranches',
      filter: { list: 'branches', state: undefined, account: undefined },
    },
    { node: a, operation: 'listEntries', filter: { account: 'alice' }, params: { id: 'alice' } },
  ] as const;
  for (const list of lists) {
    const { node, operation, filter } = list;
    const query = operation === 'listDecisions' ? { participant } : {};
    let pages = 0;
    for (const place of [...places, ...more]) {
      const cursor = writeCursor(filter, place);
      const reply = await node.call(operation, {
        query: { ...query, cursor },
        ...('params' in list ? { params: list.params } : {}),
        ...(operation === 'listDecisions' ? { key: 'participant' } : {}),
      });
      t.ok([200, 400].includes(reply.statusCode), `${operation} ${place}: ${reply.body}`);
      // A place in a list of ids is where it would stand; any other list has places of one form.
      const isPlace = operation === 'listDecisions' || operation === 'listBranches';
      if (place === 'ä' && !isPlace) t.equal(reply.statusCode, 400, `${operation}: no place`);
      if (reply.statusCode === 400) t.equal(reply.json().code, 'invalid-cursor');
      else pages += 1;
    }
    t.ok(pages > 0, `${operation} has shown ${pages} pages`);
    t.strictSame(node.failures, [], `${operation} has not stopped ${node.name}`);
  }
});
