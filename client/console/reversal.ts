/** What a person has written about how much to move back, as a request. */
import { money, parseAmount } from '../cli/amounts.ts';
import type { Leg, ReversalRequest } from '../sdk/index.ts';

/** A request and what it would move, or what is wrong with which leg. */
export type WrittenReversal =
  | { readonly request: ReversalRequest; readonly moves: readonly string[] }
  | { readonly errors: ReadonlyMap<number, string> };

/** All that is left of each leg. */
export function wholeReversal(legs: readonly Leg[], reference: string): WrittenReversal {
  const moves = legs.map(({ from, to, amount, currency }) => {
    return `what is left of ${money(amount, currency)} from ${to} back to ${from}`;
  });
  return { request: referenceOf(reference), moves };
}

/** @param texts the amount of each leg, empty where it stays as it is */
export function partialReversal(
  legs: readonly Leg[],
  texts: readonly string[],
  reference: string,
): WrittenReversal {
  const errors = new Map<number, string>();
  const parts = legs.flatMap((whole, leg) => {
    const text = texts[leg]?.trim() ?? '';
    if (text === '') return [];
    const parsed = parseAmount(text, whole.currency);
    if ('error' in parsed) errors.set(leg, parsed.error);
    else if (parsed.amount > whole.amount) {
      const most = money(whole.amount, whole.currency);
      errors.set(leg, `${text} is more than it has moved: write up to ${most}`);
    } else return [{ leg, amount: parsed.amount }];
    return [];
  });
  if (errors.size === 0 && parts.length === 0)
    errors.set(0, 'write an amount for one leg at least');
  if (errors.size > 0) return { errors };
  const moves = parts.flatMap(({ leg, amount }) => {
    const whole = legs[leg];
    if (!whole) return [];
    return [`${money(amount, whole.currency)} from ${whole.to} back to ${whole.from}`];
  });
  const [only] = parts;
  const rest = referenceOf(reference);
  if (legs.length === 1 && only) return { request: { amount: only.amount, ...rest }, moves };
  return { request: { legs: parts, ...rest }, moves };
}

const referenceOf = (reference: string) => (reference === '' ? {} : { reference });
