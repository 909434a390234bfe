/** A bank with a folder for each store: one process for each node, with a proxy before it. */
import { Cluster, type ClusterNode } from '../../client/scenarios/cluster.ts';
import type { Program } from '../../client/scenarios/node-process.ts';
import type { Patience } from '../../client/scenarios/until.ts';
import { systemDisk } from '../../log/disk.ts';
import { folderSource } from '../../log/read-store.ts';
import { participants } from './bank.ts';
import type { Happening } from './history.ts';
import { cut, deafen, delay, repeatAll, silence } from './network-attacks.ts';
import { kill, killStarting, pause, terminate } from './process-attacks.ts';
import { boundTo, type Attacks, type Make, type Tormented } from './tormented.ts';

/** What happens to processes. */
const processAttacks = {
  kill: ({ nodes }, draw) => kill([draw.oneOf(nodes)]),
  'kill two': ({ nodes }, draw) => kill(draw.some(nodes, 2)),
  'kill all': ({ nodes }) => kill(nodes),
  'kill again as it starts': ({ nodes }, draw) => killStarting(draw.oneOf(nodes), draw),
  'kill and move': ({ participants }, draw) => kill([draw.oneOf(participants)], true),
  terminate: ({ nodes }, draw) => terminate(draw.oneOf(nodes)),
  pause: ({ nodes }, draw) => pause(draw.some(nodes, draw.between(1, 3))),
} satisfies Record<string, Make<Cluster>>;

/** What happens to messages. */
const networkAttacks = {
  cut: ({ participants }, draw) => cut(draw.oneOf(participants)),
  'lose requests': ({ nodes }, draw) => deafen(draw.some(nodes, draw.between(1, 3))),
  'lose replies': ({ nodes }, draw) => silence(draw.some(nodes, draw.between(1, 3))),
  delay: ({ nodes }, draw) => delay(draw.some(nodes, draw.between(1, 4)), draw),
  repeat: ({ nodes }, draw) => repeatAll(draw.some(nodes, draw.between(1, 4))),
} satisfies Record<string, Make<Cluster>>;

export const folderFaults = Object.keys({ ...processAttacks, ...networkAttacks });

export interface FolderBankOptions {
  /** For the stores; it is there, and empty. */
  readonly folder: string;
  readonly program: Program;
  readonly segmentBytes: number;
}

export class FolderBank implements Tormented {
  readonly #cluster: Cluster;
  readonly attacks: Attacks;

  constructor({ folder, program, segmentBytes }: FolderBankOptions) {
    const cluster = new Cluster({ folder, program, participants, ...flagsOf(segmentBytes) });
    this.#cluster = cluster;
    this.attacks = {
      groups: [boundTo(cluster, processAttacks), boundTo(cluster, networkAttacks)],
      alone: [],
    };
  }

  get operatorKey(): string {
    return this.#cluster.keys.operator;
  }

  /** The proxy of the coordinator: what happens there happens to customers as well. */
  get entrances(): string[] {
    return [this.#cluster.coordinator.proxy.address];
  }

  get participants(): ClusterNode[] {
    return this.#cluster.participants;
  }

  get audited(): string[] {
    return this.#cluster.nodes.map(({ data }) => data);
  }

  start(patience: Patience): Promise<void> {
    return this.#cluster.start(patience);
  }

  async ready(patience: Patience): Promise<void> {
    await Promise.all(this.#cluster.nodes.map((node) => node.ready(patience)));
  }

  news(): Happening[] {
    return this.#cluster.nodes.flatMap(({ name: node, alarms }) =>
      alarms.splice(0).map((line) => ({ type: 'alarm' as const, node, line })),
    );
  }

  dead(): string | undefined {
    return this.#cluster.nodes.find(({ isRunning }) => !isRunning)?.name;
  }

  async *stop() {
    for (const node of this.#cluster.nodes) {
      const { code } = await node.end('SIGTERM');
      yield { node: node.name, code };
    }
  }

  async stores() {
    return this.participants.map(({ name: participant, data }) => {
      return { participant, source: folderSource(data, systemDisk) };
    });
  }

  kill(): Promise<void> {
    return this.#cluster.kill();
  }
}

/** Nodes that give up soon: a fault of a few seconds is longer than each of their timeouts. */
const flagsOf = (segmentBytes: number) => ({
  coordinatorFlags: [
    ...['--vote-timeout-ms', '1000', '--delivery-timeout-ms', '1500'],
    ...['--snapshot-timeout-ms', '2000', '--segment-bytes', String(segmentBytes)],
  ],
  participantFlags: [
    ...['--inquiry-timeout-ms', '1000', '--heartbeat-ms', '2000'],
    ...['--segment-bytes', String(segmentBytes)],
  ],
});
