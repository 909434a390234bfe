import { hash } from 'node:crypto';
import type { Transfer } from './protocol.ts';

/** Which transfers a list shows. */
export interface TransferFilter {
  readonly state?: string;
  readonly participant?: string;
  readonly account?: string;
  readonly reference?: string;
}

/** Whether a transfer belongs in the list. */
export function matches(
  { begun, decided }: Pick<Transfer, 'begun' | 'decided'>,
  filter: TransferFilter,
): boolean {
  const { state, participant, account, reference } = filter;
  if (state !== undefined && state !== (decided?.state ?? 'preparing')) return false;
  if (participant !== undefined && !begun.participants.includes(participant)) return false;
  if (reference !== undefined && reference !== begun.reference) return false;
  return (
    account === undefined || begun.legs.some(({ from, to }) => from === account || to === account)
  );
}

/** One text for all JSON values that mean the same: members in order of their names. */
export function fingerprint(body: unknown): string {
  return hash('sha256', canonical(body), 'base64url');
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`);
  return `{${members.join(',')}}`;
}
