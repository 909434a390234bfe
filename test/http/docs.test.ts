import t from 'tap';
import { withExamples, type OwnExamples } from '../../http/examples.ts';
import { contracts } from '../fixtures/contract.ts';
import { fakeNode } from '../fixtures/fake-node.ts';

/** What JSON.parse gives: the tests look into documents whose form the lint has checked. */
type Json = ReturnType<typeof JSON.parse>;

const { document } = contracts.coordinator;
const own: OwnExamples = {
  parameters: { TransferId: 'z3f9q2ma-1-1', ParticipantName: undefined },
  bodies: { createTransfer: { single: { mine: 1 } }, openAccount: { opening: { mine: 2 } } },
};
const sent = (served: Json) =>
  served.paths['/transfers'].post.requestBody.content['application/json'].examples;

void t.test('examples of its own take the place of those in the contract', async (t) => {
  const before = JSON.stringify(document);
  const served: Json = withExamples(document, own);
  t.equal(JSON.stringify(document), before, 'which itself is not changed');
  const { TransferId, ParticipantName } = served.components.parameters;
  t.equal(TransferId.example, 'z3f9q2ma-1-1');
  t.equal(ParticipantName.example, 'bank-a', 'undefined: as in the contract');
  t.strictSame(sent(served).single.value, { mine: 1 });
  t.strictSame(sent(served).multi, sent(document).multi);
  t.strictSame(withExamples(document, {}), document);
});

void t.test('a name that is not in the part of a node is left out', async (t) => {
  const elsewhere = { parameters: { ParticipantName: 'x' } };
  const served = withExamples(contracts.participant.document, elsewhere);
  t.strictSame(served, contracts.participant.document);
});

void t.test('names and ids are told only where clients need no key', async (t) => {
  let asked = 0;
  const examples = () => Promise.resolve({ ...own, asked: (asked += 1) });
  const nodes = [
    { loopback: true, shown: true },
    { loopback: false, keys: null, shown: true },
    { loopback: false, shown: false },
  ];
  for (const { shown, ...options } of nodes) {
    asked = 0;
    const { app } = await fakeNode(t, 'coordinator', { ...options, examples });
    for (const load of [1, 2]) {
      const reply = await app.inject('/openapi.json');
      t.equal(reply.headers['cache-control'], 'no-store');
      const expected: Json = shown ? withExamples(document, own) : document;
      t.strictSame(reply.json().paths, expected.paths, JSON.stringify(options));
      t.equal(asked, shown ? load : 0, 'at each load');
    }
  }
});

void t.test('each load has a new Idempotency-Key and Request-Id', async (t) => {
  const { app } = await fakeNode(t, 'coordinator', { loopback: false });
  const seen = new Set<string>();
  for (let load = 0; load < 3; load += 1) {
    const served: Json = (await app.inject('/openapi.json')).json();
    const { IdempotencyKey, RequestId } = served.components.parameters;
    for (const { example } of [IdempotencyKey, RequestId]) {
      t.match(example, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      seen.add(example);
    }
  }
  t.equal(seen.size, 6);
});

void t.test('the page is called by the node, and shows this document only', async (t) => {
  const { app } = await fakeNode(t, 'participant');
  const moved = await app.inject('/docs/json');
  t.strictSame([moved.statusCode, moved.headers.location], [302, '../openapi.json']);
  t.match((await app.inject('/docs')).body, '<title>Unanimous: participant</title>');
  const page = await app.inject('/docs/static/swagger-initializer.js');
  t.match(page.body, /"layout":\s*"BaseLayout"/);
});
