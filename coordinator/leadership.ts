/**
 * Several coordinator processes on one database, each of which serves the whole API (PROTOCOL.md,
 * PostgreSQL). The one that holds the store leads: it runs the coordinator. Every other one
 * follows: it passes requests on to the leader, and takes the store when that one is gone.
 *
 *               takes the store
 *   following ──────────────────► leading
 *        ▲    another one has it      │
 *        └────────────────────────────┘
 */
import { setMaxListeners } from 'node:events';
import type { FastifyRequest } from 'fastify';
import type { Operation } from '../http/contract.ts';
import type { OwnExamples } from '../http/examples.ts';
import { wasPassedOn } from '../http/passed-on.ts';
import { problem, type Answer } from '../http/problems.ts';
import type { Handler } from '../http/server.ts';
import type { Clock } from '../log/clock.ts';
import { isTaken } from '../log/store-error.ts';
import type { Store } from '../log/store.ts';
import type { Logger } from './coordinator.ts';
import { notLeadingAnswer, type PassOn } from './pass-on.ts';
import type { Tenure } from './tenure.ts';
import { isRepeatable, saysNothingOfFirst } from './transfer-routes.ts';
import { Waiters } from './waiters.ts';

export interface LeadershipOptions {
  readonly operations: ReadonlyMap<string, Operation>;
  /** Takes the store as soon as no other process has it. */
  readonly open: (
    onHolder: (address: string | undefined) => void,
    onFailure: (error: Error) => void,
    signal: AbortSignal,
  ) => Promise<Store>;
  readonly begin: (store: Store, onFailure: (error: Error) => void) => Promise<Tenure>;
  /** Sends a request to the leader, and gives what came back. */
  readonly passOn: PassOn;
  readonly clock: Clock;
  readonly logger: Logger;
  /** This process cannot go on, and must exit. */
  onFailure(error: Error): void;
}

/** Who leads, as far as a follower knows; `gone` cuts what is under way there. */
interface Leader {
  readonly address: string;
  readonly gone: AbortController;
}

/** The coordinator at work here, and those who have to hear when that is over. */
interface Held {
  readonly work: Tenure;
  /** Another process has the store. */
  readonly lost: AbortSignal;
  readonly underWay: Set<() => void>;
}

/** How long a request waits for a leader: a lease, and what the next one needs. Milliseconds. */
const patienceMs = 10_000;

/** Between two attempts to reach the leader, the more the longer; and at the most. Milliseconds. */
const againMs = 100;
const mostAgainMs = 1_000;

/** What became of a request here or at the leader. */
type Attempt =
  | { readonly answer: Answer }
  /** `begun`: it may have had an effect. */
  | { readonly begun: boolean; readonly why: string };

export class Leadership {
  readonly #options: LeadershipOptions;
  readonly #stop = new AbortController();
  readonly #changed: Waiters;
  #held: Held | undefined;
  #leader: Leader | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: LeadershipOptions) {
    this.#options = options;
    this.#changed = new Waiters(options.clock);
  }

  /** What answers each operation: here, or where the leader is. */
  handlers(): Record<string, Handler> {
    const entries = [...this.#options.operations].map(([operationId, operation]) => {
      const handler = (request: FastifyRequest) => this.#serve(operation, request);
      const gate = (request: FastifyRequest) =>
        this.#held?.work.handlers[operationId]?.gate?.(request);
      return [operationId, Object.assign(handler, { gate })] as const;
    });
    return Object.fromEntries(entries);
  }

  async examples(): Promise<OwnExamples> {
    return (await this.#held?.work.examples()) ?? {};
  }

  /**
   * Resolves once this process leads, or knows of another one that does.
   * @throws StoreError when there is no such store, or it may not be used
   */
  async start(): Promise<void> {
    let onKnown: () => void = () => undefined;
    const known = new Promise<void>((resolve) => (onKnown = resolve));
    const running = this.#run(onKnown);
    this.#running = running.catch(() => undefined);
    await Promise.race([known, running]);
    running.catch((error: unknown) => {
      if (this.#stop.signal.aborted) return;
      this.#options.onFailure(error instanceof Error ? error : new Error(String(error)));
    });
  }

  /** Ends what waits. */
  release(): void {
    this.#held?.work.release();
    this.#stop.abort();
    this.#changed.releaseAll();
  }

  /** Gives the store away, if this process has it. */
  async close(): Promise<void> {
    this.release();
    await this.#running;
    this.#leader?.gone.abort();
    if (!this.#held) return;
    const { work, lost } = this.#held;
    await Promise.race([work.close(), aborted(lost)]);
    // Nothing can be forced any more.
    if (lost.aborted) await work.abandon();
  }

  /** Leads whenever it can, until it is told to stop. */
  async #run(onKnown: () => void): Promise<void> {
    const { open, logger } = this.#options;
    const { signal } = this.#stop;
    const onHolder = (address: string | undefined) => {
      this.#follow(address);
      onKnown();
    };
    for (;;) {
      const lost = new AbortController();
      const onFailure = (error: Error) => {
        if (isTaken(error)) lost.abort();
        // What fails after that is of a store that is closed.
        else if (!lost.signal.aborted) this.#options.onFailure(error);
      };
      const store = await open(onHolder, onFailure, signal);
      this.#follow(undefined);
      await this.#lead(store, onFailure, lost.signal, onKnown);
      if (signal.aborted) return;
      logger.warn({}, `another process has taken the store of the ${store.place}: it leads now`);
    }
  }

  /** Runs the coordinator on the store until another process has that, or this one stops. */
  async #lead(
    store: Store,
    onFailure: (error: Error) => void,
    lost: AbortSignal,
    onLeading: () => void,
  ): Promise<void> {
    const { logger } = this.#options;
    const ended = aborted(AbortSignal.any([lost, this.#stop.signal]));
    const begun = this.#options.begin(store, onFailure).catch((error: unknown) => {
      if (!isTaken(error)) throw error;
    });
    const work = await Promise.race([begun, ended]);
    if (!work) {
      // Whoever only stops may have begun all the same.
      if (!lost.aborted) await (await Promise.race([begun, aborted(lost)]))?.close();
      return store.close();
    }
    const held = { work, lost, underWay: new Set<() => void>() };
    this.#held = held;
    const { store: id, epoch } = store.identity;
    logger.info({ store: id, epoch }, `leads: it holds the store of the ${store.place}`);
    this.#changed.releaseAll();
    onLeading();
    await ended;
    // Whoever stops answers what is under way before it gives the store away.
    if (this.#stop.signal.aborted) return;
    this.#held = undefined;
    for (const hear of held.underWay) hear();
    // It may take its time: others wait to hear who leads.
    work.abandon().catch(this.#options.onFailure.bind(this.#options));
  }

  #follow(address: string | undefined): void {
    if (this.#leader?.address === address) return;
    this.#leader?.gone.abort();
    this.#leader = undefined;
    if (address === undefined) return;
    const gone = new AbortController();
    // One for each request that is under way there.
    setMaxListeners(0, gone.signal);
    this.#leader = { address, gone };
    this.#options.logger.info({ leader: address }, `passes requests on to ${address}`);
    this.#changed.releaseAll();
  }

  /** Here or at the leader, and again after a change of leaders where that does no harm. */
  async #serve(operation: Operation, request: FastifyRequest): Promise<Answer> {
    const { clock } = this.#options;
    const isHealth = operation.operationId === 'checkReady';
    const until = clock.now() + (isHealth ? 0 : patienceMs);
    let hasBegun = false;
    for (let tries = 1; ; tries++) {
      const attempt = await this.#attempt(operation, request, hasBegun);
      if ('answer' in attempt) return attempt.answer;
      hasBegun ||= attempt.begun;
      const { why } = attempt;
      // Two that take each other for the leader must not send it to and fro.
      if (!this.#held && wasPassedOn(request)) return notLeadingAnswer(hasBegun, why);
      const mayRepeat = !hasBegun || isRepeatable(operation, request);
      if (!mayRepeat || clock.now() >= until || this.#stop.signal.aborted) {
        return hasBegun ? unknown(why) : notNow(why);
      }
      const ms = Math.min(mostAgainMs, againMs * tries, until - clock.now());
      await this.#changed.wait('', ms);
    }
  }

  /** @param hasBegun an earlier attempt may have begun it */
  async #attempt(
    operation: Operation,
    request: FastifyRequest,
    hasBegun: boolean,
  ): Promise<Attempt> {
    if (this.#held) return serveHere(this.#held, operation, request);
    if (wasPassedOn(request)) return { begun: false, why: 'this process does not hold the store' };
    const leader = this.#leader;
    if (!leader) return { begun: false, why: 'no process holds the store at the moment' };
    const { address, gone } = leader;
    const isStream = operation.operationId === 'streamEvents';
    const ends = isStream ? AbortSignal.any([gone.signal, this.#stop.signal]) : gone.signal;
    const passed = await this.#options.passOn(address, operation, request, ends);
    if ('failure' in passed) return { begun: passed.begun, why: `${address}: ${passed.failure}` };
    // What refuses the repetition before anybody has looked at its key is no answer to the first.
    if (hasBegun && saysNothingOfFirst(operation, passed)) {
      return { begun: false, why: `${address} refuses to say` };
    }
    return { answer: passed };
  }
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const end = () => {
      resolve();
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });

/** Nothing that this process has computed is told once another one has the store. */
function serveHere(
  { work, underWay }: Held,
  { operationId, method }: Operation,
  request: FastifyRequest,
): Promise<Attempt> {
  const handler = work.handlers[operationId];
  if (!handler) throw new Error(`no handler for operation ${operationId}`);
  return new Promise((resolve, reject) => {
    const hear = () => {
      const begun = method !== 'GET';
      resolve({ begun, why: 'another process has taken the store meanwhile' });
    };
    underWay.add(hear);
    handler(request)
      .then((answer) => {
        resolve({ answer });
      }, reject)
      .finally(() => underWay.delete(hear));
  });
}

/** Nothing was begun. */
const notNow = (why: string) => problem('not-ready', { detail: why });

/** Nobody knows, until it is asked again. */
const unknown = (why: string) =>
  problem('internal-error', { detail: `what became of it is not known: ${why}` });
