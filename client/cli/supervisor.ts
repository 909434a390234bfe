import { NodeProcess, StartError, type Ending } from '../scenarios/node-process.ts';
import { CommandError, type Io } from './io.ts';

export interface NodeSpec {
  readonly name: string;
  /** The program to run, and its arguments but for the port. */
  readonly module: string;
  readonly args: readonly string[];
  /** 0 takes a free one, and keeps it over restarts. */
  readonly port: number;
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
};

/** One node as a process of its own, restarted when it dies. */
export class SupervisedNode {
  readonly name: string;
  readonly #process: NodeProcess;
  readonly #port: number;
  readonly #io: Io;
  readonly #onFatal: (error: Error) => void;
  #restart: NodeJS.Timeout | undefined;
  #deaths = 0;
  #listens = false;
  #isToReload = false;
  #stopping = false;

  /** @param onFatal it cannot even start: restarting it will not help */
  constructor({ name, module, args, port }: NodeSpec, io: Io, onFatal: (error: Error) => void) {
    this.name = name;
    this.#process = new NodeProcess(name, { module }, args, (line) => {
      // What keeps it from starting is said by `start`.
      if (this.#listens) io.err(`[${name}] ${line}`);
    });
    this.#port = port;
    this.#io = io;
    this.#onFatal = onFatal;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get address(): string {
    return this.#process.address;
  }

  /**
   * Starts the process and resolves when it listens.
   * @throws {CommandError} with what the node said, if it says that it cannot start
   */
  async start(): Promise<void> {
    for (let failed = 1; ; failed += 1) {
      const failure = await this.#startOnce();
      if (this.#stopping) throw new CommandError(1, `${this.name} was stopped as it started`);
      if (!failure) return;
      // Exit code 1 is the node's own word; a signal may not come again.
      if (failure.ending.code === 1 || failed === limits.starts) {
        throw new CommandError(1, failure.message);
      }
    }
  }

  /** It reads its keys again; while it is starting, as soon as it listens for that. */
  reload(): void {
    this.#isToReload = !this.#listens;
    if (this.#listens) this.#process.signal('SIGHUP');
  }

  /** Asks the process to stop, and kills it when it takes too long. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    if (this.#process.isRunning) await this.#process.end('SIGTERM');
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
    if (this.#isToReload) this.reload();
    const since = performance.now();
    void this.#process.ended.then((ending) => {
      this.#listens = false;
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
