import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Scenario } from '../scenarios/scenario.ts';
import type { Program } from '../scenarios/node-process.ts';
import type { LabNode, LabView, NodeAction, Unanimous } from '../sdk/index.ts';
import { Link } from './link.ts';
import { Load } from './load.ts';
import { Play } from './play.ts';
import type { LabServer, LabServerOptions } from './server.ts';

/** A node as the lab can have it: a process that somebody supervises. */
export interface Supervised {
  readonly pid: number | undefined;
  readonly address: string;
  readonly restarts: number;
  readonly state: LabNode['state'];
  pause(): void;
  resume(): void;
  kill(): Promise<void>;
  stop(): Promise<void>;
  startAgain(): void;
}

type Name = LabNode['name'];

/** All ways of requests but those between participants, and between coordinators. */
const ways = [
  ['client', 'coordinator'],
  ['coordinator', 'bank-a'],
  ['coordinator', 'bank-b'],
  ['bank-a', 'coordinator'],
  ['bank-b', 'coordinator'],
] as const;

/** The load moves up to 1.00 USD each time. */
const purse = { accounts: ['bank-a/alice', 'bank-b/bob'], currency: 'USD', most: 100 } as const;

/** What runs on this machine, and everything that is done to it from outside. */
export class Lab {
  readonly links: readonly Link[];
  readonly #coordinators: readonly Name[];
  readonly #nodes = new Map<Name, { node: Supervised; done: Promise<void> }>();
  readonly #program: Program;
  #load: Load | undefined;
  #server: LabServer | undefined;
  #play: Play | undefined;

  /**
   * @param program what the nodes of scenarios run
   * @param coordinators all processes that serve as the coordinator; to a link they are one node
   */
  constructor(program: Program, coordinators: readonly Name[] = ['coordinator']) {
    this.#program = program;
    this.#coordinators = coordinators;
    this.links = ways.map(([from, to]) => {
      return new Link(from, to, to === 'coordinator' ? coordinators : [to]);
    });
  }

  /** Every way between nodes gets an address; that of clients is the lab's own. */
  async listen(): Promise<void> {
    for (const link of this.links) if (link.from !== 'client') await link.listen();
  }

  /** The addresses by which a node reaches the coordinators, in their order. */
  waysToCoordinators(from: Link['from']): string[] {
    return [...this.link(from, 'coordinator').proxies.values()].map(({ address }) => address);
  }

  /** Passes on what a client asks for, to the first coordinator that runs. */
  passOn(request: IncomingMessage, response: ServerResponse): void {
    const link = this.link('client', 'coordinator');
    const running = this.#coordinators.find((name) => {
      return this.#nodes.get(name)?.node.state === 'running';
    });
    const proxy = running === undefined ? undefined : link.proxies.get(running);
    (proxy ?? link.proxy).pass(request, response);
  }

  /** @throws {Error} if there is none */
  link(from: Link['from'], to: Name): Link {
    const link = this.findLink(from, to);
    if (!link) throw new Error(`broken invariant: a link leads from ${from} to ${to}`);
    return link;
  }

  findLink(from: Link['from'], to: Name): Link | undefined {
    return this.links.find((link) => link.from === from && link.to === to);
  }

  /** A node listens: every link to it leads there from now on. */
  add(name: Name, node: Supervised): void {
    this.#nodes.set(name, { node, done: Promise.resolve() });
    for (const { proxies } of this.links) {
      const proxy = proxies.get(name);
      if (proxy) proxy.target = node.address;
    }
  }

  /**
   * Serves it, once the nodes run, and gives the address.
   * @throws {Error} if it cannot listen
   */
  async serve(options: LabServerOptions): Promise<string> {
    // A server is loaded only to be run.
    const { serveLab } = await import('./server.ts');
    this.#server = await serveLab(this, options);
    return this.#server.address;
  }

  /** @param client sends what `setLoad` asks for */
  useClient(client: Unanimous): void {
    this.#load = new Load(client, purse, Math.random);
  }

  get load(): Load {
    if (!this.#load) throw new Error('broken invariant: the lab has a client');
    return this.#load;
  }

  get play(): Play | undefined {
    return this.#play;
  }

  begin(scenario: Scenario, stepped: boolean): Play {
    if (this.#play?.isOver === false) throw new Error('broken invariant: one play at a time');
    this.#play = new Play(scenario, stepped, this.#program);
    return this.#play;
  }

  /** Ends what plays, and forgets it. */
  async endPlay(): Promise<void> {
    const play = this.#play;
    await play?.end();
    if (this.#play === play) this.#play = undefined;
  }

  view(): LabView {
    return {
      nodes: [...this.#nodes.keys()].map((name) => this.node(name)),
      links: this.links.map((link) => link.view()),
      load: this.load.view(),
      play: this.#play?.state() ?? null,
    };
  }

  has(name: Name): boolean {
    return this.#nodes.has(name);
  }

  node(name: Name): LabNode {
    const { pid = null, address, restarts, state } = this.#supervised(name).node;
    const role = this.#coordinators.includes(name) ? 'coordinator' : 'participant';
    return { name, role, state, pid, address, restarts };
  }

  /** Does it, after what is being done to the node; false: it has no process to do that to. */
  act(name: Name, action: NodeAction['action']): Promise<boolean> {
    const entry = this.#supervised(name);
    const isDone = entry.done.then(() => actOn(entry.node, action));
    entry.done = isDone.then(
      () => undefined,
      () => undefined,
    );
    return isDone;
  }

  /** Ends its server, the load and what plays; the nodes still reach each other. */
  async rest(): Promise<void> {
    this.#load?.close();
    this.link('client', 'coordinator').close();
    // First, so that nobody begins another play.
    await this.#server?.close();
    await this.endPlay();
  }

  /** Nothing passes between the nodes any more. */
  close(): void {
    for (const link of this.links) link.close();
  }

  #supervised(name: Name) {
    const found = this.#nodes.get(name);
    if (!found) throw new Error(`broken invariant: ${name} was added`);
    return found;
  }
}

async function actOn(node: Supervised, action: NodeAction['action']): Promise<boolean> {
  const { state, pid } = node;
  const isListening = state === 'running' || state === 'paused';
  switch (action) {
    case 'stop':
      if (state !== 'stopped') await node.stop();
      return true;
    case 'start':
      if (state === 'stopped') node.startAgain();
      return true;
    case 'restart':
      await node.stop();
      node.startAgain();
      return true;
    case 'kill':
      if (pid !== undefined) await node.kill();
      return pid !== undefined;
    case 'pause':
      if (isListening) node.pause();
      return isListening;
    case 'resume':
      if (isListening) node.resume();
      return isListening;
  }
}
