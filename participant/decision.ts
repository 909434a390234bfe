/** Commit and abort: how the coordinator's decision meets a branch. Pure. */
import type { Abort, Breach, Commit, Reaction, Reply } from './messages.ts';
import type { Branch, BranchRecord } from './records.ts';
import { decisionOf, invariant, isForgotten, type State } from './state.ts';

/** COMMIT: applied from prepared only. Below the watermark it was applied, and is forgotten. */
export function commit(state: State, { id, at, timestamp }: Commit): Reaction {
  const branch = state.branches.get(id);
  if (!branch) {
    if (!isForgotten(state, id)) return refuse(id, 'unknown-branch');
    return { records: [], reply: { id, state: 'committed' }, forced: true };
  }
  switch (decisionOf(branch)) {
    case 'aborted':
      return refuse(id, 'already-aborted');
    case 'committed':
      if (branch.timestamp !== timestamp) return refuse(id, 'already-committed');
      return { records: [], reply: acknowledge(branch, 'committed'), forced: true };
    case undefined:
      if (branch.state === 'resolved') return meet(branch, { at, state: 'committed', timestamp });
  }
  const entries = state.resource.commit(branch.legs);
  const committed = { type: 'committed', at, id, timestamp, entries } as const;
  return { records: [committed], reply: { id, state: 'committed' }, forced: true };
}

/**
 * ABORT: releases what is prepared. Without a record it leaves a tombstone, forced before the
 * acknowledgement: whatever message of this transfer is still on its way must find it.
 */
export function abort(state: State, { id, at, coordinator }: Abort): Reaction {
  const branch = state.branches.get(id);
  const aborted = { type: 'aborted', at, id, coordinator } as const;
  if (!branch) {
    const records = isForgotten(state, id) ? [] : [aborted];
    return { records, reply: { id, state: 'aborted' }, forced: true };
  }
  switch (decisionOf(branch)) {
    case 'committed':
      return refuse(id, 'already-committed');
    case 'aborted':
      return { records: [], reply: acknowledge(branch, 'aborted'), forced: true };
    case undefined:
      if (branch.state === 'resolved') return meet(branch, { at, state: 'aborted' });
  }
  return { records: [aborted], reply: { id, state: 'aborted' }, forced: false };
}

interface Decision {
  readonly at: string;
  readonly state: 'committed' | 'aborted';
  readonly timestamp?: number;
}

/**
 * The decision about a branch that an operator has resolved. It never changes what was booked:
 * when it differs, what it lacks is on record as damage, and that acknowledges it.
 */
function meet({ id, legs, resolution }: Branch, decision: Decision): Reaction {
  invariant(resolution !== undefined, `${id} is resolved by somebody`);
  const { state } = decision;
  if (resolution.outcome === state) {
    const confirmed: BranchRecord = { type: 'confirmed', id, ...decision };
    return { records: [confirmed], reply: { id, state }, forced: true };
  }
  const sign = state === 'committed' ? 1 : -1;
  const damage = legs.map(({ account, amount, currency }) => ({
    account,
    currency,
    amount: sign * amount,
  }));
  const damaged: BranchRecord = { type: 'damaged', id, ...decision, damage };
  return { records: [damaged], reply: { id, state, damage }, forced: true };
}

const acknowledge = ({ id, damage }: Branch, state: 'committed' | 'aborted'): Reply => ({
  id,
  state,
  ...(damage && { damage: damage.entries }),
});

/** A message that contradicts what is on record, or that nothing is known about. */
export const refuse = (id: string, refused: Breach): Reaction => ({
  records: [],
  reply: { id, refused },
  forced: true,
});
