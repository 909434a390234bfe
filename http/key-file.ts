import { readFileSync } from 'node:fs';
import type { KeyRing } from './key-ring.ts';
import { KeysError, parseKeys, type KeySet } from './keys.ts';

/** What reading keys again is told to. */
interface Logger {
  info(details: object, message: string): void;
  error(details: object, message: string): void;
}

/**
 * The keys in a file.
 * @throws {KeysError} if it cannot be read, or not be used
 */
export function readKeyFile(file: string): KeySet {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason =
      code === 'ENOENT' ? `there is no file ${file}` : `cannot read ${file}: ${message}`;
    throw new KeysError(`${reason}; make it with unanimous keygen, readable for this node`);
  }
  return parseKeys(text, file);
}

/**
 * Reads the file again. Its keys count at once, for what comes and for what is sent; a file that
 * cannot be used changes nothing, and the log says why.
 * @param keys null: this node asks for none (`--insecure`)
 */
export function reloadKeys(keys: KeyRing | null, file: string | undefined, logger: Logger): void {
  if (keys === null || file === undefined) {
    logger.info({}, 'there are no keys to read again: this node runs with --insecure');
    return;
  }
  try {
    keys.replace(readKeyFile(file));
  } catch (error) {
    if (!(error instanceof KeysError)) throw error;
    logger.error({ file, keys: keys.count() }, `the keys stay as they were: ${error.message}`);
    return;
  }
  logger.info({ file, keys: keys.count() }, `the keys of ${file} were read again, and count now`);
}
