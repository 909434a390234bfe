import { setTimeout as wait } from 'node:timers/promises';
import { NodeProcess, StartError, type Ending } from '../scenarios/node-process.ts';
import { CommandError, type Io } from './io.ts';

export interface NodeSpec {
  readonly name: string;
  /** The program to run, and its arguments but for the port. */
  readonly module: string;
  readonly args: readonly string[];
  /** 0 takes a free one, and keeps it over restarts. */
  readonly port: number;
  /** Its environment; this one's unless told. */
  readonly env?: NodeJS.ProcessEnv;
  /** What it cannot start without: while that is away, a start may fail. */
  readonly needs?: SupervisedNode;
}

/** Limits of a node's life. */
const limits = {
  /** Between two starts of a node that keeps dying; doubled each time. Milliseconds. */
  leastBackoffMs: 100,
  mostBackoffMs: 5_000,
  /** A node that has lived this long is well again. Milliseconds. */
  healthyMs: 10_000,
  /** Starts in a row that may fail. */
  starts: 10,
  /** Between two looks at what a node needs. Milliseconds. */
  lookMs: 50,
};

/** One node as a process of its own, restarted when it dies. */
export class SupervisedNode {
  readonly name: string;
  readonly #process: NodeProcess;
  readonly #port: number;
  readonly #needs: SupervisedNode | undefined;
  readonly #io: Io;
  readonly #onFatal: (error: Error) => void;
  #restart: NodeJS.Timeout | undefined;
  #starting: Promise<void> = Promise.resolve();
  #deaths = 0;
  #starts = 0;
  #listens = false;
  #isPaused = false;
  #isToReload = false;
  /** Nothing is started while it is true. */
  #stopping = false;

  /** @param onFatal it cannot even start: restarting it will not help */
  constructor(spec: NodeSpec, io: Io, onFatal: (error: Error) => void) {
    const { name, module, args, port, env, needs } = spec;
    this.name = name;
    this.#process = new NodeProcess(name, { module, ...(env && { env }) }, args, (line) => {
      // What keeps it from starting is said by `start`.
      if (this.#listens) io.err(`[${name}] ${line}`);
    });
    this.#port = port;
    this.#needs = needs;
    this.#io = io;
    this.#onFatal = onFatal;
  }

  /** Of its process; undefined while there is none. */
  get pid(): number | undefined {
    return this.#process.isRunning ? this.#process.pid : undefined;
  }

  get address(): string {
    return this.#process.address;
  }

  /** How often it was started again. */
  get restarts(): number {
    return Math.max(0, this.#starts - 1);
  }

  get state(): 'running' | 'paused' | 'stopped' | 'starting' {
    if (this.#stopping) return 'stopped';
    if (!this.#listens) return 'starting';
    return this.#isPaused ? 'paused' : 'running';
  }

  /**
   * Starts the process and resolves when it listens.
   * @throws {CommandError} with what the node said, if it says that it cannot start
   */
  start(): Promise<void> {
    this.#stopping = false;
    this.#starting = this.#startUntilItListens();
    return this.#starting;
  }

  /** Starts it as after a death: whoever asks does not wait until it listens. */
  startAgain(): void {
    this.#stopping = false;
    this.#restartIn(0);
  }

  /** It reads its keys again; while it is starting, as soon as it listens for that. */
  reload(): void {
    this.#isToReload = !this.#listens;
    if (this.#listens) this.#process.signal('SIGHUP');
  }

  /** It lives, but does nothing until `resume`; only while it listens. */
  pause(): void {
    this.#process.signal('SIGSTOP');
    this.#isPaused = true;
  }

  resume(): void {
    this.#process.signal('SIGCONT');
    this.#isPaused = false;
  }

  /** Ends the process as a crash does, and waits for its end: it is started again. */
  async kill(): Promise<void> {
    await this.#process.end('SIGKILL');
  }

  /** Asks the process to stop, and kills it when it takes too long; it stays so until a start. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    if (this.#process.isRunning) {
      const ended = this.#process.end('SIGTERM');
      // Else it would hear of it only then.
      this.resume();
      await ended;
    }
    // Nobody starts it any more behind our back; why it did not start was said to whoever asked.
    await this.#starting.catch(() => undefined);
  }

  async #startUntilItListens(): Promise<void> {
    for (let failed = 1; ; failed += 1) {
      const needed = this.#needs?.restarts;
      const failure = await this.#startOnce();
      this.#throwIfStopped();
      if (!failure) return;
      const wasThere = needed === this.#needs?.restarts && this.#needs?.state !== 'starting';
      // Exit code 1 is the node's own word; a signal may not come again.
      if ((failure.ending.code === 1 && wasThere) || failed === limits.starts) {
        throw new CommandError(1, failure.message);
      }
      while (this.#needs?.state === 'starting') {
        await wait(limits.lookMs);
        this.#throwIfStopped();
      }
    }
  }

  #throwIfStopped(): void {
    if (this.#stopping) throw new CommandError(1, `${this.name} was stopped as it started`);
  }

  /** Why it does not listen; undefined if it does. */
  async #startOnce(): Promise<StartError | undefined> {
    try {
      await this.#process.start('--port', String(this.#process.port || this.#port));
    } catch (error) {
      if (error instanceof StartError) return error;
      throw error;
    }
    this.#listens = true;
    this.#starts += 1;
    if (this.#isToReload) this.reload();
    const since = performance.now();
    void this.#process.ended.then((ending) => {
      this.#listens = false;
      this.#isPaused = false;
      if (performance.now() - since > limits.healthyMs) this.#deaths = 0;
      this.#died(ending);
    });
    return undefined;
  }

  readonly #onRestartFailed = (error: Error) => {
    if (!this.#stopping) this.#onFatal(error);
  };

  #died({ code, signal }: Ending): void {
    if (this.#stopping) return;
    const { leastBackoffMs, mostBackoffMs } = limits;
    const ms = Math.min(mostBackoffMs, leastBackoffMs * 2 ** this.#deaths);
    this.#deaths += 1;
    const how = signal ?? `exit code ${code ?? 'unknown'}`;
    this.#io.err(`${this.name} died (${how}); starting it again in ${ms} ms`);
    this.#restartIn(ms);
  }

  #restartIn(ms: number): void {
    const since = performance.now();
    this.#restart = setTimeout(() => {
      this.start().then(() => {
        if (this.#stopping) return;
        const after = Math.round(performance.now() - since);
        this.#io.err(`${this.name} is back at ${this.address} after ${after} ms`);
      }, this.#onRestartFailed);
    }, ms);
  }
}
