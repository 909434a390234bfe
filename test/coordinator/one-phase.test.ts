import t from 'tap';
import {
  apply,
  initial,
  isOnePhase,
  isOwed,
  owed,
  receive,
  summarise,
  type Event,
  type Fact,
  type OnePhaseOutcome,
  type Summary,
} from '../../coordinator/protocol.ts';

const at = '2026-11-23T10:00:00.000Z';
const id = 'k3f9q2ma-1-1';
const leg = { from: 'bank-a/alice', to: 'bank-a/fees', amount: 2500, currency: 'USD' };
const silence = { notes: [], records: [], messages: [] };
const commit = { type: 'commit-one-phase', to: 'bank-a', id } as const;
const abort = { type: 'abort', to: 'bank-a', id } as const;

/** A machine that has begun one transfer inside bank-a, unless its past is given. */
function machine(past?: readonly (Fact | Summary)[], epoch = 1) {
  const log: Fact[] = [];
  const state = initial('k3f9q2ma', epoch);
  for (const record of past ?? []) apply(state, record);
  const feed = (event: Event) => {
    const reaction = receive(state, event);
    for (const change of [...reaction.notes, ...reaction.records]) apply(state, change);
    log.push(...reaction.records);
    return reaction;
  };
  const begun = past ? silence : feed({ type: 'begin', at, legs: [leg], timeoutMs: 5, lowerTs: 0 });
  const told = (outcome: OnePhaseOutcome, participant = 'bank-a') =>
    feed({ type: 'outcome', at, id, participant, ...outcome });
  const acknowledge = (state: 'committed' | 'aborted') =>
    feed({ type: 'acknowledge', at, id, participant: 'bank-a', state });
  const expire = () => feed({ type: 'expire', at, id });
  return { state, log, feed, begun, told, acknowledge, expire };
}

void t.test(
  'a transfer inside one participant carries its commit timestamp from the start',
  (t) => {
    const { begun, state, log } = machine();
    t.match(begun.records, [{ type: 'begun', id, participants: ['bank-a'], timestamp: 1 }]);
    t.strictSame(begun.messages, [commit]);
    t.equal(state.timestamp, 1, 'nobody else gets this timestamp');
    t.equal(state.decidedTimestamp, 0, 'a snapshot does not count on it yet');
    t.strictSame(owed(state), [commit]);
    t.equal(machine(log, 2).state.timestamp, 1, 'also after a restart');
    const transfer = state.transfers.get(id);
    t.ok(transfer && isOnePhase(transfer));
    t.end();
  },
);

void t.test('the participant that has committed ends it', (t) => {
  const { told, state } = machine();
  const votes = { 'bank-a': { vote: 'yes' } };
  t.strictSame(told({ state: 'committed' }), {
    notes: [],
    records: [
      { type: 'decided', at, id, state: 'committed', timestamp: 1, votes },
      { type: 'ended', at, id },
    ],
    messages: [],
  });
  t.equal(state.decidedTimestamp, 1);
  t.strictSame(owed(state), []);
  t.strictSame(told({ state: 'committed' }), silence, 'once');
  t.end();
});

void t.test('the participant that has refused ends it, with its reason', (t) => {
  const { told } = machine();
  const refusal = { code: 'insufficient-funds', account: 'alice' };
  const { records } = told({ state: 'aborted', ...refusal });
  const votes = { 'bank-a': { vote: 'no', ...refusal } };
  const decided = {
    type: 'decided',
    at,
    id,
    state: 'aborted',
    reason: 'insufficient-funds',
    votes,
  };
  t.strictSame(records, [decided, { type: 'ended', at, id }]);
  t.match(machine().told({ state: 'aborted' }).records, [{ reason: 'refused-by-participant' }]);
  t.end();
});

void t.test('a promise instead goes on in two phases, with a later timestamp', (t) => {
  const { told, acknowledge, state } = machine();
  const { records, messages } = told({ state: 'prepared' });
  t.match(records, [{ type: 'decided', state: 'committed', timestamp: 2 }]);
  t.strictSame(messages, [{ ...commit, type: 'commit' }]);
  t.strictSame(told({ state: 'committed' }), silence);
  t.match(acknowledge('committed').records, [{ type: 'ended' }]);
  t.equal(state.timestamp, 2);
  t.end();
});

void t.test('after the deadline an abort asks; only the participant decides', (t) => {
  const late = machine();
  t.strictSame(late.expire(), {
    notes: [{ type: 'expired', id, reason: 'vote-timeout' }],
    records: [],
    messages: [abort],
  });
  t.strictSame(late.expire(), silence);
  t.strictSame(owed(late.state), [abort]);
  t.notOk(isOwed(late.state, commit), 'the commit is not sent any more');
  t.strictSame(late.told({ state: 'prepared' }), silence, 'a late promise is released');
  t.strictSame(late.acknowledge('committed'), silence);
  const votes = { 'bank-a': { vote: 'none' } };
  t.strictSame(late.acknowledge('aborted').records, [
    { type: 'decided', at, id, state: 'aborted', reason: 'vote-timeout', votes },
    { type: 'ended', at, id },
  ]);

  const damage = [{ account: 'alice', currency: 'USD', amount: 2500 }];
  const resolved = machine();
  resolved.expire();
  const event = { type: 'acknowledge', at, id, participant: 'bank-a', state: 'aborted' } as const;
  t.match(resolved.feed({ ...event, damage }).records, [{}, { damage: { 'bank-a': damage } }]);

  const committed = machine();
  committed.expire();
  t.match(committed.told({ state: 'committed' }).records, [
    { state: 'committed', timestamp: 1 },
    {},
  ]);
  t.end();
});

void t.test('an abort is acknowledged only when one was sent', (t) => {
  const { acknowledge, told, feed } = machine();
  t.strictSame(acknowledge('aborted'), silence);
  t.strictSame(told({ state: 'committed' }, 'bank-b'), silence, 'a stranger decides nothing');
  const other = { ...leg, to: 'bank-b/bob' };
  feed({ type: 'begin', at, legs: [other], timeoutMs: 5, lowerTs: 0 });
  const stray = { type: 'outcome', at, participant: 'bank-a', state: 'committed' } as const;
  t.strictSame(feed({ ...stray, id: 'k3f9q2ma-1-2' }), silence, 'two participants vote');
  t.strictSame(feed({ ...stray, id: 'k3f9q2ma-1-3' }), silence, 'nothing was begun');
  t.end();
});

void t.test('no cancel ends it, and a restart asks', (t) => {
  const { feed, log, state } = machine();
  t.strictSame(feed({ type: 'cancel', at, id }), silence);
  const again = machine([...summarise(state)], 2);
  t.strictSame(owed(again.state), [commit]);
  const { notes, records, messages } = again.feed({ type: 'start', at });
  t.strictSame(notes, [{ type: 'expired', id, reason: 'coordinator-restarted' }]);
  t.strictSame(records, []);
  t.strictSame(messages, [abort]);
  t.match(again.acknowledge('aborted').records, [{ reason: 'coordinator-restarted' }, {}]);
  t.equal(log.length, 1);
  t.end();
});
