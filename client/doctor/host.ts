/** The machine, without its disks and its network. */
import { readFile } from 'node:fs/promises';
import { fail, ok, warn, type Check } from './check.ts';

/** The oldest Node that is supported (package.json, engines). */
const oldestNode = [20, 19] as const;

/** Files that a node has open besides its connections: log, libraries, connections to others. */
const ownFiles = 256;

/** A clock outside of these years was never set. */
const saneYears = { first: 2024, last: 2100 } as const;

/** A wall clock that goes apart from the monotonic one by more is being set. Milliseconds. */
const mostDriftMs = 100;

/** @param version such as `20.19.0` */
export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isOld = major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1]);
  if (!isOld) return ok('node', `version ${version}`);
  const advice = `install Node ${oldestNode.join('.')} or newer`;
  return fail('node', `version ${version} is too old`, advice);
}

/** The most files that this process may have open at once; undefined where it is not told. */
export async function openFilesLimit(): Promise<number | undefined> {
  const text = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const [, limit] = /^Max open files +(\w+)/m.exec(text) ?? [];
  if (limit === undefined) return undefined;
  return limit === 'unlimited' ? Infinity : Number(limit);
}

/** Whether every connection that is allowed gets a file. */
export function checkOpenFiles(limit: number | undefined, maxConnections: number): Check {
  const wanted = maxConnections + ownFiles;
  if (limit === undefined) return ok('open files', 'this system does not tell the limit');
  if (limit >= wanted) return ok('open files', `at most ${limit} at once, of ${wanted} wanted`);
  const advice = `raise it (LimitNOFILE in a systemd unit, ulimit -n), or lower --max-connections`;
  return warn('open files', `at most ${limit} at once, and ${wanted} are wanted`, advice);
}

/** Both clocks at one moment, in milliseconds. */
export interface Moment {
  readonly wall: number;
  readonly monotonic: number;
}

/** Whether the clocks of this machine can be believed, by two looks at them. */
export function checkClock(first: Moment, second: Moment): Check {
  const year = new Date(second.wall).getUTCFullYear();
  const shown = new Date(second.wall).toISOString();
  if (second.monotonic < first.monotonic) {
    const found = 'the monotonic clock went back: timeouts cannot be trusted';
    return fail('clock', found, 'look at the machine, or at the host that it runs on');
  }
  if (year < saneYears.first || year > saneYears.last) {
    const advice = 'set the clock, and keep it right with NTP: people read these times';
    return fail('clock', `it is ${shown}, says this machine`, advice);
  }
  const drift = second.wall - first.wall - (second.monotonic - first.monotonic);
  if (Math.abs(drift) <= mostDriftMs) return ok('clock', shown);
  const found = `${shown}, and it was set by ${Math.round(drift)} ms while this ran`;
  return warn('clock', found, 'let NTP slew the clock: nothing breaks, but times mislead people');
}
