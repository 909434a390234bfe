import t from 'tap';
import { compareTotals, openedSince } from '../../../client/console/totals.ts';
import type { Snapshot } from '../../../client/sdk/index.ts';

type Row = readonly [account: string, posted: number, currency?: 'USD' | 'JPY'];

const snapshot = (rows: readonly Row[], damage: Snapshot['damage'] = []): Snapshot => ({
  timestamp: 1,
  accounts: rows.map(([path, posted, currency = 'USD']) => {
    const [participant = '', account = ''] = path.split('/');
    return { participant, account, currency, posted };
  }),
  // As the coordinator says it where the sum is more than a number can hold.
  totals: [{ currency: 'USD', posted: null }],
  damage,
});

const first = snapshot([
  ['bank-a/alice', 1_000],
  ['bank-b/bob', 500],
]);

void t.test('a transfer changes no total', async (t) => {
  const now = snapshot([
    ['bank-a/alice', 400],
    ['bank-b/bob', 1_100],
  ]);
  t.strictSame(compareTotals(first, now), [
    { currency: 'USD', posted: 1_500n, damage: 0n, change: 0n },
  ]);
});

void t.test('each currency is told apart, also one that comes or goes', async (t) => {
  const now = snapshot([
    ['bank-a/alice', 1_001],
    ['bank-b/bob', 500],
    ['bank-b/yuki', 7, 'JPY'],
  ]);
  t.strictSame(compareTotals(first, now), [
    { currency: 'JPY', posted: 7n, damage: 0n, change: 7n },
    { currency: 'USD', posted: 1_501n, damage: 0n, change: 1n },
  ]);
  t.match(compareTotals(now, first)[0], { currency: 'JPY', posted: 0n, change: -7n });
});

void t.test('a total that a number cannot hold is right to the last digit', async (t) => {
  const most = Number.MAX_SAFE_INTEGER;
  const [one, other] = [
    snapshot([
      ['bank-a/alice', most],
      ['bank-b/bob', most - 1],
    ]),
    snapshot([
      ['bank-a/alice', most],
      ['bank-b/bob', most],
    ]),
  ];
  t.match(compareTotals(one, other), [{ posted: 18_014_398_509_481_982n, change: 1n }]);
});

void t.test('damage that is known is no loss: what it needs to be right is counted', async (t) => {
  const damage = { participant: 'bank-b', transferId: 'k3f9q2ma-1-1', account: 'bob' };
  const now = snapshot(
    [
      ['bank-a/alice', 900],
      ['bank-b/bob', 500],
    ],
    [{ ...damage, currency: 'USD', amount: 100 }],
  );
  t.strictSame(compareTotals(first, now), [
    { currency: 'USD', posted: 1_400n, damage: 100n, change: 0n },
  ]);
});

void t.test('accounts that were opened meanwhile are counted', async (t) => {
  const now = snapshot([
    ['bank-a/alice', 1_000],
    ['bank-b/alice', 0],
    ['bank-b/bob', 500],
  ]);
  t.equal(openedSince(first, now), 1);
  t.equal(openedSince(now, first), 0);
});
