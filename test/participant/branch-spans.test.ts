import t, { type Test } from 'tap';
import { writeTraceparent } from '../../http/traceparent.ts';
import { KeptSpans } from '../fixtures/kept-spans.ts';
import { confirm, debit, idOf, playCoordinator } from '../fixtures/lone-participant.ts';
import { openAccount, participantNode, World } from '../fixtures/nodes.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';
const traceparent = writeTraceparent({ traceId, spanId, sampled: true });
const unsampled = writeTraceparent({ traceId, spanId, sampled: false });

/** `bank-a`, whose spans are kept; alice has 100 USD. The test is the coordinator. */
async function traced(t: Test) {
  const world = new World();
  const spans = new KeptSpans(world.clock);
  world.spans = spans;
  const node = await participantNode(t, world, 'bank-a');
  await openAccount(node, 'alice', 100);
  await confirm(node);
  return { spans, ...playCoordinator(world, node) };
}

const item = (n: number, more: object = {}) => {
  return { id: idOf(n), legs: [debit(60)], timeoutMs: 500, ...more };
};

void t.test('each item of a batch belongs to its own trace, or to none', async (t) => {
  const { spans, send } = await traced(t);
  const other = writeTraceparent({ traceId: 'b'.repeat(32), spanId, sampled: true });
  const reply = await send('prepare', [
    item(1, { traceparent }),
    item(2),
    item(3, { traceparent: unsampled }),
    item(4, { traceparent: other }),
    item(5, { traceparent: 'garbage' }),
    item(6, { traceparent: `${traceparent}-more` }),
  ]);
  t.equal(reply.statusCode, 200, 'what is malformed is not refused');
  t.strictSame(spans.lineages, ['prepared < vote < client', 'vote < client', 'vote < client']);
  const votes = spans.all.filter(({ name }) => name === 'vote');
  t.match(votes, [
    {
      ...{ kind: 'server', context: { traceId }, parentId: spanId, error: undefined },
      attributes: { 'unanimous.transfer.id': idOf(1), 'unanimous.vote': 'yes' },
    },
    {
      context: { traceId: 'b'.repeat(32) },
      attributes: { 'unanimous.transfer.id': idOf(4), 'unanimous.vote': 'no' },
    },
  ]);
  t.notMatch(JSON.stringify(spans.all), 'alice');
});

void t.test('a repeated message is the same, whatever trace it is of', async (t) => {
  const { send, alice, node } = await traced(t);
  for (const more of [{ traceparent }, { traceparent: unsampled }, { traceparent: 'x' }, {}]) {
    const reply = await send('prepare', [item(1, more)]);
    t.match(reply.json().votes, [{ id: idOf(1), vote: 'yes' }]);
  }
  t.strictSame(alice(), [100, 60]);
  t.notMatch(JSON.stringify(await node.participant.branch(idOf(1))), /trace|4bf92f35/);
});

void t.test('each message is a span, with the write that its answer waits for', async (t) => {
  const { spans, send } = await traced(t);
  await send('prepare', [item(1, { traceparent })]);
  await send('commit', [{ id: idOf(1), timestamp: 1, traceparent }]);
  await send('abort', [{ id: idOf(2), traceparent }]);
  await send('commitOnePhase', [
    { ...item(3, { traceparent }), legs: [debit(1)], timestamp: 2, lowerTs: 0 },
  ]);
  t.strictSame(spans.lineages, [
    'abort < client',
    'aborted < abort < client',
    'commit < client',
    'commit-one-phase < client',
    'committed < commit < client',
    'committed < commit-one-phase < client',
    'prepared < vote < client',
    'vote < client',
  ]);
});

void t.test('what contradicts the record is an error', async (t) => {
  const { spans, send } = await traced(t);
  await send('commit', [{ id: idOf(9), timestamp: 9, traceparent }]);
  t.match(spans.one('commit'), { error: 'unknown-branch' });
  t.equal(spans.all.length, 1);
});

void t.test('a node that makes no spans takes the field all the same', async (t) => {
  const node = await participantNode(t, new World(), 'bank-a');
  await openAccount(node, 'alice', 100);
  await confirm(node);
  const { send } = playCoordinator(node.world, node);
  const reply = await send('prepare', [item(1, { traceparent })]);
  t.match(reply.json().votes, [{ vote: 'yes' }]);
});
