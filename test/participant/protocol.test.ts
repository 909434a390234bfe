import t from 'tap';
import { Ledger, type Opened } from '../../participant/ledger.ts';
import {
  apply,
  initial,
  isStale,
  owed,
  receive,
  summarise,
  type BranchRecord,
  type Event,
  type State,
} from '../../participant/protocol.ts';

const at = '2026-11-23T10:00:00.000Z';
const id = 'k3f9q2ma-1-1';
const coordinator = { store: 'k3f9q2ma', epoch: 1 };
const legs = [{ account: 'alice', amount: -60, currency: 'USD' }];

function machine(past: readonly (BranchRecord | Opened)[] = []) {
  const ledger = new Ledger();
  const state = initial(ledger);
  const log: (BranchRecord | Opened)[] = [];
  const keep = (record: BranchRecord | Opened) => {
    log.push(record);
    if (record.type === 'opened') ledger.opened(record);
    else apply(state, record);
  };
  for (const record of past) keep(record);
  if (past.length === 0) {
    keep({ type: 'opened', at, id: 'alice', currency: 'USD', balance: 100, minimum: 0 });
  }
  const feed = (event: Event) => {
    const reaction = receive(state, event);
    reaction.records.forEach(keep);
    return reaction;
  };
  const common = { at, id, coordinator };
  return {
    ledger,
    state,
    log,
    prepare: (more: Partial<Event & { type: 'prepare' }> = {}) =>
      feed({
        type: 'prepare',
        ...common,
        legs,
        peers: ['bank-b'],
        lowerTs: 7,
        timeoutMs: 5000,
        ...more,
      }),
    commit: (more: Partial<Event & { type: 'commit' }> = {}) =>
      feed({ type: 'commit', ...common, timestamp: 8, ...more }),
    abort: (more: Partial<Event & { type: 'abort' }> = {}) =>
      feed({ type: 'abort', ...common, ...more }),
    alice: () => {
      const { posted, held } = ledger.account('alice') ?? {};
      return [posted, held];
    },
  };
}

const stateOf = (state: State, ledger: Ledger) => ({
  branches: [...state.branches],
  prepared: [...state.prepared],
  coordinators: [...state.coordinators],
  accounts: [...ledger.accounts()],
});

const replayed = (past: readonly (BranchRecord | Opened)[]) => {
  const { state, ledger } = machine(past);
  return stateOf(state, ledger);
};

void t.test('a prepare that can be kept is recorded, holds, and votes yes when forced', (t) => {
  const { prepare, state, alice } = machine();
  const { records, reply, forced } = prepare();
  const promise = { at, id, coordinator, peers: ['bank-b'], legs, lowerTs: 7, timeoutMs: 5000 };
  t.strictSame(records, [{ type: 'prepared', ...promise }]);
  t.strictSame(reply, { id, vote: 'yes' });
  t.equal(forced, true);
  t.strictSame(alice(), [100, 60]);
  t.strictSame([...state.prepared], [id]);
  t.strictSame(owed(state), [state.branches.get(id)]);
  t.match(state.branches.get(id), { state: 'prepared', preparedAt: at });
  t.end();
});

void t.test('a prepare that cannot be kept votes no, at once, and stays no', (t) => {
  const { prepare, state, alice, log } = machine();
  const tooMuch = [{ account: 'alice', amount: -101, currency: 'USD' }];
  const { records, reply, forced } = prepare({ legs: tooMuch });
  const reason = { code: 'insufficient-funds', account: 'alice' };
  t.strictSame(records, [{ type: 'aborted', at, id, coordinator, ...reason }]);
  t.match(reply, { id, vote: 'no', ...reason, detail: String });
  t.equal(forced, false, 'presumed abort needs no forced no');
  t.strictSame(alice(), [100, 0]);
  t.strictSame(prepare(), { records: [], reply: { id, vote: 'no', ...reason }, forced: false });
  t.match(state.branches.get(id), { state: 'aborted', legs: [], ...reason });
  t.equal(log.length, 2);
  t.end();
});

void t.test('a repeated prepare is answered alike, with other legs refused', (t) => {
  const { prepare, alice } = machine();
  prepare();
  t.strictSame(prepare(), { records: [], reply: { id, vote: 'yes' }, forced: true });
  t.strictSame(alice(), [100, 60], 'one hold');
  const other = [{ account: 'alice', amount: -61, currency: 'USD' }];
  const refusal = { records: [], reply: { id, refused: 'legs-differ' }, forced: true };
  t.strictSame(prepare({ legs: other }), refusal);
  t.strictSame(alice(), [100, 60]);
  t.end();
});

void t.test('a commit applies what is prepared, once', (t) => {
  const { prepare, commit, state, alice } = machine();
  prepare();
  const entries = [{ account: 'alice', amount: -60, balance: 40 }];
  const committed = { type: 'committed', at, id, timestamp: 8, entries };
  const reply = { id, state: 'committed' };
  t.strictSame(commit(), { records: [committed], reply, forced: true });
  t.strictSame(alice(), [40, 0]);
  t.strictSame(commit(), { records: [], reply, forced: true }, 'acknowledged again, no effect');
  t.strictSame(alice(), [40, 0]);
  t.match(state.branches.get(id), { state: 'committed', timestamp: 8, decidedAt: at });
  t.equal(state.prepared.size, 0);
  const refused = { id, refused: 'already-committed' };
  t.strictSame(commit({ timestamp: 9 }).reply, refused, 'a decision never changes');
  t.end();
});

void t.test('a commit of what was never promised is refused and never applied', (t) => {
  const { commit, abort, alice } = machine();
  t.strictSame(commit(), { records: [], reply: { id, refused: 'unknown-branch' }, forced: true });
  abort();
  t.strictSame(commit().reply, { id, refused: 'already-aborted' });
  t.strictSame(alice(), [100, 0]);
  t.end();
});

void t.test('an abort releases, is acknowledged again, and never undoes a commit', (t) => {
  const { prepare, abort, alice, state } = machine();
  prepare();
  const reply = { id, state: 'aborted' };
  const aborted = { type: 'aborted', at, id, coordinator };
  t.strictSame(abort(), { records: [aborted], reply, forced: false });
  t.strictSame(alice(), [100, 0]);
  t.strictSame(abort(), { records: [], reply, forced: false });
  t.match(state.branches.get(id), { state: 'aborted', legs, peers: ['bank-b'] });
  t.strictSame(prepare().reply, { id, vote: 'no', code: 'already-aborted' });

  const committed = machine();
  committed.prepare();
  committed.commit();
  const refusal = { records: [], reply: { id, refused: 'already-committed' }, forced: true };
  t.strictSame(committed.abort(), refusal);
  t.strictSame(committed.prepare(), refusal);
  t.strictSame(committed.alice(), [40, 0]);
  t.end();
});

void t.test('an abort that comes before its prepare leaves a tombstone', (t) => {
  const { prepare, abort, alice } = machine();
  t.match(abort(), { records: [{ type: 'aborted' }], reply: { state: 'aborted' } });
  t.strictSame(prepare().reply, { id, vote: 'no', code: 'already-aborted' });
  t.strictSame(alice(), [100, 0]);
  t.end();
});

void t.test('a message about an id of another store is refused', (t) => {
  const { prepare, commit, abort, log } = machine();
  const foreign = { coordinator: { store: 'zzzzzzzz', epoch: 1 } };
  const refusal = { records: [], reply: { id, refused: 'wrong-store' }, forced: true };
  for (const reaction of [prepare(foreign), commit(foreign), abort(foreign)]) {
    t.strictSame(reaction, refusal);
  }
  t.equal(log.length, 1);
  t.end();
});

void t.test('a prepare of a past epoch is stale once a newer one was seen', (t) => {
  const { prepare, abort, state } = machine();
  t.notOk(isStale(state, coordinator), 'nothing was seen yet');
  prepare({ coordinator: { store: 'k3f9q2ma', epoch: 2 } });
  t.ok(isStale(state, coordinator));
  t.notOk(isStale(state, { store: 'k3f9q2ma', epoch: 2 }));
  t.notOk(isStale(state, { store: 'zzzzzzzz', epoch: 1 }), 'each store counts for itself');
  abort({ id: 'k3f9q2ma-1-2', coordinator: { store: 'k3f9q2ma', epoch: 3 } });
  t.ok(isStale(state, { store: 'k3f9q2ma', epoch: 2 }));
  abort({ id: 'k3f9q2ma-1-3' });
  t.ok(isStale(state, { store: 'k3f9q2ma', epoch: 2 }), 'an epoch never goes back');
  t.end();
});

void t.test('records that contradict each other break an invariant', (t) => {
  const { prepare, commit, log, state } = machine();
  prepare();
  const [, prepared] = log;
  commit();
  const committed = log[2];
  if (prepared?.type !== 'prepared' || committed?.type !== 'committed') {
    throw new Error('both are recorded');
  }
  t.throws(() => apply(state, prepared), /k3f9q2ma-1-1 is prepared once/);
  t.throws(() => apply(state, committed), /k3f9q2ma-1-1 commits only from prepared/);
  const aborted = { type: 'aborted', at, id, coordinator } as const;
  t.throws(() => apply(state, aborted), /k3f9q2ma-1-1 aborts from none or prepared/);
  t.throws(() => apply(machine().state, committed), /commits only from prepared/);
  t.end();
});

void t.test('replay and summary rebuild an equal state', (t) => {
  const { prepare, commit, abort, ledger, state, log } = machine();
  const one = [{ account: 'alice', amount: -1, currency: 'USD' }];
  prepare();
  for (const n of [2, 3, 4]) prepare({ id: `k3f9q2ma-1-${n}`, legs: one });
  commit();
  abort({ id: 'k3f9q2ma-1-3', coordinator: { store: 'k3f9q2ma', epoch: 4 } });
  abort({ id: 'k3f9q2ma-1-5' });
  prepare({ id: 'k3f9q2ma-1-6' });
  t.match(state.branches.get('k3f9q2ma-1-6'), { state: 'aborted', code: 'insufficient-funds' });
  t.strictSame(replayed(log), stateOf(state, ledger));
  const summary = [...ledger.summarise(), ...summarise(state)];
  t.strictSame(replayed(summary), stateOf(state, ledger));
  const types = ['opened', 'remembered', 'prepared', 'remembered', 'prepared'];
  t.strictSame(
    summary.map(({ type }) => type),
    [...types, 'remembered', 'remembered'],
  );
  t.strictSame(
    owed(state).map((branch) => branch.id),
    ['k3f9q2ma-1-2', 'k3f9q2ma-1-4'],
  );
  t.end();
});

void t.test('a branch without its details is summarised with zeros', (t) => {
  const { state } = machine();
  state.branches.set(id, { id, state: 'prepared', coordinator, peers: [], legs });
  const promise = { id, coordinator, peers: [], legs, lowerTs: 0, timeoutMs: 0 };
  t.strictSame([...summarise(state)], [{ type: 'prepared', at: '', ...promise }]);
  state.prepared.add('gone');
  t.strictSame(owed(state), []);
  t.end();
});
