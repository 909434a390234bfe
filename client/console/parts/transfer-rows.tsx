import { money } from '../../cli/amounts.ts';
import type { Transfer } from '../../sdk/index.ts';
import { hrefOf } from '../router.ts';
import { Ago } from './ago.tsx';
import { StateBadge } from './state-badge.tsx';

interface TransferRowsProps {
  readonly rows: readonly Transfer[];
  /** While somebody points at a row, it must stay where it is. */
  readonly onHold: (isHeld: boolean) => void;
}

/** Transfers as a table. */
export function TransferRows({ rows, onHold }: TransferRowsProps) {
  const hold = () => {
    onHold(true);
  };
  const release = () => {
    onHold(false);
  };
  return (
    <div
      class="scroll"
      onPointerEnter={hold}
      onPointerLeave={release}
      onFocusIn={hold}
      onFocusOut={release}
    >
      <table class="wide">
        <thead>
          <tr>
            <th scope="col">Transfer</th>
            <th scope="col">State</th>
            <th scope="col" class="amount">
              Amount
            </th>
            <th scope="col">From → to</th>
            <th scope="col">Reference</th>
            <th scope="col">Begun</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((transfer) => (
            <Row key={transfer.id} transfer={transfer} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ transfer }: { readonly transfer: Transfer }) {
  const { id, state, legs, reason, reference, createdAt, reverses } = transfer;
  const [first, ...more] = legs;
  return (
    <tr>
      <th scope="row">
        <a href={hrefOf('transfers', id)}>
          <code>{id}</code>
        </a>
      </th>
      <td>
        <StateBadge state={state} />
        {reason !== undefined && <div class="quiet">{reason}</div>}
      </td>
      <td class="amount">{first && money(first.amount, first.currency)}</td>
      <td>
        {first && `${first.from} → ${first.to}`}
        {more.length > 0 && <div class="quiet">and {more.length} more</div>}
      </td>
      <td class="reference">
        {reference}
        {reverses !== undefined && <div class="quiet">reverses {reverses}</div>}
      </td>
      <td class="nowrap">
        <Ago at={createdAt} />
      </td>
    </tr>
  );
}
