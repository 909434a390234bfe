import t from 'tap';
import { systemDisk } from '../../log/disk.ts';
import { Room } from '../../log/room.ts';
import { MemoryDisk } from '../fixtures/memory-disk.ts';
import { settled, VirtualClock } from '../fixtures/virtual-clock.ts';

const MIB = 1024 * 1024;

async function roomOn(disk: MemoryDisk) {
  const clock = new VirtualClock();
  const room = new Room(() => disk.free(), clock, 64 * MIB);
  await settled();
  return { clock, room };
}

void t.test('the room is low while less than the reserve is free', async (t) => {
  const disk = new MemoryDisk();
  const { clock, room } = await roomOn(disk);
  t.equal(room.isLow, false);
  const look = async () => {
    clock.advance(1000);
    t.type(room.isLow, 'boolean');
    await settled();
    return room.isLow;
  };
  disk.freeBytes = 64 * MIB - 1;
  t.equal(await look(), true);
  disk.freeBytes = 64 * MIB;
  t.equal(await look(), false);
});

void t.test('it is known from the start', async (t) => {
  const disk = new MemoryDisk();
  disk.freeBytes = 0;
  t.equal((await roomOn(disk)).room.isLow, true);
});

void t.test('it is looked at once a second at most, and only when somebody asks', async (t) => {
  const disk = new MemoryDisk();
  let looks = 0;
  const { clock, room } = await roomOn(
    Object.assign(disk, {
      free: () => {
        looks += 1;
        return Promise.resolve(64 * MIB);
      },
    }),
  );
  t.equal(looks, 1);
  for (let n = 0; n < 30; n++) {
    clock.advance(100);
    t.equal(room.isLow, false);
    await settled();
  }
  t.equal(looks, 4);
  clock.advance(60_000);
  t.equal(looks, 4);
  t.equal(clock.waiting, 0, 'no timer is left');
});

void t.test('a disk that does not answer how full it is counts as full', async (t) => {
  const disk = Object.assign(new MemoryDisk(), { free: () => Promise.reject(new Error('EIO')) });
  t.equal((await roomOn(disk)).room.isLow, true);
});

void t.test('this machine knows how much is free', async (t) => {
  const folder = t.testdir({});
  const bytes = await systemDisk.free(folder);
  t.ok(Number.isSafeInteger(bytes) && bytes > 0);
  await t.rejects(systemDisk.free(`${folder}/none`), { code: 'ENOENT' });
});
