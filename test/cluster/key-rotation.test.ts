/** Keys are rotated on real nodes while they work. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readKeyFile } from '../../http/key-file.ts';
import { keyRoles } from '../../http/keys.ts';
import { call, eventually, settled, startCluster, transfer } from '../fixtures/cluster.ts';
import { unanimous } from '../fixtures/fake-io.ts';

const bearing = (key: string) => ({ authorization: `Bearer ${key}` });

void t.test('keys are rotated node by node under load, and nothing fails', async (t) => {
  // Participants register, so that both directions are used, many times at each step.
  const cluster = await startCluster(t, {
    coordinatorFlags: ['--log-level', 'info'],
    participantFlags: ['--log-level', 'info', '--heartbeat-ms', '20'],
  });
  const { coordinator, keys: before } = cluster;
  const file = join(coordinator.data, '..', 'keys.json');
  const logOf = (name: string) => readFileSync(`${cluster.node(name).data}.stderr`, 'utf8');
  const readings = (name: string) => logOf(name).split('were read again').length - 1;

  let client = before.client;
  let isOver = false;
  const answers: number[] = [];
  const load = Array.from({ length: 4 }, async () => {
    while (!isOver) {
      const body = { from: 'bank-a/main', to: 'bank-b/main', amount: 1, currency: 'USD' };
      answers.push((await transfer(cluster, body, bearing(client))).status);
    }
  });
  const more = async () => {
    const enough = answers.length + 20;
    await eventually('more transfers are answered', () => answers.length >= enough);
  };
  const reload = async (...names: string[]) => {
    for (const name of names) {
      const known = readings(name);
      cluster.node(name).signal('SIGHUP');
      await eventually(`${name} has read its keys`, () => readings(name) > known);
      await more();
    }
  };

  await more();
  t.match(await unanimous('keygen', '--rotate', file), { code: 0 });
  await reload('coordinator', 'bank-a', 'bank-b');
  const both = readKeyFile(file);
  t.match(logOf('bank-b'), /"keys":\{"client":2,"coordinator":2,"participant":2,"operator":2\}/);
  client = both.client[0];
  await more();
  t.match(await unanimous('keygen', '--retire', file), { code: 0 });
  await reload('bank-b', 'coordinator', 'bank-a');

  writeFileSync(file, '{"client": ');
  coordinator.signal('SIGHUP');
  await eventually('it says why', () => coordinator.alarms.length > 0);
  t.match(coordinator.alarms.splice(0), [/the keys stay as they were: .*keys\.json is not JSON/]);
  await more();

  isOver = true;
  await Promise.all(load);
  t.strictSame([...new Set(answers)], [201], `${answers.length} transfers, none of them failed`);
  const balances = await settled(cluster);
  t.equal(balances.get('bank-b/main'), 100_000 + answers.length);
  for (const { name, alarms } of cluster.nodes) t.strictSame(alarms, [], `${name} has no alarm`);

  for (const { name, role: kind, address } of cluster.nodes) {
    const url = `${address}/${kind === 'coordinator' ? 'transfers' : 'accounts'}`;
    for (const role of keyRoles) {
      const as = async (key: string) => (await call('GET', url, undefined, bearing(key))).status;
      t.equal(await as(before[role]), 401, `${name} refuses the old key of the ${role}`);
      t.equal(await as(both[role][0]), 200, `${name} takes the new key of the ${role}`);
    }
    const log = logOf(name);
    const all = [...Object.values(before), ...Object.values(both).flat()];
    t.notOk(
      all.some((key) => log.includes(key)),
      `${name} has logged no key`,
    );
  }
});
