import t from 'tap';
import { systemClock } from '../../log/clock.ts';
import { systemDisk, type Disk } from '../../log/disk.ts';
import { openLog } from '../../log/log.ts';
import { initStore, openStore } from '../../log/store.ts';

void t.test(
  'borders that queue up while the disk stalls write one checkpoint at a time',
  async (t) => {
    const folder = t.testdir();
    let writing = 0;
    let most = 0;
    const disk: Disk = {
      ...systemDisk,
      create: async (path, bytes) => {
        if (path.includes('checkpoint.json')) most = Math.max(most, (writing += 1));
        await systemDisk.create(path, bytes);
      },
      rename: async (from, to) => {
        await systemDisk.rename(from, to);
        if (to.includes('checkpoint.json')) writing -= 1;
      },
    };
    await initStore({ folder, role: 'participant', store: 'aaaaaaaa', disk });
    writing = most = 0;
    const store = await openStore({ folder, role: 'participant', disk, pid: 1 });
    const failures: Error[] = [];
    const log = await openLog<{ type: string; text: string }>({
      store,
      clock: systemClock,
      segmentBytes: 4096,
      apply: () => undefined,
      summarise: () => [{ type: 'all', text: 'x'.repeat(100_000) }],
      onFailure: (error) => failures.push(error),
    });
    for (let n = 0; n < 400; n += 1) log.append({ type: 'one', text: 'y'.repeat(2000) });
    await log.durable();
    await log.close();
    await store.close();
    t.strictSame(failures, []);
    t.equal(most, 1);
  },
);
