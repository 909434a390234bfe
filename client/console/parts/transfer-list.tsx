import { useEffect, useRef, useState } from 'preact/hooks';
import type { Transfer, TransferFilter } from '../../sdk/index.ts';
import { coordinator, keys } from '../api.ts';
import { firstOf } from '../first-of.ts';
import { isOlder, matches, newest, refreshed } from '../listing.ts';
import { following, recent } from '../live.ts';
import { clock } from './clock.ts';
import { Problem } from './problem.tsx';
import { TransferRows } from './transfer-rows.tsx';

/** Rows on a page. */
const pageRows = 50;

/** No list grows beyond: a filter finds more. */
const mostRows = 1_000;

/** Between two announcements of how many have come. Milliseconds. */
const announceMs = 10_000;

/** Rows that stay, and where what is older comes from. */
interface Held {
  readonly rows: readonly Transfer[];
  readonly older: AsyncIterator<Transfer>;
  readonly isComplete: boolean;
}

/** Transfers as they come, the newest first, until somebody holds them to read. */
export function TransferList({ filter }: { readonly filter: TransferFilter }) {
  const { listed, error } = useListed(filter);
  const [held, setHeld] = useState<Held>();
  const [failed, setFailed] = useState<unknown>();
  const [isReading, setReading] = useState(false);
  const pointed = useRef<readonly Transfer[] | null>(null);
  const live = recent.value;
  const moving = newest(live, listed, filter, pageRows);
  const rows = refreshed(held?.rows ?? pointed.current ?? moving, live);
  const [top] = rows;
  const fresh = live.filter((one) => matches(one, filter) && top && isOlder(top, one)).length;
  const hold = () => ({ rows, older: openList(filter), isComplete: false });
  const readOlder = async (from: Held) => {
    setHeld(from);
    setReading(true);
    setFailed(undefined);
    try {
      const more = await withOlder(from);
      // Else somebody has gone on live meanwhile.
      setHeld((now) => (now === from ? more : now));
    } catch (reason) {
      setHeld((now) => (now === from ? { ...from, older: openList(filter) } : now));
      setFailed(reason);
    } finally {
      setReading(false);
    }
  };
  return (
    <>
      <div class="row">
        {held ? (
          <button
            type="button"
            onClick={() => {
              setHeld(undefined);
            }}
          >
            {fresh === 0 ? 'Go on live' : `Go on live (${countOf(fresh)} new)`}
          </button>
        ) : (
          <button
            type="button"
            onClick={() => {
              setHeld(hold());
            }}
          >
            Pause
          </button>
        )}
        <Came />
      </div>
      {error !== undefined && <Problem error={error} tried="reading" />}
      <TransferRows
        rows={rows}
        onHold={(isHeld) => {
          pointed.current = isHeld ? (pointed.current ?? rows) : null;
        }}
      />
      {rows.length === 0 && <Empty isFiltered={Object.keys(filter).length > 0} />}
      {failed !== undefined && <Problem error={failed} tried="reading" />}
      {rows.length > 0 && !held?.isComplete && (
        <button type="button" disabled={isReading} onClick={() => void readOlder(held ?? hold())}>
          {isReading ? 'Reading…' : 'Older'}
        </button>
      )}
      {held?.isComplete && <p class="quiet">{endOf(held)}</p>}
    </>
  );
}

/** What the coordinator lists under a filter; without one, events have told as much. */
function useListed(filter: TransferFilter): { listed: readonly Transfer[]; error?: unknown } {
  const [read, setRead] = useState<{ listed: readonly Transfer[]; error?: unknown }>({
    listed: [],
  });
  useEffect(() => {
    const left = new AbortController();
    setRead({ listed: [] });
    if (Object.keys(filter).length > 0) {
      firstPage(filter, left.signal).then(
        (listed) => {
          if (!left.signal.aborted) setRead({ listed });
        },
        (error: unknown) => {
          if (!left.signal.aborted) setRead({ listed: [], error });
        },
      );
    }
    return () => {
      left.abort();
    };
  }, [filter, keys.value]);
  return read;
}

async function firstPage(
  filter: TransferFilter,
  signal: AbortSignal,
): Promise<readonly Transfer[]> {
  const list = coordinator().transfers({ ...filter, pageSize: pageRows + 1 }, { signal });
  return (await firstOf(list, pageRows)).items;
}

/** Opened at once, so that the list begins where the rows do, however long they are held. */
function openList(filter: TransferFilter): AsyncIterator<Transfer> {
  const list = coordinator().transfers(filter)[Symbol.asyncIterator]();
  const first = list.next();
  // Told when it is asked for.
  first.catch(() => undefined);
  let isFirst = true;
  return {
    next: () => {
      if (!isFirst) return list.next();
      isFirst = false;
      return first;
    },
  };
}

async function withOlder({ rows, older }: Held): Promise<Held> {
  const more: Transfer[] = [];
  const last = rows.at(-1);
  while (more.length < pageRows) {
    const next = await older.next();
    if (next.done === true) return { rows: [...rows, ...more], older, isComplete: true };
    if (!last || isOlder(next.value, last)) more.push(next.value);
  }
  const all = [...rows, ...more];
  return { rows: all, older, isComplete: all.length >= mostRows };
}

const endOf = ({ rows }: Held) =>
  rows.length < mostRows
    ? 'These are all.'
    : `The first ${mostRows} are shown: a filter finds what is older.`;

const countOf = (fresh: number) => (fresh < 500 ? String(fresh) : '500 or more');

function Empty({ isFiltered }: { readonly isFiltered: boolean }) {
  if (following.value.state === 'opening') return <p class="quiet">Reading…</p>;
  return (
    <p class="quiet">
      {isFiltered
        ? 'No transfer is like this. One that will be appears here by itself.'
        : 'No transfer yet: send the first one above.'}
    </p>
  );
}

/** How many have come lately, said calmly instead of each. */
function Came() {
  const seen = useRef<{ atMs: number; id: string | undefined; said: string }>({
    atMs: clock.value,
    id: recent.peek()[0]?.id,
    said: '',
  });
  if (clock.value - seen.current.atMs >= announceMs) {
    const live = recent.peek();
    const { id } = seen.current;
    const at = id === undefined ? live.length : live.findIndex((one) => one.id === id);
    const came = at < 0 ? live.length : at;
    const said = came === 0 ? '' : `${countOf(came)} new in the last ten seconds`;
    seen.current = { atMs: clock.value, id: live[0]?.id, said };
  }
  return (
    <span role="status" class="quiet">
      {seen.current.said}
    </span>
  );
}
