import { setMaxListeners } from 'node:events';
import { Agent } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { Fault } from '../scenarios/faults.ts';
import { Proxy } from '../scenarios/proxy.ts';
import type { LabLink, LabNode, LinkFaults } from '../sdk/index.ts';

const whole: LinkFaults = { delayMs: 0, drop: 'nothing', duplicate: false, cut: false };

/** How many connections to a node are kept open for what comes next. */
const keptConnections = 50;

/** One way of requests between running nodes, and what becomes of them on it. */
export class Link {
  readonly from: LabLink['from'];
  readonly to: LabLink['to'];
  /** Each knows where it leads: to one of the processes that serve as the node. */
  readonly proxies: ReadonlyMap<LabNode['name'], Proxy>;
  readonly #agent = new Agent({ keepAlive: true, maxFreeSockets: keptConnections });
  #faults = whole;
  /** Ends what is on its way. */
  #break = breaker();

  /** @param processes by which it is the node that it leads to; the first one is named as it is */
  constructor(
    from: LabLink['from'],
    to: LabLink['to'],
    processes: readonly LabNode['name'][] = [to],
  ) {
    this.from = from;
    this.to = to;
    this.proxies = new Map(processes.map((name) => [name, new Proxy(this.#agent)]));
    const now = () => ({ ...this.#faults, broken: this.#break.signal });
    for (const proxy of this.proxies.values()) proxy.faults.push(new LinkFault(now));
  }

  /** Of the first process. */
  get proxy(): Proxy {
    const [first] = this.proxies.values();
    if (!first) throw new Error('broken invariant: a link leads somewhere');
    return first;
  }

  /** Every way to a process gets an address. */
  async listen(): Promise<void> {
    for (const proxy of this.proxies.values()) await proxy.listen();
  }

  /** What becomes of requests from now on; it replaces what was so before. */
  set(faults: LinkFaults): void {
    this.#faults = { ...faults };
    if (faults.cut) this.#lose();
  }

  view(): LabLink {
    const { from, to } = this;
    return { from, to, ...this.#faults };
  }

  /** Nothing passes any more, and nothing waits here. */
  close(): void {
    this.#lose();
    for (const proxy of this.proxies.values()) proxy.close();
    this.#agent.destroy();
  }

  /** What is under way is lost, also what is late: it would arrive when the link is whole again. */
  #lose(): void {
    this.#break.abort();
    this.#break = breaker();
    for (const proxy of this.proxies.values()) proxy.sever();
  }
}

/** Any number of messages may be late on one link, and all of them listen. */
function breaker(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}

/** What its link says happens to messages. */
class LinkFault extends Fault {
  readonly #link: () => LinkFaults;

  constructor(link: () => LinkFaults & { broken: AbortSignal }) {
    super('/', async ({ path, forward }) => {
      const { delayMs, drop, duplicate, cut, broken: signal } = link();
      if (delayMs > 0) await wait(delayMs, undefined, { signal });
      if (cut || drop === 'requests' || isStream(path)) return undefined;
      if (duplicate) await forward();
      const reply = await forward();
      return drop === 'replies' ? undefined : reply;
    });
    this.#link = link;
  }

  override takes(path: string): boolean {
    // What participants ask each other comes to the same address, but on another way.
    if (path.startsWith('/inquiry')) return false;
    const { delayMs, drop, duplicate, cut } = this.#link();
    // A stream has no end to wait for, so it can be neither held nor doubled.
    return cut || drop !== 'nothing' || (!isStream(path) && (delayMs > 0 || duplicate));
  }
}

const isStream = (path: string) => /^\/events\b/.test(path);
