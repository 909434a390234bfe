/** A cluster moves from folders into a real PostgreSQL, and goes on there. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { StartError } from '../../client/scenarios/node-process.ts';
import { call, eventually, settled, startCluster, transfer } from '../fixtures/cluster.ts';
import { postgresFor } from '../fixtures/postgres.ts';
import { ReplicatedNode } from '../fixtures/replicas.ts';
import { runProgram } from '../fixtures/run-program.ts';

const payment = { from: 'bank-a/main', to: 'bank-b/main', amount: 250, currency: 'USD' };
const small = ['--segment-bytes', '4096'];

/** The nodes of a cluster, on the database. */
async function onDatabase(t: Test, url: string): Promise<ReplicatedNode[]> {
  const keyFile = join(t.testdirName, 'keys.json');
  const common = ['--store', url, '--keys', keyFile, '--port', '0', '--log-level', 'warn'];
  const coordinator = new ReplicatedNode('coordinator', 1, ['coordinator', ...common]);
  t.teardown(() => Promise.all(nodes.map((node) => node.kill())));
  const nodes = [coordinator];
  await coordinator.proxy.listen();
  for (const name of ['bank-a', 'bank-b']) {
    const own = ['--name', name, '--coordinator', coordinator.proxy.address];
    nodes.push(new ReplicatedNode(name, 1, ['participant', ...common, ...own]));
  }
  for (const node of nodes) {
    node.revive();
    await eventually(`${node.name} works`, () => node.active);
  }
  return nodes;
}

void t.test('stores move into a database with all that they have, and go on', async (t) => {
  const cluster = await startCluster(t, { coordinatorFlags: small, participantFlags: small });
  const { url, query } = await postgresFor(t);
  const ids: string[] = [];
  for (let n = 0; n < 40; n += 1) {
    const { body } = await transfer(cluster, payment, { 'idempotency-key': `key-${n}` });
    ids.push(body.id);
  }
  await settled(cluster);
  const before = await call('GET', `${cluster.coordinator.address}/transfers/${ids[3]}`);
  await cluster.stop();

  const move = (folder: string, ...more: string[]) =>
    runProgram(['migrate', '--from', folder, '--to', url, ...more]);
  const wrong = await move(cluster.node('bank-a').data, '--name', 'bank-x');
  t.match(wrong, { code: 1, err: /the name of this node is bank-a, not bank-x: leave --name out/ });
  for (const { name, data } of cluster.nodes) {
    const moved = await move(data);
    t.match(moved, { code: 0, out: /^moved the store \w{8}, \d+ records, to the / }, name);
    t.match(
      moved.err,
      new RegExp(`start it with: unanimous ${name === 'coordinator' ? 'coo' : 'p'}`),
    );
    t.match(await move(data), { code: 0, out: moved.out }, 'once more is as good');
  }
  t.match(await runProgram(['audit', url]), { code: 0, out: /everything that must hold holds/ });
  const rows = await query<{ name: string; sequence: string; kept: string }>(
    'SELECT name, sequence, checkpoint_sequence AS kept FROM unanimous.stores ORDER BY name',
  );
  t.strictSame(
    rows.map(({ name }) => name),
    ['bank-a', 'bank-b', 'coordinator'],
  );
  for (const { name, kept } of rows) t.ok(Number(kept) > 0, `${name} has its checkpoint`);
  await t.rejects(cluster.coordinator.start(), StartError, 'the folder is no store any more');

  const [coordinator, ...banks] = await onDatabase(t, url);
  const address = coordinator?.proxy.address;
  const again = await eventually('a transfer is committed', async () => {
    const body = { ...payment, amount: 1 };
    const answer = await call('POST', `${address}/transfers`, body).catch(() => null);
    return answer?.status === 201 && answer;
  });
  t.match(again.body.id, /-\d+-1$/);
  const known = await call('GET', `${address}/transfers/${ids[3]}`);
  t.strictSame(known.body, before.body, 'what was before can be read');
  const repeated = await call('POST', `${address}/transfers`, payment, {
    'idempotency-key': 'key-7',
  });
  t.equal(repeated.body.id, ids[7], 'a key is still known');
  const [bankA] = banks;
  await eventually('the statement goes on', async () => {
    const { body } = await call('GET', `${bankA?.active?.address}/accounts/main/entries?limit=50`);
    return body.data.length === 1 + 41; // It begins with its opening.
  });
  t.match(await runProgram(['audit', url]), { code: 0, out: /41 committed, 0 aborted/ });
});

void t.test('what is broken off goes on, and what is not in order is not moved', async (t) => {
  const { url, query } = await postgresFor(t);
  const data = join(t.testdir(), 'bank');
  await runProgram(['init', '--role', 'participant', '--data', data]);
  const migrate = (...args: string[]) => runProgram(['migrate', ...args]);
  t.match(await migrate('--from', data), {
    code: 2,
    err: /--to \(or UNANIMOUS_STORE\) is missing/,
  });
  t.match(await migrate('--from', `${data}x`, '--to', url), { code: 2, err: /holds no store/ });
  const nameless = await migrate('--from', data, '--to', url);
  t.match(nameless, { code: 1, err: /has never registered: give it a name with --name/ });
  const [moving] = await query<{ name: string }>('SELECT name FROM unanimous.stores');
  t.match(moving?.name, / \(moving\)$/, 'no node finds it');
  t.notOk(existsSync(join(data, 'moved.json')));

  const init = ['init', '--role', 'participant', '--name', 'bank', '--store', url];
  t.match(await runProgram(init), { code: 0 });
  const taken = await migrate('--from', data, '--to', url, '--name', 'bank');
  t.match(taken, { code: 1, err: /there is a participant bank at .* already, the store/ });
  const moved = await migrate('--from', data, '--to', url, '--name', 'other');
  t.match(moved, { code: 0, out: /0 records, to the participant other at postgres:\/\/127/ });
  const args = ['participant', '--data', data, '--coordinator', 'http://127.0.0.1:1', '--insecure'];
  t.match(await runProgram(args), {
    code: 1,
    err: /was moved to the participant other at postgres:/,
  });
});
