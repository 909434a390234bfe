import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeKeys, type Keys } from '../../http/keys.ts';
import { systemDisk } from '../../log/disk.ts';
import { initStore, type Role } from '../../log/store.ts';
import { connect, connectParticipant } from '../sdk/index.ts';
import { NodeProcess, type Ending, type Program } from './node-process.ts';
import { Proxy } from './proxy.ts';
import { until, type Patience } from './until.ts';

export interface ClusterOptions {
  /** For the stores, the keys, and what the nodes say: `bank-a/`, `keys.json`, `bank-a.stderr`. */
  readonly folder: string;
  readonly program: Program;
  /** The names of the participants. */
  readonly participants: readonly string[];
  /** Settings besides those that a cluster has anyway. */
  readonly coordinatorFlags?: readonly string[];
  readonly participantFlags?: readonly string[];
}

/** Nodes that look at each other often: nobody waits long for a fault to be noticed. */
const flags = {
  common: ['--log-level', 'warn', '--max-backoff-ms', '250'],
  // The grace lets a busy machine hear every vote; it costs no time once all are in.
  coordinator: ['--probe-ms', '50', '--vote-grace-ms', '2000'],
  participant: ['--register-backoff-ms', '100'],
};

/** One node of a cluster: a process on a store, and the proxy before it. */
export class ClusterNode {
  readonly name: string;
  readonly role: Role;
  /** The folder of its store. */
  readonly data: string;
  readonly proxy = new Proxy();
  /** The way of a participant to the coordinator: a fault here happens to nobody else. */
  readonly uplink = new Proxy();
  /** What it has logged as an error, over all its starts. */
  readonly alarms: string[] = [];
  readonly #process: NodeProcess;

  constructor(name: string, role: Role, { folder, program }: ClusterOptions, args: string[]) {
    this.name = name;
    this.role = role;
    this.data = join(folder, name);
    const all = [role, '--data', this.data, ...args];
    this.#process = new NodeProcess(name, program, all, (line) => {
      appendFileSync(`${this.data}.stderr`, `${line}\n`);
      if (/^\{"level":[56]0/.test(line)) this.alarms.push(line);
    });
  }

  /** Where it listens itself, behind its proxy; another port after each start. */
  get address(): string {
    return this.#process.address;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get isRunning(): boolean {
    return this.#process.isRunning;
  }

  /** Makes its store. The id is made from the name, so that people know it again. */
  async init(): Promise<void> {
    const store = `${this.name.replaceAll('-', '')}00000000`.slice(0, 8);
    await initStore({ folder: this.data, role: this.role, store, disk: systemDisk });
  }

  /**
   * Starts it and waits until it listens.
   * @throws {StartError} if it ends before
   */
  async start(): Promise<void> {
    const ways = ['--advertise', this.proxy.address, '--coordinator', this.uplink.address];
    const known = this.role === 'participant' ? ways : [];
    await this.#process.start('--port', '0', ...known);
    this.proxy.target = this.address;
  }

  /** As `start`, and at a new address for the others too. */
  async rejoin(): Promise<void> {
    await this.proxy.listen();
    await this.start();
  }

  /** Waits until it says that it is ready. */
  async ready(patience?: Patience): Promise<void> {
    const { name, role, address } = this;
    const client = role === 'coordinator' ? connect(address) : connectParticipant(address);
    await until(
      `${name} is ready`,
      () =>
        client.ready().then(
          () => true,
          () => false,
        ),
      patience,
    );
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.signal(signal);
  }

  /** Sends a signal, and waits for the end. */
  async end(signal: NodeJS.Signals): Promise<Ending> {
    const ending = await this.#process.end(signal);
    // Somebody else may get its port.
    this.proxy.target = '';
    return ending;
  }
}

/** A coordinator and participants, each its own process behind its own proxy, on free ports. */
export class Cluster {
  readonly keys: Keys = makeKeys();
  readonly #options: ClusterOptions;
  readonly #nodes = new Map<string, ClusterNode>();

  constructor(options: ClusterOptions) {
    this.#options = options;
  }

  get nodes(): ClusterNode[] {
    return [...this.#nodes.values()];
  }

  get participants(): ClusterNode[] {
    return this.nodes.filter(({ role }) => role === 'participant');
  }

  get coordinator(): ClusterNode {
    return this.node('coordinator');
  }

  /** @throws {Error} if there is none of this name */
  node(name: string): ClusterNode {
    const node = this.#nodes.get(name);
    if (!node) throw new Error(`this cluster has no ${name}`);
    return node;
  }

  /** Makes the stores, starts all nodes, and waits until they are ready. */
  async start(patience?: Patience): Promise<void> {
    const { folder, participants, coordinatorFlags = [], participantFlags = [] } = this.#options;
    const keyFile = join(folder, 'keys.json');
    writeFileSync(keyFile, JSON.stringify(this.keys), { mode: 0o600 });
    const common = ['--keys', keyFile, ...flags.common];
    const own = [...common, ...flags.coordinator, ...coordinatorFlags];
    const coordinator = await this.#add('coordinator', 'coordinator', own);
    for (const name of participants) {
      const theirs = [...common, ...flags.participant, '--name', name, ...participantFlags];
      const { uplink } = await this.#add(name, 'participant', theirs);
      await uplink.listen();
      uplink.target = coordinator.proxy.address;
    }
    await Promise.all(
      this.nodes.map(async (node) => {
        await node.start();
        await node.ready(patience);
      }),
    );
  }

  async #add(name: string, role: Role, args: string[]): Promise<ClusterNode> {
    const node = new ClusterNode(name, role, this.#options, args);
    this.#nodes.set(name, node);
    await node.proxy.listen();
    await node.init();
    return node;
  }

  /** Asks every node to stop, and gives how each has ended. */
  stop(): Promise<Ending[]> {
    return Promise.all(this.nodes.map((node) => node.end('SIGTERM')));
  }

  /** Ends everything that is left, at once. */
  async kill(): Promise<void> {
    await Promise.all(
      this.nodes.map(async (node) => {
        if (node.isRunning) await node.end('SIGKILL');
        node.proxy.close();
        node.uplink.close();
      }),
    );
  }
}
