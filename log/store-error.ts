/** What stops a node at its start: one clear sentence that names the file and the way out. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

/**
 * A record that is not as it was written.
 * @param reason the end of "record 7 …"
 */
export const damaged = (path: string, sequence: number, reason: string): StoreError =>
  new StoreError(
    `${path} is damaged: record ${sequence} ${reason}. ` +
      'Restore the store from a backup, and repair only a copy of it',
  );

/** A file that was there once. */
export const missing = (path: string): StoreError =>
  new StoreError(`${path} is missing: restore the store from a backup`);

/** Why something has failed, as the end of a sentence. */
export const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** A database does not answer, or not now: the same may succeed later. */
export class AwayError extends Error {
  override readonly name = 'AwayError';
}
