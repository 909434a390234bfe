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

/** Between two starts of a node that keeps dying, and until one that was told to stop is killed. */
const backoffMs = { least: 100, most: 5_000, kill: 10_000 };

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
   * @throws {CommandError} with what the node said, if it ends before
   */
  async start(): Promise<void> {
    const { name, module, args, port } = this.#spec;
    const kept = this.address === '' ? port : Number(new URL(this.address).port);
    const child = fork(module, [...args, '--port', String(kept)], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child = child;
    let said = '';
    if (child.stderr) {
      createInterface(child.stderr).on('line', (line) => {
        said = line;
        if (this.address !== '') this.#io.err(`[${name}] ${line}`);
      });
    }
    const exited = once(child, 'exit').then(() => {
      throw new CommandError(1, `${name} cannot start: ${said}`);
    });
    this.address = await Promise.race([listening(child), exited]);
    exited.catch(() => {
      this.#died(child);
    });
  }

  /** Asks the process to stop, and kills it when it takes too long. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), backoffMs.kill);
    await exited;
    clearTimeout(timer);
  }

  #died({ exitCode, signalCode }: ChildProcess): void {
    if (this.#stopping) return;
    const { least, most } = backoffMs;
    const ms = Math.min(most, least * 2 ** this.#deaths);
    this.#deaths += 1;
    const how = signalCode ?? `exit code ${exitCode ?? 'unknown'}`;
    this.#io.err(`${this.name} died (${how}); starting it again in ${ms} ms`);
    const since = performance.now();
    this.#restart = setTimeout(() => {
      this.start().then(() => {
        const after = Math.round(performance.now() - since);
        this.#io.err(`${this.name} is back at ${this.address} after ${after} ms`);
      }, this.#onFatal);
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
