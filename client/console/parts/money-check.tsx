import { money } from '../../cli/amounts.ts';
import type { ApiError } from '../../sdk/index.ts';
import { reached } from '../nodes.ts';
import { compareFromNow, snapshots, type Taken } from '../snapshots.ts';
import { compareTotals, openedSince, type TotalNow } from '../totals.ts';
import { Problem } from './problem.tsx';

/** All the money there is, and whether it has stayed the same. */
export function MoneyCheck() {
  const { first, now, error } = snapshots.value;
  return (
    <section aria-labelledby="money">
      <h2 id="money">All the money there is</h2>
      {error && reached.value.state === 'here' && <NoSnapshot error={error} />}
      {first && now ? (
        <Totals first={first} now={now} />
      ) : (
        !error && <p class="quiet">Reading all balances as of one moment…</p>
      )}
    </section>
  );
}

/** A list of transfers in doubt is cut off here. */
const mostInDoubt = 100;

function NoSnapshot({ error }: { readonly error: ApiError }) {
  if (error.code !== 'in-doubt') return <Problem error={error} tried="reading" />;
  const { length } = error.problem?.transfers ?? [];
  const many = length === 1 ? '1 transfer is' : `${length} transfers are`;
  return (
    <p class="wait">
      The totals cannot be told now: {many}
      {length === mostInDoubt && ' (or more)'} in doubt. Nothing is guessed.
    </p>
  );
}

function Totals({ first, now }: { readonly first: Taken; readonly now: Taken }) {
  const totals = compareTotals(first.snapshot, now.snapshot);
  if (totals.length === 0) {
    return (
      <p class="quiet">
        There is no account yet: open one with <code>unanimous open</code>, and its money is counted
        here.
      </p>
    );
  }
  return (
    <>
      <div class="scroll totals">
        <table>
          <caption>
            As of {timeOf(now)}, compared with {timeOf(first)}
          </caption>
          <thead>
            <tr>
              <th scope="col">Currency</th>
              <th scope="col" class="amount">
                Total
              </th>
              <th scope="col">Check</th>
            </tr>
          </thead>
          <tbody>
            {totals.map((total) => (
              <tr key={total.currency}>
                <th scope="row">{total.currency}</th>
                <td class="amount">{money(total.posted, total.currency)}</td>
                <td>
                  <Check total={total} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {totals.some(({ change }) => change !== 0n) && <Changed first={first} now={now} />}
    </>
  );
}

function Check({ total: { currency, change, damage } }: { readonly total: TotalNow }) {
  return (
    <>
      {change === 0n ? (
        <span class="good">✓ conserved</span>
      ) : (
        <span class="bad">! changed by {signed(change, currency)}</span>
      )}
      {damage !== 0n && (
        <span class="bad">
          {' '}
          once {signed(damage, currency)} of damage by an operator is made right
        </span>
      )}
    </>
  );
}

function Changed({ first, now }: { readonly first: Taken; readonly now: Taken }) {
  const opened = openedSince(first.snapshot, now.snapshot);
  const accounts = opened === 1 ? '1 account was opened' : `${opened} accounts were opened`;
  return (
    <p>
      {opened === 0
        ? unexplained
        : `${accounts} meanwhile, and what an account begins with is new money.`}{' '}
      <button type="button" class="small" onClick={compareFromNow}>
        Compare from now on
      </button>
    </p>
  );
}

const unexplained =
  'No account was opened meanwhile, and no transfer changes a total: unless a participant has' +
  ' begun again with other data, look into it with unanimous audit.';

const signed = (amount: bigint, currency: string) =>
  `${amount > 0n ? '+' : ''}${money(amount, currency)}`;

const timeOf = ({ atMs }: Taken) => new Date(atMs).toLocaleTimeString();
