/** The disk of a store: room, kind, and how long a forced write takes. */
import { randomUUID } from 'node:crypto';
import { open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, ok, reasonOf, warn, type Check } from './check.ts';

/** Forced writes that are measured; each is about what a busy node adds at once. Bytes. */
const forced = { most: 100, bytes: 4096, mostMs: 5_000 } as const;

/** Slower than this is worth a look. Milliseconds. */
const slow = { median: 20, high: 500 } as const;

/** Forced writes that a transfer waits for, one after the other: two votes count as one. */
const writesInARow = 3;

/** Less than this much of the reserve is worth a look: what is free goes on with every transfer. */
const roomFactor = 4;

/** File systems by the number that Linux gives them, and why they are no place for a store. */
const strange = new Map([
  [0x6969, 'NFS: its locks and its forced writes depend on another machine'],
  [0xff534d42, 'SMB: its locks and its forced writes depend on another machine'],
  [0xfe534d42, 'SMB: its locks and its forced writes depend on another machine'],
  [0x517b, 'SMB: its locks and its forced writes depend on another machine'],
  [0x00c36400, 'Ceph: its locks and its forced writes depend on other machines'],
  [0x01021997, '9P: whether it forces anything depends on the host'],
  [0x65735546, 'FUSE: whether it forces anything depends on the program behind it'],
  [0x01021994, 'tmpfs: it is memory, and gone with the next boot'],
  [0x858458f6, 'ramfs: it is memory, and gone with the next boot'],
  [0x794c7630, 'overlayfs: in a container it is gone with the container'],
]);

/** Looks at the disk that a folder is on. */
export async function* checkDisk(folder: string, reserveBytes: number): AsyncGenerator<Check> {
  const { bavail, bsize, type } = await statfs(folder);
  yield checkRoom(bavail * bsize, reserveBytes);
  yield checkKind(type);
  yield* checkWrites(folder);
}

/** @param free how much can still be written, in bytes */
export function checkRoom(free: number, reserveBytes: number): Check {
  const found = `${mib(free)} MiB are free, and ${mib(reserveBytes)} are kept for decisions`;
  const advice = 'make room, or move the store to a larger disk (backup and restore)';
  if (free < reserveBytes) return fail('room', `${found}: nothing new is taken`, advice);
  return free < roomFactor * reserveBytes ? warn('room', found, advice) : ok('room', found);
}

const mib = (bytes: number) => Math.floor(bytes / 1024 ** 2);

/** @param type of the file system, as `statfs` gives it */
export function checkKind(type: number): Check {
  const kind = strange.get(type);
  if (kind === undefined) return ok('file system', `0x${type.toString(16)}, none known as unfit`);
  return warn('file system', kind, 'put the store on a local disk');
}

async function* checkWrites(folder: string): AsyncGenerator<Check> {
  let times: number[];
  try {
    times = await measure(folder);
  } catch (error) {
    const advice = `let the user that runs the node write to ${folder}`;
    yield fail('writes', reasonOf(error), advice);
    return;
  }
  yield judge(times);
}

/** @param times of forced writes, in milliseconds */
export function judge(times: readonly number[]): Check {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number) => sorted[Math.ceil(part * sorted.length) - 1] ?? 0;
  const [median, high] = [at(0.5), at(0.99)];
  const together = ms(writesInARow * median);
  const expected = `a transfer alone waits for ${writesInARow} in a row, about ${together}`;
  const found = `${sorted.length} forced: median ${ms(median)}, p99 ${ms(high)}; ${expected}`;
  if (median <= slow.median && high <= slow.high) return ok('writes', found);
  const advice = 'give the store a faster disk, or one that it shares with nobody';
  return warn('writes', found, advice);
}

const ms = (value: number) => `${value.toFixed(2)} ms`;

/** Appends and forces, in a file without a name: nothing of it is left, however this ends. */
async function measure(folder: string): Promise<number[]> {
  const path = join(folder, `doctor-${randomUUID()}.tmp`);
  const file = await open(path, 'wx', 0o600);
  try {
    await rm(path);
    const bytes = Buffer.alloc(forced.bytes, 'x');
    const times: number[] = [];
    const end = performance.now() + forced.mostMs;
    while (times.length < forced.most && performance.now() < end) {
      const since = performance.now();
      await file.write(bytes);
      await file.datasync();
      times.push(performance.now() - since);
    }
    return times;
  } finally {
    await file.close();
  }
}
