/** A checker that finds nothing proves nothing: here each rule is broken in a good history. */
import t from 'tap';
import { checkHistory } from './check-history.ts';
import type { Happening } from './history.ts';
import { flawKinds, type FlawKind } from './verdict.ts';

const accounts = { 'bank-a/alice': 1_000, 'bank-b/bob': 1_000 };

const snapshot = (ask: number, timestamp: number, alice: number, bob: number): Happening => ({
  type: 'snapshot',
  ask,
  timestamp,
  accounts: { 'bank-a/alice': alice, 'bank-b/bob': bob },
  total: 2_000,
});

const committed = (key: string, id: string, timestamp: number): Happening => ({
  type: 'told',
  key,
  id,
  state: 'committed',
  timestamp,
});

const aborted: Happening = {
  type: 'told',
  key: 'poor',
  id: 'k-1-2',
  state: 'aborted',
  reason: 'insufficient-funds',
};

const turnedAway = (key: string): Happening => ({
  type: 'turned away',
  key,
  why: 'participant-unavailable',
});

const takeover = (isAlone: boolean, finishedMs: number, answeredMs: number): Happening => ({
  ...{ type: 'takeover', isAlone, unfinished: 3, finishedMs, unanswered: 2, answeredMs },
});

const restarted = (said: string, node = 'bank-a-2'): Happening => ({
  ...{ type: 'restarted', node, code: 1, said },
});

const lost = 'another process has taken the store';

/** Two commits and an abort, seen by three snapshots: everything holds. */
const good: readonly Happening[] = [
  { type: 'opened', seed: 1, accounts, kinds: ['kill'], takeoverMs: 5_000 },
  { type: 'ask', ask: 1 },
  snapshot(1, 0, 1_000, 1_000),
  { type: 'transfer', key: 'first', legs: [['bank-a/alice', 'bank-b/bob', 100]] },
  { type: 'unknown', key: 'first', why: 'no answer' },
  committed('first', 'k-1-1', 1),
  { type: 'ask', ask: 2 },
  { type: 'transfer', key: 'poor', legs: [['bank-b/bob', 'bank-a/alice', 5_000]] },
  snapshot(2, 1, 900, 1_100),
  aborted,
  { type: 'fault', kind: 'kill', nodes: ['bank-a'] },
  { type: 'missed', kind: 'cut', nodes: ['bank-a'] },
  takeover(true, 4_000, 3_900),
  takeover(true, 3_000, 3_100),
  takeover(false, 9_000, 9_100),
  restarted(lost),
  restarted('cannot use the database', 'coordinator-1'),
  {
    type: 'transfer',
    key: 'second',
    legs: [
      ['bank-a/alice', 'bank-b/bob', 10],
      ['bank-b/bob', 'bank-a/alice', 30],
    ],
  },
  committed('second', 'k-2-1', 2),
  { type: 'ask', ask: 3 },
  { type: 'refused', ask: 3, why: 'in-doubt' },
  { type: 'ask', ask: 4 },
  snapshot(4, 2, 920, 1_080),
  { type: 'transfer', key: 'third', legs: [['bank-a/alice', 'bank-b/bob', 7]] },
  turnedAway('third'),
  { type: 'settled', afterMs: 12 },
  committed('first', 'k-1-1', 1),
  aborted,
  { type: 'account', path: 'bank-a/alice', posted: 920, held: 0 },
  { type: 'account', path: 'bank-b/bob', posted: 1_080, held: 0 },
  { type: 'stopped', node: 'bank-a', code: 0 },
  {
    type: 'applied',
    participant: 'bank-a',
    commits: [
      ['k-1-1', 1],
      ['k-2-1', 2],
    ],
  },
  {
    type: 'applied',
    participant: 'bank-b',
    commits: [
      ['k-1-1', 1],
      ['k-2-1', 2],
    ],
  },
  { type: 'audit', code: 0, said: 'holds' },
  { type: 'end' },
];

type Doctor = (history: Happening[]) => Happening[];

/** Something else in the place of the first line of a type, or of the line with these fields. */
const instead =
  (of: Partial<Record<string, unknown>>, ...others: readonly Happening[]): Doctor =>
  (history) => {
    const at = history.findIndex((one) =>
      Object.entries(of).every(([field, value]) =>
        Object.entries(one).some(([name, own]) => name === field && own === value),
      ),
    );
    if (at < 0) throw new Error('the history has no such line');
    return history.toSpliced(at, 1, ...others);
  };

const taken = good.find(({ type }) => type === 'snapshot');
if (taken?.type !== 'snapshot') throw new Error('the history has a snapshot');
const second = { type: 'snapshot', ask: 2 };

/** Each way to break a rule, by what it must be called; it may break others as well. */
const doctored: readonly (readonly [FlawKind, string, Doctor])[] = [
  [
    'unexpected key',
    'an account that nobody has opened',
    instead(
      { ask: 1, type: 'snapshot' },
      { ...taken, accounts: { ...taken.accounts, 'bank-c/x': 0 } },
    ),
  ],
  [
    'nil balance',
    'a balance that is null',
    instead(
      { ask: 1, type: 'snapshot' },
      { ...taken, accounts: { ...accounts, 'bank-b/bob': null } },
    ),
  ],
  [
    'nil balance',
    'an account that is not there',
    instead({ ask: 1, type: 'snapshot' }, { ...taken, accounts: { 'bank-a/alice': 2_000 } }),
  ],
  ['wrong total', 'half of a transfer', instead(second, snapshot(2, 1, 900, 1_000))],
  [
    'wrong total',
    'a total that the accounts do not have',
    instead({ ask: 1, type: 'snapshot' }, { ...taken, total: 2_001 }),
  ],
  ['negative value', 'less than nothing', instead(second, snapshot(2, 1, -100, 2_100))],
  ['wrong snapshot', 'a transfer too early', instead(second, snapshot(2, 1, 920, 1_080))],
  [
    'wrong snapshot',
    'a transfer too late',
    instead({ type: 'snapshot', ask: 4 }, snapshot(4, 2, 900, 1_100)),
  ],
  [
    'stale snapshot',
    'what a customer knew is not in it',
    instead(second, snapshot(2, 0, 1_000, 1_000)),
  ],
  [
    'stale snapshot',
    'what another reader saw is not in it',
    instead({ type: 'fault' }, { type: 'ask', ask: 9 }, snapshot(9, 0, 1_000, 1_000)),
  ],
  [
    'early commit',
    'a timestamp that was passed',
    instead({ key: 'second', type: 'told' }, committed('second', 'k-2-1', 1)),
  ],
  [
    'shared timestamp',
    'two commits at one',
    instead({ key: 'second', type: 'told' }, committed('second', 'k-2-1', 1)),
  ],
  [
    'shared id',
    'two keys, one transfer',
    instead({ key: 'second', type: 'told' }, committed('second', 'k-1-1', 2)),
  ],
  [
    'changed answer',
    'committed, then aborted',
    instead(
      { type: 'settled' },
      { type: 'settled', afterMs: 1 },
      { ...aborted, key: 'first', id: 'k-1-1' },
    ),
  ],
  [
    'changed answer',
    'a key begins a second transfer',
    instead({ type: 'settled' }, { type: 'settled', afterMs: 1 }, committed('first', 'k-9-1', 9)),
  ],
  [
    'changed answer',
    'another reason',
    instead(
      { type: 'settled' },
      { type: 'settled', afterMs: 1 },
      { ...aborted, reason: 'vote-timeout' },
    ),
  ],
  [
    'changed answer',
    'turned away with a key that has an answer',
    instead({ type: 'settled' }, { type: 'settled', afterMs: 1 }, turnedAway('first')),
  ],
  [
    'applied unasked',
    'what was turned away is committed',
    instead({ type: 'told', key: 'second' }, turnedAway('second')),
  ],
  ['no answer', 'a customer is left alone', instead({ key: 'second', type: 'told' })],
  [
    'not applied',
    'one participant lacks a commit',
    instead(
      { participant: 'bank-b' },
      { type: 'applied', participant: 'bank-b', commits: [['k-1-1', 1]] },
    ),
  ],
  [
    'applied twice',
    'a commit is there twice',
    instead(
      { type: 'end' },
      { type: 'applied', participant: 'bank-b', commits: [['k-1-1', 1]] },
      { type: 'end' },
    ),
  ],
  [
    'applied unasked',
    'what was told as aborted is committed',
    instead(
      { type: 'end' },
      { type: 'applied', participant: 'bank-b', commits: [['k-1-2', 3]] },
      { type: 'end' },
    ),
  ],
  [
    'applied unasked',
    'committed at another timestamp than was told',
    instead(
      { participant: 'bank-b' },
      {
        type: 'applied',
        participant: 'bank-b',
        commits: [
          ['k-1-1', 1],
          ['k-2-1', 3],
        ],
      },
    ),
  ],
  [
    'applied unasked',
    'what nobody asked for is committed',
    instead(
      { type: 'end' },
      { type: 'applied', participant: 'bank-b', commits: [['k-7-7', 7]] },
      { type: 'end' },
    ),
  ],
  [
    'wrong balance',
    'money is lost',
    instead(
      { path: 'bank-b/bob' },
      { type: 'account', path: 'bank-b/bob', posted: 1_079, held: 0 },
    ),
  ],
  ['wrong balance', 'an account is lost', instead({ path: 'bank-b/bob' })],
  [
    'left in doubt',
    'money is held',
    instead(
      { path: 'bank-b/bob' },
      { type: 'account', path: 'bank-b/bob', posted: 1_080, held: 5 },
    ),
  ],
  [
    'left in doubt',
    'a branch is',
    instead({ type: 'settled' }, { type: 'unsettled', what: 'k-1-2 is prepared at bank-a' }),
  ],
  ['node died', 'by itself', instead({ type: 'fault' }, { type: 'died', node: 'bank-a' })],
  [
    'node died',
    'not well',
    instead({ type: 'stopped' }, { type: 'stopped', node: 'bank-a', code: 1 }),
  ],
  [
    'alarm',
    'a node calls',
    instead({ type: 'fault' }, { type: 'alarm', node: 'bank-a', line: '{"level":50}' }),
  ],
  [
    'node died',
    'of something that no fault explains',
    instead({ type: 'restarted' }, restarted('broken invariant: a hold is missing')),
  ],
  [
    'node died',
    'a coordinator that should follow another one',
    instead({ type: 'restarted' }, restarted(lost, 'coordinator-1')),
  ],
  [
    'slow takeover',
    'what was left is not finished in time',
    instead({ finishedMs: 4_000 }, takeover(true, 5_000, 3_900)),
  ],
  [
    'audit',
    'violations',
    instead({ type: 'audit' }, { type: 'audit', code: 1, said: 'VIOLATION' }),
  ],
  ['unfinished', 'no end', instead({ type: 'end' })],
  ['unfinished', 'no audit', instead({ type: 'audit' })],
  ['unfinished', 'a fault that never came', instead({ kind: 'kill' })],
  [
    'unfinished',
    'no snapshot',
    (history) => history.filter(({ type }) => type !== 'snapshot' && type !== 'ask'),
  ],
  ['unfinished', 'no commit', (history) => history.filter(({ type }) => type !== 'told')],
];

void t.test('a history that holds has no flaw, and its figures are counted', async (t) => {
  const verdict = checkHistory(good);
  t.strictSame(verdict.told, []);
  t.ok(verdict.holds);
  t.match(verdict.figures, {
    ...{ transfers: 4, committed: 2, aborted: 1, unknown: 1, turnedAway: 1, again: 2 },
    ...{
      severalLegs: 1,
      onePhase: 0,
      snapshots: 3,
      refused: 1,
      moments: 3,
      settledAfterMs: 12,
    },
  });
  t.strictSame([...verdict.faults], [['kill', 1]]);
  t.strictSame(
    verdict.lines().filter((line) => /takeover|started again/.test(line)),
    [
      'takeovers with no other fault: finished: 2, median 4000 ms, longest 4000 ms; ' +
        'answered: 2, median 3900 ms, longest 3900 ms',
      'takeovers with another fault: finished: 1, median 9000 ms, longest 9000 ms; ' +
        'answered: 1, median 9100 ms, longest 9100 ms',
      'processes that ended by themselves and were started again: 2',
    ],
  );
  t.match(verdict.lines().at(-1), /everything that must hold does hold/);
});

for (const [kind, how, doctor] of doctored) {
  void t.test(`${kind}: ${how}`, async (t) => {
    const verdict = checkHistory(doctor([...good]));
    t.notOk(verdict.holds);
    t.ok(verdict.counts.has(kind), verdict.told.join('; '));
    t.ok(verdict.lines().some((line) => line.includes(flawKinds[kind])));
  });
}

void t.test('what a history lacks that was cut off is no other flaw', async (t) => {
  for (let lines = 1; lines < good.length; lines += 1) {
    const { counts } = checkHistory(good.slice(0, lines));
    t.strictSame([...counts.keys()], ['unfinished'], `after ${lines} lines`);
  }
});

void t.test('every kind of flaw is found in one of these histories', async (t) => {
  t.strictSame([...new Set(doctored.map(([kind]) => kind))].sort(), Object.keys(flawKinds).sort());
});

void t.test('an answer to what nobody has asked for is no history', async (t) => {
  t.throws(() => checkHistory([...good, committed('stranger', 'k-3-3', 3)]), /stranger/);
});
