import t from 'tap';
import { storeExists } from '../../log/store.ts';
import { crashImages, type Bounds } from '../fixtures/crash-images.ts';
import { MemoryDisk } from '../fixtures/memory-disk.ts';
import { exhaustive } from '../fixtures/property.ts';
import { FOLDER, initTally, inOrder, openTally } from '../fixtures/tally.ts';
import { live, noteOf, SEGMENT_BYTES } from '../fixtures/tally-life.ts';

/** Enough for two rotations and a checkpoint. */
const rounds = 14;

/** Opens what a power cut has left, checks what is there, goes on, and says how much was there. */
async function recovered(image: MemoryDisk): Promise<number> {
  if (!(await storeExists(FOLDER, image))) await initTally(image);
  const { log, store, numbers, count } = await openTally(image, { segmentBytes: SEGMENT_BYTES });
  const found = numbers.length;
  if (!inOrder(numbers)) throw new Error(`out of order: ${numbers.join()}`);
  for (let after = 0; ;) {
    const entries = await log.read(after, 100);
    if (entries.length === 0) break;
    for (const { sequence, record } of entries) {
      after = sequence;
      if (record.type !== 'counted') throw new Error(`a wrong record: ${record.type}`);
      if ((record.note ?? '') !== noteOf(record.number)) throw new Error('a wrong note');
    }
  }
  count(noteOf(found + 1));
  await log.close();
  await store.close();
  const again = await openTally(image, { segmentBytes: SEGMENT_BYTES });
  if (again.numbers.length !== found + 1) throw new Error('what was added is lost');
  return found;
}

void t.test('nothing acknowledged is lost by any power cut, at any operation', async (t) => {
  const bounds: Bounds = exhaustive ? { most: 1_500, tears: Infinity } : { most: 40, tears: 4 };
  let images = 0;
  let whole = 0;
  let unfinished = 0;
  let different = 0;
  for (let at = 1; ; at++) {
    const disk = new MemoryDisk();
    disk.stopAt(at);
    const { promised, ended } = await live(disk, rounds);
    const possible = crashImages(disk, bounds);
    if (possible.isWhole) whole += 1;
    const outcomes = new Set<number>();
    for (const image of possible.images) {
      images += 1;
      const found = await recovered(image).catch((error: unknown) => String(error));
      const isKept = typeof found === 'number' && found >= promised && found <= rounds;
      if (!isKept) t.fail(`operation ${at}, image ${images}: ${found}, and promised ${promised}`);
      if (typeof found === 'number') outcomes.add(found);
    }
    if (outcomes.size > 1) different += 1;
    if (ended) break;
    unfinished += 1;
  }
  t.ok(unfinished > 80, `${unfinished} moments`);
  t.ok(different > 5, `${different} moments at which a crash may leave more records or fewer`);
  t.comment(
    `${images} images of ${unfinished + 1} moments, of ${whole} of them all that there are`,
  );
});

void t.test('what a start has read is not lost by any power cut after it', async (t) => {
  // What the first process has written and not forced is still there for the second one.
  const bounds: Bounds = exhaustive ? { most: 200, tears: 12 } : { most: 6, tears: 1 };
  const stride = exhaustive ? 1 : 5;
  let images = 0;
  let actedOnUnforced = 0;
  for (let at = 1, ended = false; !ended; at += stride) {
    for (let second = 1, over = false; !over; second += exhaustive ? 1 : 2) {
      const disk = new MemoryDisk();
      disk.stopAt(at);
      const first = await live(disk, rounds);
      const killed = disk.kill();
      killed.stopAt(second);
      const next = await live(killed, 2);
      [ended, over] = [first.ended, next.ended];
      const promised = Math.max(first.promised, next.promised);
      if (next.opened && next.promised > first.promised) actedOnUnforced += 1;
      for (const image of crashImages(killed, bounds).images) {
        images += 1;
        const found = await recovered(image).catch((error: unknown) => String(error));
        const isKept = typeof found === 'number' && found >= promised;
        if (!isKept) t.fail(`operations ${at} and ${second}: ${found}, and promised ${promised}`);
      }
    }
  }
  t.ok(actedOnUnforced > 20, `${actedOnUnforced} starts acted on what nobody had forced`);
  t.comment(`${images} images after a second start`);
});
