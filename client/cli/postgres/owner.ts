import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { CommandError } from '../io.ts';

/** The user that PostgreSQL runs as, and that its files belong to; without ids: this one. */
export interface Owner {
  readonly uid?: number;
  readonly gid?: number;
}

/** Of the user that packages of PostgreSQL make for it. */
const userName = 'postgres';

/**
 * PostgreSQL does not run as root: then it is the user `postgres`, who is made if there is none.
 * @throws {CommandError} if that cannot be done
 */
export function findOwner(say: (line: string) => void): Owner {
  if (process.getuid?.() !== 0) return {};
  if (idOf('-u') === undefined) {
    const flags = ['--system', '--user-group', '--no-create-home', '--shell', '/bin/false'];
    const { status } = spawnSync('useradd', [...flags, userName], { stdio: 'ignore' });
    if (status === 0) say(`made the user ${userName}: PostgreSQL does not run as root`);
  }
  const [uid, gid] = [idOf('-u'), idOf('-g')];
  if (uid !== undefined && gid !== undefined) return { uid, gid };
  const todo = `make a user ${userName}, or run this as somebody else`;
  throw new CommandError(1, `PostgreSQL does not run as root: ${todo}`);
}

function idOf(flag: '-u' | '-g'): number | undefined {
  const { status, stdout } = spawnSync('id', [flag, userName], { encoding: 'utf8' });
  return status === 0 ? Number(stdout) : undefined;
}

/**
 * @param paths of programs, and of folders that are passed through
 * @throws {CommandError} if one is not to be reached by the user that PostgreSQL runs as
 */
export function checkReach(owner: Owner, paths: readonly string[]): void {
  if (owner.uid === undefined) return;
  for (const path of paths.map((one) => resolve(one))) {
    const { status } = spawnSync('test', ['-x', path], { ...owner, cwd: '/' });
    if (status === 0) continue;
    const who = `as root, PostgreSQL is run by the user ${userName}, who cannot reach ${path}`;
    throw new CommandError(1, `${who}: run this as somebody else, or from where all may read`);
  }
}
