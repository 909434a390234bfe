/** What the operating system says of processes and folders. Linux. */
import { open } from 'node:fs/promises';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { arch, cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

/** Ticks of the clock that /proc counts in: 100 on every Linux that Node supports. */
const ticksPerSecond = 100;

/** What the system says of a process; nothing if that has ended meanwhile. */
function ofProcess(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

function statOf(pid: number): string[] {
  const stat = ofProcess(pid, 'stat');
  // The name may have spaces; it ends with the last bracket.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** A process and everything that it has started. */
export function family(pid: number): number[] {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(statOf(Number(name))[1]) === pid)
    .map(Number);
  return [pid, ...children.flatMap(family)];
}

/** CPU time of processes until now, with that of their children that have ended. Seconds. */
export function cpuOf(pids: readonly number[]): number {
  const ticks = pids.flatMap(family).reduce((sum, pid) => {
    const [user = 0, system = 0, childUser = 0, childSystem = 0] = statOf(pid)
      .slice(11, 15)
      .map(Number);
    return sum + user + system + childUser + childSystem;
  }, 0);
  return ticks / ticksPerSecond;
}

/** Memory of processes, what they share counted once. Megabytes. */
export function memoryOf(pids: readonly number[]): number {
  const kilobytes = pids.flatMap(family).reduce((sum, pid) => {
    return sum + Number(/^Pss:\s+(\d+) kB/m.exec(ofProcess(pid, 'smaps_rollup'))?.[1] ?? 0);
  }, 0);
  return kilobytes / 1024;
}

/** What a process has in memory for itself, without files that are mapped. Megabytes. */
export function anonymousMemoryOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^RssAnon:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}

/** All files below a folder. Bytes. */
export function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

/** The value in the middle. */
export const medianOf = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

/** The median time of a forced append of 200 bytes. Milliseconds. */
export async function forcedWriteMs(folder: string): Promise<number> {
  const path = join(folder, 'forced-writes');
  const file = await open(path, 'w');
  const times: number[] = [];
  for (let write = 0; write < 300; write++) {
    const since = performance.now();
    await file.write(Buffer.alloc(200), 0, 200, write * 200);
    await file.datasync();
    times.push(performance.now() - since);
  }
  await file.close();
  rmSync(path);
  return medianOf(times);
}

/** For the report. */
export function machine(): string {
  const [cpu] = cpus();
  const gigabytes = Math.round(totalmem() / 1024 ** 3);
  const processors = `${cpus().length} × ${cpu?.model.trim() ?? arch()}`;
  return `${processors}, ${gigabytes} GiB, Linux ${release()}, Node ${process.version}`;
}
