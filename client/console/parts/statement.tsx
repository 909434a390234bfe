import { useState } from 'preact/hooks';
import { formatAmount } from '../../cli/amounts.ts';
import type { Account, Entry } from '../../sdk/index.ts';
import { participant } from '../api.ts';
import { firstOf, type Beginning } from '../first-of.ts';
import { hrefOf } from '../router.ts';
import { Ago } from './ago.tsx';
import { usePolled } from './polled.ts';
import { Problem } from './problem.tsx';

/** How many entries are shown at first, and how many more at a time: a page of the API. */
const atOnce = 100;

interface Booked extends Beginning<Entry> {
  /** Where an operator has moved what is older. */
  readonly archivedTo?: string;
}

interface StatementProps {
  /** Of the participant. */
  readonly name: string;
  readonly account: Account;
}

/** What was booked on an account, newest first. */
export function Statement({ name, account: { id, currency } }: StatementProps) {
  const [most, setMost] = useState(atOnce);
  const load = async (_id: string, signal: AbortSignal): Promise<Booked> => {
    let archivedTo: string | undefined;
    const onArchived = (folder: string) => {
      archivedTo = folder;
    };
    const found = await firstOf(participant(name).entries(id, { signal, onArchived }), most);
    return { ...found, ...(archivedTo !== undefined && { archivedTo }) };
  };
  // The node reads old entries from its log: only the newest page is worth that again and again.
  const isLong = most > atOnce;
  const { read, again } = usePolled([id], load, { variant: most, once: isLong });
  const { value, error } = read.get(id) ?? {};
  return (
    <section aria-labelledby="statement">
      <h2 id="statement">Statement</h2>
      {!read.has(id) && <p class="loading">Reading the statement …</p>}
      {error !== undefined && (
        <Problem error={error} tried="reading" what="The statement could not be read." />
      )}
      {isLong && (
        <p class="quiet">
          This long a statement is not kept up to date by itself.{' '}
          <button type="button" onClick={again}>
            Read it again
          </button>
        </p>
      )}
      {value?.items.length === 0 && <p class="quiet">Nothing was booked yet.</p>}
      {value && value.items.length > 0 && <Entries entries={value.items} currency={currency} />}
      {value?.more && (
        <p>
          <button
            type="button"
            onClick={() => {
              setMost(most + atOnce);
            }}
          >
            Show {atOnce} older ones
          </button>
        </p>
      )}
      {value?.archivedTo !== undefined && (
        <p class="quiet">What is older was moved to {value.archivedTo}.</p>
      )}
    </section>
  );
}

/** What each kind of entry is, in words. */
const kinds: Readonly<Record<Entry['kind'], string>> = {
  opening: 'opened with',
  transfer: 'transfer',
  resolution: 'settled by an operator',
  compensation: 'made right by an operator',
};

interface EntriesProps {
  readonly entries: readonly Entry[];
  readonly currency: string;
}

function Entries({ entries, currency }: EntriesProps) {
  return (
    <div class="scroll" role="region" aria-label="Entries" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Booked</th>
            <th scope="col">For</th>
            <th scope="col" class="amount">
              Amount {currency}
            </th>
            <th scope="col" class="amount">
              Balance after
            </th>
          </tr>
        </thead>
        <tbody>
          {entries.map(({ at, kind, amount, balance, transferId }, index) => (
            <tr key={entries.length - index}>
              <td class="nowrap">
                <Ago at={at} />
              </td>
              <td>
                {kinds[kind]}{' '}
                {transferId !== undefined && (
                  <a class="nowrap" href={hrefOf('transfers', transferId)}>
                    {transferId}
                  </a>
                )}
              </td>
              <td class="amount">
                {amount > 0 ? '+' : ''}
                {formatAmount(amount, currency)}
              </td>
              <td class="amount">{formatAmount(balance, currency)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
