import { mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { runCli } from '../../../client/cli/program.ts';
import { startCluster, settled, transfer } from '../../fixtures/cluster.ts';
import { fakeIo, unanimous } from '../../fixtures/fake-io.ts';
import { nothing } from '../../fixtures/nothing.ts';

/** Transfers at the same time: some of them meet each other on the way. */
const atOnce = 40;

void t.test('a cluster is clean while it works, and when it has stopped', async (t) => {
  const cluster = await startCluster(t, { coordinatorFlags: ['--segment-bytes', '65536'] });
  const folder = t.testdirName;
  const pay = (amount: number) => {
    const body = { from: 'bank-a/main', to: 'bank-b/main', amount, currency: 'USD' };
    return transfer(cluster, body);
  };
  const work = { isOver: false };
  const done = (async () => {
    let count = 0;
    for (; !work.isOver || count < 2 * atOnce; count += atOnce) {
      await Promise.all(Array.from({ length: atOnce }, () => pay(1)));
    }
    return count;
  })();
  for (let look = 0; look < 5; look++) {
    const live = await unanimous('audit', folder, '--json');
    t.equal(live.code, 0, live.out);
    t.match(JSON.parse(live.out), { violations: nothing, notChecked: nothing, notices: nothing });
  }
  work.isOver = true;
  const count = await done;
  t.equal((await pay(1_000_000)).status, 422, 'one is aborted');
  await settled(cluster);
  const endings = await cluster.stop();
  t.ok(endings.every(({ code }) => code === 0));

  const { code, out, err } = await unanimous('audit', folder);
  t.match({ code, err }, { code: 0, err: '' });
  t.match(out, /^NODE +STORE +EPOCH +RECORDS +PLACE\nbank-a +banka000 +1 +\d+ +.*bank-a\n/);
  t.match(out, /\nACCOUNTS +OPENED +POSTED +UNDER WAY +DAMAGE\n +2 +2000.00 USD +2000.00 USD /);
  t.match(out, `\ntransfers: ${count} committed, 1 aborted, 0 not decided yet\n`);
  t.match(out, /\neverything that must hold holds$/);

  const some = await unanimous('audit', join(folder, 'bank-a'), join(folder, 'bank-a'));
  t.match(some, { code: 0, err: '' });
  t.match(
    some.out,
    /\nnot checked: decisions, outcomes and totals of bank-a: give the coordinator/,
  );
  t.match(some.out, /\nwhat could be checked holds$/);

  const log = join(folder, 'bank-b', 'log', '000001.json');
  const whole = readFileSync(log);
  truncateSync(log, statSync(log).size - 10);
  const torn = await unanimous('audit', folder, '--json');
  t.match(JSON.parse(torn.out).notices, [/000001.json is torn: record \d+ cannot be read/]);
  writeFileSync(log, whole);
  writeFileSync(log, String(whole).replace('"opened"', '"oponed"'));
  const damaged = await unanimous('audit', folder);
  t.match(damaged, { code: 1, err: '1 violation' });
  t.match(damaged.out, /\nVIOLATION \(store\): .*bank-b\/log\/000001.json is damaged: record \d+/);
});

void t.test('a folder without a store is wrong usage', async (t) => {
  const folder = t.testdir({ empty: {}, 'keys.json': '{}' });
  t.match(await unanimous('audit', folder), { code: 2, err: /holds no store, and no folder in/ });
  t.match(await unanimous('audit', join(folder, 'none')), { code: 2, err: /none holds no store/ });
  const file = join(folder, 'keys.json');
  t.match(await unanimous('audit', file), { code: 2, err: /keys.json holds no store/ });
  t.match(await unanimous('audit'), { code: 2, err: /missing required argument 'folder'/ });
});

void t.test('a store that cannot be read is said, not blamed', async (t) => {
  const folder = join(t.testdir(), 'bank-c');
  t.equal((await unanimous('init', '--role', 'participant', '--data', folder)).code, 0);
  const log = join(folder, 'log', '000001.json');
  rmSync(log);
  mkdirSync(log);
  t.match(await unanimous('audit', folder), { code: 1, out: '', err: /^EISDIR: / });
});

void t.test('progress is shown while stores are read, and cleared after', async (t) => {
  const folder = join(t.testdir(), 'bank-c');
  t.equal((await unanimous('init', '--role', 'participant', '--data', folder)).code, 0);
  const { io, said } = fakeIo();
  t.equal(await runCli(['audit', folder], io), 0);
  t.strictSame(said.progress, [`${folder}: segment 1, 0 records`, '']);
});
