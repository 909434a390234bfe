/*
 * Damage of the stores of real nodes: what a crash leaves is cut off, what it cannot leave is
 * refused, and no record is ever shown that was not written.
 *
 * The limit, which README.md and PROTOCOL.md name, too: damage inside the last write, and a log
 * that is cut short, look exactly like a crash in the middle of that write. Those records go
 * silently from the store. They are missed by the other nodes: see "restored and lost stores".
 */
import t from 'tap';
import { readLine } from '../../log/codec.ts';
import { openLog, type LogRecord } from '../../log/log.ts';
import { openStore, type Role } from '../../log/store.ts';
import { spendDay, startDay } from '../fixtures/busy-day.ts';
import type { MemoryDisk } from '../fixtures/memory-disk.ts';
import { exhaustive } from '../fixtures/property.ts';
import { VirtualClock } from '../fixtures/virtual-clock.ts';

interface Found {
  /** What a start applies: the checkpoint, and the records after it. */
  readonly applied: string[];
  /** The whole log by sequence; an error where a segment before the checkpoint is damaged. */
  readonly records: Map<number, string>;
  readonly refusal: string | undefined;
}

/** Starts on a disk, and reads all that is there. */
async function startOn(disk: MemoryDisk, role: Role): Promise<Found> {
  const applied: string[] = [];
  const store = await openStore({ folder: '/data', role, disk, pid: 1 });
  const log = await openLog<LogRecord>({
    store,
    clock: new VirtualClock(),
    apply: (record) => applied.push(JSON.stringify(record)),
    summarise: () => [],
    onFailure: () => undefined,
  });
  const records = new Map<number, string>();
  for (let after = 0; ;) {
    try {
      const entries = await log.read(after, 1_000);
      if (entries.length === 0) return { applied, records, refusal: undefined };
      for (const { sequence, record } of entries) {
        after = sequence;
        records.set(sequence, JSON.stringify(record));
      }
    } catch (error) {
      return { applied, records, refusal: String(error) };
    }
  }
}

const named = (path: string) =>
  new RegExp(
    `^StoreError: ${path.replaceAll('.', '\\.')} ` +
      '(is damaged: record \\d+ |is damaged, its crc|is cut to|is missing)',
  );

/** A node after a day: its store, and what an undamaged start finds. */
async function sampleOf(role: Role, disk: MemoryDisk) {
  const whole = await startOn(disk.copy(), role);
  const files = disk.paths.filter((path) => path.endsWith('.json'));
  const segments = files.filter((path) => path.startsWith('/data/log/'));
  const open = segments.at(-1) ?? '';
  const lines = disk.text(open).split('\n').slice(1, -1);
  const last = readLine((lines.at(-1) ?? '').replace(/,$/, ''));
  if (!last) throw new Error('the last segment has records');
  const { segment } = JSON.parse(disk.text('/data/checkpoint.json')) as { segment: number };
  return { role, disk, whole, files, segments, open, segment, ...last };
}
type Sample = Awaited<ReturnType<typeof sampleOf>>;

/** Damages a copy, and says what is wrong with what a start then makes of it. */
async function judge(sample: Sample, path: string, damage: (disk: MemoryDisk) => void) {
  const { role, disk, whole, open, synced, link } = sample;
  const copy = disk.copy();
  damage(copy);
  const found = await startOn(copy, role).catch((error: unknown) => String(error));
  if (typeof found === 'string') {
    return { outcome: 'refused', wrong: named(path).test(found) ? undefined : found } as const;
  }
  const wrongRecord = [...found.records].some(([at, text]) => text !== whole.records.get(at));
  if (wrongRecord) return { outcome: 'opened', wrong: 'a wrong record is read' } as const;
  const isPrefix = found.applied.every((text, index) => text === whole.applied[index]);
  if (!isPrefix) return { outcome: 'opened', wrong: 'a wrong record is applied' } as const;
  const lost = whole.applied.length - found.applied.length;
  if (found.refusal !== undefined) {
    // A segment before the checkpoint is not read by a start, but by whoever asks for it.
    const wrong = lost > 0 || !named(path).test(found.refusal) ? found.refusal : undefined;
    return { outcome: 'refused when read', wrong } as const;
  }
  if (lost === 0) return { outcome: 'unharmed', wrong: undefined } as const;
  if (path !== open) return { outcome: 'opened', wrong: `${lost} records are lost` } as const;
  const inLastWrite = link.sequence - synced;
  return { outcome: 'cut off', wrong: undefined, lost, inLastWrite } as const;
}

const samples: Sample[] = [];

void t.test('a cluster has worked for a day', async (t) => {
  const day = await startDay(t);
  await spendDay(day);
  await day.world.pass(1_000);
  for (const [role, node] of [
    ['coordinator', day.coordinator],
    ['participant', day.b],
  ] as const) {
    node.die();
    const sample = await sampleOf(role, node.disk.crash());
    samples.push(sample);
    t.ok(sample.segments.length - sample.segment >= 0, `${node.name} has a checkpoint`);
    t.ok(sample.segments.length >= 4, `and ${sample.segments.length} segments`);
    const types = [...sample.whole.records.values()].map((text) => JSON.parse(text).type);
    t.ok(new Set(types).size >= 4, [...new Set(types)].join());
  }
});

void t.test(
  'no flipped bit of a store shows a wrong record, or loses what was claimed',
  async (t) => {
    // In `npm test` every 5th bit of the open segment, and of the others every 83rd.
    const counts: Record<string, number> = {};
    for (const sample of samples) {
      for (const path of sample.files) {
        const bits = sample.disk.text(path).length * 8;
        const stride = exhaustive ? 1 : path === sample.open ? 5 : 83;
        for (let bit = 0; bit < bits; bit += stride) {
          const verdict = await judge(sample, path, (disk) => disk.flip(path, bit));
          if (verdict.wrong !== undefined) t.fail(`${path}, bit ${bit}: ${verdict.wrong}`);
          // One bit takes no more than the last write: whatever comes before, a later line claims.
          const { lost = 0, inLastWrite = 0 } = 'lost' in verdict ? verdict : {};
          if (lost > inLastWrite) t.fail(`${path}, bit ${bit}: ${lost} records are cut off`);
          counts[verdict.outcome] = (counts[verdict.outcome] ?? 0) + 1;
        }
      }
    }
    t.ok((counts['refused'] ?? 0) > 300);
    t.ok((counts['refused when read'] ?? 0) > 100);
    t.comment(JSON.stringify(counts));
  },
);

void t.test('no truncation of a store shows a wrong record', async (t) => {
  const counts: Record<string, number> = {};
  for (const sample of samples) {
    for (const path of sample.files) {
      // In `npm test` every 3rd length of the open segment, and of the others every 41st.
      const stride = exhaustive ? 1 : path === sample.open ? 3 : 41;
      const length = Buffer.byteLength(sample.disk.text(path));
      for (let bytes = 0; bytes < length; bytes += stride) {
        const verdict = await judge(sample, path, (disk) => disk.truncate(path, bytes));
        if (verdict.wrong !== undefined) t.fail(`${path}, ${bytes} bytes: ${verdict.wrong}`);
        counts[verdict.outcome] = (counts[verdict.outcome] ?? 0) + 1;
      }
    }
  }
  t.comment(JSON.stringify(counts));
  t.ok((counts['refused'] ?? 0) > 100);
  t.ok((counts['cut off'] ?? 0) > 100, 'of the open segment, nothing proves what stood behind');
});
