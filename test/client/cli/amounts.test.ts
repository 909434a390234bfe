import * as iso4217 from 'dinero.js/currencies';
import t from 'tap';
import { formatAmount, largestAmount, parseAmount, scaleOf } from '../../../client/cli/amounts.ts';

const max = Number(largestAmount);

void t.test('every ISO 4217 currency has its decimal places', (t) => {
  t.equal(scaleOf('USD'), 2);
  t.equal(scaleOf('JPY'), 0);
  t.equal(scaleOf('KWD'), 3);
  t.equal(scaleOf('CLF'), 4);
  t.equal(scaleOf('MGA'), 2, 'of a currency in fifths, two as ISO 4217 says');
  t.equal(scaleOf('MRU'), 2);
  t.equal(scaleOf('XXX'), undefined);
  t.equal(scaleOf('constructor'), undefined);
  for (const code of Object.keys(iso4217)) t.ok((scaleOf(code) ?? 9) <= 4, code);
  t.end();
});

void t.test('amounts are read as people write them', (t) => {
  const read: [string, string, number][] = [
    ['25.00', 'USD', 2500],
    ['25', 'USD', 2500],
    ['0.01', 'USD', 1],
    ['0.29', 'USD', 29],
    ['1.15', 'EUR', 115],
    ['500', 'JPY', 500],
    ['1.005', 'KWD', 1005],
    ['1.234', 'KWD', 1234],
    ['1.0001', 'CLF', 10001],
    ['0.40', 'MRU', 40],
    ['90071992547409.91', 'USD', max],
    ['9007199254740991', 'JPY', max],
  ];
  for (const [text, currency, amount] of read) {
    t.same(parseAmount(text, currency), { amount, currency }, `${text} ${currency}`);
  }
  t.end();
});

void t.test('what is not an amount of the currency is refused with a sentence', (t) => {
  const refused: [string, string, string][] = [
    ['25.5', 'USD', '25.5 USD has 1 decimal place; USD has 2, or none at all'],
    ['25.000', 'USD', '25.000 USD has 3 decimal places; USD has 2, or none at all'],
    ['0.001', 'USD', '0.001 USD has 3 decimal places; USD has 2, or none at all'],
    ['500.00', 'JPY', '500.00 JPY has 2 decimal places; JPY has none'],
    ['0', 'USD', '0 USD is out of range: 0.01 to 90071992547409.91 USD'],
    ['0.00', 'USD', '0.00 USD is out of range: 0.01 to 90071992547409.91 USD'],
    [
      '90071992547409.92',
      'USD',
      '90071992547409.92 USD is out of range: 0.01 to ' + '90071992547409.91 USD',
    ],
    ['9007199254740992', 'JPY', '9007199254740992 JPY is out of range: 1 to 9007199254740991 JPY'],
    ['25.00', 'usd', '"usd" is not an ISO 4217 currency: write USD'],
    ['25.00', 'dollars', '"dollars" is not an ISO 4217 currency: write a code such as USD'],
    ['5e2', 'JPY', '"5e2" is not an amount: write 25, digits only'],
  ];
  for (const [text, currency, error] of refused) {
    t.same(parseAmount(text, currency), { error });
  }
  const shapes = [
    '',
    ' ',
    '25 ',
    ' 5',
    '-1',
    '+1',
    '+5',
    '25,00',
    '25.00 USD',
    '1,000',
    '1_000',
    '.5',
    '5.',
    '1.2.3',
    '0x10',
    '٢٥',
  ];
  for (const text of [...shapes, '007', 'NaN', 'Infinity', '1e3', '$25', '25.0०', '25\n']) {
    t.same(parseAmount(text, 'USD'), {
      error: `"${text}" is not an amount: write 25.00 or 25, digits only`,
    });
  }
  t.end();
});

void t.test('a balance may be 0, and a minimum below', (t) => {
  t.same(parseAmount('0', 'USD', 0n), { amount: 0, currency: 'USD' });
  t.match(parseAmount('-0.01', 'USD', 0n), { error: /^"-0\.01" is not an amount/ });
  t.same(parseAmount('-50.00', 'USD', -largestAmount), { amount: -5000, currency: 'USD' });
  t.same(parseAmount('-0', 'USD', -largestAmount), { amount: 0, currency: 'USD' });
  t.same(parseAmount('-9007199254740991', 'JPY', -largestAmount), {
    amount: -max,
    currency: 'JPY',
  });
  t.same(parseAmount('-9007199254740992', 'JPY', -largestAmount), {
    error: '-9007199254740992 JPY is out of range: -9007199254740991 to 9007199254740991 JPY',
  });
  t.match(parseAmount('--1', 'USD', -largestAmount), { error: /is not an amount/ });
  t.end();
});

void t.test('minor units are written with all decimal places', (t) => {
  const written: [number, string, string][] = [
    [2500, 'USD', '25.00'],
    [1, 'USD', '0.01'],
    [0, 'USD', '0.00'],
    [-5, 'USD', '-0.05'],
    [-2500, 'USD', '-25.00'],
    [500, 'JPY', '500'],
    [-500, 'JPY', '-500'],
    [0, 'JPY', '0'],
    [1, 'KWD', '0.001'],
    [max, 'USD', '90071992547409.91'],
    [2500, 'ZZZ', '2500 minor units'],
  ];
  for (const [amount, currency, text] of written) t.equal(formatAmount(amount, currency), text);
  t.end();
});

void t.test('what is written is read back, in every currency and magnitude', (t) => {
  const seed = Date.now() % 1_000_000;
  let state = seed;
  const random = () => {
    state = (state * 48_271 + 11) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  const amounts = [1, 9, 10, 99, 100, 101, 999, 1000, 1001, 10_000, max - 1, max];
  for (let power = 0; power < 53; power += 1) {
    amounts.push(1 + Math.floor(random() * Math.min(2 ** power, max - 1)));
  }
  const wrong: string[] = [];
  for (const currency of Object.keys(iso4217)) {
    for (const amount of amounts) {
      const parsed = parseAmount(formatAmount(amount, currency), currency);
      if (!('amount' in parsed) || parsed.amount !== amount) wrong.push(`${amount} ${currency}`);
    }
  }
  t.same(wrong, [], `seed ${seed}`);
  t.end();
});
