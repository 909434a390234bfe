/**
 * A participant's half of two-phase commit with presumed abort (PROTOCOL.md, participant).
 *
 *            prepare, voted yes            commit
 *   (none) ─────────────────────► prepared ──────► committed
 *      │                             │     abort
 *      │  prepare, voted no          └───────────► aborted
 *      └─────────────────────────────────────────► aborted
 *         abort that came before its prepare (a tombstone)
 *
 * No timer leaves prepared: whoever voted yes has promised. Pure: no clock, randomness or IO.
 */

/** One leg as this participant sees it: a debit is negative. Minor units. */
export interface BranchLeg {
  readonly account: string;
  readonly amount: number;
  readonly currency: string;
}

/** What commit does to one account. */
export interface Entry {
  readonly account: string;
  readonly amount: number;
  /** The account's balance after it. */
  readonly balance: number;
}

/** Why a branch cannot be promised: a problem code, and the account it is about. */
export interface Refusal {
  readonly code: string;
  readonly account: string;
  readonly detail: string;
}

/**
 * What takes part in transfers: the ledger here, or a resource of your own. The imperative
 * methods decide and change nothing; the past tense ones apply what the log has recorded, live
 * and in replay, and must not fail. After `prepared`, commit cannot be refused.
 */
export interface Resource {
  /** The vote: null is a yes. */
  prepare(legs: readonly BranchLeg[]): Refusal | null;
  prepared(legs: readonly BranchLeg[]): void;
  /** What committing these prepared legs will do. */
  commit(legs: readonly BranchLeg[]): readonly Entry[];
  committed(legs: readonly BranchLeg[], entries: readonly Entry[]): void;
  aborted(legs: readonly BranchLeg[]): void;
}

/** A coordinator as a message names it. */
export interface Sender {
  readonly store: string;
  readonly epoch: number;
}

export interface Prepared {
  readonly type: 'prepared';
  readonly at: string;
  readonly id: string;
  readonly coordinator: Sender;
  readonly peers: readonly string[];
  readonly legs: readonly BranchLeg[];
  readonly lowerTs: number;
  /** The time that was left to vote: an inquiry waits twice as long. Milliseconds. */
  readonly timeoutMs: number;
}

export interface Committed {
  readonly type: 'committed';
  readonly at: string;
  readonly id: string;
  readonly timestamp: number;
  readonly entries: readonly Entry[];
}

export interface Aborted {
  readonly type: 'aborted';
  readonly at: string;
  readonly id: string;
  readonly coordinator: Sender;
  /** Why this participant voted no. */
  readonly code?: string;
  readonly account?: string;
}

/** A decided branch in a checkpoint: its entries are in the balances already. */
export interface Remembered {
  readonly type: 'remembered';
  readonly branch: Branch;
}

export type BranchRecord = Prepared | Committed | Aborted | Remembered;

export interface Branch {
  readonly id: string;
  readonly state: 'prepared' | 'committed' | 'aborted';
  readonly coordinator: Sender;
  readonly peers: readonly string[];
  readonly legs: readonly BranchLeg[];
  readonly lowerTs?: number;
  readonly timeoutMs?: number;
  readonly timestamp?: number;
  readonly code?: string;
  readonly account?: string;
  readonly preparedAt?: string;
  readonly decidedAt?: string;
}

interface Common {
  readonly at: string;
  readonly id: string;
  readonly coordinator: Sender;
}

export type Event =
  | ({ readonly type: 'prepare' } & Common & Omit<Prepared, 'type'>)
  | ({ readonly type: 'commit'; readonly timestamp: number } & Common)
  | ({ readonly type: 'abort' } & Common);

/** The answer to one event. `refused` breaks the protocol: it is no vote, and an alarm. */
export type Reply =
  | { readonly id: string; readonly vote: 'yes' }
  | ({ readonly id: string; readonly vote: 'no'; readonly code: string } & Partial<Refusal>)
  | { readonly id: string; readonly state: 'committed' | 'aborted' }
  | { readonly id: string; readonly refused: Breach };

export type Breach =
  'unknown-branch' | 'already-committed' | 'already-aborted' | 'legs-differ' | 'wrong-store';

export interface Reaction {
  readonly records: readonly BranchRecord[];
  readonly reply: Reply;
  /** Whether the reply waits until the log is durable; presumed abort lets a no go at once. */
  readonly forced: boolean;
}

export interface State {
  readonly branches: Map<string, Branch>;
  /** Branches that have promised and not been decided: in doubt. */
  readonly prepared: Set<string>;
  /** The highest epoch seen of each coordinator's store. */
  readonly coordinators: Map<string, number>;
  readonly resource: Resource;
}

/** The state of an empty log. */
export function initial(resource: Resource): State {
  return { branches: new Map(), prepared: new Set(), coordinators: new Map(), resource };
}

/** Whether a PREPARE comes from before the coordinator's last known start: not to be voted on. */
export function isStale(state: State, { store, epoch }: Sender): boolean {
  return epoch < (state.coordinators.get(store) ?? 0);
}

/** Decides what a message leads to. A duplicate makes no record but is answered alike. */
export function receive(state: State, event: Event): Reaction {
  if (!event.id.startsWith(`${event.coordinator.store}-`)) return refuse(event, 'wrong-store');
  switch (event.type) {
    case 'prepare':
      return prepare(state, event);
    case 'commit':
      return commit(state, event);
    case 'abort':
      return abort(state, event);
  }
}

function prepare(state: State, event: Event & { type: 'prepare' }): Reaction {
  const { id, at, coordinator } = event;
  const branch = state.branches.get(id);
  if (branch?.state === 'committed') return refuse(event, 'already-committed');
  if (branch?.state === 'aborted') {
    const { code = 'already-aborted', account } = branch;
    return {
      records: [],
      reply: { id, vote: 'no', code, ...(account && { account }) },
      forced: false,
    };
  }
  if (branch) {
    const same = JSON.stringify(branch.legs) === JSON.stringify(event.legs);
    if (!same) return refuse(event, 'legs-differ');
    return { records: [], reply: { id, vote: 'yes' }, forced: true };
  }
  const refusal = state.resource.prepare(event.legs);
  if (refusal) {
    const { code, account } = refusal;
    const tombstone: Aborted = { type: 'aborted', at, id, coordinator, code, account };
    return { records: [tombstone], reply: { id, vote: 'no', ...refusal }, forced: false };
  }
  const { peers, legs, lowerTs, timeoutMs } = event;
  const prepared: Prepared = {
    type: 'prepared',
    at,
    id,
    coordinator,
    peers,
    legs,
    lowerTs,
    timeoutMs,
  };
  return { records: [prepared], reply: { id, vote: 'yes' }, forced: true };
}

function commit(state: State, event: Event & { type: 'commit' }): Reaction {
  const { id, at, timestamp } = event;
  const branch = state.branches.get(id);
  if (!branch) return refuse(event, 'unknown-branch');
  if (branch.state === 'aborted') return refuse(event, 'already-aborted');
  const reply: Reply = { id, state: 'committed' };
  if (branch.state === 'committed') {
    if (branch.timestamp !== timestamp) return refuse(event, 'already-committed');
    return { records: [], reply, forced: true };
  }
  const entries = state.resource.commit(branch.legs);
  return { records: [{ type: 'committed', at, id, timestamp, entries }], reply, forced: true };
}

function abort(state: State, event: Event & { type: 'abort' }): Reaction {
  const { id, at, coordinator } = event;
  const branch = state.branches.get(id);
  if (branch?.state === 'committed') return refuse(event, 'already-committed');
  const records: Aborted[] =
    branch?.state === 'aborted' ? [] : [{ type: 'aborted', at, id, coordinator }];
  return { records, reply: { id, state: 'aborted' }, forced: false };
}

const refuse = ({ id }: Event, refused: Breach): Reaction => ({
  records: [],
  reply: { id, refused },
  forced: true,
});

/** The only thing that changes the state; also the replay after a crash. */
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
    case 'remembered':
      state.branches.set(record.branch.id, record.branch);
      see(state, record.branch.coordinator);
      return;
  }
}

function applyPrepared(state: State, record: Prepared): void {
  const { type, at, ...rest } = record;
  invariant(!state.branches.has(record.id), `${record.id} is prepared once`);
  state.branches.set(record.id, { ...rest, state: 'prepared', preparedAt: at });
  state.prepared.add(record.id);
  state.resource.prepared(record.legs);
  see(state, record.coordinator);
}

function applyCommitted(state: State, { id, at, timestamp, entries }: Committed): void {
  const branch = state.branches.get(id);
  invariant(branch?.state === 'prepared', `${id} commits only from prepared`);
  state.resource.committed(branch.legs, entries);
  state.branches.set(id, { ...branch, state: 'committed', timestamp, decidedAt: at });
  state.prepared.delete(id);
}

function applyAborted(state: State, aborted: Aborted): void {
  const { type, at, ...record } = aborted;
  const branch = state.branches.get(record.id);
  invariant(!branch || branch.state === 'prepared', `${record.id} aborts from none or prepared`);
  if (branch) state.resource.aborted(branch.legs);
  const before = branch ?? { peers: [], legs: [] };
  state.branches.set(record.id, { ...before, ...record, state: 'aborted', decidedAt: at });
  state.prepared.delete(record.id);
  see(state, record.coordinator);
}

function see({ coordinators }: State, { store, epoch }: Sender): void {
  coordinators.set(store, Math.max(epoch, coordinators.get(store) ?? 0));
}

/** The branches of whose coordinator nothing was heard: whoever recovers must inquire. */
export function owed(state: State): Branch[] {
  return [...state.prepared].flatMap((id) => state.branches.get(id) ?? []);
}

/** The shortest log that rebuilds this state, after the resource's own. */
export function* summarise(state: State): Iterable<BranchRecord> {
  for (const branch of state.branches.values()) {
    if (branch.state !== 'prepared') {
      yield { type: 'remembered', branch };
      continue;
    }
    const { id, coordinator, peers, legs, lowerTs = 0, timeoutMs = 0, preparedAt = '' } = branch;
    const promise = { id, coordinator, peers, legs, lowerTs, timeoutMs };
    yield { type: 'prepared', at: preparedAt, ...promise };
  }
}

function invariant(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new Error(`broken invariant: ${rule}`);
}
