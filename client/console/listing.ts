/** A list of transfers that moves: what stands in it, and in which order. */
import type { Transfer, TransferFilter } from '../sdk/index.ts';

/** Whether the coordinator would list this transfer under the filter (openapi.yaml). */
export function matches(transfer: Transfer, filter: TransferFilter): boolean {
  const { state, participant, account, reference } = filter;
  const paths = transfer.legs.flatMap(({ from, to }) => [from, to]);
  return (
    (state === undefined || transfer.state === state) &&
    (participant === undefined || paths.some((path) => path.startsWith(`${participant}/`))) &&
    (account === undefined || paths.includes(account)) &&
    (reference === undefined || transfer.reference === reference)
  );
}

/** Whether one transfer was begun before another, by their ids: `store-epoch-number`. */
export function isOlder(one: Pick<Transfer, 'id'>, other: Pick<Transfer, 'id'>): boolean {
  const [, epoch = 0, number = 0] = one.id.split('-').map(Number);
  const [, otherEpoch = 0, otherNumber = 0] = other.id.split('-').map(Number);
  return epoch === otherEpoch ? number < otherNumber : epoch < otherEpoch;
}

/**
 * The newest transfers that match: those that events tell of, and behind them what a list had.
 * @param live newest first, all under way and just done
 * @param listed newest first, read before
 */
export function newest(
  live: readonly Transfer[],
  listed: readonly Transfer[],
  filter: TransferFilter,
  most: number,
): Transfer[] {
  const told = new Map(live.map((transfer) => [transfer.id, transfer]));
  const behind = listed.filter(({ id }) => !told.has(id));
  return [...live, ...behind].filter((transfer) => matches(transfer, filter)).slice(0, most);
}

/** The same rows in the same places, each as it stands now. */
export function refreshed(rows: readonly Transfer[], live: readonly Transfer[]): Transfer[] {
  const told = new Map(live.map((transfer) => [transfer.id, transfer]));
  return rows.map((row) => told.get(row.id) ?? row);
}
