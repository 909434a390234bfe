import { formatAmount, money } from '../../cli/amounts.ts';
import type { Account, Branch } from '../../sdk/index.ts';
import { participant } from '../api.ts';
import { firstOf, type Beginning } from '../first-of.ts';
import { Ago } from '../parts/ago.tsx';
import { usePolled } from '../parts/polled.ts';
import { Problem } from '../parts/problem.tsx';
import { Statement } from '../parts/statement.tsx';
import { hrefOf } from '../router.ts';

/** How many promises on the account are listed. */
const mostPromises = 100;

interface AccountProps {
  readonly name: string;
  readonly id: string;
}

/** One account: its figures, what is promised, and what was booked. */
export function AccountView({ name, id }: AccountProps) {
  const path = `${name}/${id}`;
  const { read } = usePolled([path], async (_path, signal) => {
    const node = participant(name);
    const [account, promises] = await Promise.all([
      node.account(id, { signal }),
      firstOf(node.branches({ state: 'prepared', account: id }, { signal }), mostPromises),
    ]);
    return { account, promises };
  });
  const { value, error } = read.get(path) ?? {};
  return (
    <>
      <p>
        <a href={hrefOf('accounts')}>Accounts</a> / <a href={hrefOf('accounts', name)}>{name}</a>
      </p>
      <h1>{path}</h1>
      {!read.has(path) && <p class="loading">Asking {name} …</p>}
      {error !== undefined && (
        <Problem
          error={error}
          tried="reading"
          what={
            value
              ? `${name} does not tell this account now; this is what it told last.`
              : `${name} does not tell this account. It is asked again every few seconds.`
          }
        />
      )}
      {value && (
        <>
          <Figures {...value.account} />
          <Promises account={value.account} promises={value.promises} />
          <Statement key={path} name={name} account={value.account} />
        </>
      )}
    </>
  );
}

function Figures({ currency, posted, held, available, minimum, frozen }: Account) {
  const figures = [
    { term: 'Posted', amount: posted, about: 'what was booked' },
    { term: 'Held', amount: held, about: 'what prepared transfers may still take' },
    { term: 'Available', amount: available, about: 'posted less held' },
    { term: 'Minimum', amount: minimum, about: 'available never goes below it' },
  ];
  return (
    <>
      <dl class="cards figures">
        {figures.map(({ term, amount, about }) => (
          <div class="card" key={term}>
            <dt>{term}</dt>
            <dd>{money(amount, currency)}</dd>
            <dd class="quiet">{about}</dd>
          </div>
        ))}
      </dl>
      {frozen && (
        <p>
          <strong class="bad">Frozen:</strong> new transfers are refused; what was prepared before
          goes on.
        </p>
      )}
    </>
  );
}

interface PromisesProps {
  readonly account: Account;
  readonly promises: Beginning<Branch>;
}

function Promises({ account: { id, currency }, promises: { items, more } }: PromisesProps) {
  return (
    <section aria-labelledby="promised">
      <h2 id="promised">Promised and not decided yet</h2>
      {items.length === 0 ? (
        <p class="quiet">Nothing: no transfer holds anything of this account.</p>
      ) : (
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">Transfer</th>
                <th scope="col" class="amount">
                  Amount
                </th>
                <th scope="col">Effect now</th>
                <th scope="col">Promised</th>
              </tr>
            </thead>
            <tbody>
              {items.flatMap((branch) =>
                branch.legs
                  .filter(({ account }) => account === id)
                  .map(({ amount }, index) => (
                    <tr key={`${branch.id} ${index}`}>
                      <th scope="row" class="nowrap">
                        <a href={hrefOf('transfers', branch.id)}>{branch.id}</a>
                      </th>
                      <td class="amount">{formatAmount(amount, currency)}</td>
                      <td>{amount < 0 ? 'held' : 'comes when it is committed'}</td>
                      <td>{branch.preparedAt !== undefined && <Ago at={branch.preparedAt} />}</td>
                    </tr>
                  )),
              )}
            </tbody>
          </table>
        </div>
      )}
      {more && <p class="quiet">The newest {mostPromises} transfers are listed; there are more.</p>}
    </section>
  );
}
