import t from 'tap';
import { MemoryDisk } from '../fixtures/memory-disk.ts';
import { FOLDER, initTally, openTally, type TallyOptions } from '../fixtures/tally.ts';
import { settled } from '../fixtures/virtual-clock.ts';

const TAIL = `${FOLDER}/log/000001.json`;

async function fresh(options: TallyOptions = {}) {
  const disk = new MemoryDisk();
  await initTally(disk);
  return { disk, ...(await openTally(disk, options)) };
}

const isSettled = async (promise: Promise<unknown>) => {
  let done = false;
  void promise.then(() => (done = true));
  await settled();
  return done;
};

void t.test(
  'a record is applied before append returns, and durable only when forced',
  async (t) => {
    const { disk, log, numbers, count } = await fresh();
    count();
    t.same(numbers, [1]);
    t.equal(log.position, 1);
    t.equal(log.durablePosition, 0);
    await log.durable();
    t.equal(log.durablePosition, 1);
    t.same((await openTally(disk.crash())).numbers, [1]);
  },
);

void t.test('all who wait together share one write and one sync', async (t) => {
  const { disk, log, count } = await fresh();
  const { write, sync } = disk.counts;
  await Promise.all(
    Array.from({ length: 100 }, () => {
      count();
      return log.durable();
    }),
  );
  t.equal(disk.counts.write - write, 1);
  t.equal(disk.counts.sync - sync, 1);
  t.equal(JSON.parse(disk.text(TAIL)).length, 100);
});

void t.test('what is appended during a write goes out together with the next', async (t) => {
  const { disk, log, count } = await fresh();
  const { sync } = disk.counts;
  count();
  const { operations } = disk;
  const first = log.durable();
  while (disk.operations === operations) await Promise.resolve();
  const later = [1, 2, 3].map(() => {
    count();
    return log.durable();
  });
  await first;
  await Promise.all(later);
  t.equal(disk.counts.sync - sync, 2);
  const synced = JSON.parse(disk.text(TAIL)).map((record: { synced: number }) => record.synced);
  t.same(synced, [0, 1, 1, 1], 'each claims what was forced when it was written');
});

void t.test('what each turn adds to gathers before it is written, for a few turns', async (t) => {
  const { disk, log, clock, count } = await fresh();
  let turns = 0;
  clock.turn = () => {
    turns += 1;
    if (turns <= 5 || turns > 10) count();
    return Promise.resolve();
  };
  const { sync } = disk.counts;
  count();
  await log.durable();
  t.equal(log.durablePosition, 6, 'the sixth turn has added nothing');
  turns = 10;
  count();
  await log.durable();
  t.equal(log.durablePosition, 15, 'of turns that all add there are eight');
  t.equal(disk.counts.sync - sync, 2);
});

void t.test('a record that nobody waits for is forced after lazyFlushMs', async (t) => {
  const { log, clock, count } = await fresh();
  count();
  clock.advance(19);
  await settled();
  t.equal(log.durablePosition, 0);
  clock.advance(1);
  await settled();
  t.equal(log.durablePosition, 1);
  t.equal(clock.waiting, 0, 'no timer is left');
});

void t.test(
  'durable answers at once for what is forced, and refuses what is not appended',
  async (t) => {
    const { disk, log, count } = await fresh();
    await log.durable();
    count();
    await log.durable();
    const { operations } = disk;
    await log.durable(1);
    t.equal(disk.operations, operations);
    t.throws(() => log.durable(2), { message: /position 2 is not appended: the log ends at 1/ });
  },
);

void t.test('waiting for an earlier position does not wait for a later one', async (t) => {
  const { disk, log, count } = await fresh();
  count();
  const { operations } = disk;
  const first = log.durable();
  while (disk.operations === operations) await Promise.resolve();
  count();
  const second = log.durable();
  disk.failAt('sync', disk.counts.sync + 2, 'EIO');
  t.equal(await isSettled(first), true);
  t.equal(await isSettled(second), false);
});

void t.test('replay gives what was applied, and twice gives the same', async (t) => {
  const { disk, log, store, count, numbers } = await fresh();
  for (let round = 0; round < 5; round++) count('ä\n"\u2028');
  await log.close();
  await store.close();
  const second = await openTally(disk);
  t.same(second.numbers, numbers);
  t.equal(second.log.position, 5);
  t.equal(second.log.durablePosition, 5);
  t.equal(second.store.identity.epoch, 2);
  t.equal(second.count(), 6);
  await second.log.close();
  await second.store.close();
  t.same((await openTally(disk)).numbers, [1, 2, 3, 4, 5, 6]);
});

void t.test('rotation, checkpoint and restart keep every record once and in order', async (t) => {
  const { disk, log, store, count, numbers } = await fresh({ segmentBytes: 500 });
  for (let round = 0; round < 100; round++) {
    count();
    if (round % 3 === 0) await log.durable();
  }
  await log.close();
  await store.close();
  t.ok(disk.paths.includes(`${FOLDER}/log/000006.json`), 'old segments stay');
  for (const path of disk.paths) t.ok(JSON.parse(disk.text(path)), `${path} is JSON`);
  const checkpoint = JSON.parse(disk.text(`${FOLDER}/checkpoint.json`));
  t.ok(checkpoint.segment > 3, 'a checkpoint was made');
  const again = await openTally(disk, { segmentBytes: 500 });
  t.same(again.numbers, numbers);
  t.equal(again.log.position, log.position);
  again.count();
  await again.log.close();
});

void t.test('a checkpoint holds the state at the border, not what came after', async (t) => {
  const { disk, log, count } = await fresh({ segmentBytes: 300 });
  for (let round = 0; round < 20; round++) count();
  await log.close();
  const { sequence, segment, records } = JSON.parse(disk.text(`${FOLDER}/checkpoint.json`));
  t.ok(segment > 1);
  const seals = segment - 1;
  t.equal(records[0].numbers.length, sequence - seals);
});

void t.test('a checkpoint waits until the log has grown by its own size', async (t) => {
  const { disk, log, count } = await fresh({ segmentBytes: 200 });
  let before = '';
  let checkpoints = 0;
  for (let round = 0; round < 400; round++) {
    count();
    await log.durable();
    const now = disk.text(`${FOLDER}/checkpoint.json`);
    if (now !== before) checkpoints += 1;
    before = now;
  }
  await log.close();
  const segments = disk.paths.filter((path) => path.includes('/log/0')).length;
  t.ok(checkpoints * 2 < segments, `${checkpoints} checkpoints in ${segments} segments`);
});

for (const [operation, code] of [
  ['sync', 'EIO'],
  ['write', 'ENOSPC'],
  ['write', 'EROFS'],
] as const) {
  void t.test(`${code} at a ${operation} stops the log: told once, nobody answered`, async (t) => {
    const { disk, log, count, failures, clock, numbers } = await fresh();
    count();
    await log.durable();
    disk.failAt(operation, disk.counts[operation] + 1, code);
    count();
    t.equal(await isSettled(log.durable()), false);
    t.match(failures, [{ message: new RegExp(`writing ${TAIL} failed: ${code}`) }]);
    const { operations } = disk;
    count();
    clock.advance(1000);
    t.equal(await isSettled(log.durable()), false);
    t.equal(await isSettled(log.durable(1)), false);
    t.equal(await isSettled(log.close()), false);
    t.equal(disk.operations, operations, 'nothing is tried again');
    t.equal(failures.length, 1);
    t.equal(clock.waiting, 0);
    t.same(numbers, [1, 2, 3]);
    t.match((await openTally(disk.crash())).numbers, [1], 'what was acknowledged is there');
  });
}

void t.test('a checkpoint that cannot be written stops the log', async (t) => {
  const { disk, log, count, failures } = await fresh({ segmentBytes: 200 });
  disk.failAt('rename', disk.counts.rename + 2, 'EIO');
  for (let round = 0; round < 10; round++) {
    count();
    void log.durable();
    await settled();
  }
  t.match(failures, [{ message: /checkpoint.json failed: EIO/ }]);
  t.equal(await isSettled(log.close()), false);
});

void t.test('close does not settle when the checkpoint under way fails', async (t) => {
  const { disk, log, count, failures } = await fresh({ segmentBytes: 100 });
  count('n'.repeat(50));
  count();
  disk.failAt('syncFolder', disk.counts.syncFolder + 2, 'EIO');
  t.equal(await isSettled(log.close()), false);
  t.equal(log.durablePosition, log.position, 'all records are forced');
  t.match(failures, [{ message: /checkpoint.json failed: EIO/ }]);
});

void t.test('an apply that throws stops the log before the record is written', async (t) => {
  const { disk, log, failures, count } = await fresh();
  count();
  await log.durable();
  const broken = { type: 'tallied', numbers: null } as unknown as { type: 'tallied'; numbers: [] };
  t.throws(() => log.append(broken));
  t.match(failures, [{ message: /applying record 2 \("tallied"\) failed/ }]);
  t.equal(await isSettled(log.durable()), false);
  t.same((await openTally(disk.crash())).numbers, [1]);
});

void t.test('an apply that throws while a write is on its way stops the loop', async (t) => {
  const { disk, log, failures, count } = await fresh();
  count();
  const first = log.durable();
  await Promise.resolve();
  count();
  void log.durable();
  const broken = { type: 'tallied', numbers: null } as unknown as { type: 'tallied'; numbers: [] };
  t.throws(() => log.append(broken));
  t.equal(await isSettled(first), false);
  const { operations } = disk;
  await settled();
  t.equal(disk.operations, operations);
  t.equal(failures.length, 1);
});

void t.test('a record that is none changes nothing, and a closed log takes none', async (t) => {
  const { log, numbers } = await fresh();
  const wrong = { type: 'counted', number: 1, seq: 1 } as const;
  t.throws(() => log.append({ type: 'counted', number: 1 }, wrong), TypeError);
  t.same(numbers, []);
  await log.close();
  await log.close();
  t.throws(() => log.append({ type: 'counted', number: 1 }), { message: /the log is closed/ });
});
