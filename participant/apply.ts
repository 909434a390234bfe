/** The only thing that changes the state; also the replay after a crash. Pure. */
import type {
  Aborted,
  Branch,
  BranchRecord,
  Committed,
  Confirmed,
  Damaged,
  Dismissed,
  Prepared,
  Resolved,
} from './records.ts';
import { invariant, see, settle, type State } from './state.ts';
import { applyWatermark } from './watermark.ts';

export function apply(state: State, record: BranchRecord): void {
  switch (record.type) {
    case 'prepared':
      applyPrepared(state, record);
      return;
    case 'committed':
      applyCommitted(state, record);
      return;
    case 'aborted':
      applyAborted(state, record);
      return;
    case 'resolved':
      applyResolved(state, record);
      return;
    case 'confirmed':
      applyConfirmed(state, record);
      return;
    case 'damaged':
      applyDamaged(state, record);
      return;
    case 'dismissed':
      applyDismissed(state, record);
      return;
    case 'watermark':
      applyWatermark(state, record);
      return;
    case 'remembered':
      remember(state, record.branch);
      return;
    case 'seen': {
      const { type, store, ...seen } = record;
      state.coordinators.set(store, seen);
      return;
    }
  }
}

function applyPrepared(state: State, record: Prepared): void {
  const { type, at, ...rest } = record;
  const { id, coordinator, legs, lowerTs } = record;
  invariant(!state.branches.has(id), `${id} is prepared once`);
  state.branches.set(id, { state: 'prepared', preparedAt: at, ...rest });
  state.prepared.add(id);
  state.resource.prepared(legs);
  see(state, coordinator, { id, timestamp: lowerTs });
}

function applyCommitted(state: State, { id, at, timestamp, entries }: Committed): void {
  const branch = state.branches.get(id);
  invariant(branch?.state === 'prepared', `${id} commits only from prepared`);
  state.resource.committed(branch.legs, entries);
  settle(state, { timestamp, decidedAt: at, ...branch, state: 'committed' });
  see(state, branch.coordinator, { timestamp, committed: timestamp });
}

function applyAborted(state: State, aborted: Aborted): void {
  const { type, at, ...record } = aborted;
  const { id, coordinator } = record;
  const branch = state.branches.get(id);
  invariant(!branch || branch.state === 'prepared', `${id} aborts from none or prepared`);
  if (branch) state.resource.aborted(branch.legs);
  const before = branch ?? { peers: [], legs: [] };
  settle(state, { decidedAt: at, ...before, ...record, state: 'aborted' });
  see(state, coordinator, { id });
}

/** The branch stays in doubt: whoever resolved it may have been wrong. */
function applyResolved(state: State, { id, at, outcome, reason, entries }: Resolved): void {
  const branch = state.branches.get(id);
  invariant(branch?.state === 'prepared', `${id} is resolved only from prepared`);
  if (outcome === 'committed') state.resource.committed(branch.legs, entries);
  else state.resource.aborted(branch.legs);
  state.branches.set(id, { ...branch, state: 'resolved', resolution: { outcome, reason, at } });
}

function applyConfirmed(state: State, { id, at, state: decision, timestamp }: Confirmed): void {
  const branch = state.branches.get(id);
  invariant(branch?.state === 'resolved', `${id} is confirmed only from resolved`);
  const when = timestamp === undefined ? {} : { timestamp };
  settle(state, { ...branch, state: decision, ...when, decidedAt: at });
  see(state, branch.coordinator, { ...when, committed: timestamp ?? 0 });
}

function applyDamaged(state: State, record: Damaged): void {
  const { id, at, state: decision, timestamp, damage: entries, coordinator } = record;
  const known = state.branches.get(id);
  invariant(!known || known.state === 'resolved', `${id} is damaged from none or resolved`);
  const before = known ?? (coordinator && { id, coordinator, peers: [], legs: entries });
  invariant(before !== undefined, `damage without another record names the coordinator of ${id}`);
  const when = timestamp === undefined ? {} : { timestamp };
  const damage = { state: decision, entries };
  state.branches.set(id, { ...before, state: 'damaged', ...when, decidedAt: at, damage });
  state.prepared.delete(id);
  state.damaged.add(id);
  see(state, before.coordinator, { id, ...when, committed: timestamp ?? 0 });
}

/** The compensation is prepared and committed in one step: nobody comes in between. */
function applyDismissed(state: State, { id, at, reason, entries }: Dismissed): void {
  const branch = state.branches.get(id);
  const damage = branch?.damage;
  invariant(branch?.state === 'damaged' && damage !== undefined, `${id} is dismissed when damaged`);
  const compensated = entries.length > 0;
  if (compensated) {
    state.resource.prepared(damage.entries);
    state.resource.committed(damage.entries, entries);
  }
  settle(state, { ...branch, state: damage.state, dismissal: { reason, at, compensated } });
}

function remember(state: State, branch: Branch): void {
  const { id, state: is, coordinator, timestamp = 0 } = branch;
  state.branches.set(id, branch);
  if (is === 'resolved') state.prepared.add(id);
  if (is === 'damaged') state.damaged.add(id);
  see(state, coordinator, { id, timestamp, committed: timestamp });
}
