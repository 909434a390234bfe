import * as iso4217 from 'dinero.js/currencies';
import type { Leg } from '../sdk/index.ts';

/** An ISO 4217 code of the contract; these are the ones that dinero.js knows. */
export type Currency = Leg['currency'];

/** The largest amount that the protocol carries, in minor units (openapi.yaml, Amount). */
export const largestAmount = BigInt(Number.MAX_SAFE_INTEGER);

/** What a person wrote as an amount: minor units, or a sentence that says what is wrong. */
export type ParsedAmount = { amount: number; currency: Currency } | { error: string };

const scales = new Map<string, number>(
  Object.values(iso4217).map(({ code, base, exponent }) => [
    code,
    // The library counts the fifths of MGA and MRU; the decimal places of ISO 4217 are two.
    base === 10 ? exponent : 2,
  ]),
);

/** How many decimal places ISO 4217 gives a currency; undefined when it has no such code. */
export function scaleOf(currency: string): number | undefined {
  return scales.get(currency);
}

const isCurrency = (text: string): text is Currency => scales.has(text);

/** Every ISO 4217 code, in alphabetical order. */
export const currencies: readonly string[] = [...scales.keys()].sort();

/**
 * Reads an amount as people write it: `25.00` or `25` in USD, `500` in JPY. Decimal places are
 * all of the currency's or none, so that a slip of the decimal point cannot pass for an amount.
 * @param least in minor units; only below 0 may there be a minus sign
 * @returns minor units, `least` to 9007199254740991, computed on the digits
 */
export function parseAmount(text: string, currency: string, least = 1n): ParsedAmount {
  const named = currencyNamed(currency);
  if ('error' in named) return named;
  const scale = scaleOf(currency) ?? 0;
  const digits = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?$/.exec(text);
  const [, sign = '', whole = '', fraction = ''] = digits ?? [];
  if (!digits || (sign && least >= 0n)) {
    return { error: `"${text}" is not an amount: write ${example(scale)}, digits only` };
  }
  if (fraction.length !== 0 && fraction.length !== scale) {
    const wanted = scale === 0 ? 'none' : `${scale}, or none at all`;
    return {
      error: `${text} ${currency} has ${places(fraction.length)}; ${currency} has ${wanted}`,
    };
  }
  const size = BigInt(whole + fraction.padEnd(scale, '0'));
  const amount = sign ? -size : size;
  if (amount < least || amount > largestAmount) {
    const range = `${formatMinor(least, scale)} to ${formatMinor(largestAmount, scale)}`;
    return { error: `${text} ${currency} is out of range: ${range} ${currency}` };
  }
  return { amount: Number(amount), ...named };
}

/** The currency of this code, or a sentence that says what is wrong with it. */
export const currencyNamed = (code: string): { currency: Currency } | { error: string } =>
  isCurrency(code) ? { currency: code } : { error: unknownCurrency(code) };

/**
 * Writes minor units as people read them, with all decimal places of the currency: 2500 in USD
 * is `25.00`. In a currency that this program does not know, it says that they are minor units.
 */
export function formatAmount(amount: number | bigint, currency: string): string {
  const scale = scaleOf(currency);
  return scale === undefined ? `${amount} minor units` : formatMinor(BigInt(amount), scale);
}

function formatMinor(amount: bigint, scale: number): string {
  const sign = amount < 0n ? '-' : '';
  const digits = String(amount < 0n ? -amount : amount).padStart(scale + 1, '0');
  if (scale === 0) return sign + digits;
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** An amount with its currency: `25.00 USD`. */
export const money = (amount: number | bigint, currency: string) =>
  `${formatAmount(amount, currency)} ${currency}`;

const example = (scale: number) => (scale === 0 ? '25' : `25.${'0'.repeat(scale)} or 25`);

const places = (count: number) => (count === 1 ? '1 decimal place' : `${count} decimal places`);

function unknownCurrency(currency: string): string {
  const upper = currency.toUpperCase();
  const hint = scales.has(upper) ? `write ${upper}` : 'write a code such as USD';
  return `"${currency}" is not an ISO 4217 currency: ${hint}`;
}
