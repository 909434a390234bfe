/** Reads again and again, while the page is looked at. */
import { useEffect, useState } from 'preact/hooks';
import { keys } from '../api.ts';

/** From the end of one reading to the next. Milliseconds. */
const pauseMs = 3_000;

/** What was read last, and why the newest attempt has failed, if it has. */
export interface Polled<T> {
  readonly value?: T;
  readonly error?: unknown;
}

interface Reading<T> {
  /** By name; one that is not there has not been answered yet. */
  readonly read: ReadonlyMap<string, Polled<T>>;
  /** Reads all of them at once. */
  readonly again: () => void;
  /** Takes what was heard in another way, and reads again. */
  readonly put: (name: string, value: T) => void;
}

interface PollOptions {
  /** What else `load` depends on: another one reads anew. */
  readonly variant?: number;
  /** Reads once, and then only when told. */
  readonly once?: boolean;
}

/** Reads what each name stands for, each at its own pace: one that is slow holds up no other. */
export function usePolled<T>(
  names: readonly string[],
  load: (name: string, signal: AbortSignal) => Promise<T>,
  { variant = 0, once = false }: PollOptions = {},
): Reading<T> {
  const [read, setRead] = useState<ReadonlyMap<string, Polled<T>>>(new Map());
  const [round, setRound] = useState(0);
  useEffect(() => {
    const left = new AbortController();
    setRead((before) => new Map([...before].filter(([name]) => names.includes(name))));
    for (const name of names) {
      const tell = (news: Polled<T>) => {
        // What ends with the view has not failed.
        if (left.signal.aborted) return;
        setRead((before) => new Map(before).set(name, { ...before.get(name), ...news }));
      };
      void follow((signal) => load(name, signal), tell, once, left.signal);
    }
    return () => {
      left.abort();
    };
  }, [keys.value, names.join(' '), variant, once, round]);
  const again = () => {
    setRound((before) => before + 1);
  };
  const put = (name: string, value: T) => {
    setRead((before) => new Map(before).set(name, { value }));
    again();
  };
  return { read, again, put };
}

/** Until it is left. Any error is told, and what a page shows of it is the view's. */
async function follow<T>(
  load: (signal: AbortSignal) => Promise<T>,
  tell: (news: Polled<T>) => void,
  once: boolean,
  left: AbortSignal,
): Promise<void> {
  while (!left.aborted) {
    if (!document.hidden) {
      const news = await load(left).then(
        (value) => ({ value, error: undefined }),
        (error: unknown) => ({ error }),
      );
      tell(news);
      if (once) return;
    }
    await new Promise((next) => setTimeout(next, pauseMs));
  }
}
