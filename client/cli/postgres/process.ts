import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../scenarios/until.ts';

/** How long a server may take to end, for each of the ways to ask it. Milliseconds. */
const patienceMs = 8_000;

/**
 * Ends a server that still runs on a folder, as its keeper was killed and could not. What a server
 * that was killed itself has left there PostgreSQL sees by itself, but for an id of a process that
 * is somebody else's by now.
 */
export async function endOrphan(folder: string): Promise<void> {
  const pid = serverProcess(folder);
  if (pid === undefined) return;
  if (!isServerOf(pid, folder)) {
    if (isThere(pid)) rmSync(join(folder, 'postmaster.pid'), { force: true });
    return;
  }
  // Fast, and if that takes too long, at once: then the next start goes through the log.
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    process.kill(pid, signal);
    const isGone = () => !isServerOf(pid, folder);
    const how = { ms: patienceMs };
    const ended = until('the server ends', isGone, how).catch(() => false);
    if (await ended) return;
  }
}

/** The process of the server of a folder, as its file says; undefined if there is none. */
export const serverProcess = (folder: string): number | undefined =>
  readPid(join(folder, 'postmaster.pid'));

/** What stands in its file; one that was cut off as it was made counts as process 0. */
function readPid(file: string): number | undefined {
  try {
    const [first = ''] = readFileSync(file, 'utf8').split('\n');
    return /^[1-9]\d*$/.test(first) ? Number(first) : 0;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whether a process is the server of a folder: it works there. */
function isServerOf(pid: number, folder: string): boolean {
  try {
    if (process.platform === 'linux') {
      return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(folder);
    }
    const said = execFileSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' });
    return said.includes(folder);
  } catch {
    // It is gone, or of somebody else.
    return false;
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
