import t from 'tap';
import { partialReversal, wholeReversal } from '../../../client/console/reversal.ts';
import type { Leg } from '../../../client/sdk/index.ts';

const usd: Leg = { from: 'bank-a/alice', to: 'bank-b/bob', amount: 2500, currency: 'USD' };
const jpy: Leg = { from: 'bank-b/eve', to: 'bank-a/dan', amount: 500, currency: 'JPY' };

void t.test('the whole is what is left of each leg', async (t) => {
  t.same(wholeReversal([usd, jpy], ''), {
    request: {},
    moves: [
      'what is left of 25.00 USD from bank-b/bob back to bank-a/alice',
      'what is left of 500 JPY from bank-a/dan back to bank-b/eve',
    ],
  });
  t.match(wholeReversal([usd], 'refund'), { request: { reference: 'refund' } });
});

void t.test('a part is written in the currency of its leg', async (t) => {
  t.same(partialReversal([usd], [' 5.00 '], 'refund'), {
    request: { amount: 500, reference: 'refund' },
    moves: ['5.00 USD from bank-b/bob back to bank-a/alice'],
  });
  t.same(partialReversal([usd, jpy], ['', '5'], ''), {
    request: { legs: [{ leg: 1, amount: 5 }] },
    moves: ['5 JPY from bank-a/dan back to bank-b/eve'],
  });
});

void t.test('what is wrong is told of the leg that it is wrong with', async (t) => {
  const errors = (...texts: string[]) => {
    const written = partialReversal([usd, jpy], texts, '');
    return 'errors' in written ? [...written.errors] : [];
  };
  t.match(errors('', '5.00'), [[1, /JPY has none/]]);
  t.same(errors('25.01'), [[0, '25.01 is more than it has moved: write up to 25.00 USD']]);
  t.same(errors('', ''), [[0, 'write an amount for one leg at least']]);
  t.equal(errors('x', 'y').length, 2);
});
