import t from 'tap';
import { summariseKeys } from '../../coordinator/key-window.ts';
import {
  apply,
  begunBy,
  branchOf,
  initial,
  inquire,
  isIssued,
  isOwed,
  owed,
  participantOf,
  receive,
  summarise,
  watermark,
  type Begun,
  type Event,
  type Fact,
  type Leg,
  type Message,
  type Reaction,
  type State,
  type Summary,
} from '../../coordinator/protocol.ts';
import { keyEntries } from '../fixtures/key-entries.ts';

const at = '2026-11-23T10:00:00.000Z';
const leg: Leg = { from: 'bank-a/alice', to: 'bank-b/bob', amount: 2500, currency: 'USD' };
const first = 'k3f9q2ma-1-1';
const second = 'k3f9q2ma-1-2';

/** A machine on a log in memory. */
function machine(epoch = 1, past: readonly (Fact | Summary)[] = []) {
  const log: Fact[] = [];
  const state = initial('k3f9q2ma', epoch);
  for (const record of past) apply(state, record);
  const feed = (event: Event): Reaction => {
    const reaction = receive(state, event);
    for (const change of [...reaction.notes, ...reaction.records]) apply(state, change);
    log.push(...reaction.records);
    return reaction;
  };
  return {
    state,
    log,
    feed,
    begin: (more: Partial<Event & { type: 'begin' }> = {}) =>
      feed({ type: 'begin', at, legs: [leg], timeoutMs: 5000, lowerTs: 0, ...more }),
    vote: (participant: string, vote: 'yes' | 'no' = 'yes', id = first, reason = {}) =>
      feed({ type: 'vote', at, id, participant, vote, ...reason }),
    acknowledge: (participant: string, state: 'committed' | 'aborted', id = first) =>
      feed({ type: 'acknowledge', at, id, participant, state }),
    expire: (id = first) => feed({ type: 'expire', at, id }),
  };
}

const to = (type: Message['type'], ...names: string[]) =>
  names.map((name) => ({ type, to: name, id: first }));

const silence = { notes: [], records: [], messages: [] };

/** What matters of a state, without the order of memory-only sets. */
const stateOf = (state: State) => ({
  ...state,
  transfers: [...state.transfers],
  keys: keyEntries(state.keys),
  reversals: [...state.reversals].map(([id, by]) => [id, [...by]]),
  active: [...state.active],
});

void t.test(
  'a begin is recorded and asks every participant once, in the order of the legs',
  (t) => {
    const { state, begin } = machine();
    const legs = [
      { ...leg, from: 'bank-b/bob', to: 'bank-c/carol' },
      { ...leg, from: 'bank-c/carol', to: 'bank-a/alice' },
    ];
    const request = { legs, key: 'k', fingerprint: 'f', reference: 'r', metadata: { a: 'b' } };
    const { records, messages, notes } = begin({ ...request, lowerTs: 0 });
    const participants = ['bank-b', 'bank-c', 'bank-a'];
    const begun = { type: 'begun', at, id: first, participants, lowerTs: 0, timeoutMs: 5000 };
    t.strictSame(records, [{ ...begun, ...request }]);
    t.strictSame(messages, to('prepare', 'bank-b', 'bank-c', 'bank-a'));
    t.strictSame(notes, []);
    t.equal(state.sequence, 1);
    t.equal(begunBy(state, 'k'), first);
    t.strictSame([...state.active], [first]);
    t.equal(begin().records[0]?.id, second);
    t.end();
  },
);

void t.test('an order that the edge should have refused breaks an invariant', (t) => {
  const { begin } = machine();
  t.throws(() => begin({ legs: [] }), /broken invariant: a transfer has a leg/);
  for (const amount of [0, -1, 1.5, NaN, Infinity, 2 ** 53]) {
    const legs = [leg, { ...leg, amount }];
    t.throws(() => begin({ legs }), /broken invariant: amount .* is 1 to 2\^53 − 1/, `${amount}`);
  }
  const legs = [{ ...leg, to: leg.from }];
  t.throws(() => begin({ legs }), /not from bank-a\/alice to itself/);
  begin({ key: 'once' });
  t.throws(() => begin({ key: 'once' }), /an idempotency key begins one transfer/);
  begin({ legs: [{ ...leg, amount: Number.MAX_SAFE_INTEGER }] });
  t.end();
});

void t.test('it commits with the last yes and not before', (t) => {
  const { state, begin, vote } = machine();
  begin();
  const half = vote('bank-b');
  t.strictSame(half.records, []);
  t.strictSame(half.messages, []);
  t.strictSame(half.notes, [{ type: 'voted', id: first, participant: 'bank-b', vote: 'yes' }]);
  const { records, messages } = vote('bank-a');
  const votes = { 'bank-a': { vote: 'yes' }, 'bank-b': { vote: 'yes' } };
  const decided = { type: 'decided', at, id: first, votes };
  t.strictSame(records, [{ ...decided, state: 'committed', timestamp: 1 }]);
  t.strictSame(messages, to('commit', 'bank-a', 'bank-b'));
  t.equal(state.timestamp, 1);
  t.end();
});

void t.test('a no is counted when every vote is in, and names its reason', (t) => {
  const { begin, vote } = machine();
  begin();
  const no = vote('bank-a', 'no', first, { code: 'insufficient-funds', account: 'alice' });
  t.strictSame(no.records, []);
  const { records, messages } = vote('bank-b');
  t.match(records, [{ type: 'decided', state: 'aborted', reason: 'insufficient-funds' }]);
  t.strictSame(records.length, 1);
  t.strictSame(messages, to('abort', 'bank-b'), 'whoever voted no needs no abort');
  t.end();
});

void t.test('an abort that everybody voted for has ended', (t) => {
  const { state, begin, vote } = machine();
  begin();
  vote('bank-a', 'no', first, { code: 'unknown-account' });
  const { records, messages } = vote('bank-b', 'no', first, { code: 'currency-mismatch' });
  t.match(records, [{ reason: 'unknown-account' }, { type: 'ended', at, id: first }]);
  t.strictSame(messages, []);
  t.equal(state.active.size, 0);
  t.end();
});

void t.test('a no without a reason is a refusal of the participant, not a lost vote', (t) => {
  const { begin, vote } = machine();
  begin();
  vote('bank-a', 'no');
  t.match(vote('bank-b').records, [{ state: 'aborted', reason: 'refused-by-participant' }]);
  t.end();
});

void t.test('the deadline aborts what is undecided, whatever the votes so far', (t) => {
  const { begin, vote, expire } = machine();
  begin();
  vote('bank-a');
  const { records, messages } = expire();
  const votes = { 'bank-a': { vote: 'yes' }, 'bank-b': { vote: 'none' } };
  t.match(records, [{ state: 'aborted', reason: 'vote-timeout', votes }]);
  t.strictSame(messages, to('abort', 'bank-a', 'bank-b'));
  t.strictSame(expire(), silence, 'only once');
  t.strictSame(expire('k3f9q2ma-1-9'), silence, 'and only what is known');

  const other = machine();
  other.begin();
  other.vote('bank-a', 'no', first, { code: 'insufficient-funds' });
  t.match(other.expire().records, [{ reason: 'insufficient-funds' }], 'a no goes before silence');
  t.end();
});

void t.test('a late, repeated, foreign or unknown vote changes nothing', (t) => {
  const { begin, vote, expire, state } = machine();
  begin();
  vote('bank-a');
  t.strictSame(vote('bank-a', 'no'), silence, 'the first vote counts');
  t.strictSame(vote('bank-z'), silence, 'nobody else is asked');
  t.strictSame(vote('bank-a', 'yes', 'k3f9q2ma-1-9'), silence, 'unknown transfer');
  expire();
  t.strictSame(vote('bank-b'), silence, 'it is decided');
  t.equal(state.transfers.get(first)?.decided?.state, 'aborted');

  const committed = machine();
  committed.begin();
  committed.vote('bank-a');
  committed.vote('bank-b');
  t.strictSame(committed.vote('bank-b', 'no'), silence);
  t.strictSame(committed.expire(), silence, 'no deadline undoes a commit');
  t.end();
});

void t.test('it ends when everybody has acknowledged its decision, each counted once', (t) => {
  const { begin, vote, acknowledge, state } = machine();
  begin();
  t.strictSame(acknowledge('bank-a', 'committed'), silence, 'nothing is decided yet');
  t.strictSame(acknowledge('bank-a', 'committed', 'k3f9q2ma-1-9'), silence);
  vote('bank-a');
  vote('bank-b');
  t.strictSame(acknowledge('bank-a', 'aborted'), silence, 'the other decision');
  const note = { type: 'acknowledged', id: first, participant: 'bank-a' };
  t.strictSame(acknowledge('bank-a', 'committed'), { ...silence, notes: [note] });
  t.strictSame(acknowledge('bank-a', 'committed'), silence, 'a duplicate');
  t.strictSame(acknowledge('bank-z', 'committed'), silence, 'a stranger');
  t.strictSame(owed(state), to('commit', 'bank-b'));
  t.strictSame(acknowledge('bank-b', 'committed').records, [{ type: 'ended', at, id: first }]);
  t.strictSame(acknowledge('bank-b', 'committed'), silence, 'it has ended');
  t.strictSame(owed(state), []);
  t.end();
});

void t.test('nobody owes an acknowledgement of the abort it voted for', (t) => {
  const { begin, vote, acknowledge, state } = machine();
  begin();
  vote('bank-a', 'no');
  vote('bank-b');
  t.strictSame(owed(state), to('abort', 'bank-b'));
  t.strictSame(acknowledge('bank-a', 'aborted'), silence);
  t.match(acknowledge('bank-b', 'aborted').records, [{ type: 'ended' }]);
  t.end();
});

void t.test('what is owed follows the phase of the transfer', (t) => {
  const { begin, vote, state } = machine();
  t.notOk(isOwed(state, { type: 'prepare', to: 'bank-a', id: first }), 'unknown');
  begin();
  t.strictSame(owed(state), to('prepare', 'bank-a', 'bank-b'));
  t.notOk(isOwed(state, { type: 'commit', to: 'bank-a', id: first }));
  t.notOk(isOwed(state, { type: 'prepare', to: 'bank-z', id: first }));
  vote('bank-a');
  t.strictSame(owed(state), to('prepare', 'bank-b'));
  vote('bank-b');
  t.notOk(isOwed(state, { type: 'prepare', to: 'bank-b', id: first }));
  t.ok(isOwed(state, { type: 'commit', to: 'bank-b', id: first }));
  state.transfers.delete(first);
  t.throws(() => owed(state), /broken invariant: active transfer k3f9q2ma-1-1 is known/);
  t.end();
});

void t.test('a start aborts what was undecided and keeps what was decided', (t) => {
  const past = machine();
  past.begin();
  past.begin();
  past.begin();
  past.vote('bank-a');
  past.vote('bank-b');
  past.vote('bank-a', 'yes', second);
  const { state, feed, begin } = machine(2, past.log);
  t.equal(state.sequence, 0, 'a new epoch counts from the start');
  const { records, messages } = feed({ type: 'start', at });
  const votes = { 'bank-a': { vote: 'none' }, 'bank-b': { vote: 'none' } };
  const aborted = { state: 'aborted', reason: 'coordinator-restarted', votes };
  t.match(records, [
    { id: second, ...aborted },
    { id: 'k3f9q2ma-1-3', ...aborted },
  ]);
  t.equal(messages.length, 4);
  t.match(owed(state).slice(0, 2), to('commit', 'bank-a', 'bank-b'));
  t.equal(begin().records[0]?.id, 'k3f9q2ma-2-1', 'no id is issued twice');
  t.strictSame(feed({ type: 'start', at }).records.length, 1, 'and only what is undecided');
  state.transfers.delete('k3f9q2ma-2-1');
  state.active.add('gone');
  t.strictSame(feed({ type: 'start', at }), silence);
  t.end();
});

void t.test('a start ends what nobody has to acknowledge, when only its end was lost', (t) => {
  const past = machine();
  past.begin();
  past.vote('bank-a', 'no');
  past.vote('bank-b', 'no');
  t.match(past.log, [{ type: 'begun' }, { type: 'decided' }, { type: 'ended' }]);
  const { state, feed } = machine(2, past.log.slice(0, 2));
  t.strictSame([...state.active], [first]);
  t.strictSame(feed({ type: 'start', at }), {
    notes: [],
    records: [{ type: 'ended', at, id: first }],
    messages: [],
  });
  t.equal(state.active.size, 0);
  t.end();
});

void t.test('commit timestamps rise by one, above every lowerTs', (t) => {
  const { begin, vote, state } = machine();
  begin();
  begin();
  vote('bank-a', 'yes', second);
  vote('bank-b', 'yes', second);
  vote('bank-a');
  vote('bank-b');
  t.match(state.transfers.get(second)?.decided, { timestamp: 1 });
  t.match(state.transfers.get(first)?.decided, { timestamp: 2 });
  begin({ lowerTs: 9 });
  vote('bank-a', 'yes', 'k3f9q2ma-1-3');
  t.throws(() => vote('bank-b', 'yes', 'k3f9q2ma-1-3'), /timestamp is above its lowerTs/);
  t.end();
});

void t.test('a summary rebuilds an equal state, also of transfers decided out of order', (t) => {
  const { begin, vote, acknowledge, expire, state, log } = machine();
  begin({ key: 'one', fingerprint: 'f' });
  begin({ key: 'two', reference: 'r' });
  begin();
  begin();
  vote('bank-a', 'yes', second);
  vote('bank-b', 'yes', second);
  vote('bank-a');
  vote('bank-b');
  acknowledge('bank-a', 'committed', second);
  acknowledge('bank-b', 'committed', second);
  vote('bank-a', 'no', 'k3f9q2ma-1-3', { code: 'insufficient-funds', account: 'alice' });
  expire('k3f9q2ma-1-3');
  const replayed = machine(1, log).state;
  const summarised = machine(1, [...summarise(replayed)]).state;
  t.strictSame(stateOf(summarised), stateOf(replayed));
  t.equal(summarised.timestamp, state.timestamp, 'no commit timestamp is issued twice');
  t.strictSame(owed(summarised), owed(state));
  t.strictSame(
    [...summarise(replayed)].map((record) =>
      'id' in record ? `${record.type} ${record.id}` : record,
    ),
    [
      { type: 'counted', timestamp: 2, decided: 2 },
      ...summariseKeys(replayed.keys),
      `begun ${first}`,
      `decided ${first}`,
      `begun ${second}`,
      `decided ${second}`,
      `ended ${second}`,
      'begun k3f9q2ma-1-3',
      'decided k3f9q2ma-1-3',
      'begun k3f9q2ma-1-4',
    ],
  );
  t.end();
});

void t.test('an abort that nobody had to acknowledge is summarised as ended', (t) => {
  const { begin, vote, state, log } = machine();
  begin();
  vote('bank-a', 'no');
  vote('bank-b', 'no');
  const summarised = machine(1, [...summarise(state)]).state;
  t.strictSame(stateOf(summarised), stateOf(machine(1, log).state));
  t.end();
});

void t.test('records that contradict each other break an invariant', (t) => {
  const { begin, vote, log, state } = machine();
  begin();
  vote('bank-a');
  vote('bank-b');
  const [begun, decided] = log;
  if (!begun || !decided) throw new Error('both are recorded');
  t.throws(() => apply(state, begun), /transfer id k3f9q2ma-1-1 is issued once/);
  t.throws(() => apply(state, decided), /the decision on k3f9q2ma-1-1 never changes/);
  const fresh = initial('k3f9q2ma', 1);
  t.throws(() => apply(fresh, decided), /decided k3f9q2ma-1-1 follows its begun record/);
  apply(fresh, begun);
  const ended = { type: 'ended', at, id: first } as const;
  t.throws(() => apply(fresh, ended), /k3f9q2ma-1-1 ends after its decision/);
  t.end();
});

void t.test('an id of another form in the log counts for no epoch', (t) => {
  const { begin, log } = machine();
  begin();
  const odd = { ...log[0], id: 'odd' } as Begun;
  t.equal(machine(1, [odd]).state.sequence, 0);
  t.equal(machine(1, [{ ...odd, id: 'k3f9q2ma-1-7-8' }]).state.sequence, 0);
  t.end();
});

void t.test('an inquiry hears the decision, or that there is and will be none', (t) => {
  const past = machine();
  for (const key of ['a', 'b', 'c']) past.begin({ key });
  past.vote('bank-a');
  past.vote('bank-b');
  past.expire(second);
  const { state } = past;
  const ask = (state: State, id: string) => inquire(state, id, state.transfers.get(id));
  t.strictSame(ask(state, first), { state: 'committed', timestamp: 1 });
  t.strictSame(ask(state, second), { state: 'aborted' });
  t.strictSame(ask(state, 'k3f9q2ma-1-3'), { state: 'pending' });
  t.strictSame(ask(state, 'k3f9q2ma-1-4'), { state: 'never-issued' });
  t.strictSame(ask(state, 'k3f9q2ma-2-1'), { state: 'never-issued' });
  t.strictSame(ask(state, 'zzzzzzzz-1-1'), { state: 'wrong-store' });
  t.strictSame(ask(state, 'k3f9q2ma'), { state: 'wrong-store' });
  const later = machine(2, past.log.slice(0, 1)).state;
  t.strictSame(ask(later, second), { state: 'presumed-aborted' }, 'its begun record was lost');
  t.strictSame(ask(later, 'k3f9q2ma-2-1'), { state: 'never-issued' });
  later.sequence = 3;
  t.strictSame(ask(later, 'k3f9q2ma-2-3'), { state: 'presumed-aborted' });
  t.notOk(isIssued(later, 'zzzzzzzz-1-1'));
  t.end();
});

void t.test('a participant sees its own legs only, debits negative', (t) => {
  const { begin } = machine();
  const legs = [leg, { ...leg, from: 'bank-b/bob', to: 'bank-b/fees', amount: 25 }];
  const begun = begin({ legs }).records[0] as Begun;
  const currency = 'USD';
  t.strictSame(branchOf(begun, 'bank-a'), [{ account: 'alice', amount: -2500, currency }]);
  t.strictSame(branchOf(begun, 'bank-b'), [
    { account: 'bob', amount: 2500, currency },
    { account: 'bob', amount: -25, currency },
    { account: 'fees', amount: 25, currency },
  ]);
  t.equal(participantOf('bank-a/alice'), 'bank-a');
  t.end();
});

void t.test('an order that is cancelled in time is aborted; a decided one stays as it is', (t) => {
  const { begin, vote, feed } = machine();
  begin();
  const cancel = (id = first) => feed({ type: 'cancel', at, id });
  t.match(cancel().records, [{ state: 'aborted', reason: 'cancelled' }]);
  t.strictSame(cancel(), silence);
  t.strictSame(cancel('k3f9q2ma-1-9'), silence);
  begin();
  vote('bank-a', 'yes', second);
  vote('bank-b', 'yes', second);
  t.strictSame(cancel(second), silence, 'no cancel undoes a commit');
  t.end();
});

void t.test('what an acknowledgement says of damage is kept in the end of the transfer', (t) => {
  const { begin, vote, feed, acknowledge, state, log } = machine();
  begin();
  vote('bank-a');
  vote('bank-b');
  const damage = [{ account: 'alice', currency: 'USD', amount: -2500 }];
  const event = { type: 'acknowledge', at, id: first, state: 'committed' } as const;
  const { notes } = feed({ ...event, participant: 'bank-a', damage });
  t.strictSame(notes, [{ type: 'acknowledged', id: first, participant: 'bank-a', damage }]);
  const end = { type: 'ended', at, id: first, damage: { 'bank-a': damage } };
  t.strictSame(acknowledge('bank-b', 'committed').records, [end]);
  t.strictSame(state.transfers.get(first)?.damage.get('bank-a'), damage);
  t.strictSame(machine(1, log).state.transfers.get(first)?.damage.get('bank-a'), damage);
  begin();
  vote('bank-a', 'yes', second);
  vote('bank-b', 'no', second);
  const last = feed({ ...event, id: second, state: 'aborted', participant: 'bank-a', damage });
  t.match(last.records, [{ type: 'ended', damage: { 'bank-a': damage } }], 'of the last one, too');
  t.end();
});

void t.test('a reversal counts against its original until it is aborted', (t) => {
  const { begin, expire, state, log } = machine();
  begin();
  const part = (amount: number) => ({ id: first, legs: [{ leg: 0, amount }] });
  begin({ reverses: part(1000) });
  begin({ reverses: part(500) });
  const sums = ({ reversals }: State) => [...(reversals.get(first) ?? [])];
  t.strictSame(sums(state), [
    [second, [{ leg: 0, amount: 1000 }]],
    ['k3f9q2ma-1-3', [{ leg: 0, amount: 500 }]],
  ]);
  expire(second);
  t.strictSame(sums(state), [['k3f9q2ma-1-3', [{ leg: 0, amount: 500 }]]]);
  t.strictSame(sums(machine(1, log).state), sums(state));
  expire('k3f9q2ma-1-3');
  t.equal(state.reversals.size, 0);
  t.end();
});

void t.test('a key is forgotten with the hours, but not while its transfer is under way', (t) => {
  const { begin, vote, acknowledge, state } = machine();
  begin({ key: 'over', fingerprint: 'f' });
  for (const name of ['bank-a', 'bank-b']) vote(name, 'yes');
  for (const name of ['bank-a', 'bank-b']) acknowledge(name, 'committed');
  apply(state, { type: 'forgotten', id: first });
  begin({ key: 'under way', fingerprint: 'f' });
  const known = () => ['over', 'under way'].map((key) => begunBy(state, key));
  apply(state, { type: 'elapsed', at, hours: 1 });
  t.strictSame(known(), [first, second], 'an hour may have begun a moment ago');
  apply(state, { type: 'elapsed', at, hours: 1 });
  t.strictSame(known(), [undefined, second]);
  t.equal(begin({ key: 'over' }).records[0]?.id, 'k3f9q2ma-1-3');
  t.throws(() => begin({ key: 'under way' }), /an idempotency key begins one transfer/);
  for (const name of ['bank-a', 'bank-b']) vote(name, 'yes', second);
  for (let hours = 0; hours < 3; hours += 1) apply(state, { type: 'elapsed', at, hours: 1 });
  t.strictSame(known(), ['k3f9q2ma-1-3', second], 'it is decided, and has not ended');
  const again = machine(2, [...summarise(state)]).state;
  t.strictSame(keyEntries(again.keys), keyEntries(state.keys));
  for (const name of ['bank-a', 'bank-b']) acknowledge(name, 'committed', second);
  apply(state, { type: 'forgotten', id: second });
  for (let hours = 0; hours < 2; hours += 1) apply(state, { type: 'elapsed', at, hours: 1 });
  t.strictSame(known(), ['k3f9q2ma-1-3', undefined]);
  t.end();
});

void t.test('what is forgotten leaves its key, its reversals and the counters behind', (t) => {
  const { begin, vote, acknowledge, state } = machine();
  const settle = (id: string) => {
    for (const name of ['bank-a', 'bank-b']) vote(name, 'yes', id);
    for (const name of ['bank-a', 'bank-b']) acknowledge(name, 'committed', id);
    apply(state, { type: 'forgotten', id });
  };
  begin({ key: 'one', fingerprint: 'f' });
  t.throws(() => apply(state, { type: 'forgotten', id: first }), /is forgotten after its end/);
  settle(first);
  begin({ reverses: { id: first, legs: [{ leg: 0, amount: 7 }] } });
  settle(second);
  t.equal(state.transfers.size, 0);
  const summary = [...summarise(state)];
  t.strictSame(summary, [
    { type: 'counted', timestamp: 2, decided: 2 },
    ...summariseKeys(state.keys),
    { type: 'reversed', by: second, reverses: { id: first, legs: [{ leg: 0, amount: 7 }] } },
  ]);
  const again = machine(2, summary).state;
  t.equal(begunBy(again, 'one'), first);
  t.equal(again.timestamp, 2);
  t.equal(again.decidedTimestamp, 2);
  t.strictSame([...summarise(again)], summary);
  t.end();
});

void t.test(
  'the watermark passes what has durably ended, and lists what waits for somebody',
  (t) => {
    const { begin, vote, acknowledge, expire, state } = machine();
    t.strictSame(watermark(state), { epoch: 1, seq: 1, except: [] }, 'nothing was begun');
    begin();
    begin();
    t.strictSame(watermark(state), { epoch: 1, seq: 1, except: [] }, 'the first is undecided');
    for (const name of ['bank-a', 'bank-b']) vote(name);
    t.strictSame(watermark(state), { epoch: 1, seq: 2, except: [first] });
    for (const name of ['bank-a', 'bank-b']) acknowledge(name, 'committed');
    t.strictSame(watermark(state).except, [first], 'its end is not durable yet');
    apply(state, { type: 'forgotten', id: first });
    t.strictSame(watermark(state), { epoch: 1, seq: 2, except: [] });
    expire(second);
    t.strictSame(watermark(state), { epoch: 1, seq: 3, except: [second] });
    for (let number = 3; number <= 110; number++) {
      begin();
      expire(`k3f9q2ma-1-${number}`);
    }
    const far = watermark(state);
    t.equal(far.except.length, 100, 'so many it lists');
    t.equal(far.seq, 102, 'and stands at the next');
    state.transfers.clear();
    state.transfers.set('odd', { ...begunOnly(), begun: { ...begunOnly().begun, id: 'odd' } });
    t.throws(() => watermark(state), /transfer odd is this store's own/);
    t.end();

    function begunOnly() {
      const other = machine();
      other.begin();
      const transfer = other.state.transfers.get(first);
      if (!transfer) throw new Error('it has begun');
      return transfer;
    }
  },
);
