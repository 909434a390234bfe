/** The bank: its accounts, and what its customers ask for. */
import { connectParticipant } from '../../client/sdk/index.ts';
import type { Draw } from './draw.ts';
import type { Leg } from './history.ts';
import type { Tormented } from './tormented.ts';

export const participants = ['bank-a', 'bank-b', 'bank-c'] as const;

/** What each account has at first. Cents. */
export const opening = 100_000;
/** Some are refused: less is there than they take. */
const most = 20_000;

export const paths: readonly string[] = participants.flatMap((bank) =>
  ['alice', 'bob', 'carol'].map((id) => `${bank}/${id}`),
);

/** Opens every account. */
export async function openAccounts({ participants: nodes, operatorKey: key }: Tormented) {
  for (const { name, address } of nodes) {
    const participant = connectParticipant(address, { key });
    for (const path of within(name)) {
      const id = path.slice(name.length + 1);
      await participant.openAccount({ id, currency: 'USD', balance: opening });
    }
  }
}

/** Mostly one leg between two participants; some within one, some with several legs. */
export function drawLegs(draw: Draw): Leg[] {
  const kind = draw.between(0, 100);
  if (kind < 20) return [drawLeg(draw, within(draw.oneOf(participants)))];
  if (kind < 40) {
    const count = draw.between(2, 5);
    return Array.from({ length: count }, () => drawLeg(draw, paths));
  }
  const [source, target] = draw.some(participants, 2).map(within);
  if (!source || !target) throw new Error('broken invariant: there are two participants');
  return [[draw.oneOf(source), draw.oneOf(target), draw.between(1, most)]];
}

const within = (bank: string) => paths.filter((path) => path.startsWith(`${bank}/`));

function drawLeg(draw: Draw, among: readonly string[]): Leg {
  const [from = '', to = ''] = draw.some(among, 2);
  return [from, to, draw.between(1, most)];
}

/** The body of a request for these legs. */
export function bodyOf(legs: readonly Leg[]): object {
  const all = legs.map(([from, to, amount]) => ({ from, to, amount, currency: 'USD' }));
  const [only] = all;
  return all.length === 1 && only ? only : { legs: all };
}
