/** How transfers look on the wire (openapi.yaml, Transfer). */
import type { FieldError, ProblemCode } from '../http/problems.ts';
import type { Leg, State, Transfer } from './protocol.ts';

/** A transfer as the API shows it, with the reversals of it that are not aborted. */
export function viewTransfer(transfer: Transfer, { reversals }: Pick<State, 'reversals'>) {
  const { begun, decided, ended } = transfer;
  const committed = decided?.state === 'committed';
  return {
    id: begun.id,
    state: decided?.state ?? 'preparing',
    applied: committed && ended !== undefined,
    ...(committed && { timestamp: decided.timestamp }),
    ...(decided?.state === 'aborted' && { reason: reasonCode(decided.reason) }),
    legs: begun.legs,
    participants: begun.participants.map((name) => viewParticipant(transfer, name)),
    ...(begun.reverses && { reverses: begun.reverses.id }),
    ...(reversals.has(begun.id) && { reversals: [...(reversals.get(begun.id)?.keys() ?? [])] }),
    ...(begun.reference !== undefined && { reference: begun.reference }),
    ...(begun.metadata && { metadata: begun.metadata }),
    createdAt: begun.at,
    ...(decided && { decidedAt: decided.at }),
  };
}

/** What one participant has voted, and what state its branch is in for all that is known. */
export function viewParticipant(transfer: Transfer, name: string) {
  const { votes, decided, acknowledged, ended } = transfer;
  const ballot = votes.get(name) ?? { vote: 'none' };
  const damage = transfer.damage.get(name);
  return { name, ...ballot, state: stateOf(), ...(damage && { damage }) };

  function stateOf() {
    if (damage) return 'damaged';
    if (ballot.vote === 'no' || decided?.state === 'aborted') return 'aborted';
    if (decided && (ended || acknowledged.has(name))) return 'committed';
    return ballot.vote === 'yes' ? 'prepared' : 'preparing';
  }
}

/** The codes that a transfer may be aborted with; any other error would say something untrue. */
export const abortReasons: readonly ProblemCode[] = [
  'insufficient-funds',
  'unknown-account',
  'currency-mismatch',
  'balance-limit-exceeded',
  'account-frozen',
  'busy',
  'storage-low',
  'vote-timeout',
  'coordinator-restarted',
  'cancelled',
];

/** A participant's resource may refuse for a reason of its own, which the contract cannot list. */
export function reasonCode(reason: string): ProblemCode {
  return abortReasons.find((code) => code === reason) ?? 'refused-by-participant';
}

/** Why a transfer was aborted, in one sentence. */
export function explain({ begun, votes, decided }: Transfer): string {
  const noes = [...votes].filter(([, { vote }]) => vote === 'no');
  if (noes.length > 0) {
    return noes
      .map(([name, { code, account }]) => {
        return `${name} voted no (${code ?? 'without a reason'}${account ? ` on ${account}` : ''})`;
      })
      .join('; ');
  }
  if (decided?.state === 'aborted' && decided.reason === 'coordinator-restarted') {
    return 'the coordinator stopped before it had decided';
  }
  if (decided?.state === 'aborted' && decided.reason === 'cancelled') {
    return 'it was cancelled before it was decided';
  }
  const missing = begun.participants.filter((name) => !votes.has(name));
  return `no vote of ${missing.join(', ')} was counted within ${begun.timeoutMs} ms`;
}

/** JSON pointer to one side of a leg in the request that named it. */
export function pointerTo(legs: readonly Leg[], leg: number, side: 'from' | 'to'): string {
  return legs.length === 1 ? `/${side}` : `/legs/${leg}/${side}`;
}

/** Which fields of the request the participants' refusals are about. */
export function refusedFields({ begun, votes }: Transfer): FieldError[] {
  return [...votes].flatMap(([name, { vote, code, account }]) => {
    if (vote !== 'no' || account === undefined) return [];
    const address = `${name}/${account}`;
    return begun.legs.flatMap((leg, index) =>
      (['from', 'to'] as const)
        .filter((side) => leg[side] === address)
        .filter((side) => !(code === 'insufficient-funds' && side === 'to'))
        .filter((side) => !(code === 'balance-limit-exceeded' && side === 'from'))
        .map((side) => ({
          pointer: pointerTo(begun.legs, index, side),
          detail: `${address} was refused: ${code ?? 'without a reason'}`,
        })),
    );
  });
}
