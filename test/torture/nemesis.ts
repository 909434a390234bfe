/** Who makes the faults: one after the other, some together, with quiet times in between. */
import { scheduler } from 'node:timers/promises';
import type { Draw } from './draw.ts';
import type { History } from './history.ts';
import type { Attack, Tormented } from './tormented.ts';

/** A time from `leastMs` to `mostMs`. */
export interface Range {
  readonly leastMs: number;
  readonly mostMs: number;
}

export interface NemesisOptions {
  readonly bank: Tormented;
  readonly history: History;
  readonly draw: Draw;
  /** Names in the attacks of the bank. */
  readonly kinds: readonly string[];
  readonly faultMs: Range;
  readonly quietMs: Range;
  readonly done: () => boolean;
  readonly signal: AbortSignal;
}

/** How long a node may take until it is ready, once everything is healed. Milliseconds. */
const readyMs = 60_000;

/** Makes faults until `done`; in the end everything is healed, and every node ready. */
export async function torment(options: NemesisOptions): Promise<void> {
  const { bank, draw, kinds, quietMs, done, signal } = options;
  const { groups, alone } = bank.attacks;
  let bag: string[] = [];
  while (!done()) {
    await scheduler.wait(draw.between(quietMs.leastMs, quietMs.mostMs), { signal });
    if (bag.length === 0) bag = draw.some(kinds, kinds.length);
    const first = bag.pop();
    if (first === undefined) throw new Error('broken invariant: there are kinds of faults');
    // A process and messages at once: a node that dies while it is cut off, for example.
    const other = groups.find((group) => !(first in group)) ?? {};
    const fitting = kinds.filter((kind) => kind in other);
    const isOne = alone.includes(first) || fitting.length === 0 || !draw.percent(30);
    const together = isOne ? [first] : [first, draw.oneOf(fitting)];
    await attack(options, together);
  }
}

/** One fault, or two at once, from its begin until all nodes are ready again. */
async function attack(options: NemesisOptions, kinds: readonly string[]): Promise<void> {
  const { bank, history, draw, faultMs, signal } = options;
  const dead = bank.dead();
  if (dead !== undefined) {
    history.add({ type: 'died', node: dead });
    throw new Error(`${dead} has ended by itself`);
  }
  const begun: { kind: string; attack: Attack }[] = [];
  for (const kind of kinds) {
    const made = bank.attacks.groups.find((group) => kind in group)?.[kind]?.(draw);
    if (!made) throw new Error(`broken invariant: ${kind} is a fault`);
    await made.begin();
    begun.push({ kind, attack: made });
  }
  await scheduler.wait(draw.between(faultMs.leastMs, faultMs.mostMs), { signal });
  for (const { kind, attack: made } of begun) {
    const happened = await made.heal();
    const nodes = made.nodes.map(({ name }) => name);
    history.add({ type: happened ? 'fault' : 'missed', kind, nodes });
    if (!happened && !made.mayMiss) history.add({ type: 'died', node: nodes.join() });
    const seen = made.tell?.(kinds.length === 1);
    if (seen) history.add(seen);
  }
  await bank.ready({ ms: readyMs, signal });
}
