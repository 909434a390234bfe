/** What operators may do about doubt and damage, on the record (PROTOCOL.md, operators). Pure. */
import type { Dismissed, Refusal, Resolved } from './records.ts';
import type { State } from './state.ts';

/** What a resolution or dismissal leads to: records, perhaps none, or why it may not be. */
export type Verdict<R> =
  | { readonly records: readonly R[] }
  | { readonly refused: 'unknown-branch' | 'branch-decided' | 'no-damage' }
  | { readonly refusal: Refusal };

/** Ends the doubt about a branch without the decision. It may prove wrong: then it is damaged. */
export function resolve(
  state: State,
  wanted: Omit<Resolved, 'type' | 'entries'>,
): Verdict<Resolved> {
  const branch = state.branches.get(wanted.id);
  if (!branch) return { refused: 'unknown-branch' };
  if (branch.state === 'resolved' && branch.resolution?.outcome === wanted.outcome) {
    return { records: [] };
  }
  if (branch.state !== 'prepared') return { refused: 'branch-decided' };
  const entries = wanted.outcome === 'committed' ? state.resource.commit(branch.legs) : [];
  return { records: [{ type: 'resolved', ...wanted, entries }] };
}

/** Books what the decision lacks on the accounts, if wanted, and puts the damage away. */
export function dismiss(
  state: State,
  wanted: Omit<Dismissed, 'type' | 'entries'> & { readonly compensate: boolean },
): Verdict<Dismissed> {
  const { id, at, reason, compensate } = wanted;
  const branch = state.branches.get(id);
  if (!branch) return { refused: 'unknown-branch' };
  if (branch.dismissal) return { records: [] };
  if (!branch.damage) return { refused: 'no-damage' };
  const lack = compensate ? branch.damage.entries : [];
  const refusal = state.resource.prepare(lack, true);
  if (refusal) return { refusal };
  const entries = state.resource.commit(lack);
  return { records: [{ type: 'dismissed', at, id, reason, entries }] };
}
