/** What peers are told, and how a store that was restored catches up. Pure. */
import { commit, refuse } from './decision.ts';
import type { CatchUp, Conditions, Inquire, Reaction } from './messages.ts';
import type { BranchRecord, Prepared } from './records.ts';
import { decisionOf, isForgotten, type State } from './state.ts';

/**
 * A peer's question (PROTOCOL.md, inquiry). Whoever has no record and has never voted can still
 * make the transfer impossible, by a tombstone; not so below the watermark, where having no
 * record means nothing, nor while this store may be an old copy.
 */
export function inquire(
  state: State,
  { at, id, coordinator }: Inquire,
  { isConfirmed }: Conditions,
): Reaction {
  const branch = state.branches.get(id);
  const unknown: Reaction = { records: [], reply: { id, state: 'unknown' }, forced: true };
  if (!branch) {
    if (!isConfirmed || isForgotten(state, id)) return unknown;
    const tombstone = { type: 'aborted', at, id, coordinator } as const;
    return { records: [tombstone], reply: { id, state: 'aborted' }, forced: true };
  }
  const decision = decisionOf(branch);
  if (!decision) return unknown;
  const { timestamp } = branch;
  const when = decision === 'committed' && timestamp !== undefined ? { timestamp } : {};
  return { records: [], reply: { id, state: decision, ...when }, forced: true };
}

/**
 * What the coordinator says that this store once promised, and may have lost: commits, or is in
 * doubt again. Nobody is asked whether that is wanted; what cannot be booked in the end is damage.
 */
export function catchUp(state: State, event: CatchUp): Reaction {
  const { at, id, coordinator, timestamp, legs, peers, lowerTs, timeoutMs, isLast } = event;
  if (state.branches.has(id) || isForgotten(state, id)) {
    if (timestamp !== undefined) return commit(state, { ...event, type: 'commit', timestamp });
    return { records: [], reply: { id, state: 'prepared' }, forced: true };
  }
  const refusal = state.resource.prepare(legs, true);
  // What it needs may come with another one, or, if it is not decided yet, with its decision.
  if (refusal && !(isLast && timestamp !== undefined)) return refuse(id, 'unknown-branch');
  if (timestamp === undefined) {
    return { records: [promise()], reply: { id, state: 'prepared' }, forced: true };
  }
  if (refusal) {
    const damage = legs;
    const damaged: BranchRecord = {
      type: 'damaged',
      at,
      id,
      state: 'committed',
      timestamp,
      damage,
      coordinator,
    };
    return { records: [damaged], reply: { id, state: 'committed', damage }, forced: true };
  }
  const entries = state.resource.commit(legs);
  const committed: BranchRecord = { type: 'committed', at, id, timestamp, entries };
  return { records: [promise(), committed], reply: { id, state: 'committed' }, forced: true };

  function promise(): Prepared {
    return { type: 'prepared', at, id, coordinator, peers, legs, lowerTs, timeoutMs };
  }
}
