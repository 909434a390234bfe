import t from 'tap';
import { MemoryDisk } from '../fixtures/memory-disk.ts';
import { FOLDER, initTally, openTally, type TallyRecord } from '../fixtures/tally.ts';
import { settled } from '../fixtures/virtual-clock.ts';

const segmentBytes = 4 * 1024;
const note = 'x'.repeat(700);

/** A log of several sealed segments and an open one. */
async function longLog(count = 40) {
  const disk = new MemoryDisk();
  await initTally(disk);
  const tally = await openTally(disk, { segmentBytes });
  for (let n = 0; n < count; n++) {
    tally.count(note);
    await tally.log.durable();
  }
  return { disk, ...tally };
}

const numbersIn = (entries: readonly { record: TallyRecord }[]) =>
  entries.flatMap(({ record }) => (record.type === 'counted' ? [record.number] : []));

/** Reads everything after a position, `most` at a time. */
async function readAll(
  log: Awaited<ReturnType<typeof longLog>>['log'],
  after: number,
  most: number,
) {
  const entries = [];
  for (let at = after; ;) {
    const page = await log.read(at, most);
    const last = page.at(-1);
    if (!last) return entries;
    if (page.length > most) throw new Error(`${page.length} records, not ${most}`);
    entries.push(...page);
    at = last.sequence;
  }
}

void t.test('a log is read from any position, over all its segments', async (t) => {
  const { disk, log } = await longLog();
  t.ok(disk.paths.includes(`${FOLDER}/log/000005.json`), 'there are several segments');
  const all = Array.from({ length: 40 }, (_, index) => index + 1);
  for (const most of [1, 3, 1000]) {
    t.strictSame(numbersIn(await readAll(log, 0, most)), all, `${most} at a time`);
  }
  const entries = await readAll(log, 0, 1000);
  for (const { sequence, record } of entries) {
    const [next] = await log.read(sequence - 1, 1);
    t.strictSame(next, { sequence, record }, `record ${sequence} is in its place`);
  }
  t.strictSame(await log.read(log.position, 10), [], 'nothing is after the end');
});

void t.test('a log is read alike after a restart', async (t) => {
  const { disk, log } = await longLog();
  const before = await readAll(log, 0, 7);
  const later = await openTally(disk.crash(), { segmentBytes });
  t.strictSame(await readAll(later.log, 0, 7), before);
});

void t.test('a record is not read before it is forced', async (t) => {
  const { disk, log, count } = await longLog(3);
  count();
  t.strictSame(numbersIn(await log.read(0, 10)), [1, 2, 3], 'while it waits');
  disk.stopAt(disk.operations + 2);
  void log.durable();
  await settled();
  t.match(disk.text(`${FOLDER}/log/000001.json`), /"number":4/, 'it is written, but not forced');
  t.strictSame(numbersIn(await log.read(0, 10)), [1, 2, 3], 'while it is written');
});

void t.test('what is read is not overwritten by what others read meanwhile', async (t) => {
  const { log } = await longLog();
  const readers = Array.from({ length: 6 }, () => log.search('"number":', 1, log.position));
  const found: number[][] = [];
  for (const [at, reader] of readers.entries()) {
    found[at] = [];
    // Each has come to another segment when all the others have gone through all.
    for (let n = 0; n < 5 * at; n++) {
      const { value } = await reader.next();
      if (value) found[at].push(...numbersIn([value]));
    }
  }
  for (const [at, reader] of readers.entries()) {
    await readAll(log, 0, 1000);
    for await (const entry of reader) found[at]?.push(...numbersIn([entry]));
  }
  const all = Array.from({ length: 40 }, (_, index) => index + 1);
  for (const numbers of found) t.strictSame(numbers, all);
});

void t.test('the memory of a segment is taken for another once nobody reads it', async (t) => {
  const { disk, log } = await longLog();
  await readAll(log, 0, 1000);
  t.ok(disk.spared > 0);
});

void t.test('a damaged segment is named, and the others are read all the same', async (t) => {
  const { disk, log } = await longLog();
  const path = `${FOLDER}/log/000002.json`;
  disk.flip(path, 8 * 300);
  await t.rejects(readAll(log, 0, 1000), {
    message: new RegExp(`${path} is damaged: record \\d+`),
  });
  const [last] = await log.read(log.position - 1, 1);
  t.equal(last?.sequence, log.position);
});
