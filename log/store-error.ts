/** What stops a node at its start: one clear sentence that names the file and the way out. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}
