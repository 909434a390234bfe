import { useEffect, useState } from 'preact/hooks';
import { money } from '../../cli/amounts.ts';
import type { ApiError, Transfer } from '../../sdk/index.ts';
import { doubtInWords } from '../doubt-words.ts';
import { inWords, whyAborted } from '../in-words.ts';
import { CancelTransfer } from '../parts/cancel-transfer.tsx';
import { Records } from '../parts/log-records.tsx';
import { Problem } from '../parts/problem.tsx';
import { ReverseTransfer } from '../parts/reverse-transfer.tsx';
import { SequenceDiagram } from '../parts/sequence-diagram.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { Facts, Legs, Participants } from '../parts/transfer-facts.tsx';
import { branchesOf, nothingYet, watchTransfer, type Watched } from '../watch-transfer.ts';

/** What loads faster than this shows no sign of loading. Milliseconds. */
const patienceMs = 300;

/** One transfer, alive while it runs. */
export function TransferView({ id }: { readonly id: string }) {
  return <Followed key={id} id={id} />;
}

function Followed({ id }: { readonly id: string }) {
  const [watched, setWatched] = useState<Watched>(nothingYet);
  useEffect(() => {
    const end = new AbortController();
    void watchTransfer(id, setWatched, end.signal);
    return () => {
      end.abort();
    };
  }, [id]);
  const { transfer, timeline, failed, told, lost, problem } = watched;
  return (
    <>
      <h1>
        Transfer <span class="transfer-id">{id}</span>
      </h1>
      {failed && <NotNow failed={failed} seen={transfer} />}
      {!transfer && !failed && <Waiting />}
      {transfer && timeline && (
        <>
          <Head transfer={transfer} />
          <Words situation={{ transfer, timeline, branches: branchesOf(told), problem }} />
          <Told told={told} />
          <h2>Step by step</h2>
          {lost > 0 && (
            <p class="wait">
              The coordinator was restarted meanwhile: {lost} of these steps it does not know any
              more, and they are drawn as this page has seen them.
            </p>
          )}
          <SequenceDiagram timeline={timeline} branches={branchesOf(told)} />
          <h2>What it moves</h2>
          <Legs legs={transfer.legs} />
          <h2>Participants</h2>
          <Participants transfer={transfer} />
          <h2>More about it</h2>
          <Facts transfer={transfer} />
          <h2>On record</h2>
          <Records id={id} nodes={timeline.nodes} />
        </>
      )}
    </>
  );
}

function Waiting() {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => {
      setLate(true);
    }, patienceMs);
    return () => {
      clearTimeout(timer);
    };
  }, []);
  return late ? <p role="status">The coordinator is asked for it…</p> : null;
}

function Head({ transfer }: { readonly transfer: Transfer }) {
  const { id, state, applied, legs } = transfer;
  return (
    <div class="row transfer-head">
      <span role="status">
        <StateBadge state={state} />{' '}
        {state === 'committed' &&
          (applied ? 'applied everywhere' : 'not confirmed by everyone yet')}
      </span>
      <strong>{totals(legs)}</strong>
      {state === 'preparing' && <CancelTransfer id={id} />}
      {state === 'committed' && <ReverseTransfer transfer={transfer} />}
    </div>
  );
}

/** What the legs of each currency come to. */
function totals(legs: Transfer['legs']): string {
  const sums = new Map<string, bigint>();
  for (const { amount, currency } of legs) {
    sums.set(currency, (sums.get(currency) ?? 0n) + BigInt(amount));
  }
  return [...sums].map(([currency, sum]) => money(sum, currency)).join(', ');
}

function Words({ situation }: { readonly situation: Parameters<typeof inWords>[0] }) {
  const why = whyAborted(situation);
  return (
    <>
      <p>{inWords(situation).join(' ')}</p>
      {why.length > 0 && (
        <p>
          <strong>Why it was aborted:</strong> {why.join(' ')}
        </p>
      )}
    </>
  );
}

function Told({ told }: Pick<Watched, 'told'>) {
  if (told.size === 0) return null;
  return (
    <>
      <h2>What participants say themselves</h2>
      <ul>
        {[...told].map(([name, one]) => (
          <li key={name}>{doubtInWords(name, one).join(' ')}</li>
        ))}
      </ul>
    </>
  );
}

/** Why there is no answer, and what that means for what was seen before. */
function NotNow({ failed, seen }: { failed: ApiError; seen: Transfer | undefined }) {
  const { archivedTo } = failed.problem ?? {};
  if (failed.code === 'transfer-not-found' && seen && seen.state !== 'preparing') {
    return (
      <p class="notice bad" role="status">
        This coordinator has never begun this transfer: it is another one than before, or runs on an
        old copy of its store. What was decided stays decided. Below is what this page had seen.
      </p>
    );
  }
  if (failed.code === 'transfer-not-found' && seen) {
    return (
      <p class="notice wait" role="status">
        The coordinator was restarted, and this transfer had not been forced to its disk: it was
        never decided, and counts as aborted everywhere. Below is what this page had seen.
      </p>
    );
  }
  if (failed.code === 'transfer-not-found') {
    return (
      <p role="status">
        This coordinator has never begun a transfer with this id. Compare it with the one that its
        client was told; it may be of another coordinator.
      </p>
    );
  }
  if (archivedTo !== undefined) {
    return (
      <p role="status">
        The transfer has ended, and an operator has moved its records to <code>{archivedTo}</code>.
        How it ended is not known here any more: presume nothing, and look it up there.
      </p>
    );
  }
  const what = seen
    ? 'This is how it was seen last; the page goes on as soon as it has an answer.'
    : 'The transfer cannot be shown.';
  return <Problem error={failed} tried="reading" what={what} />;
}
