/** What a coordinator has on record about a transfer, as its log has it. */
import t, { type Test } from 'tap';
import {
  back,
  coordinatorNode,
  id,
  lost,
  never,
  order,
  settleAll,
  startCluster,
  type CoordinatorNode,
} from '../fixtures/nodes.ts';

const limits = { segmentBytes: 8_000 };

const read = async (node: CoordinatorNode, of = id) =>
  (await node.call('getTransferRecords', { params: { id: of } })).json();

/** The records of a transfer in the files, with all that stands in their lines. */
async function written(node: CoordinatorNode, of = id) {
  const found: object[] = [];
  for (const path of node.disk.paths.filter((one) => one.startsWith('/data/log/'))) {
    const text = Buffer.from((await node.disk.read(path)) ?? []).toString();
    for (const record of JSON.parse(text)) if (record.id === of) found.push(record);
  }
  return found;
}

/** Without what only proves their places. */
const plain = (records: object[]) =>
  records.map((record) => {
    const own = new Set(['synced', 'prev', 'crc', 'key', 'fingerprint']);
    return Object.fromEntries(Object.entries(record).filter(([name]) => !own.has(name)));
  });

async function makeMany(t: Test, node: CoordinatorNode, count: number): Promise<void> {
  const transfers = Array.from({ length: count }, () => ({ ...back, amount: 1 }));
  t.equal((await node.call('createTransfers', { body: { transfers } })).statusCode, 200);
}

void t.test('records are what stands in the log, without the key of the client', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  const headers = { 'idempotency-key': 'my-key' };
  const body = { ...order, reference: 'invoice 7', metadata: { order: '1009' } };
  await coordinator.call('createTransfer', { body, headers });
  await settleAll(t, world, coordinator, [a, b]);
  const said = await read(coordinator);
  t.match(said, { id, node: 'coordinator' });
  t.match(said.records, [
    { type: 'begun', id, reference: 'invoice 7', participants: ['bank-a', 'bank-b'] },
    { type: 'decided', id, state: 'committed', timestamp: 1 },
    { type: 'ended', id },
  ]);
  t.strictSame(said.records, plain(await written(coordinator)));
  t.notMatch(JSON.stringify(said), /my-key|fingerprint|synced|crc/);
});

void t.test('a transfer has as many records as it has come to', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  const types = async () =>
    (await read(coordinator)).records.map(({ type }: { type: string }) => type);
  world.hook = never;
  const headers = { prefer: 'respond-async' };
  await coordinator.call('createTransfer', { body: order, headers });
  t.strictSame(await types(), ['begun']);
  world.hook = (wire) => (wire.kind === 'prepare' ? wire.forward() : lost());
  await world.until(() => coordinator.coordinator.transfer(id)?.decided !== undefined);
  t.strictSame(await types(), ['begun', 'decided']);
  await settleAll(t, world, coordinator, [a, b]);
  t.strictSame(await types(), ['begun', 'decided', 'ended']);
});

void t.test('old records stay, in sealed segments and after a restart', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t, limits);
  await coordinator.call('createTransfer', { body: order });
  for (let n = 0; n < 12; n += 1) await makeMany(t, coordinator, 10);
  await settleAll(t, world, coordinator, [a, b]);
  const before = await read(coordinator);
  t.equal(before.records.length, 3);
  t.strictSame(before.records, plain(await written(coordinator)));
  const again = await coordinatorNode(t, world, { disk: coordinator.crash(), limits });
  t.strictSame(await read(again), before);
  t.match(await read(again, 'k3f9q2ma-1-999'), { code: 'transfer-not-found' });
  t.match(await read(again, 'zzzzzzzz-1-1'), { code: 'transfer-not-found' });
});

void t.test('too many that look for records are told 503', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  await coordinator.call('createTransfer', { body: order });
  await settleAll(t, world, coordinator, [a, b]);
  const ask = () => coordinator.start('getTransferRecords', { params: { id } });
  const replies = await world.settle(Promise.all(Array.from({ length: 40 }, ask)));
  const codes = replies.map(({ statusCode }) => statusCode);
  t.ok(codes.includes(200) && codes.includes(503), codes.join());
});
