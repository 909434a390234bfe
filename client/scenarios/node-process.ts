import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** The program that nodes run, and what their processes get of this one. */
export interface Program {
  /** The main module of the `unanimous` command. */
  readonly module: string;
  /** The environment of the process; this one's unless told. */
  readonly env?: NodeJS.ProcessEnv;
  /** Flags of node itself; those of this process unless told. */
  readonly execArgv?: string[];
}

/** How a process has ended, and the last line that it said. */
export interface Ending {
  /** Of a process that has ended by itself; else null. */
  readonly code: number | null;
  /** What has killed it; else null. */
  readonly signal: NodeJS.Signals | null;
  readonly said: string;
}

/** A node that ended before it listened. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly ending: Ending;

  constructor(node: string, ending: Ending) {
    super(`${node} cannot start: ${ending.said}`);
    this.ending = ending;
  }
}

const limits = {
  /** Until a node listens. Milliseconds. */
  startMs: 60_000,
  /** Until one that was told to stop is killed. Milliseconds. */
  stopMs: 10_000,
};

/** One node as a process of the operating system. */
export class NodeProcess {
  readonly name: string;
  /** Where it listens, or did last. */
  address = '';
  readonly #program: Program;
  readonly #args: readonly string[];
  readonly #onLine: (line: string) => void;
  #child: ChildProcess | undefined;
  #ended: Promise<Ending> | undefined;

  /** @param onLine gets each line that the node says on stderr */
  constructor(
    name: string,
    program: Program,
    args: readonly string[],
    onLine: (line: string) => void,
  ) {
    this.name = name;
    this.#program = program;
    this.#args = args;
    this.#onLine = onLine;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** The port it listens on, or did last; 0 before its first start: any free one. */
  get port(): number {
    return this.address === '' ? 0 : Number(new URL(this.address).port);
  }

  get isRunning(): boolean {
    return this.#child?.exitCode === null && this.#child.signalCode === null;
  }

  /** How the last start has ended, once it has. */
  get ended(): Promise<Ending> {
    if (!this.#ended) throw new Error(`broken invariant: ${this.name} was started`);
    return this.#ended;
  }

  /**
   * Starts the process with these flags besides its own, and resolves when it listens.
   * @throws {StartError} if it ends before
   */
  async start(...flags: string[]): Promise<void> {
    const { module, ...program } = this.#program;
    // In a process group of its own: Ctrl-C reaches this process, which stops the node.
    const child = fork(module, [...this.#args, ...flags], {
      ...program,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      detached: true,
    });
    this.#child = child;
    let said = 'it said nothing';
    if (child.stderr) {
      createInterface(child.stderr).on('line', (line) => {
        said = line;
        this.#onLine(line);
      });
    }
    this.#ended = once(child, 'close').then(() => {
      return { code: child.exitCode, signal: child.signalCode, said };
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), limits.startMs);
    const first = await Promise.race([listening(child), this.#ended]);
    clearTimeout(timer);
    if (typeof first !== 'string') throw new StartError(this.name, first);
    this.address = first;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Sends a signal, unless it has ended before, and waits for the end. */
  async end(signal: NodeJS.Signals): Promise<Ending> {
    this.signal(signal);
    const timer = setTimeout(() => {
      this.signal('SIGKILL');
    }, limits.stopMs);
    const ending = await this.ended;
    clearTimeout(timer);
    return ending;
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
