import t from 'tap';
import { MemoryDisk, random } from '../fixtures/memory-disk.ts';
import { FOLDER, inOrder, openTally } from '../fixtures/tally.ts';
import { live } from '../fixtures/tally-life.ts';

const crashes: Record<string, (disk: MemoryDisk, seed: number) => MemoryDisk> = {
  'a power cut that loses all that was not forced': (disk) => disk.crash(),
  'a power cut that keeps a part of it, torn': (disk, seed) => disk.crash(random(seed)),
  'kill -9, the page cache survives': (disk) => disk.kill(),
};

for (const [title, crash] of Object.entries(crashes)) {
  void t.test(`nothing promised is lost by ${title}, at any disk operation`, async (t) => {
    let at = 1;
    let unfinished = 0;
    for (; ; at++) {
      const disk = new MemoryDisk();
      disk.stopAt(at);
      const first = await live(disk, 20);
      const second = await live(crash(disk, at), 3);
      const place = `stopped at operation ${at}`;
      if (!second.ended) t.fail(`${place}: it starts again`);
      if (second.promised < first.promised + 3) t.fail(`${place}: promised ${first.promised}`);
      if (first.ended) break;
      unfinished += 1;
    }
    t.ok(unfinished > 100, `${unfinished} crashes happened`);
    t.comment(`${at} operations`);
  });
}

void t.test('nothing acted upon is lost by two crashes, the second during a start', async (t) => {
  let cutStarts = 0;
  let restarted = 0;
  for (let seed = 1; seed <= 400; seed++) {
    const draw = random(seed);
    const disk = new MemoryDisk();
    disk.stopAt(30 + Math.floor(draw() * 140)); // after init
    const first = await live(disk, 20);
    const killed = draw() < 0.5 ? disk.kill() : disk.crash(draw);
    killed.stopAt(1 + Math.floor(draw() * 40));
    const second = await live(killed, 3);
    if (!second.opened) cutStarts += 1;
    else restarted += 1;
    const last = await openTally(killed.crash(draw() < 0.5 ? draw : undefined));
    if (!inOrder(last.numbers)) t.fail(`seed ${seed}: out of order`);
    // A start that was cut short has acted on nothing; what was promised before it still holds.
    const promised = Math.max(first.promised, second.promised);
    if (last.numbers.length < promised) t.fail(`seed ${seed}: ${promised} were promised`);
  }
  t.ok(cutStarts > 50, `${cutStarts} starts were cut`);
  t.ok(restarted > 50, `${restarted} nodes ran again`);
});

void t.test('a crash in the middle of a rotation goes on', async (t) => {
  // The successor is there, the seal is not: the images that only this order of writes leaves.
  let seen = 0;
  for (let at = 1; at < 200; at++) {
    const disk = new MemoryDisk();
    disk.stopAt(at);
    const { promised } = await live(disk, 20);
    const image = disk.crash();
    const successors = image.paths.filter((path) => /log\/\d+\.json$/.test(path)).slice(1);
    const tail = successors.at(-1);
    if (tail === undefined || image.text(tail) !== '[\n]') continue;
    const number = Number(/(\d+)\.json$/.exec(tail)?.[1]);
    const before = image.text(`${FOLDER}/log/${String(number - 1).padStart(6, '0')}.json`);
    if (before.includes('"type":"sealed"')) continue;
    seen += 1;
    const again = await live(image, 20);
    t.ok(again.ended, `stopped at operation ${at}`);
    t.ok(again.promised >= promised + 20);
  }
  t.ok(seen >= 3, `${seen} such images`);
});
