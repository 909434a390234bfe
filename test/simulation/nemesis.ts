import type { MemoryDisk } from '../fixtures/memory-disk.ts';
import type { Dice } from './dice.ts';
import type { Network } from './network.ts';
import type { SimulatedNode } from './node.ts';
import type { Schedule } from './schedule.ts';

/** What a node does: it sends or gets a message, or its disk does something. */
export type Step = 'sent' | 'heard' | 'disk';

interface Ambush {
  left: number;
  /** Only such steps count. */
  readonly only: Step | undefined;
  readonly kill: () => void;
}

interface NemesisOptions {
  readonly schedule: Schedule;
  readonly dice: Dice;
  readonly network: Network;
  readonly nodes: readonly SimulatedNode[];
  readonly count: (what: string) => void;
  readonly tell: (text: () => string) => void;
}

/** Causes faults, one after the other, and ends them all. */
export class Nemesis {
  readonly #options: NemesisOptions;
  readonly #kinds: (() => void)[];
  /** Nodes that die at one of their next steps: so many of a message or the disk from now. */
  readonly #ambushes = new Map<SimulatedNode, Ambush>();
  /** What was once saved of a participant's disk. */
  readonly #backups = new Map<SimulatedNode, MemoryDisk>();
  #isOver = false;

  constructor(options: NemesisOptions) {
    this.#options = options;
    const { dice } = options;
    const all = [
      () => {
        this.#kill();
      },
      () => {
        this.#cutPower();
      },
      () => {
        this.#pause();
      },
      () => {
        this.#cut();
      },
      () => {
        this.#failDisk();
      },
      () => {
        this.#fillDisk();
      },
      () => {
        this.#slowDisk();
      },
      () => {
        this.#jumpClock();
      },
      () => {
        this.#restore();
      },
    ];
    // Some seeds have every kind of fault, others only a few.
    const kept = dice.within(0.2, 1);
    this.#kinds = all.filter(() => dice.chance(kept));
  }

  strike(): void {
    if (this.#isOver || this.#kinds.length === 0) return;
    this.#options.dice.pick(this.#kinds)();
  }

  /** A node has come one message, or one operation of its disk, further. */
  onStep(name: string, what: Step): void {
    if (this.#ambushes.size === 0) return;
    for (const [node, ambush] of this.#ambushes) {
      if (node.name !== name) continue;
      if (ambush.only !== undefined && ambush.only !== what) return;
      ambush.left -= 1;
      if (ambush.left > 0) return;
      this.#ambushes.delete(node);
      ambush.kill();
      return;
    }
  }

  /** Everything is well again: whoever is down starts, and nothing fails any more. */
  heal(): void {
    const { nodes, network, tell } = this.#options;
    this.#isOver = true;
    this.#ambushes.clear();
    tell(() => 'the faults are over');
    network.cuts.clear();
    for (const node of nodes) {
      const { trouble, run, disk } = node;
      Object.assign(trouble, { next: undefined, always: undefined, slowMs: 0 });
      disk.freeBytes = Number.MAX_SAFE_INTEGER;
      run?.resume();
      node.start();
    }
  }

  #kill(): void {
    const node = this.#options.dice.pick(this.#options.nodes);
    this.#soon(node, () => {
      this.#end(node, 'kills', () => node.disk.kill());
    });
  }

  #cutPower(): void {
    const { dice, nodes } = this.#options;
    const isTorn = dice.chance(0.8);
    const cut = (node: SimulatedNode) => {
      this.#end(node, 'power cuts', () => {
        if (node.disk.unforced.files.length > 0) this.#options.count('power cuts amid a write');
        return node.disk.crash(isTorn ? dice.next : undefined);
      });
    };
    const node = dice.pick(nodes);
    this.#soon(node, () => {
      if (dice.chance(0.2)) for (const one of nodes) cut(one);
      else cut(node);
    });
  }

  /** At once, or at one of the next moments at which the node does anything. */
  #soon(node: SimulatedNode, kill: () => void): void {
    const { dice } = this.#options;
    if (dice.chance(0.3)) kill();
    // Right after a message: what it says may not be on disk.
    else if (dice.chance(0.5)) {
      this.#ambushes.set(node, { left: dice.whole(1, 3), only: 'sent', kill });
    } else this.#ambushes.set(node, { left: dice.whole(1, 8), only: undefined, kill });
  }

  /** A participant's disk is saved, or one that was saved comes back. */
  #restore(): void {
    const { dice, nodes, tell } = this.#options;
    const node = dice.pick(nodes);
    if (node.role === 'coordinator') return;
    const backup = this.#backups.get(node);
    if (!backup) {
      this.#backups.set(node, node.disk.copy());
      tell(() => `the disk of ${node.name} is saved`);
      return;
    }
    this.#backups.delete(node);
    tell(() => `an old copy of its disk comes back to ${node.name}`);
    this.#end(node, 'old copies restored', () => {
      node.wasRestored = true;
      return backup.copy();
    });
  }

  #end(node: SimulatedNode, how: string, next: () => MemoryDisk): void {
    const { dice, count, tell } = this.#options;
    if (!node.isRunning) return;
    count(how);
    const { coordinator, participant } = node;
    if ((coordinator?.state.active.size ?? 0) > 0 || (participant?.state.prepared.size ?? 0) > 0) {
      count(`${how} amid a transfer`);
    }
    tell(() => `${how}: ${node.name}`);
    node.die(next());
    this.#later(() => {
      node.start(dice.chance(0.3));
    });
  }

  #pause(): void {
    const { dice, nodes, count, tell } = this.#options;
    const node = dice.pick(nodes);
    const { run } = node;
    if (!run || run.isOver) return;
    count('pauses');
    tell(() => `${node.name} is paused`);
    run.pause();
    this.#later(() => {
      tell(() => `${node.name} goes on`);
      run.resume();
    });
  }

  #cut(): void {
    const { dice, nodes, network, count, tell } = this.#options;
    const node = dice.pick(nodes);
    const others = dice.chance(0.5) ? nodes : [dice.pick(nodes)];
    const isOneWay = dice.chance(0.5);
    const ways = others.flatMap(({ name }) => {
      if (name === node.name) return [];
      const there = `${node.name}>${name}`;
      return isOneWay ? [there] : [there, `${name}>${node.name}`];
    });
    if (ways.length === 0) return;
    count(isOneWay ? 'one-way cuts' : 'cuts');
    tell(() => `cut: ${ways.join(', ')}`);
    for (const way of ways) network.cuts.add(way);
    this.#later(() => {
      tell(() => `healed: ${ways.join(', ')}`);
      for (const way of ways) network.cuts.delete(way);
    });
  }

  #failDisk(): void {
    const { dice, nodes, tell } = this.#options;
    const node = dice.pick(nodes);
    node.trouble.next = dice.pick(['EIO', 'ENOSPC', 'EROFS']);
    tell(() => `the next write of ${node.name} fails with ${node.trouble.next ?? ''}`);
    this.#later(() => {
      node.trouble.next = undefined;
      node.start();
    });
  }

  /** First there is little room, then none. */
  #fillDisk(): void {
    const { dice, nodes, schedule, count, tell } = this.#options;
    const node = dice.pick(nodes);
    count('disks nearly full');
    tell(() => `the disk of ${node.name} is nearly full`);
    node.disk.freeBytes = 100;
    if (dice.chance(0.5)) {
      schedule.after(dice.within(0, 3_000), () => {
        if (this.#isOver) return;
        tell(() => `the disk of ${node.name} is full`);
        node.trouble.always = 'ENOSPC';
      });
    }
    this.#later(() => {
      node.trouble.always = undefined;
      node.disk.freeBytes = Number.MAX_SAFE_INTEGER;
      node.start();
    });
  }

  #slowDisk(): void {
    const { dice, nodes, count, tell } = this.#options;
    const node = dice.pick(nodes);
    count('slow disks');
    tell(() => `the disk of ${node.name} is slow`);
    node.trouble.slowMs = dice.within(10, 3_000);
    this.#later(() => {
      node.trouble.slowMs = 0;
    });
  }

  #jumpClock(): void {
    const { dice, schedule, count, tell } = this.#options;
    count('wall clock jumps');
    tell(() => 'the wall clock jumps');
    schedule.jumpWall(dice.pick([-86_400_000, 86_400_000, -1, 3_600_000]));
  }

  #later(action: () => void): void {
    const { dice, schedule } = this.#options;
    const most = dice.chance(0.2) ? 20_000 : 2_000;
    schedule.after(dice.within(1, most), () => {
      if (!this.#isOver) action();
    });
  }
}
