/** What a participant has on record about a transfer, as its log has it. */
import t from 'tap';
import { debit, idOf, loneParticipant } from '../fixtures/lone-participant.ts';
import { participantNode, type ParticipantNode } from '../fixtures/nodes.ts';

const read = async (node: ParticipantNode, id: string) =>
  (await node.call('getBranchRecords', { params: { id } })).json();

const typesOf = ({ records }: { records: { type: string }[] }) => records.map(({ type }) => type);

const rule = (node: ParticipantNode, operationId: string, n: number, body: object) =>
  node.call(operationId, { params: { id: idOf(n) }, body, key: 'operator' });

void t.test('records are what stands in the log', async (t) => {
  const { node, prepare, commit, abort } = await loneParticipant(t);
  await prepare(1, { peers: ['bank-b'], lowerTs: 0 });
  const said = await read(node, idOf(1));
  t.match(said, { id: idOf(1), node: 'bank-a', records: [{ type: 'prepared' }] });
  t.match(said.records[0], { peers: ['bank-b'], legs: [debit(60)], at: /^\d{4}-/ });
  await commit(1);
  await abort(2);
  const { records } = await read(node, idOf(1));
  t.match(records, [
    said.records[0],
    { type: 'committed', timestamp: 1, entries: [{ account: 'alice', amount: -60, balance: 40 }] },
  ]);
  const seqs = records.map(({ seq }: { seq: number }) => seq);
  t.ok(seqs[0] >= 1 && seqs[1] > seqs[0]);
  t.strictSame(typesOf(await read(node, idOf(2))), ['aborted']);
  t.match(await read(node, idOf(3)), { code: 'branch-not-found' });
  t.match(await read(node, 'zzzzzzzz-1-1'), { code: 'branch-not-found' });
});

void t.test('what an operator has done is on record', async (t) => {
  const { node, prepare, commit } = await loneParticipant(t);
  await prepare(1);
  await rule(node, 'resolveBranch', 1, { outcome: 'aborted', reason: 'lost' });
  t.strictSame(typesOf(await read(node, idOf(1))), ['prepared', 'resolved']);
  await commit(1);
  t.strictSame(typesOf(await read(node, idOf(1))), ['prepared', 'resolved', 'damaged']);
  await rule(node, 'dismissBranch', 1, { reason: 'booked' });
  const { records } = await read(node, idOf(1));
  t.match(records.at(-1), { type: 'dismissed', reason: 'booked' });
});

void t.test('old records stay: sealed, forgotten or not, and after a restart', async (t) => {
  const segmentBytes = 8_000;
  const { world, node, prepare, commit, settle } = await loneParticipant(t, { segmentBytes });
  await prepare(1, { legs: [debit(1)] });
  await prepare(2, { legs: [debit(1)] });
  await commit(1);
  for (let n = 3; n < 60; n += 1) {
    await prepare(n, { legs: [debit(1)] });
    await commit(n);
  }
  const before = await read(node, idOf(1));
  t.strictSame(typesOf(before), ['prepared', 'committed']);
  await settle(60);
  t.notOk(node.participant.state.branches.has(idOf(1)), 'it is forgotten');
  t.strictSame(await read(node, idOf(1)), before);
  await commit(2);
  t.strictSame(typesOf(await read(node, idOf(2))), ['prepared', 'committed'], 'far apart');
  const again = await participantNode(t, world, 'bank-a', { disk: node.crash(), segmentBytes });
  t.strictSame(await read(again, idOf(1)), before);
});
