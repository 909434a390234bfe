/** Waiting that ends: by a limit, and by the caller's signal. */

/** What the timers of every platform can count. Milliseconds. */
const longestTimerMs = 2 ** 31 - 1;

/** The wait before another try, with full jitter: its bound doubles from `least` to `most`. */
export function backoff(
  attempt: number,
  random: () => number,
  { least, most }: { readonly least: number; readonly most: number },
): number {
  return Math.max(least, random() * Math.min(most, least * 2 ** attempt));
}

/**
 * Does `work` with a signal that ends it after `ms` milliseconds, and waits for it no longer, even
 * if it does not listen.
 * @throws what `late` gives, if it takes longer
 * @throws the reason of `signal` once it is aborted
 */
export async function within<T>(
  ms: number,
  { signal, late }: { signal: AbortSignal | undefined; late: () => Error },
  work: (ended: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const end = new AbortController();
  const stop = () => {
    end.abort(signal?.reason);
  };
  const timer = setTimeout(
    () => {
      end.abort(late());
    },
    Math.min(ms, longestTimerMs),
  );
  signal?.addEventListener('abort', stop, { once: true });
  const ended = new Promise<never>((_, reject) => {
    const onAbort = () => {
      reject(new Error('ended'));
    };
    end.signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work(end.signal), ended]);
  } catch (error) {
    end.signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

/**
 * Waits `ms` milliseconds.
 * @throws the reason of `signal` once it is aborted
 */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, Math.min(ms, longestTimerMs));
    signal?.addEventListener('abort', end, { once: true });
  });
  signal?.throwIfAborted();
}
