/** Prepare, and the commit in one phase: what this participant promises, or refuses. Pure. */
import type { CommitOnePhase, Conditions, Prepare, Reaction } from './messages.ts';
import type { Aborted, Branch, Prepared, Refusal } from './records.ts';
import { refuse } from './decision.ts';
import { decisionOf, isForgotten, type State } from './state.ts';

/** PREPARE: the vote. A duplicate makes no record but is answered alike. */
export function prepare(state: State, event: Prepare, conditions: Conditions): Reaction {
  const { id } = event;
  const branch = state.branches.get(id);
  if (branch) return prepareAgain(branch, event);
  if (isForgotten(state, id)) return refuse(id, 'forgotten');
  if (conditions.isStorageLow) {
    return { records: [], reply: { id, vote: 'no', ...storageLow }, forced: false };
  }
  const refusal = state.resource.prepare(event.legs);
  if (refusal) {
    return {
      records: [noOf(event, refusal)],
      reply: { id, vote: 'no', ...refusal },
      forced: false,
    };
  }
  return { records: [promiseOf(event, event.peers)], reply: { id, vote: 'yes' }, forced: true };
}

function prepareAgain(branch: Branch, event: Prepare): Reaction {
  const { id } = event;
  if (branch.state === 'resolved') return refuse(id, 'resolved');
  switch (decisionOf(branch)) {
    case 'committed':
      return refuse(id, 'already-committed');
    case 'aborted': {
      const { code = 'already-aborted', account } = branch;
      const reply = { id, vote: 'no', code, ...(account && { account }) } as const;
      return { records: [], reply, forced: false };
    }
    case undefined:
      if (!isSame(branch, event)) return refuse(id, 'legs-differ');
      return { records: [], reply: { id, vote: 'yes' }, forced: true };
  }
}

/**
 * COMMIT-ONE-PHASE: this participant alone decides, and every answer is on record before it leaves:
 * a delayed copy of the message must find it. It votes instead when balances at or above the
 * timestamp were served: they did not show this transfer (PROTOCOL.md, snapshots).
 */
export function commitOnePhase(
  state: State,
  event: CommitOnePhase,
  { served, isStorageLow }: Conditions,
): Reaction {
  const { id, at, timestamp, legs } = event;
  const branch = state.branches.get(id);
  if (branch) return commitOnePhaseAgain(branch, event);
  if (isForgotten(state, id)) return refuse(id, 'forgotten');
  const refusal = isStorageLow ? storageLow : state.resource.prepare(legs);
  if (refusal) {
    const reply = { id, state: 'aborted', ...refusal } as const;
    return { records: [noOf(event, refusal)], reply, forced: true };
  }
  const promise = promiseOf(event, []);
  if (timestamp <= served) {
    return { records: [promise], reply: { id, state: 'prepared' }, forced: true };
  }
  const entries = state.resource.commit(legs);
  const committed = { type: 'committed', at, id, timestamp, entries } as const;
  return { records: [promise, committed], reply: { id, state: 'committed' }, forced: true };
}

function commitOnePhaseAgain(branch: Branch, event: CommitOnePhase): Reaction {
  const { id } = event;
  const decision = decisionOf(branch);
  if (decision) {
    const { code, account, damage } = branch;
    const why = { ...(code && { code }), ...(account && { account }) };
    const lack = damage && { damage: damage.entries };
    return { records: [], reply: { id, state: decision, ...why, ...lack }, forced: true };
  }
  if (branch.state === 'resolved') return refuse(id, 'resolved');
  if (!isSame(branch, event)) return refuse(id, 'legs-differ');
  return { records: [], reply: { id, state: 'prepared' }, forced: true };
}

const storageLow: Refusal = { code: 'storage-low', detail: 'the disk has no room for promises' };

const isSame = (branch: Branch, { legs }: Prepare | CommitOnePhase) =>
  JSON.stringify(branch.legs) === JSON.stringify(legs);

function promiseOf(event: Prepare | CommitOnePhase, peers: readonly string[]): Prepared {
  const { at, id, coordinator, legs, lowerTs, timeoutMs } = event;
  return { type: 'prepared', at, id, coordinator, peers, legs, lowerTs, timeoutMs };
}

function noOf({ at, id, coordinator }: Prepare | CommitOnePhase, refusal: Refusal): Aborted {
  const { code, account } = refusal;
  return { type: 'aborted', at, id, coordinator, code, ...(account && { account }) };
}
