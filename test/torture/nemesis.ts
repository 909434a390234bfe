/** Who makes the faults: one after the other, some together, with quiet times in between. */
import { scheduler } from 'node:timers/promises';
import type { Cluster } from '../../client/scenarios/cluster.ts';
import type { Draw } from './draw.ts';
import type { History } from './history.ts';
import { cut, deafen, delay, repeatAll, silence } from './network-attacks.ts';
import { kill, killStarting, pause, terminate, type Attack } from './process-attacks.ts';

type Make = (cluster: Cluster, draw: Draw) => Attack;

/** What happens to processes. */
const processAttacks = {
  kill: ({ nodes }, draw) => kill([draw.oneOf(nodes)]),
  'kill two': ({ nodes }, draw) => kill(draw.some(nodes, 2)),
  'kill all': ({ nodes }) => kill(nodes),
  'kill again as it starts': ({ nodes }, draw) => killStarting(draw.oneOf(nodes), draw),
  'kill and move': ({ participants }, draw) => kill([draw.oneOf(participants)], true),
  terminate: ({ nodes }, draw) => terminate(draw.oneOf(nodes)),
  pause: ({ nodes }, draw) => pause(draw.some(nodes, draw.between(1, 3))),
} satisfies Record<string, Make>;

/** What happens to messages. */
const networkAttacks = {
  cut: ({ participants }, draw) => cut(draw.oneOf(participants)),
  'lose requests': ({ nodes }, draw) => deafen(draw.some(nodes, draw.between(1, 3))),
  'lose replies': ({ nodes }, draw) => silence(draw.some(nodes, draw.between(1, 3))),
  delay: ({ nodes }, draw) => delay(draw.some(nodes, draw.between(1, 4)), draw),
  repeat: ({ nodes }, draw) => repeatAll(draw.some(nodes, draw.between(1, 4))),
} satisfies Record<string, Make>;

export const attacks: Readonly<Record<string, Make>> = { ...processAttacks, ...networkAttacks };

/** A time from `leastMs` to `mostMs`. */
export interface Range {
  readonly leastMs: number;
  readonly mostMs: number;
}

export interface NemesisOptions {
  readonly cluster: Cluster;
  readonly history: History;
  readonly draw: Draw;
  /** Names in `attacks`. */
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
  const { draw, kinds, quietMs, done, signal } = options;
  let bag: string[] = [];
  while (!done()) {
    await scheduler.wait(draw.between(quietMs.leastMs, quietMs.mostMs), { signal });
    if (bag.length === 0) bag = draw.some(kinds, kinds.length);
    const first = bag.pop();
    if (first === undefined) throw new Error('broken invariant: there are kinds of faults');
    // A process and messages at once: a node that dies while it is cut off, for example.
    const other = first in processAttacks ? networkAttacks : processAttacks;
    const fitting = kinds.filter((kind) => kind in other);
    const together =
      draw.percent(30) && fitting.length > 0 ? [first, draw.oneOf(fitting)] : [first];
    await attack(options, together);
  }
}

/** One fault, or two at once, from its begin until all nodes are ready again. */
async function attack(options: NemesisOptions, kinds: readonly string[]): Promise<void> {
  const { cluster, history, draw, faultMs, signal } = options;
  for (const { name, isRunning } of cluster.nodes) {
    if (isRunning) continue;
    history.add({ type: 'died', node: name });
    throw new Error(`${name} has ended by itself`);
  }
  const begun: { kind: string; attack: Attack }[] = [];
  for (const kind of kinds) {
    const made = attacks[kind]?.(cluster, draw);
    if (!made) throw new Error(`broken invariant: ${kind} is a fault`);
    await made.begin();
    begun.push({ kind, attack: made });
  }
  await scheduler.wait(draw.between(faultMs.leastMs, faultMs.mostMs), { signal });
  for (const { kind, attack: made } of begun) {
    const happened = await made.heal();
    const nodes = made.nodes.map(({ name }) => name);
    history.add({ type: happened ? 'fault' : 'missed', kind, nodes });
    // Messages may just not have come by; a signal always has an effect.
    if (!happened && kind in processAttacks) history.add({ type: 'died', node: nodes.join() });
  }
  await Promise.all(cluster.nodes.map((node) => node.ready({ ms: readyMs, signal })));
}
