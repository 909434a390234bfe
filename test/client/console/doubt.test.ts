/** Both sides of what is in doubt. */
import t from 'tap';
import {
  byName,
  describe,
  doubtOf,
  legsAt,
  youngMs,
  type Sides,
} from '../../../client/console/doubt.ts';
import type { Branch, BranchState, ParticipantInfo } from '../../../client/sdk/index.ts';

const now = Date.parse('2026-11-23T10:00:00.000Z');

const branchOf = (seq: number, state: BranchState, ageMs?: number): Branch => ({
  id: `k3f9q2ma-1-${seq}`,
  state,
  coordinator: { store: 'k3f9q2ma', epoch: 1 },
  legs: [{ account: 'alice', amount: -25_00, currency: 'USD' }],
  peers: ['bank-b'],
  ...(ageMs !== undefined && { preparedAt: new Date(now - ageMs).toISOString() }),
});

const infoOf = (name: string, ...seqs: number[]): ParticipantInfo => ({
  name,
  store: 'p0000000',
  epoch: 1,
  address: 'http://127.0.0.1:7701',
  health: 'up',
  lastSeenAt: null,
  inDoubt: seqs.map((seq) => `k3f9q2ma-1-${seq}`),
});

const sides = (name: string, seqs: number[], branches: Branch[], isReached = true): Sides => ({
  info: infoOf(name, ...seqs),
  branches,
  isReached,
});

const waiting = (...participants: Sides[]) =>
  doubtOf(participants, now).waiting.map(({ participant, id, branch }) => {
    return `${participant} ${id.slice(9)}${branch ? '' : ' (coordinator)'}`;
  });

void t.test('what both sides tell waits once', async (t) => {
  const bank = sides('bank-a', [7], [branchOf(7, 'prepared', 60_000)]);
  t.strictSame(waiting(bank), ['bank-a 1-7']);
});

void t.test(
  'what only the participant tells waits: the coordinator may have lost it',
  async (t) => {
    t.strictSame(waiting(sides('bank-a', [], [branchOf(7, 'prepared', 60_000)])), ['bank-a 1-7']);
  },
);

void t.test(
  'what only the coordinator tells waits if the participant cannot be asked',
  async (t) => {
    t.strictSame(waiting(sides('bank-a', [7], [], false)), ['bank-a 1-7 (coordinator)']);
    const reached = doubtOf([sides('bank-a', [7], [])], now);
    t.match(
      reached,
      { waiting: { length: 0 }, underWay: 1 },
      'it says itself that it does not wait',
    );
  },
);

void t.test('what was told before a participant fell silent is still told', async (t) => {
  const bank = sides('bank-a', [7, 8], [branchOf(7, 'prepared', 60_000)], false);
  t.strictSame(waiting(bank), ['bank-a 1-7', 'bank-a 1-8 (coordinator)']);
});

void t.test('what is young is under way, and no doubt yet', async (t) => {
  const young = branchOf(7, 'prepared', youngMs - 1);
  const old = branchOf(8, 'prepared', youngMs);
  const ahead = branchOf(9, 'prepared', -60_000);
  const doubt = doubtOf([sides('bank-a', [7, 8], [young, old, ahead])], now);
  t.strictSame(
    doubt.waiting.map(({ id }) => id),
    [old.id],
  );
  t.equal(doubt.underWay, 2, 'clocks differ: one that is ahead makes nothing old');
  t.strictSame(waiting(sides('bank-a', [], [young], false)), ['bank-a 1-7'], 'it may be old now');
});

void t.test('the oldest comes first, and what has no time last', async (t) => {
  const one = sides('bank-a', [], [branchOf(9, 'prepared', 9_000), branchOf(3, 'prepared', 8_000)]);
  const other = sides('bank-b', [1], [], false);
  const third = sides('bank-c', [], [branchOf(5, 'prepared', 10_000)]);
  t.strictSame(waiting(other, one, third), [
    'bank-c 1-5',
    'bank-a 1-9',
    'bank-a 1-3',
    'bank-b 1-1 (coordinator)',
  ]);
});

void t.test(
  'what an operator has settled does not wait, whatever the coordinator says',
  async (t) => {
    const [resolved, damaged] = [branchOf(7, 'resolved', 60_000), branchOf(8, 'damaged', 60_000)];
    const doubt = doubtOf([sides('bank-a', [7, 8], [resolved, damaged], false)], now);
    t.strictSame(doubt, {
      waiting: [],
      resolved: [{ participant: 'bank-a', branch: resolved }],
      damaged: [{ participant: 'bank-a', branch: damaged }],
      underWay: 0,
    });
  },
);

void t.test('what a transfer does at one participant is told from its legs', async (t) => {
  const legs = [
    { from: 'bank-a/alice', to: 'bank-b/bob', amount: 25_00, currency: 'USD' as const },
    { from: 'bank-b/bob', to: 'bank-ab/carol', amount: 500, currency: 'JPY' as const },
  ];
  t.equal(describe(legsAt({ legs }, 'bank-a')), 'alice -25.00 USD');
  t.equal(describe(legsAt({ legs }, 'bank-b')), 'bob +25.00 USD, bob -500 JPY');
  t.equal(describe(legsAt({ legs }, 'bank-c')), '');
});

void t.test('participants are in the order of their names', async (t) => {
  const found = ['bank-c', 'bank-a', 'bank-b'].map((name) => infoOf(name)).sort(byName);
  t.strictSame(
    found.map(({ name }) => name),
    ['bank-a', 'bank-b', 'bank-c'],
  );
});
