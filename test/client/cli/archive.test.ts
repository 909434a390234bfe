import { existsSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { call, settled, startCluster, transfer } from '../../fixtures/cluster.ts';
import { unanimous } from '../../fixtures/fake-io.ts';

void t.test('segments are moved from under a running node, which says so', async (t) => {
  const cluster = await startCluster(t, { coordinatorFlags: ['--segment-bytes', '65536'] });
  const { coordinator } = cluster;
  const data = join(t.testdirName, 'coordinator');
  const to = join(t.testdirName, 'archive');
  const body = { from: 'bank-a/main', to: 'bank-b/main', amount: 1, currency: 'USD' };
  const { id } = (await transfer(cluster, body)).body;
  const transfers = Array.from({ length: 200 }, () => body);
  for (let n = 0; n < 3; n++) {
    await call('POST', `${coordinator.address}/transfers/bulk`, { transfers });
  }
  await settled(cluster);
  const flags = ['--data', data, '--to', to];
  const none = await unanimous('archive', ...flags, '--before', '2020-01-01');
  t.match(none, { code: 0, out: 'nothing was moved', err: /^segment 1 stays: it has a record/ });
  t.notOk(existsSync(to));
  const done = await unanimous('archive', ...flags, '--before', '2100-01-01T00:00:00Z');
  const out = /^moved segments 1 to \d+ \(\d+ records, \d+\.\d MiB\) to .*archive$/;
  t.match(done, { code: 0, out });
  t.match(done.err, /^segment \d+ stays: (a start reads it|its node still looks for a record)/);
  t.ok(readdirSync(to).includes('000001.json'));
  t.notOk(existsSync(join(data, 'log', '000001.json')));
  const ask = async () => (await call('GET', `${coordinator.address}/transfers/${id}`)).body;
  const archived = { status: 410, code: 'transfer-archived', archivedTo: to };
  t.match(await ask(), archived);
  await coordinator.end('SIGKILL');
  await coordinator.start();
  t.match(await ask(), archived, 'also when it was started again');
  const [node, more] = [`--coordinator=${coordinator.address}`, '--all'];
  const list = await unanimous('transfers', node, more);
  t.match(list, { code: 0, err: `what is older was moved to ${to}` });
  const statement = await unanimous('statement', 'bank-a/main', node, more);
  t.match(statement, { code: 0, err: '' }, 'of the participant nothing was moved');
  await cluster.stop();

  const again = await unanimous('archive', ...flags, '--before', '2100-01-01', '--json');
  t.match(JSON.parse(again.out), { records: 0, bytes: 0, stays: /^segment \d+ stays/ });
  const whole = await unanimous('audit', t.testdirName);
  t.match(whole, { code: 0, out: /everything that must hold holds/ });
  const elsewhere = join(t.testdirName, 'elsewhere');
  renameSync(to, elsewhere);
  const part = await unanimous('audit', t.testdirName);
  t.match(part, { code: 0, out: /not checked: what .*coordinator says: the records up to \d+/ });
  const found = await unanimous('audit', t.testdirName, '--archive', elsewhere);
  t.match(found, { code: 0, out: /everything that must hold holds/ });
  const wrong = await unanimous('audit', t.testdirName, '--archive', to);
  t.match(wrong, { code: 2, err: /archive is no archive of a store/ });
});

void t.test('what cannot be moved is said in a sentence', async (t) => {
  const folder = join(t.testdir({ file: '' }), 'bank-c');
  t.equal((await unanimous('init', '--role', 'participant', '--data', folder)).code, 0);
  const flags = ['--data', folder, '--before', '2100-01-01'];
  const fresh = await unanimous('archive', ...flags, '--to', join(t.testdirName, 'a'));
  t.match(fresh, { code: 0, out: 'nothing was moved', err: /^segment 1 stays: a start reads it/ });
  const inside = await unanimous('archive', ...flags, '--to', folder);
  t.match(inside, { code: 1, err: /is in the store itself/ });
  const nowhere = ['--data', 'none', '--before', '2100-01-01', '--to', 'a'];
  t.match(await unanimous('archive', ...nowhere), { code: 2, err: 'none holds no store' });
  for (const date of ['yesterday', '2026-02-31x', '2026', '2026-13-01']) {
    const { code, err } = await unanimous('archive', ...flags, '--before', date, '--to', 'a');
    t.match({ code, err }, { code: 2, err: /It must be a date such as 2026-01-01/ }, date);
  }
  t.match(await unanimous('archive', ...flags), { code: 2, err: /required option '--to/ });
});
