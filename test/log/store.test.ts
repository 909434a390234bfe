import t from 'tap';
import { seal } from '../../log/codec.ts';
import { initStore, openStore, storeExists, StoreError } from '../../log/store.ts';
import { MemoryDisk } from '../fixtures/memory-disk.ts';
import { nothing } from '../fixtures/nothing.ts';
import { FOLDER, initTally, openTally, STORE } from '../fixtures/tally.ts';

const NODE = `${FOLDER}/node.json`;
const open = (disk: MemoryDisk, role: 'coordinator' | 'participant' = 'participant', pid = 4711) =>
  openStore({ folder: FOLDER, role, disk, pid });

async function fresh() {
  const disk = new MemoryDisk();
  await initTally(disk);
  return disk;
}

void t.test('init makes a whole store, all of it forced', async (t) => {
  const disk = new MemoryDisk();
  t.equal(await storeExists(FOLDER, disk), false);
  const identity = { format: 1, role: 'coordinator', store: STORE, epoch: 0 } as const;
  t.same(await initStore({ folder: FOLDER, role: 'coordinator', store: STORE, disk }), identity);
  const later = disk.crash();
  t.equal(await storeExists(FOLDER, later), true);
  t.match(JSON.parse(later.text(NODE)), identity);
  t.match(JSON.parse(later.text(`${FOLDER}/checkpoint.json`)), { sequence: 0, records: nothing });
  t.equal(later.text(`${FOLDER}/log/000001.json`), '[\n]');
});

void t.test('init refuses a folder that holds a store, and a store id that is none', async (t) => {
  const disk = await fresh();
  const again = { folder: FOLDER, role: 'coordinator', store: STORE, disk } as const;
  await t.rejects(initStore(again), { name: 'StoreError', message: /already holds a store/ });
  await t.rejects(initStore({ ...again, store: 'Nope' }), { message: /"Nope" must be 8 char/ });
});

void t.test('a used store that lost its node.json is refused, never begun anew', async (t) => {
  const unused = await fresh();
  unused.delete(NODE);
  t.equal(await storeExists(FOLDER, unused), false, 'nothing was ever recorded in this one');
  const disk = await fresh();
  const tally = await openTally(disk);
  tally.count();
  await tally.log.close();
  await tally.store.close();
  disk.delete(NODE);
  const init = { folder: FOLDER, role: 'participant', store: STORE, disk } as const;
  await t.rejects(initStore(init), { message: /already holds a store/ });
  await t.rejects(open(disk), { message: `${NODE} is missing: restore the store from a backup` });
});

void t.test('what is in the way of a store counts as one', async (t) => {
  const disk = new MemoryDisk();
  disk.put(`${FOLDER}/checkpoint.json`, '');
  t.equal(await storeExists(FOLDER, disk), true, 'a checkpoint without a log');
  const other = await fresh();
  other.delete(NODE);
  other.put(`${FOLDER}/log/000001.json.tmp`, '[');
  t.equal(await storeExists(FOLDER, other), false, 'left by an init that died');
  other.put(`${FOLDER}/checkpoint.json`, `${seal('{"format":1,"sequence":1,"records":[\n\n]}')}\n`);
  t.equal(await storeExists(FOLDER, other), true, 'a checkpoint of something');
});

void t.test('open refuses a folder without a store, in one clear sentence', async (t) => {
  const error = {
    name: 'StoreError',
    message: `${FOLDER} holds no store: make one with init, or name another folder`,
  };
  await t.rejects(open(new MemoryDisk()), error);
});

void t.test('the epoch is raised and forced before open returns', async (t) => {
  const disk = await fresh();
  const first = await open(disk);
  t.equal(first.identity.epoch, 1);
  const second = await open(disk.crash());
  t.equal(second.identity.epoch, 2);
});

void t.test('a second open is refused, naming the first, until it closes or dies', async (t) => {
  const disk = await fresh();
  const first = await open(disk);
  await t.rejects(open(disk), { name: 'StoreError', message: /in use by process 4711: stop that/ });
  const init = { folder: FOLDER, role: 'participant', store: STORE, disk } as const;
  await t.rejects(initStore(init), { message: /in use by process 4711/ });
  await first.close();
  await (await open(disk)).close();
  const lock = await disk.tryLock(`${FOLDER}/lock`, '\n');
  t.ok(lock);
  await t.rejects(open(disk), { message: /in use by another process: stop that/ });
  t.ok(await open(disk.kill()), 'the lock of a dead process is free');
});

void t.test('a refused open lets the lock go', async (t) => {
  const disk = await fresh();
  const message = /the store of a participant, not of a coordinator: name the folder/;
  await t.rejects(open(disk, 'coordinator'), { name: 'StoreError', message });
  await (await open(disk)).close();
});

void t.test('a newer format is refused with both versions named', async (t) => {
  const disk = await fresh();
  const message = /has format 2, and this program knows formats up to 1: start the newer/;
  const checkpoint = `${FOLDER}/checkpoint.json`;
  const raise = (path: string) => {
    const { crc: _, ...document } = JSON.parse(disk.text(path));
    disk.put(path, seal(JSON.stringify({ ...document, format: 2 })));
  };
  raise(checkpoint);
  await t.rejects(openTally(disk), { name: 'StoreError', message });
  raise(NODE);
  await t.rejects(open(disk.kill()), { name: 'StoreError', message });
});

void t.test('every flipped bit and every truncation of node.json is refused', async (t) => {
  const length = (await fresh()).text(NODE).length;
  for (let bit = 0; bit < (length - 1) * 8; bit++) {
    const disk = await fresh();
    disk.flip(NODE, bit);
    await open(disk).then(
      () => t.fail(`bit ${bit}`),
      (error: unknown) => {
        if (!(error instanceof StoreError)) t.fail(`bit ${bit}: ${String(error)}`);
      },
    );
  }
  for (let bytes = 0; bytes < length - 1; bytes++) {
    const disk = await fresh();
    disk.truncate(NODE, bytes);
    await t.rejects(open(disk), { name: 'StoreError', message: /node.json is damaged/ });
  }
});
