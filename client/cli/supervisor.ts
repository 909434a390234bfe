import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
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
  /** Until a node listens. Milliseconds. */
  startMs: 60_000,
  /** Until one that was told to stop is killed. Milliseconds. */
  stopMs: 10_000,
};

/** One node as a process of its own, restarted when it dies. */
export class SupervisedNode {
  readonly name: string;
  address = '';
  readonly #spec: NodeSpec;
  readonly #io: Io;
  readonly #onFatal: (error: Error) => void;
  #child: ChildProcess | undefined;
  #restart: NodeJS.Timeout | undefined;
  #deaths = 0;
  #stopping = false;

  /** @param onFatal it cannot even start: restarting it will not help */
  constructor(spec: NodeSpec, io: Io, onFatal: (error: Error) => void) {
    this.name = spec.name;
    this.#spec = spec;
    this.#io = io;
    this.#onFatal = onFatal;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /**
   * Starts the process and resolves when it listens.
   * @throws {CommandError} with what the node said, if it says that it cannot start
   */
  async start(): Promise<void> {
    for (let failed = 1; ; failed += 1) {
      const { code, said } = await this.#startOnce();
      if (this.#stopping) throw new CommandError(1, `${this.name} was stopped as it started`);
      if (code === undefined) return;
      // Exit code 1 is the node's own word; a signal may not come again.
      if (code === 1 || failed === limits.starts) {
        throw new CommandError(1, `${this.name} cannot start: ${said}`);
      }
    }
  }

  /** Asks the process to stop, and kills it when it takes too long. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), limits.stopMs);
    await exited;
    clearTimeout(timer);
  }

  /** Without a code: it listens. Else how it ended, and the last that it said. */
  async #startOnce(): Promise<{ code?: number | null; said: string }> {
    const { name, module, args, port } = this.#spec;
    const kept = this.address === '' ? port : Number(new URL(this.address).port);
    // In a process group of its own: Ctrl-C reaches this process, which stops the node.
    const child = fork(module, [...args, '--port', String(kept)], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      detached: true,
    });
    this.#child = child;
    let said = 'it said nothing';
    let up = false;
    if (child.stderr) {
      createInterface(child.stderr).on('line', (line) => {
        said = line;
        if (up) this.#io.err(`[${name}] ${line}`);
      });
    }
    const timer = setTimeout(() => child.kill('SIGKILL'), limits.startMs);
    const closed = once(child, 'close').then(() => ({ code: child.exitCode, said }));
    const first = await Promise.race([listening(child), closed]);
    clearTimeout(timer);
    if (typeof first !== 'string') return first;
    this.address = first;
    up = true;
    const since = performance.now();
    void closed.then(() => {
      if (performance.now() - since > limits.healthyMs) this.#deaths = 0;
      this.#died(child);
    });
    return { said };
  }

  readonly #onRestartFailed = (error: Error) => {
    if (!this.#stopping) this.#onFatal(error);
  };

  #died({ exitCode, signalCode }: ChildProcess): void {
    if (this.#stopping) return;
    const { leastBackoffMs, mostBackoffMs } = limits;
    const ms = Math.min(mostBackoffMs, leastBackoffMs * 2 ** this.#deaths);
    this.#deaths += 1;
    const how = signalCode ?? `exit code ${exitCode ?? 'unknown'}`;
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

function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.on('message', (message) => {
      if (typeof message !== 'object' || !('address' in message)) return;
      if (typeof message.address === 'string') resolve(message.address);
    });
  });
}
