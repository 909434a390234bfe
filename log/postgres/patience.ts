import type { Clock } from '../clock.ts';

/** How long the database may be away before a write, or a start, is given up. Milliseconds. */
export const patienceMs = 30_000;
/** Between two attempts at the same statement. Milliseconds. */
export const againMs = 200;

/** @throws the signal's reason when that comes first */
export function pause(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      cancel();
      reject(signal?.reason instanceof Error ? signal.reason : new Error('stopped'));
    };
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', stop);
      resolve();
    });
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}
