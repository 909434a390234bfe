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

/** Another process has taken the store: whoever held it follows what that one writes. */
export class TakenError extends StoreError {}

/** Whether that is why, however many say so after one another. */
export function isTaken(error: unknown): boolean {
  if (error instanceof TakenError) return true;
  return error instanceof Error && error.cause !== undefined && isTaken(error.cause);
}

/** Why something has failed, as the end of a sentence. */
export const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** A database does not answer, or not now: the same may succeed later. */
export class AwayError extends Error {
  override readonly name = 'AwayError';
}
