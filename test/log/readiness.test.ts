import t from 'tap';
import { storeTroubles } from '../../log/readiness.ts';
import { Room } from '../../log/room.ts';
import { MemoryDisk } from '../fixtures/memory-disk.ts';
import { settled, VirtualClock } from '../fixtures/virtual-clock.ts';

async function storeOn(disk: MemoryDisk) {
  const clock = new VirtualClock();
  const room = new Room(() => disk.free(), clock, 1_000);
  await settled();
  return { clock, room };
}

void t.test(
  'a store that forces, and has room, is in no trouble, and no timer is left',
  async (t) => {
    const { clock, room } = await storeOn(new MemoryDisk());
    t.strictSame(await storeTroubles(Promise.resolve(), room, clock), []);
    t.equal(clock.waiting, 0);
  },
);

void t.test('a full disk and a write that does not end are both named', async (t) => {
  const disk = new MemoryDisk();
  disk.freeBytes = 999;
  const { clock, room } = await storeOn(disk);
  const never = new Promise<void>(() => undefined);
  const asked = storeTroubles(never, room, clock);
  clock.advance(1_999);
  let isOver = false;
  void asked.then(() => (isOver = true));
  await settled();
  t.equal(isOver, false, 'a slow disk is waited for');
  clock.advance(1);
  t.match(await asked, [/not taken a write within 2000 ms/, /nearly full/]);
});
