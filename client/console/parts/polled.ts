/** Reads again and again, while the page is looked at. */
import { useEffect, useState } from 'preact/hooks';
import { keys } from '../api.ts';

/** From the end of one reading to the next. Milliseconds. */
const pauseMs = 3_000;

/** How long what is under way may go on when nobody waits for it any more. Milliseconds. */
const graceMs = 1_000;

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
    const ended = new AbortController();
    let isLeft = false;
    setRead((before) => new Map([...before].filter(([name]) => names.includes(name))));
    for (const name of names) {
      const tell = (news: Polled<T>) => {
        if (isLeft) return;
        setRead((before) => new Map(before).set(name, { ...before.get(name), ...news }));
      };
      const goesOn = () => !once && !isLeft;
      const isWanted = () => once || !document.hidden;
      void follow(() => load(name, ended.signal), tell, { isWanted, goesOn });
    }
    return () => {
      isLeft = true;
      // What hangs would keep others from their connections: a browser opens only a few.
      setTimeout(() => {
        ended.abort();
      }, graceMs);
    };
  }, [keys.value.client, names.join(' '), variant, once, round]);
  const again = () => {
    setRound((before) => before + 1);
  };
  const put = (name: string, value: T) => {
    setRead((before) => new Map(before).set(name, { value }));
    again();
  };
  return { read, again, put };
}

/** Any error is told: what a page shows of it is up to the view. */
async function follow<T>(
  load: () => Promise<T>,
  tell: (news: Polled<T>) => void,
  { isWanted, goesOn }: { readonly isWanted: () => boolean; readonly goesOn: () => boolean },
): Promise<void> {
  do {
    if (isWanted()) {
      const news = await load().then(
        (value) => ({ value, error: undefined }),
        (error: unknown) => ({ error }),
      );
      tell(news);
    }
    await new Promise((next) => setTimeout(next, pauseMs));
  } while (goesOn());
}
