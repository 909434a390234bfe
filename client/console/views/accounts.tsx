import { useState } from 'preact/hooks';
import { formatAmount } from '../../cli/amounts.ts';
import type { Account, ParticipantInfo } from '../../sdk/index.ts';
import { participant } from '../api.ts';
import { byName } from '../doubt.ts';
import { firstOf, type Beginning } from '../first-of.ts';
import { participants, reached } from '../nodes.ts';
import { usePolled, type Polled } from '../parts/polled.ts';
import { Problem } from '../parts/problem.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { hrefOf } from '../router.ts';

/** How many accounts of each participant are shown at first, and how many more at a time. */
const atOnce = 200;

/** The accounts of all participants, or of one. */
export function Accounts({ only }: { readonly only?: string | undefined }) {
  const [text, setText] = useState('');
  const [most, setMost] = useState(atOnce);
  const shown = participants.value
    .filter(({ name }) => only === undefined || name === only)
    .sort(byName);
  const { read } = usePolled(
    shown.map(({ name }) => name),
    (name, signal) => firstOf(participant(name).accounts({}, { signal }), most),
    { variant: most },
  );
  return (
    <>
      <h1>{only === undefined ? 'Accounts' : `Accounts of ${only}`}</h1>
      {only !== undefined && (
        <p>
          <a href={hrefOf('accounts')}>The accounts of all participants</a>
        </p>
      )}
      <div class="field filter">
        <label for="filter">Show only those with this text</label>
        <input
          id="filter"
          type="search"
          placeholder="alice, bank-a/, USD, frozen"
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value);
          }}
        />
      </div>
      {shown.length === 0 && <None only={only} />}
      {shown.map((info) => (
        <AccountsOf
          key={info.name}
          info={info}
          text={text}
          polled={read.get(info.name)}
          onMore={() => {
            setMost(most + atOnce);
          }}
        />
      ))}
    </>
  );
}

function None({ only }: { readonly only: string | undefined }) {
  if (reached.value.state !== 'here') return <p class="loading">Asking for the participants …</p>;
  return only === undefined ? (
    <p>
      No participant has registered yet. Accounts are kept by participants: start one with{' '}
      <code>unanimous participant</code>, and it appears here by itself.
    </p>
  ) : (
    <p>No participant is named {only}.</p>
  );
}

interface AccountsOfProps {
  readonly info: ParticipantInfo;
  readonly text: string;
  readonly polled: Polled<Beginning<Account>> | undefined;
  readonly onMore: () => void;
}

function AccountsOf({ info: { name, health }, text, polled, onMore }: AccountsOfProps) {
  const { items: accounts = [], more = false } = polled?.value ?? {};
  const found = accounts.filter((account) => matches(name, account, text));
  return (
    <section aria-labelledby={`of-${name}`}>
      <h2 id={`of-${name}`}>
        <a href={hrefOf('accounts', name)}>{name}</a> <StateBadge state={health} />
      </h2>
      {polled === undefined && <p class="loading">Asking {name} …</p>}
      {polled?.error !== undefined && (
        <Problem
          error={polled.error}
          tried="reading"
          what={
            polled.value
              ? `${name} does not tell its accounts now; these are as they were told last.`
              : `${name} does not tell its accounts. It is asked again every few seconds.`
          }
        />
      )}
      {found.length > 0 && <AccountTable name={name} accounts={found} />}
      {polled?.value && found.length === 0 && (
        <p class="quiet">
          {accounts.length === 0 ? (
            <>
              No accounts yet. Open one with <code>unanimous open {name}/alice 100.00 USD</code>.
            </>
          ) : (
            `None of ${accounts.length} accounts ${more ? 'that are loaded ' : ''}has this text.`
          )}
        </p>
      )}
      {more && (
        <p>
          The first {accounts.length} are loaded, and there are more.{' '}
          <button type="button" onClick={onMore}>
            Load {atOnce} more
          </button>
        </p>
      )}
    </section>
  );
}

/** What a person may have typed: part of a path, a currency, or `frozen`. */
function matches(name: string, { id, currency, frozen }: Account, text: string): boolean {
  const all = `${name}/${id} ${currency} ${frozen ? 'frozen' : ''}`.toLowerCase();
  return all.includes(text.trim().toLowerCase());
}

interface AccountTableProps {
  readonly name: string;
  readonly accounts: readonly Account[];
}

function AccountTable({ name, accounts }: AccountTableProps) {
  return (
    <div class="scroll">
      <table class="accounts">
        <thead>
          <tr>
            <th scope="col">Account</th>
            <th scope="col" class="amount">
              Posted
            </th>
            <th scope="col" class="amount">
              Held
            </th>
            <th scope="col" class="amount">
              Available
            </th>
            <th scope="col" class="amount">
              Minimum
            </th>
            <th scope="col">Currency</th>
            <th scope="col">Frozen</th>
          </tr>
        </thead>
        <tbody>
          {accounts.map(({ id, currency, posted, held, available, minimum, frozen }) => (
            <tr key={id}>
              <th scope="row">
                <a href={hrefOf('accounts', name, id)}>{id}</a>
              </th>
              <td class="amount">{formatAmount(posted, currency)}</td>
              <td class={held > 0 ? 'amount wait' : 'amount quiet'}>
                {formatAmount(held, currency)}
              </td>
              <td class="amount">{formatAmount(available, currency)}</td>
              <td class="amount quiet">{formatAmount(minimum, currency)}</td>
              <td>{currency}</td>
              <td>
                {frozen ? <strong class="bad">frozen</strong> : <span class="quiet">no</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
