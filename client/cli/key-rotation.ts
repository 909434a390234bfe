/** The steps of a rotation of keys, in the file that the nodes read (PROTOCOL.md, keys). */
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readKeyFile } from '../../http/key-file.ts';
import { formatKeys, type KeyRole, keyRoles, retireKeys, rotateKeys } from '../../http/keys.ts';
import { CommandError, type Io } from './io.ts';

/** What `keygen` is told about a file that is there. */
export interface RotationOptions {
  rotate?: string;
  retire?: string;
  /** Of every role unless told. */
  role?: KeyRole;
}

/**
 * Gives roles a second key, or takes it out again, and says what is to be done next.
 * @throws {KeysError} if the file cannot be used, or not in this state
 */
export async function changeKeys({ rotate, retire, role }: RotationOptions, io: Io): Promise<void> {
  const roles = role ? [role] : keyRoles;
  const whose = role ? `"${role}" has` : 'every role has';
  const hangUp = 'send every node SIGHUP';
  if (rotate !== undefined) {
    await replaceFile(rotate, formatKeys(rotateKeys(readKeyFile(rotate), roles, rotate)));
    io.out(`${rotate}: ${whose} a new key, and the one before is still valid`);
    io.err(`${hangUp}, give the new keys to whoever sends the old ones, and then:`);
    io.err(`  unanimous keygen --retire ${rotate}${role ? ` --role ${role}` : ''}`);
  } else if (retire !== undefined) {
    await replaceFile(retire, formatKeys(retireKeys(readKeyFile(retire), roles, retire)));
    io.out(`${retire}: ${whose} one key`);
    io.err(`${hangUp}: until it gets that, a node still takes the second key`);
  }
}

/**
 * Puts `text` in the place of a file, whole or not at all. Whoever reads it now goes on reading it,
 * but for others than its owner and group.
 * @throws {CommandError} if that fails: the file is as it was
 */
async function replaceFile(file: string, text: string): Promise<void> {
  try {
    // A link to the file stays one, and a file of the nodes' user stays theirs.
    const target = await realpath(file);
    const { uid, gid, mode } = await stat(target);
    const whole = `${target}.${process.pid}.tmp`;
    const handle = await open(whole, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.chown(uid, gid);
      await handle.chmod(mode & 0o640);
      await handle.sync();
      await rename(whole, target);
    } catch (error) {
      await rm(whole, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
    const folder = await open(dirname(target), 'r');
    await folder.sync().finally(() => folder.close());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(1, `cannot write ${file}: ${reason}`);
  }
}
