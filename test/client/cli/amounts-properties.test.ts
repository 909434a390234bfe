import fc from 'fast-check';
import t from 'tap';
import {
  currencies,
  formatAmount,
  largestAmount,
  parseAmount,
  scaleOf,
} from '../../../client/cli/amounts.ts';
import { runs } from '../../fixtures/property.ts';

const max = Number(largestAmount);
const currency = fc.constantFrom(...currencies);
const size = fc.oneof(
  fc.integer({ min: 0, max: 100_001 }),
  fc.integer({ min: max - 1_000, max }),
  fc.integer({ min: 0, max }),
);
const least = -largestAmount;

void t.test('what is written in any currency is read back, below zero, too', (t) => {
  const property = fc.property(size, fc.boolean(), currency, (amount, isDebt, code) => {
    const wanted = isDebt && amount > 0 ? -amount : amount;
    const text = formatAmount(wanted, code);
    const read = parseAmount(text, code, least);
    if (!('amount' in read) || read.amount !== wanted)
      throw new Error(`${wanted} ${code}: ${text}`);
    // Digits alone say the same, without any arithmetic on them.
    if (BigInt(text.replace('.', '')) !== BigInt(wanted)) throw new Error(`${wanted}: ${text}`);
    const fraction = text.split('.')[1] ?? '';
    if (fraction.length !== scaleOf(code)) throw new Error(`${text} ${code}`);
  });
  fc.assert(property, runs(3_000));
  t.end();
});

void t.test('a text is an amount in one writing only, or a sentence says why not', (t) => {
  const sign = fc.constantFrom('', '-', '+', '−', '--', ' ');
  const digits = fc.stringMatching(/^[0-9]{0,18}$/);
  const point = fc.constantFrom('', '.', ',', '..', ' ', 'e', '_');
  const nearly = fc.tuple(sign, digits, point, digits).map((pieces) => pieces.join(''));
  const likely = fc.stringMatching(/^-?(0|[1-9][0-9]{0,9})(\.[0-9]{1,4})?$/);
  const text = fc.oneof(nearly, likely, fc.string({ unit: 'binary', maxLength: 12 }));
  let amounts = 0;
  const property = fc.property(
    text,
    currency,
    fc.constantFrom(1n, 0n, least),
    (given, code, low) => {
      const read = parseAmount(given, code, low);
      if ('error' in read) {
        if (!read.error.includes(given)) throw new Error(`${given}: ${read.error}`);
        return;
      }
      amounts += 1;
      const { amount } = read;
      const fits = Number.isSafeInteger(amount) && BigInt(amount) >= low && amount <= max;
      if (!fits) throw new Error(`${given} ${code} is read as ${amount}`);
      const written = formatAmount(amount, code);
      const whole = written.replace(/\.0+$/, '');
      const isZero = amount === 0 && /^-0(\.0+)?$/.test(given);
      if (given !== written && given !== whole && !isZero)
        throw new Error(`${given} is ${written}`);
    },
  );
  fc.assert(property, runs(10_000));
  t.ok(amounts > 500, `${amounts} of the texts were amounts`);
  t.end();
});
