import { Registry } from 'prom-client';
import t from 'tap';
import { openLog } from '../../log/log.ts';
import { LogMetrics } from '../../log/metrics.ts';
import { initStore, openStore } from '../../log/store.ts';
import { MemoryDisk } from '../fixtures/memory-disk.ts';
import { Scrape } from '../fixtures/scrape.ts';
import { VirtualClock } from '../fixtures/virtual-clock.ts';

interface Noted {
  readonly type: 'noted';
  readonly text: string;
}

const folder = '/data';
const noted: Noted = { type: 'noted', text: 'x'.repeat(500) };

async function open(disk: MemoryDisk) {
  const registry = new Registry();
  const metrics = new LogMetrics(registry);
  const store = await openStore({ folder, role: 'participant', disk, pid: 1 });
  const log = await openLog<Noted>({
    store,
    clock: new VirtualClock(),
    apply: () => undefined,
    summarise: () => [noted],
    onForced: (ms, records) => metrics.forced(ms, records),
    onFailure: (error) => {
      throw error;
    },
    segmentBytes: 4_096,
  });
  metrics.watch(log, store, 77);
  const scrape = async () => new Scrape(await registry.metrics());
  return { log, scrape, store };
}

async function freshDisk() {
  const disk = new MemoryDisk();
  await initStore({ folder, role: 'participant', store: 'p81dz0qk', disk });
  return disk;
}

const segmentsOf = (disk: MemoryDisk) => disk.paths.filter((path) => /\d\.json$/.test(path));
const bytesOf = (disk: MemoryDisk, paths: readonly string[]) =>
  paths.reduce((sum, path) => sum + Buffer.byteLength(disk.text(path)), 0);

void t.test('each forced write is measured once, with the records that share it', async (t) => {
  const { log, scrape } = await open(await freshDisk());
  log.append(noted, noted, noted);
  t.equal((await scrape()).value('unanimous_log_waiting_records'), 3);
  await log.durable();
  log.append(noted);
  await log.durable();
  const seen = await scrape();
  t.equal(seen.value('unanimous_log_waiting_records'), 0);
  t.equal(seen.value('unanimous_log_forced_write_duration_seconds_count'), 2);
  t.equal(seen.value('unanimous_log_forced_write_records_sum'), 4);
  t.equal(seen.value('unanimous_log_forced_write_records_bucket', { le: '2' }), 1);
  await log.close();
});

void t.test('sizes are those of the files, also after rotations and a restart', async (t) => {
  const disk = await freshDisk();
  const first = await open(disk);
  for (let count = 0; count < 60; count += 1) {
    first.log.append(noted);
    await first.log.durable();
  }
  const check = async (scrape: () => Promise<Scrape>, when: string) => {
    const seen = await scrape();
    const segments = segmentsOf(disk);
    t.ok(segments.length > 3);
    t.equal(seen.value('unanimous_log_segments'), segments.length, when);
    t.equal(seen.value('unanimous_log_segments_bytes'), bytesOf(disk, segments), when);
    const checkpoint = bytesOf(disk, ['/data/checkpoint.json']);
    t.equal(seen.value('unanimous_log_checkpoint_bytes'), checkpoint, when);
    const replayed = seen.value('unanimous_log_replayed_bytes');
    t.ok(replayed > 0 && replayed < bytesOf(disk, segments), `a part of it is replayed ${when}`);
  };
  await check(first.scrape, 'while it runs');
  await first.log.close();
  await first.store.close();
  const second = await open(disk);
  await check(second.scrape, 'after a restart');
  await second.log.close();
});

void t.test('a disk that does not say how full it is counts as full', async (t) => {
  const disk = await freshDisk();
  disk.freeBytes = 5_000;
  const { log, scrape } = await open(disk);
  t.equal((await scrape()).value('unanimous_disk_free_bytes'), 5_000);
  t.equal((await scrape()).value('unanimous_disk_reserve_bytes'), 77);
  disk.free = () => Promise.reject(new Error('statfs failed'));
  t.equal((await scrape()).value('unanimous_disk_free_bytes'), 0);
  await log.close();
});
