import t from 'tap';
import { backUp, restore, type Ways } from '../../log/backup.ts';
import type { DiskFile } from '../../log/disk.ts';
import { readStore } from '../../log/read-store.ts';
import { readIdentity } from '../../log/store.ts';
import { MemoryDisk } from '../fixtures/memory-disk.ts';
import { FOLDER, initTally, inOrder, openTally, type TallyRecord } from '../fixtures/tally.ts';

const segmentBytes = 1024;
const TO = '/backup/monday';
const BACK = '/data/again';
const at = '2026-11-23T10:00:00.000Z';
const path = (number: number) => `${FOLDER}/log/00000${number}.json`;
const waysOn = (disk: MemoryDisk): Ways => ({ from: FOLDER, to: TO, disk });
const waysBack = (disk: MemoryDisk): Ways => ({ from: TO, to: BACK, disk });
const within = (disk: MemoryDisk, folder: string) =>
  disk.paths
    .filter((name) => name.startsWith(`${folder}/`))
    .map((name) => name.slice(folder.length));

/** A node that counts; each number is noted with the epoch in which it was counted. */
async function node(disk: MemoryDisk) {
  const tally = await openTally(disk, { segmentBytes });
  const count = async (times: number) => {
    for (let n = 0; n < times; n++) {
      tally.count(`epoch ${tally.store.identity.epoch} ${'x'.repeat(40)}`);
      await tally.log.durable();
    }
  };
  const stop = async () => {
    await tally.log.close();
    await tally.store.close();
  };
  return { ...tally, count, stop };
}

async function busyNode(count = 40, disk = new MemoryDisk()) {
  await initTally(disk);
  const busy = await node(disk);
  await busy.count(count);
  return { disk, ...busy };
}

/** The numbers in a store, and the highest epoch in which one was counted. */
async function read(disk: MemoryDisk, folder: string) {
  const numbers: number[] = [];
  let epoch = 0;
  await readStore<TallyRecord>({
    folder,
    disk,
    take({ record }) {
      if (record.type !== 'counted') return;
      numbers.push(record.number);
      epoch = Math.max(epoch, Number(record.note?.split(' ')[1]));
    },
  });
  return { numbers, epoch };
}

void t.test(
  'a backup of a store in use is a store of its own, and so is what is restored',
  async (t) => {
    const { disk, log, store } = await busyNode();
    const files = within(disk, FOLDER).map((name) => disk.text(FOLDER + name));
    const segments: number[] = [];
    const onSegment = (number: number) => void segments.push(number);
    const backup = await backUp({ ...waysOn(disk), onSegment }, at);
    t.match(backup, {
      store: 'k3f9q2ma',
      role: 'participant',
      epoch: 1,
      position: log.position,
      at,
    });
    t.ok(segments.length > 3, 'progress is told');
    for (const name of within(disk, TO).filter((one) => one.startsWith('/log/'))) {
      t.equal(disk.text(TO + name), disk.text(FOLDER + name), `${name} may be put back alone`);
    }
    t.strictSame(
      within(disk, FOLDER).map((name) => disk.text(FOLDER + name)),
      files,
    );
    t.strictSame(
      within(disk, TO).filter((name) => !name.startsWith('/log/')),
      ['/backup.json', '/checkpoint.json', '/node.json'],
      'the lock is not copied',
    );
    await log.close();
    await store.close();

    const later = disk.crash();
    await restore(waysBack(later));
    t.notOk(within(later, BACK).includes('/backup.json'), 'a store is no backup');
    const restarted = await openTally(later.crash(), { folder: BACK, segmentBytes });
    t.equal(restarted.numbers.length, 40, 'all of it was forced');
    t.ok(inOrder(restarted.numbers));
    t.equal(restarted.store.identity.epoch, 2);
  },
);

void t.test('whatever the node does between two reads, the copy is of one moment', async (t) => {
  const readsOf = async (interfere: (read: number, disk: MemoryDisk) => Promise<void>) => {
    let busy = await busyNode(20);
    const { disk } = busy;
    const plain = disk.read.bind(disk);
    let reads = 0;
    let isBusy = false;
    disk.read = async (name, spare) => {
      if (!isBusy) {
        isBusy = true;
        reads += 1;
        await interfere(reads, disk);
        isBusy = false;
      }
      return plain(name, spare);
    };
    const meanwhile = {
      count: (times: number) => busy.count(times),
      restart: async () => {
        await busy.stop();
        busy = { disk, ...(await node(disk)) };
      },
    };
    nodes.set(disk, meanwhile);
    await backUp(waysOn(disk), at);
    disk.read = plain;
    return { disk, reads };
  };
  const nodes = new Map<
    MemoryDisk,
    { count(n: number): Promise<void>; restart(): Promise<void> }
  >();
  const { reads } = await readsOf(() => Promise.resolve());
  for (let chosen = 1; chosen <= reads; chosen++) {
    for (const restarts of [false, true]) {
      const { disk } = await readsOf(async (now, there) => {
        if (now !== chosen) return;
        if (restarts) await nodes.get(there)?.restart();
        await nodes.get(there)?.count(60);
      });
      const { numbers, epoch } = await read(disk, TO);
      const what = `${restarts ? 'a start' : '60 more'} before read ${chosen}`;
      t.ok(numbers.length >= 20 && inOrder(numbers), `${what}: ${numbers.length} numbers`);
      const identity = await readIdentity(TO, disk);
      t.ok(identity.epoch >= epoch, `${what}: epoch ${identity.epoch} of ${epoch}`);
      const restarted = await openTally(disk, { folder: TO, segmentBytes });
      t.strictSame(restarted.numbers, numbers, what);
    }
  }
});

/** The first force of each file that was opened before never ends, once it is told so. */
class StuckDisk extends MemoryDisk {
  stuck = false;

  override async open(name: string): Promise<DiskFile> {
    const file = await super.open(name);
    const isOld = !this.stuck;
    const datasync = async () => {
      if (this.stuck && isOld) await new Promise<never>(() => undefined);
      await file.datasync();
    };
    return { ...file, datasync };
  }
}

void t.test('no power cut takes back what a backup has', async (t) => {
  const disk = new StuckDisk();
  const { count } = await busyNode(3, disk);
  disk.stuck = true;
  void count(1);
  await new Promise((resolve) => setImmediate(resolve));
  t.equal((await read(disk.copy(), FOLDER)).numbers.length, 3, 'the fourth is not forced yet');
  await backUp(waysOn(disk), at);
  t.strictSame((await read(disk, TO)).numbers, [1, 2, 3, 4]);
  t.strictSame((await read(disk.crash(), FOLDER)).numbers, [1, 2, 3, 4]);
});

void t.test('a torn end is left out, as a start would', async (t) => {
  const { disk, stop } = await busyNode(4);
  await stop();
  disk.truncate(path(1), disk.text(path(1)).length - 20);
  await backUp(waysOn(disk), at);
  t.strictSame((await read(disk, TO)).numbers, [1, 2, 3]);
});

void t.test('a backup that was broken off, or of a damaged store, is none', async (t) => {
  const { disk } = await busyNode();
  const damaged = disk.copy();
  damaged.flip(path(2), 8 * damaged.text(path(2)).indexOf('xxx'));
  await t.rejects(backUp(waysOn(damaged), at), { message: /000002.json is damaged: record \d+/ });
  t.notOk(within(damaged, TO).includes('/node.json'), 'nor can it be started');
  await t.rejects(restore(waysBack(damaged)), { message: /holds no whole backup, as there is no/ });

  const full = disk.copy();
  full.failAt('write', full.counts.write + 3, 'ENOSPC');
  await t.rejects(backUp(waysOn(full), at), { code: 'ENOSPC' });
  await t.rejects(restore(waysBack(full)), { message: /holds no whole backup/ });
});

void t.test('a backup that is not what it was is not restored', async (t) => {
  const { disk } = await busyNode();
  await backUp(waysOn(disk), at);
  const grown = disk.copy();
  const tally = await openTally(grown, { folder: TO, segmentBytes });
  tally.count();
  await tally.log.close();
  await t.rejects(restore(waysBack(grown)), { message: /is not what was backed up: its log ends/ });
  t.notOk(within(grown, BACK).includes('/node.json'));

  const flipped = disk.copy();
  flipped.flip(`${TO}/log/000001.json`, 8 * 40);
  await t.rejects(restore(waysBack(flipped)), { message: /000001.json is damaged: record 1/ });
  const other = disk.copy();
  other.flip(`${TO}/backup.json`, 90);
  await t.rejects(restore(waysBack(other)), { message: /backup.json is damaged/ });
});

void t.test('a copy that is not what was written is no store', async (t) => {
  const { disk } = await busyNode();
  await backUp(waysOn(disk), at);
  let isDamaged = false;
  const onSegment = () => {
    if (isDamaged || !within(disk, BACK).includes('/log/000001.json')) return;
    disk.flip(`${BACK}/log/000001.json`, 8 * 40);
    isDamaged = true;
  };
  await t.rejects(restore({ ...waysBack(disk), onSegment }), { message: /000001.json is damaged/ });
  t.ok(isDamaged);
  t.notOk(within(disk, BACK).includes('/node.json'), 'nobody can start on it');
});

void t.test('nothing is copied over what is there', async (t) => {
  const { disk } = await busyNode(3);
  await backUp(waysOn(disk), at);
  const files = within(disk, TO).map((name) => disk.text(TO + name));
  const message = /monday is not empty: name a folder that is, or that is yet to be made/;
  await t.rejects(backUp(waysOn(disk), at), { message });
  t.strictSame(
    within(disk, TO).map((name) => disk.text(TO + name)),
    files,
  );
  await t.rejects(restore({ ...waysBack(disk), to: FOLDER }), { message: /node is not empty/ });
});
