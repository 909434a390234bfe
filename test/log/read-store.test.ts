import t from 'tap';
import { seal, unseal } from '../../log/codec.ts';
import type { Disk } from '../../log/disk.ts';
import { readOn, readStore, type StoreReader } from '../../log/read-store.ts';
import { MemoryDisk } from '../fixtures/memory-disk.ts';
import { FOLDER, initTally, inOrder, openTally, type TallyRecord } from '../fixtures/tally.ts';

const segmentBytes = 1024;
const CHECKPOINT = `${FOLDER}/checkpoint.json`;
const path = (number: number) => `${FOLDER}/log/00000${number}.json`;

/** A store that is being written: several segments and a checkpoint. */
async function busyStore(count = 40) {
  const disk = new MemoryDisk();
  await initTally(disk);
  const tally = await openTally(disk, { segmentBytes });
  for (let n = 0; n < count; n++) {
    tally.count('x'.repeat(50));
    await tally.log.durable();
  }
  await tally.log.durable();
  return { disk, ...tally };
}

/** Reads a store and gives the numbers in it. */
async function read(disk: Disk, more: Partial<StoreReader<TallyRecord>> = {}) {
  const numbers: number[] = [];
  const take: StoreReader<TallyRecord>['take'] = ({ record }) => {
    if (record.type === 'counted') numbers.push(record.number);
  };
  const reading = await readStore<TallyRecord>({ folder: FOLDER, disk, take, ...more });
  return { numbers, ...reading };
}

void t.test('a store in use is read from its first record on, and not touched', async (t) => {
  const { disk, log } = await busyStore();
  const before = { ...disk.counts, read: 0 };
  const files = disk.paths.map((name) => disk.text(name));
  const borders: number[][] = [];
  const segments: number[] = [];
  const { numbers, identity, place, torn } = await read(disk, {
    border: (state) => {
      for (const record of state) if (record.type === 'tallied') borders.push([...record.numbers]);
    },
    onSegment: (number) => segments.push(number),
  });
  t.equal(numbers.length, 40);
  t.ok(inOrder(numbers));
  t.match(identity, { role: 'participant', epoch: 1 });
  t.equal(place.sequence, log.position);
  t.equal(torn, undefined);
  t.strictSame(
    segments,
    Array.from({ length: place.segment }, (_, index) => index + 1),
  );
  t.equal(borders.length, 1, 'the state of the checkpoint is shown where it stands');
  t.ok(inOrder(borders[0] ?? []) && (borders[0]?.length ?? 0) > 5);
  t.strictSame({ ...disk.counts, read: 0 }, before);
  t.strictSame(
    disk.paths.map((name) => disk.text(name)),
    files,
  );
});

void t.test('what is added later is read from where the end was', async (t) => {
  const { disk, count, log } = await busyStore(3);
  const { place } = await read(disk);
  for (let n = 0; n < 30; n++) {
    count('x'.repeat(50));
    await log.durable();
  }
  const later: number[] = [];
  const take: StoreReader<TallyRecord>['take'] = ({ record }) => {
    if (record.type === 'counted') later.push(record.number);
  };
  const { place: end } = await readOn<TallyRecord>({ folder: FOLDER, disk, take }, place);
  t.strictSame(
    later,
    Array.from({ length: 30 }, (_, index) => index + 4),
  );
  t.equal(end.sequence, log.position);
});

void t.test('a torn end is no damage, and said', async (t) => {
  const { disk } = await busyStore(4);
  disk.truncate(path(1), disk.text(path(1)).length - 20);
  const { numbers, torn } = await read(disk);
  t.strictSame(numbers, [1, 2, 3]);
  t.equal(torn, `${path(1)} is torn: record 4 cannot be read. A start cuts it off`);
});

void t.test('an end that is being written is read again', async (t) => {
  const { disk, log } = await busyStore(4);
  let reads = 0;
  const readFile = disk.read.bind(disk);
  const busy = Object.assign(disk, {
    read: async (name: string) => {
      const bytes = await readFile(name);
      const isHalf = name === path(1) && (reads += 1) < 3;
      return isHalf ? bytes?.slice(0, -20) : bytes;
    },
  });
  const { numbers, torn, place } = await read(busy);
  t.strictSame(numbers, [1, 2, 3, 4]);
  t.equal(torn, undefined);
  t.equal(place.sequence, log.position);
});

void t.test('a segment that is sealed while it is read is followed by the next', async (t) => {
  const { disk, count, log } = await busyStore(10);
  let isFirst = true;
  const readFile = disk.read.bind(disk);
  const busy = Object.assign(disk, {
    read: async (name: string) => {
      const bytes = await readFile(name);
      if (
        isFirst &&
        name.includes('/log/') &&
        !String(Buffer.from(bytes ?? [])).includes('sealed')
      ) {
        isFirst = false;
        for (let n = 0; n < 20; n++) {
          count('x'.repeat(50));
          await log.durable();
        }
      }
      return bytes;
    },
  });
  const { numbers } = await read(busy);
  t.equal(numbers.length, 30);
  t.ok(inOrder(numbers));
});

void t.test('damage is named, wherever it is', async (t) => {
  const { disk } = await busyStore();
  const flipped = disk.crash();
  const text = flipped.text(path(2));
  flipped.flip(path(2), 8 * text.indexOf('xxx'));
  await t.rejects(read(flipped), { message: /000002.json is damaged: record \d+ cannot be read/ });

  const unsealed = disk.crash();
  const lines = unsealed.text(path(2)).split('\n');
  unsealed.put(path(2), `${lines.slice(0, -2).join('\n').replace(/,$/, '')}\n]`);
  await t.rejects(read(unsealed), {
    message: /000002.json is damaged: record \d+ is missing: it is the seal at the end, and a/,
  });

  const cut = disk.crash();
  cut.truncate(path(2), text.length - 20);
  await t.rejects(read(cut), { message: /000002.json is damaged: record \d+ cannot be read/ });

  const swapped = disk.crash();
  swapped.put(path(3), swapped.text(path(2)));
  await t.rejects(read(swapped), { message: /000003.json is damaged: record \d+ is missing: rec/ });

  const lost = disk.crash();
  lost.delete(path(3));
  await t.rejects(read(lost), { message: `${path(3)} is missing: restore the store` });

  const foreign = disk.crash();
  const node = unseal(foreign.text(`${FOLDER}/node.json`).trimEnd())?.object ?? '';
  foreign.put(`${FOLDER}/node.json`, `${seal(node.replace('k3f9q2ma', 'aaaaaaaa'))}\n`);
  await t.rejects(read(foreign), { message: /checkpoint.json belongs to the store k3f9q2ma, and/ });
  foreign.flip(`${FOLDER}/node.json`, 80);
  await t.rejects(read(foreign), { message: /node.json is damaged, its crc does not match/ });
});

void t.test('a checkpoint that does not agree with the log is damage', async (t) => {
  const { disk } = await busyStore();
  const object = unseal(disk.text(CHECKPOINT).trimEnd())?.object ?? '';
  const [, segment = ''] = /"segment":(\d+)/.exec(object) ?? [];
  for (const [from, to] of [
    [/"sequence":\d+/, '"sequence":3'],
    [/"chain":"\w+"/, '"chain":"00000000"'],
    [/"beginnings":\[\[1\],\[\d+/, '"beginnings":[[1],[2'],
  ] as const) {
    const other = disk.crash();
    other.put(CHECKPOINT, `${seal(object.replace(from, to))}\n`);
    t.not(other.text(CHECKPOINT), disk.text(CHECKPOINT));
    await t.rejects(read(other), { message: /checkpoint.json does not agree with the log: rec/ });
  }
  const ahead = disk.crash();
  ahead.put(CHECKPOINT, `${seal(object.replace(`"segment":${segment}`, '"segment":99'))}\n`);
  await t.rejects(read(ahead), { message: /goes on at segment 99, and the log ends in \d+$/ });
  const broken = disk.crash();
  broken.flip(CHECKPOINT, 300);
  await t.rejects(read(broken), { message: /checkpoint.json is damaged, its crc/ });
});
