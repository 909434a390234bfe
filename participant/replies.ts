import type { Membership } from './participant.ts';

/** What the coordinator has answered to an inquiry. */
export type DecisionReply = { readonly id: string; readonly store: string } & (
  | { readonly state: 'committed'; readonly timestamp: number }
  | { readonly state: 'aborted' | 'presumed-aborted' | 'pending' }
);

/** The decision in a reply, or undefined if it is not exactly one: nothing is ever guessed. */
export function parseDecision(status: number, body: unknown): DecisionReply | undefined {
  if (status !== 200) return undefined;
  const { id, state, timestamp, coordinator } = fieldsOf(body);
  const { store } = fieldsOf(coordinator);
  if (typeof id !== 'string' || typeof store !== 'string') return undefined;
  if (state === 'committed') {
    if (typeof timestamp !== 'number' || !Number.isSafeInteger(timestamp)) return undefined;
    return { id, store, state, timestamp };
  }
  const undecided = state === 'aborted' || state === 'presumed-aborted' || state === 'pending';
  return undecided ? { id, store, state } : undefined;
}

/** What the coordinator has answered to a registration, or undefined if it is not that. */
export function parseMembership(status: number, body: unknown): Membership | undefined {
  if (status !== 200 && status !== 201) return undefined;
  const { name, coordinator, peers } = fieldsOf(body);
  const { store, epoch } = fieldsOf(coordinator);
  if (typeof name !== 'string' || typeof store !== 'string') return undefined;
  if (typeof epoch !== 'number' || !Array.isArray(peers)) return undefined;
  return {
    name,
    coordinator: { store, epoch },
    peers: peers as { name: string; store: string; address: string }[],
  };
}

function fieldsOf(value: unknown): Record<string, unknown> & Partial<Record<Field, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

type Field = 'id' | 'state' | 'timestamp' | 'coordinator' | 'store' | 'epoch' | 'name' | 'peers';
