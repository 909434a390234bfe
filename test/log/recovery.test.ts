import t from 'tap';
import { MemoryDisk } from '../fixtures/memory-disk.ts';
import { FOLDER, initTally, openTally } from '../fixtures/tally.ts';
import { initStore } from '../../log/store.ts';

const segment = (number: number) => `${FOLDER}/log/${String(number).padStart(6, '0')}.json`;
const CHECKPOINT = `${FOLDER}/checkpoint.json`;

/** A disk with a store that counted in separate writes, and was closed. */
async function used(rounds: number, segmentBytes?: number) {
  const disk = new MemoryDisk();
  await initTally(disk);
  const tally = await openTally(disk, segmentBytes === undefined ? {} : { segmentBytes });
  for (let round = 0; round < rounds; round++) {
    tally.count();
    await tally.log.durable();
  }
  await tally.log.close();
  await tally.store.close();
  return disk;
}

const refused = (message: RegExp) => ({ name: 'StoreError', message });

void t.test('a torn tail is cut off, and the log goes on after it', async (t) => {
  const length = (await used(3)).text(segment(1)).length;
  for (let bytes = 3; bytes < length; bytes++) {
    const disk = await used(3);
    disk.truncate(segment(1), bytes);
    const tally = await openTally(disk);
    const found = tally.numbers.length;
    if (found > 3) t.fail(`cut to ${bytes}: ${found} records`);
    t.equal(tally.count(), found + 1);
    await tally.log.close();
    await tally.store.close();
    if ((await openTally(disk)).numbers.length !== found + 1) t.fail(`cut to ${bytes}: again`);
  }
});

void t.test('the tail is forced before a record of it is applied', async (t) => {
  const disk = await used(3);
  const tally = await openTally(disk);
  tally.count();
  disk.failAt('sync', disk.counts.sync + 1, 'EIO');
  void tally.log.durable();
  await new Promise((resolve) => setImmediate(resolve));
  const next = disk.kill();
  t.equal(tally.failures.length, 1, 'record 4 is only in the page cache');
  const again = await openTally(next);
  t.same(again.numbers, [1, 2, 3, 4]);
  t.same((await openTally(next.crash())).numbers, [1, 2, 3, 4]);
});

void t.test(
  'one flipped bit never yields a wrong record, and damage names its place',
  async (t) => {
    const text = (await used(3)).text(segment(1));
    const lastWrite = text.lastIndexOf(',\n{');
    for (let bit = 0; bit < text.length * 8; bit++) {
      const disk = await used(3);
      disk.flip(segment(1), bit);
      try {
        const { numbers } = await openTally(disk);
        if (bit >> 3 < lastWrite) t.fail(`bit ${bit} is in a record that a later one claims`);
        if (numbers.length < 2 || numbers.length > 3) t.fail(`bit ${bit}: ${numbers.join()}`);
      } catch (error) {
        t.match(error, refused(/000001.json is damaged: record [123] .* only a copy of it/));
      }
    }
  },
);

void t.test('a record that is missing in the middle is refused by name', async (t) => {
  const disk = await used(3);
  const lines = disk.text(segment(1)).split('\n');
  disk.put(segment(1), lines.filter((_, index) => index !== 2).join('\n'));
  await t.rejects(openTally(disk), refused(/damaged: record 2 is missing: record 3 is in its/));
});

/** A store with a sealed segment that its checkpoint does not contain, and that segment. */
async function sealed() {
  // The checkpoint grows with the numbers until two segments pay for one.
  for (let rounds = 60; rounds < 300; rounds++) {
    const disk = await used(rounds, 200);
    const number = Number(JSON.parse(disk.text(CHECKPOINT)).segment);
    const successor = segment(number + 1);
    if (disk.paths.includes(successor)) return { disk, path: segment(number), successor, rounds };
  }
  throw new Error('no such store came about');
}

void t.test('any flaw in a sealed segment is damage', async (t) => {
  const { disk, path, rounds } = await sealed();
  const length = disk.text(path).length;
  t.equal((await openTally(disk.crash())).numbers.length, rounds, 'it is whole');
  for (let bit = 0; bit < length * 8; bit += 3) {
    const flipped = disk.crash();
    flipped.flip(path, bit);
    const outcome = await openTally(flipped).catch((error: unknown) => error);
    t.match(outcome, refused(/is damaged: record \d+ /), { bail: true });
  }
});

void t.test('a segment in use after one without its seal is refused', async (t) => {
  const { disk, path } = await sealed();
  disk.put(path, disk.text(path).replace(/,\n[^\n]*\n\]$/, '\n]'));
  await t.rejects(openTally(disk), refused(/record \d+ is missing: it is the seal/));
});

void t.test('a seal whose successor is gone is refused', async (t) => {
  const { disk, successor } = await sealed();
  disk.delete(successor);
  const message = new RegExp(`${successor} is missing, although the log goes on there`);
  await t.rejects(openTally(disk), refused(message));
});

void t.test('a segment that is missing, emptied or cut is refused by name', async (t) => {
  for (const number of [1, 2]) {
    const gone = await used(8, 200);
    gone.delete(segment(number));
    await t.rejects(openTally(gone), refused(new RegExp(`0${number}.json is missing: restore`)));
    for (const bytes of [0, 2]) {
      const cut = await used(8, 200);
      cut.truncate(segment(number), bytes);
      const message = new RegExp(`0${number}.json is cut to ${bytes} bytes: restore`);
      await t.rejects(openTally(cut), refused(message));
    }
  }
});

void t.test('a checkpoint whose segment is gone is refused', async (t) => {
  const disk = await used(8, 200);
  const last = disk.paths.filter((path) => path.includes('/log/')).at(-1) ?? '';
  disk.delete(last);
  const message = /\.json is missing, although the log goes on there: restore/;
  await t.rejects(openTally(disk), refused(message), 'the checkpoint knows of it');
});

void t.test('a missing or emptied checkpoint is refused', async (t) => {
  const disk = await used(3);
  disk.truncate(CHECKPOINT, 0);
  await t.rejects(openTally(disk.kill()), refused(/checkpoint.json is damaged, its crc/));
  disk.delete(CHECKPOINT);
  await t.rejects(openTally(disk.kill()), refused(/checkpoint.json is missing: restore/));
});

void t.test('a checkpoint of another store is refused', async (t) => {
  const disk = await used(3);
  const other = new MemoryDisk();
  await initStore({ folder: FOLDER, role: 'participant', store: 'p81dz0qk', disk: other });
  disk.put(CHECKPOINT, other.text(CHECKPOINT));
  const message = /belongs to the store p81dz0qk, and .* is k3f9q2ma: restore the whole folder/;
  await t.rejects(openTally(disk), refused(message));
});
