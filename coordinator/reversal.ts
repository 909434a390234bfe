/** How transfers are taken back (PROTOCOL.md, reversals). Pure. */
import type { Leg, Reversal, State, Transfer } from './protocol.ts';

/** What a client wants to go back: of each leg so much, or everything that is left. */
export type Wanted = Reversal['legs'] | 'all';

export type ReversalPlan =
  | { readonly outcome: 'planned'; readonly legs: readonly Leg[]; readonly reverses: Reversal }
  /** More than is left of these legs; `left` is how much there is. Minor units. */
  | {
      readonly outcome: 'exceeds';
      readonly over: readonly { readonly leg: number; readonly left: number }[];
    }
  | { readonly outcome: 'not-committed' };

/**
 * The legs that take back what is wanted of a transfer. All its reversals that are not aborted,
 * also those that are not decided yet, never exceed what it has moved.
 */
export function planReversal(
  state: State,
  { begun, decided }: Transfer,
  wanted: Wanted,
): ReversalPlan {
  if (decided?.state !== 'committed') return { outcome: 'not-committed' };
  const left = leftOf(state, begun.id, begun.legs);
  const everything = left.map((amount, leg) => ({ leg, amount }));
  const asked = wanted === 'all' ? everything.filter(({ amount }) => amount > 0) : wanted;
  const over = asked.filter(({ leg }) => {
    const together = asked.reduce((sum, one) => (one.leg === leg ? sum + one.amount : sum), 0);
    return together > (left[leg] ?? 0);
  });
  if (asked.length === 0 || over.length > 0) {
    const named = asked.length === 0 ? everything : over;
    return { outcome: 'exceeds', over: named.map(({ leg }) => ({ leg, left: left[leg] ?? 0 })) };
  }
  // Backwards, as a way back goes.
  const legs = [...asked].reverse().flatMap(({ leg, amount }): Leg[] => {
    return begun.legs
      .slice(leg, leg + 1)
      .map(({ from, to, currency }) => ({ from: to, to: from, amount, currency }));
  });
  return { outcome: 'planned', legs, reverses: { id: begun.id, legs: asked } };
}

/** How much of each leg has not been taken back. */
function leftOf({ reversals }: State, id: string, legs: readonly Leg[]): number[] {
  const back = [...(reversals.get(id)?.values() ?? [])].flat();
  return legs.map(({ amount }, index) =>
    back.reduce((left, one) => (one.leg === index ? left - one.amount : left), amount),
  );
}
