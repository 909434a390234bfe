import { scheduler } from 'node:timers/promises';

export interface Patience {
  /** How long to look. Milliseconds; 20 000 unless told. */
  readonly ms?: number;
  /** Gives up early, with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Between two looks at another process, which tells nobody when it is done. Milliseconds. */
const pauseMs = 10;

/**
 * Looks again until `look` finds something.
 * @throws {Error} which says what was not found in time
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  { ms = 20_000, signal }: Patience = {},
): Promise<T> {
  const end = performance.now() + ms;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await scheduler.wait(pauseMs);
    signal?.throwIfAborted();
  }
}
