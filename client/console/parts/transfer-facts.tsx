import { formatAmount } from '../../cli/amounts.ts';
import type { Transfer } from '../../sdk/index.ts';
import { hrefOf } from '../router.ts';
import { Ago } from './ago.tsx';
import { StateBadge } from './state-badge.tsx';

/** What a transfer moves, leg by leg. */
export function Legs({ legs }: Pick<Transfer, 'legs'>) {
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label="Legs">
      <table>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">To</th>
            <th scope="col" class="amount">
              Amount
            </th>
          </tr>
        </thead>
        <tbody>
          {legs.map(({ from, to, amount, currency }) => (
            <tr>
              <td>
                <Account path={from} />
              </td>
              <td>
                <Account path={to} />
              </td>
              <td class="amount">
                {formatAmount(amount, currency)} {currency}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** An account of a leg, such as `bank-a/alice`. */
function Account({ path }: { readonly path: string }) {
  const at = path.indexOf('/');
  return <a href={hrefOf('accounts', path.slice(0, at), path.slice(at + 1))}>{path}</a>;
}

/** What each participant has voted, and what it has confirmed. */
export function Participants({ transfer }: { readonly transfer: Transfer }) {
  const { id, participants } = transfer;
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label="Participants">
      <table>
        <thead>
          <tr>
            <th scope="col">Participant</th>
            <th scope="col">Vote</th>
            <th scope="col">State</th>
            <th scope="col">Why not</th>
          </tr>
        </thead>
        <tbody>
          {participants.map(({ name, vote, state, code, account }) => (
            <tr key={name}>
              <th scope="row">
                <a href={hrefOf('in-doubt', name, id)} aria-label={`The part of ${name}`}>
                  {name}
                </a>
              </th>
              <td>{vote}</td>
              <td>
                <StateBadge state={state} />
              </td>
              <td>
                {code}
                {account !== undefined && ` on ${account}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What its client has said of it, when it was what, and what it has to do with others. */
export function Facts({ transfer }: { readonly transfer: Transfer }) {
  const { createdAt, decidedAt, timestamp, reference, metadata = {} } = transfer;
  const { reverses, reversals = [] } = transfer;
  return (
    <dl class="transfer-facts">
      <dt>Created</dt>
      <dd>
        <Ago at={createdAt} />
      </dd>
      {decidedAt !== undefined && (
        <>
          <dt>Decided</dt>
          <dd>
            <Ago at={decidedAt} />
          </dd>
        </>
      )}
      {timestamp !== undefined && (
        <>
          <dt>Commit timestamp</dt>
          <dd>{timestamp}</dd>
        </>
      )}
      {reference !== undefined && (
        <>
          <dt>Reference</dt>
          <dd>{reference}</dd>
        </>
      )}
      {Object.entries(metadata).map(([name, value]) => (
        <>
          <dt>
            <code>{name}</code>
          </dt>
          <dd>{value}</dd>
        </>
      ))}
      {reverses !== undefined && (
        <>
          <dt>Reverses</dt>
          <dd>
            <a href={hrefOf('transfers', reverses)}>{reverses}</a>
          </dd>
        </>
      )}
      {reversals.length > 0 && (
        <>
          <dt>Reversed by</dt>
          <dd>
            {reversals.map((id) => (
              <a key={id} class="listed" href={hrefOf('transfers', id)}>
                {id}
              </a>
            ))}
          </dd>
        </>
      )}
    </dl>
  );
}
