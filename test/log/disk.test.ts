import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { type Disk, systemDisk } from '../../log/disk.ts';
import { initTally, inOrder, openTally } from '../fixtures/tally.ts';

void t.test('what is not there is undefined, other errors are not hidden', async (t) => {
  const folder = t.testdir({ file: 'text' });
  t.equal(await systemDisk.read(`${folder}/none`), undefined);
  t.equal(await systemDisk.list(`${folder}/none`), undefined);
  t.equal(String(await systemDisk.read(`${folder}/file`)), 'text');
  t.same(await systemDisk.list(folder), new Map([['file', 4]]));
  await t.rejects(systemDisk.read(folder), { code: 'EISDIR' });
  await t.rejects(systemDisk.list(`${folder}/file`), { code: 'ENOTDIR' });
  await t.rejects(systemDisk.open(`${folder}/none`), { code: 'ENOENT' });
});

void t.test('a file is read into spare memory that is large enough', async (t) => {
  const folder = t.testdir({ large: 'large text', small: 'small' });
  const first = await systemDisk.read(`${folder}/large`);
  const second = await systemDisk.read(`${folder}/small`, first);
  t.equal(String(second), 'small');
  t.equal(second?.buffer, first?.buffer);
  const third = await systemDisk.read(`${folder}/large`, second);
  t.equal(String(third), 'large text', 'all of its memory is there again');
  t.equal(third?.buffer, first?.buffer);
  const small = await systemDisk.read(`${folder}/small`);
  t.equal(String(await systemDisk.read(`${folder}/large`, small)), 'large text');
  t.equal(String(small), 'small');
});

void t.test('a folder is made with its parents, each entry forced', async (t) => {
  const root = t.testdir({});
  const forced: string[] = [];
  const disk: Disk = {
    ...systemDisk,
    async syncFolder(folder) {
      forced.push(folder.slice(root.length));
      await systemDisk.syncFolder(folder);
    },
  };
  await disk.makeFolder(`${root}/a/b/c`);
  t.same(forced, ['/a/b', '/a', '']);
  await disk.makeFolder(`${root}/a/b/c`);
  t.equal(forced.length, 3);
});

void t.test('every file of a store on a real disk is JSON after every write', async (t) => {
  const folder = `${t.testdir({})}/node`;
  await initTally(systemDisk, folder);
  const first = await openTally(systemDisk, { folder, segmentBytes: 1000 });
  for (let round = 1; round <= 50; round++) {
    first.count('ü');
    if (round % 2 === 0) await first.log.durable();
    if (round % 2 > 0) continue;
    for (let number = 1; ; number++) {
      const path = `${folder}/log/${String(number).padStart(6, '0')}.json`;
      if (!existsSync(path)) break;
      JSON.parse(readFileSync(path, 'utf8'));
    }
    JSON.parse(readFileSync(`${folder}/checkpoint.json`, 'utf8'));
  }
  await first.log.close();
  await first.store.close();
  t.same(first.failures, []);
  const second = await openTally(systemDisk, { folder, segmentBytes: 1000 });
  t.equal(second.numbers.length, 50);
  t.ok(inOrder(second.numbers));
  t.equal(second.store.identity.epoch, 2);
  await second.log.close();
  await second.store.close();
});

void t.test('a second process is refused until the first one is killed', async (t) => {
  const folder = `${t.testdir({})}/node`;
  await initTally(systemDisk, folder);
  const script = fileURLToPath(new URL('../fixtures/hold-store.ts', import.meta.url));
  const start = async (): Promise<{ child: ChildProcess; says: string }> => {
    const child = spawn(process.execPath, [...process.execArgv, script, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.teardown(() => child.kill('SIGKILL'));
    const [chunk] = await once(child.stdout, 'data');
    return { child, says: String(chunk) };
  };
  const first = await start();
  t.equal(first.says, 'held\n');
  t.match((await start()).says, `StoreError: ${folder} is in use by process ${first.child.pid}`);
  await t.rejects(openTally(systemDisk, { folder }), { message: /in use by process/ });
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  const { log, store } = await openTally(systemDisk, { folder });
  t.match(readFileSync(`${folder}/lock`, 'utf8'), '4711\n');
  t.equal(store.identity.epoch, 2);
  await t.rejects(
    openTally(systemDisk, { folder }),
    { message: /4711/ },
    'not twice in one process',
  );
  await log.close();
  await store.close();
});
