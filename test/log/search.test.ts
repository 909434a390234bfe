import t from 'tap';
import { seal, unseal } from '../../log/codec.ts';
import type { Log } from '../../log/log.ts';
import { MemoryDisk } from '../fixtures/memory-disk.ts';
import { FOLDER, initTally, openTally, type TallyRecord } from '../fixtures/tally.ts';
import { settled } from '../fixtures/virtual-clock.ts';

const segmentBytes = 4 * 1024;
const padding = 'x'.repeat(700);
const checkpointPath = `${FOLDER}/checkpoint.json`;
const segment = (number: number) => `${FOLDER}/log/00000${number}.json`;

/** Numbers by epochs of 10, as a coordinator's transfers are ordered: [1, 1] is 1, [2, 3] is 13. */
const keyOf = (record: TallyRecord) =>
  record.type === 'counted' && record.note !== 'keyless'
    ? ([Math.ceil(record.number / 10), ((record.number - 1) % 10) + 1] as const)
    : undefined;

const open = (disk: MemoryDisk) => openTally(disk, { segmentBytes, keyOf });

/** A log of several sealed segments and an open one; the notes are long and end in a word. */
async function longLog(words = ['odd', 'even'], count = 40) {
  const disk = new MemoryDisk();
  await initTally(disk);
  const tally = await open(disk);
  for (let n = 0; n < count; n++) {
    tally.count(`${padding} ${words[n % words.length] ?? ''}`);
    await tally.log.durable();
  }
  return { disk, ...tally };
}

async function found(log: Log<TallyRecord>, text: string, from: number, to: number) {
  const numbers = [];
  for await (const { sequence, record } of log.search(text, from, to)) {
    if (record.type !== 'counted') throw new Error(`${record.type} was never appended`);
    const [entry] = await log.read(sequence - 1, 1);
    if (JSON.stringify(entry?.record) !== JSON.stringify(record)) {
      throw new Error(`record ${sequence} is another one`);
    }
    numbers.push(record.number);
  }
  return numbers;
}

const upTo = (count: number, step = 1) =>
  Array.from({ length: count / step }, (_, index) => (index + 1) * step);

void t.test('what contains a text is found over all segments, either way', async (t) => {
  const { disk, log } = await longLog();
  t.ok(disk.paths.includes(segment(5)), 'there are several segments');
  t.strictSame(await found(log, ' even"', 1, log.position), upTo(40, 2));
  t.strictSame(await found(log, ' even"', log.position, 1), upTo(40, 2).reverse());
  t.strictSame(await found(log, '"number":7,', 1, log.position), [7]);
  t.strictSame(await found(log, '"number":40,', log.position, 1), [40], 'in the open segment');
  t.strictSame(await found(log, '"number":41,', 1, log.position), []);
  t.strictSame(await found(log, '"type":"', -5, Infinity), upTo(40), 'no seal is shown');
  t.strictSame(await found(log, '"type":"', Infinity, 0), upTo(40).reverse());
  t.strictSame(await found(log, '[', 1, log.position), [], 'the brackets are no records');
  t.strictSame(await found(log, ']', log.position, 1), []);
  t.strictSame(await found(log, '"},', 1, log.position), [], 'nor are the commas between them');
});

void t.test('a search keeps to its two positions, both included', async (t) => {
  const { log } = await longLog();
  const sequences: number[] = [];
  for await (const { sequence } of log.search('"type":"counted"', 1, log.position)) {
    sequences.push(sequence);
  }
  t.equal(sequences.length, 40);
  const wrong: string[] = [];
  for (let from = 1; from <= log.position; from++) {
    for (let to = 1; to <= log.position; to++) {
      const between = sequences.filter(
        (at) => Math.min(from, to) <= at && at <= Math.max(from, to),
      );
      const expected = from > to ? between.reverse() : between;
      const seen = [];
      for await (const { sequence } of log.search('"type"', from, to)) seen.push(sequence);
      if (String(seen) !== String(expected)) wrong.push(`${from} to ${to}`);
    }
  }
  t.strictSame(wrong, []);
});

void t.test('a record is not found before it is forced', async (t) => {
  const { disk, log, count } = await longLog(['new'], 3);
  count('new');
  t.strictSame(await found(log, 'new"', 1, log.position), [1, 2, 3], 'while it waits');
  disk.stopAt(disk.operations + 2);
  void log.durable();
  await settled();
  t.match(disk.text(segment(1)), /"number":4/, 'it is written, but not forced');
  t.strictSame(await found(log, 'new"', log.position, 1), [3, 2, 1], 'while it is written');
});

void t.test('a text is found as JSON writes it', async (t) => {
  const words = ['a "b" \\ c', 'zeile\nzwei', 'ä ö \u2028 😀', 'plain'];
  const { log } = await longLog(words, 40);
  for (const [index, word] of words.entries()) {
    const expected = upTo(40).filter((number) => (number - 1) % 4 === index);
    const text = JSON.stringify(` ${word}`).slice(1);
    t.strictSame(await found(log, text, 1, log.position), expected, `word ${index}`);
    t.strictSame(await found(log, text, log.position, 1), expected.reverse());
  }
  for (const text of ['', 'zeile\nzwei']) {
    await t.rejects(found(log, text, 1, 2), { name: 'RangeError', message: /part of one line/ });
  }
});

void t.test('the log goes on while it is searched', async (t) => {
  const { log, count } = await longLog(['word'], 12);
  const numbers: number[] = [];
  for await (const { record } of log.search(' word"', 1, log.position)) {
    if (record.type === 'counted') numbers.push(record.number);
    count(`${padding} word`);
    await log.durable();
  }
  t.strictSame(numbers, upTo(12), 'it ends where the log ended when it began');
});

void t.test('a search reads one file after the other, and none that nobody wants', async (t) => {
  const { disk } = await longLog();
  const { log } = await open(disk.crash());
  const later = await open(disk.crash());
  t.equal(later.log.position, log.position);
  const fresh = disk.crash();
  const again = await open(fresh);
  const before = fresh.counts.read;
  for await (const { record } of again.log.search('"number":', 1, again.log.position)) {
    t.match(record, { number: 1 });
    break;
  }
  t.equal(fresh.counts.read - before, 1, 'the consumer stopped in the first segment');
  await found(again.log, 'rare', 1, again.log.position);
  const sealed = fresh.paths.filter((path) => path.includes('/log/')).length - 1;
  t.equal(fresh.counts.read - before, sealed, 'the first one was still in memory');
});

void t.test('the segment of a key is known without reading the others', async (t) => {
  const { disk, log } = await longLog();
  const look = async (log: Log<TallyRecord>, number: number) => {
    const { first, last } = log.around([Math.ceil(number / 10), ((number - 1) % 10) + 1]);
    t.ok(last - first < 12, `record ${number} is in one segment`);
    return found(log, `"number":${number},`, first, last);
  };
  for (const number of upTo(40)) t.strictSame(await look(log, number), [number]);
  t.strictSame(log.around([0, 1]), { ...log.around([1, 1]) }, 'before all of them');
  t.equal(log.around([9, 1]).last, log.position, 'after all of them');

  const later = disk.crash();
  const again = await open(later);
  for (const number of [1, 23, 40, 12]) {
    const before = later.counts.read;
    t.strictSame(await look(again.log, number), [number], 'after a restart');
    t.ok(later.counts.read - before <= 1);
  }
});

void t.test('a segment without keys is passed over', async (t) => {
  const { log, count } = await longLog(['word'], 12);
  const keyed = log.position;
  for (let n = 0; n < 24; n++) {
    log.append({ type: 'counted', number: 99, note: 'keyless' }, { type: 'tallied', numbers: [] });
    log.append({ type: 'tallied', numbers: Array.from({ length: 150 }, () => 0) });
    await log.durable();
  }
  const { first, last } = log.around([2, 2]);
  t.ok(first <= keyed && keyed <= last, 'the last segment that has keys');
  t.ok(last < log.position);
  t.type(count(), 'number');
});

void t.test('an old checkpoint, which knows no beginnings, is read when asked', async (t) => {
  const { disk, log } = await longLog();
  const old = disk.crash();
  const text = old.text(checkpointPath);
  t.match(text, /"beginnings":\[\[1,1,1\],\[\d+,1,/);
  const object = unseal(text.trimEnd())?.object ?? '';
  old.put(checkpointPath, `${seal(object.replace(/"beginnings":\[.*\]\],/, ''))}\n`);
  t.notMatch(old.text(checkpointPath), /beginnings/);

  const first = await open(old);
  const { counts } = old;
  const before = counts.read;
  const wide = first.log.around([2, 2]);
  t.equal(wide.first, 1, 'what is unknown counts as one segment');
  t.equal(counts.read, before, 'and is not read for that');
  t.strictSame(await found(first.log, '"number":12,', wide.first, wide.last), [12]);
  t.strictSame(first.log.around([2, 2]), log.around([2, 2]), 'what was read is known');

  for (let n = 0; n < 60; n++) {
    first.count(padding);
    await first.log.durable();
  }
  await first.log.close();
  const later = await open(old.crash());
  t.strictSame(later.log.around([2, 2]), log.around([2, 2]), 'the next checkpoint keeps it');
  t.strictSame(later.log.around([4, 9]), first.log.around([4, 9]));
});

void t.test('damage in what is found is named; what is not found is not looked at', async (t) => {
  const { disk, log } = await longLog();
  const { first } = log.around([2, 2]);
  const [{ sequence } = { sequence: 0 }] = await log.read(first + 1, 1);
  const later = disk.crash();
  const path = later.paths.find((name) => later.text(name).includes(`\n{"seq":${sequence},`)) ?? '';
  const text = later.text(path);
  later.flip(path, 8 * text.indexOf(padding, text.indexOf(`\n{"seq":${sequence},`)));
  const { log: damaged } = await open(later);
  for (const [from, to] of [
    [1, damaged.position],
    [damaged.position, 1],
  ] as const) {
    await t.rejects(found(damaged, '"type":"counted"', from, to), {
      name: 'StoreError',
      message: `${path} is damaged: record ${sequence} cannot be read. Restore the store from a`,
    });
    t.strictSame(await found(damaged, '"number":4,', from, to), [4]);
    t.strictSame(await found(damaged, '"number":40,', from, to), [40]);
  }
});

void t.test('a record that stands where another should is not shown', async (t) => {
  const { disk } = await longLog();
  const later = disk.crash();
  const lines = later.text(segment(2)).split('\n');
  later.put(segment(2), [lines[0], lines[2], lines[1], ...lines.slice(3)].join('\n'));
  const { log } = await open(later);
  await t.rejects(found(log, 'nothing', 1, log.position), {
    message: new RegExp(`${segment(2)} is damaged: record \\d+ is not in its place`),
  });
  later.delete(segment(3));
  await t.rejects(found(log, 'nothing', log.position, 1), { message: /000003.json is missing/ });
});

void t.test('a segment that was cut in the middle is damaged', async (t) => {
  const { disk } = await longLog();
  const later = disk.crash();
  const lines = later.text(segment(2)).split('\n');
  later.put(segment(2), [...lines.slice(0, 4), ']'].join('\n').replace(',\n]', '\n]'));
  const { log } = await open(later);
  await t.rejects(found(log, 'nothing', 1, log.position), {
    message: new RegExp(`${segment(2)} is damaged: record \\d+ is not the seal`),
  });
});
