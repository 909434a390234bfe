/** What a participant knows of branches and of coordinators. Pure. */
import type { Branch, Resource, Seen, Sender, Watermark } from './records.ts';

export interface State {
  /** What is undecided or damaged, and what is decided and not forgotten. */
  readonly branches: Map<string, Branch>;
  /** Branches that have promised and have not heard the decision: also the resolved ones. */
  readonly prepared: Set<string>;
  /** Branches whose decision the accounts do not show. */
  readonly damaged: Set<string>;
  /** What was seen of each coordinator's store. */
  readonly coordinators: Map<string, Seen>;
  /** Of each coordinator's store. */
  readonly watermarks: Map<string, Watermark>;
  readonly resource: Resource;
}

/** The state of an empty log. */
export function initial(resource: Resource): State {
  return {
    branches: new Map(),
    prepared: new Set(),
    damaged: new Set(),
    coordinators: new Map(),
    watermarks: new Map(),
    resource,
  };
}

/** The parts of a transfer id: whose it is, and its place among that store's. */
export function partsOf(id: string): { store: string; epoch: number; number: number } {
  // Without `split`, which makes an array first: every message of every branch comes by here.
  const first = id.indexOf('-');
  const second = id.indexOf('-', first + 1);
  const [store, epoch] = [id.slice(0, first), id.slice(first + 1, second)];
  return { store, epoch: Number(epoch), number: Number(id.slice(second + 1)) };
}

/** Orders transfer ids: those of one store as they were issued. */
export function compareIds(one: string, other: string): number {
  const [a, b] = [partsOf(one), partsOf(other)];
  if (a.store !== b.store) return a.store < b.store ? -1 : 1;
  return a.epoch - b.epoch || a.number - b.number;
}

/** The later start of the same coordinator, if one is known: its old messages get no vote. */
export function newerEpoch(state: State, { store, epoch }: Sender): number | undefined {
  const known = state.coordinators.get(store)?.epoch;
  return known !== undefined && known > epoch ? known : undefined;
}

/**
 * Whether the decision is not known here. A resolved branch is in doubt as well: what an operator
 * has said is not the decision.
 */
export function isInDoubt(state: State, id: string): boolean {
  return state.prepared.has(id);
}

/** What the coordinator has decided, as far as it is known here. */
export function decisionOf(branch: Branch): 'committed' | 'aborted' | undefined {
  switch (branch.state) {
    case 'committed':
    case 'aborted':
      return branch.state;
    case 'damaged':
      return branch.damage?.state;
    case 'prepared':
    case 'resolved':
      return undefined;
  }
}

/** Whether a transfer is settled for good by its coordinator's watermark (PROTOCOL.md). */
export function isForgotten(state: State, id: string): boolean {
  const { store, epoch, number } = partsOf(id);
  const mark = state.watermarks.get(store);
  if (!mark || epoch > mark.epoch || (epoch === mark.epoch && number >= mark.seq)) return false;
  return !mark.except.includes(id);
}

/** Keeps a decided branch, unless the watermark has passed it already. */
export function settle(state: State, branch: Branch): void {
  const { id } = branch;
  if (isForgotten(state, id)) state.branches.delete(id);
  else state.branches.set(id, branch);
  state.prepared.delete(id);
  state.damaged.delete(id);
}

/** Remembers the epoch of a coordinator, and the transfer and the timestamps that it has named. */
export function see(
  state: State,
  { store, epoch }: Sender,
  {
    id,
    timestamp = 0,
    committed = 0,
  }: { id?: string; timestamp?: number; committed?: number } = {},
): void {
  const seen = state.coordinators.get(store);
  const known = seen?.highest;
  const highest = id && (!known || compareIds(id, known) > 0) ? id : known;
  state.coordinators.set(store, {
    epoch: Math.max(epoch, seen?.epoch ?? 0),
    ...(highest && { highest }),
    timestamp: Math.max(timestamp, seen?.timestamp ?? 0),
    committed: Math.max(committed, seen?.committed ?? 0),
  });
}

/** Broken invariants end the node, in production too. */
export function invariant(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new Error(`broken invariant: ${rule}`);
}
