/** A bank is backed up while it works, loses its disk, and comes back somewhere else. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { NodeProcess } from '../../client/scenarios/node-process.ts';
import {
  builtProgram,
  call,
  eventually,
  startCluster,
  transfer,
  type Parsed,
} from '../fixtures/cluster.ts';
import { nothing } from '../fixtures/nothing.ts';
import { runProgram } from '../fixtures/run-program.ts';

/** Customers at the same time. */
const atOnce = 4;

const payment = { from: 'bank-a/main', to: 'bank-b/main', amount: 1, currency: 'USD' };

void t.test('backed up under load and restored elsewhere, a bank is caught up', async (t) => {
  // Said before there is a folder: tap removes that first of all.
  const elsewhere: NodeProcess[] = [];
  t.teardown(async () => {
    for (const node of elsewhere) if (node.isRunning) await node.end('SIGKILL');
  });
  const cluster = await startCluster(t, {
    coordinatorFlags: ['--segment-bytes', '65536'],
    participantFlags: ['--segment-bytes', '16384'],
  });
  const folder = t.testdirName;
  const bank = cluster.node('bank-b');
  const acknowledged: string[] = [];
  const work = { isOver: false };
  const customers = Array.from({ length: atOnce }, async () => {
    while (!work.isOver) {
      const { status, body } = await transfer(cluster, { ...payment, timeoutMs: 2_000 });
      if (status === 201) acknowledged.push(body.id);
    }
  });
  const more = async (count: number) => {
    const wanted = acknowledged.length + count;
    await eventually(`${count} more are paid`, () => acknowledged.length >= wanted);
  };
  await more(60);
  for (const name of ['bank-a', 'bank-b', 'coordinator']) {
    const { data } = cluster.node(name);
    const backup = await runProgram(['backup', '--data', data, '--to', join(folder, 'copy', name)]);
    t.match(backup, { code: 0, err: '' }, `${name} is backed up`);
    const audited = await runProgram(['audit', join(folder, 'copy', name), '--json']);
    t.match(JSON.parse(audited.out), { violations: nothing, notices: nothing }, `so is ${name}`);
  }
  const saved = acknowledged.length;
  await more(60);
  await bank.end('SIGKILL');
  rmSync(bank.data, { recursive: true });
  work.isOver = true;
  await Promise.all(customers);

  const data = join(folder, 'elsewhere');
  const restored = await runProgram([
    ...['restore', '--from', join(folder, 'copy', 'bank-b'), '--data', data],
  ]);
  t.match(restored, { code: 0, err: /it is quarantined/ });
  const said: string[] = [];
  const keys = join(folder, 'keys.json');
  const settings = ['--data', data, '--keys', keys, '--name', 'bank-b', '--log-level', 'warn'];
  const node = new NodeProcess('bank-b', builtProgram, ['participant', ...settings], (line) => {
    said.push(line);
  });
  elsewhere.push(node);
  const ways = ['--advertise', bank.proxy.address, '--coordinator', bank.uplink.address];
  await node.start('--port', '0', '--register-backoff-ms', '100', ...ways);
  bank.proxy.target = node.address;
  await eventually('it is ready', async () => {
    return (await call('GET', `${node.address}/health/ready`)).status === 200;
  });
  t.match(said.join('\n'), /bank-b runs on an old copy/, 'it was noticed');
  t.match(said.join('\n'), /bank-b has caught up/);

  t.equal((await transfer(cluster, payment)).status, 201, 'it takes part again');
  await eventually('nothing is in doubt', async () => {
    const list = await call('GET', `${node.address}/branches?state=prepared`);
    return list.body.data.length === 0;
  });
  const missed = acknowledged.slice(saved);
  t.ok(missed.length >= 60, `${missed.length} were acknowledged after the backup`);
  const lost: string[] = [];
  for (const id of acknowledged) {
    const { body } = await call('GET', `${node.address}/branches/${id}`);
    if (body.state !== 'committed') lost.push(id);
  }
  t.strictSame(lost, [], 'whatever was acknowledged is there');
  const { body } = await call('GET', `${cluster.coordinator.address}/snapshot`);
  t.match(body, { totals: [{ currency: 'USD', posted: 200_000 }], damage: nothing });
  const bob = body.accounts.find((one: Parsed) => one.participant === 'bank-b');
  t.ok(bob.posted >= 100_000 + acknowledged.length + 1, `bank-b has ${bob.posted}`);
  const stores = [cluster.coordinator.data, cluster.node('bank-a').data, data];
  const audited = await runProgram(['audit', ...stores, '--json']);
  t.equal(audited.code, 0, audited.out);
  t.match(JSON.parse(audited.out), { violations: nothing, notChecked: nothing, damage: nothing });
});
