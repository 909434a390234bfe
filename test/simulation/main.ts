/** `npm run simulate`: many seeds on all cores, or one seed as a story. */
import { fork, type ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { addCounts, type Counts } from './counts.ts';
import { directEntrance, serverEntrance } from './entrance.ts';
import { nodeList, simulate } from './simulation.ts';
import type { Report, Task } from './worker.ts';

const help = `npm run simulate -- [options]

Whole clusters in one process, under a virtual clock, with faults of nodes, disks and network that
a seed decides. Whatever must not happen is printed with its seed.

  --seeds N          so many seeds (1 000 unless told)
  --from S           the first of them (1 unless told)
  --seed S           only this seed, told as a story
  --through-routes   requests go through the real servers: slower
  --workers N        seeds at the same time (one for each core unless told)
  --help             this text`;

const print = (line: string) => {
  process.stdout.write(`${line}\n`);
};

const printProgress = (line: string) => {
  process.stderr.write(`${line}\n`);
};

/** Seeds that one worker is given at a time. */
const portion = 200;

/** So many flaws, and the rest is not looked at. */
const mostFlaws = 10;

/** Between two lines of progress. Milliseconds. */
const progressMs = 5_000;

interface Options {
  readonly seeds: number;
  readonly from: number;
  readonly workers: number;
  readonly throughRoutes: boolean;
  readonly seed: number | undefined;
}

function readOptions(args: string[]): Options | undefined {
  const { values } = parseArgs({
    args,
    options: {
      seeds: { type: 'string', default: '1000' },
      from: { type: 'string', default: '1' },
      seed: { type: 'string' },
      workers: { type: 'string', default: String(availableParallelism()) },
      'through-routes': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  return {
    seeds: numberOf('--seeds', values.seeds),
    from: numberOf('--from', values.from),
    workers: numberOf('--workers', values.workers),
    throughRoutes: values['through-routes'],
    seed: values.seed === undefined ? undefined : numberOf('--seed', values.seed),
  };
}

function numberOf(flag: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new Error(`${flag} ${text} must be a whole number from 1 to 999 999 999`);
}

/** Tells one seed; the outcome is the last line. */
async function tellStory(seed: number, throughRoutes: boolean): Promise<boolean> {
  const server = throughRoutes ? await serverEntrance(nodeList) : undefined;
  const entrance = server ?? directEntrance();
  const { flaw } = await simulate(seed, { entrance, audited: true, story: print });
  await server?.close();
  print(flaw === undefined ? `seed ${seed}: everything holds` : `seed ${seed}: ${flaw}`);
  return flaw === undefined;
}

class Campaign {
  readonly #options: Options;
  readonly #counts: Counts = {};
  readonly #started = performance.now();
  #next: number;
  #done = 0;
  #flaws = 0;
  #isStopped = false;

  constructor(options: Options) {
    this.#options = options;
    this.#next = options.from;
  }

  async run(): Promise<boolean> {
    const { workers } = this.#options;
    const timer = setInterval(() => {
      printProgress(this.#progress());
    }, progressMs);
    process.once('SIGINT', () => {
      this.#isStopped = true;
    });
    try {
      await Promise.all(Array.from({ length: workers }, () => this.#work()));
    } finally {
      clearInterval(timer);
    }
    print(this.#progress());
    for (const [what, count] of Object.entries(this.#counts).sort()) {
      print(`${count.toLocaleString('en').padStart(16)}  ${what}`);
    }
    return this.#flaws === 0;
  }

  #progress(): string {
    const seconds = (performance.now() - this.#started) / 1_000;
    const pace = (this.#done / seconds).toFixed(0);
    const flaws = this.#flaws === 0 ? 'no violation' : `${this.#flaws} violations`;
    return `${this.#done} of ${this.#options.seeds} seeds, ${pace} a second, ${flaws}`;
  }

  /** One worker, until there are no more seeds. */
  async #work(): Promise<void> {
    const flags = this.#options.throughRoutes ? ['--through-routes'] : [];
    const worker = fork(fileURLToPath(new URL('worker.ts', import.meta.url)), flags, {
      // Every seed leaves a cluster behind: a large young generation is cheaper to clear.
      execArgv: [...process.execArgv, '--max-semi-space-size=64'],
    });
    try {
      for (let task = this.#task(); task; task = this.#task()) {
        this.#heed(await ask(worker, task));
      }
    } finally {
      worker.kill();
    }
  }

  #task(): Task | undefined {
    const { from, seeds } = this.#options;
    const count = Math.min(portion, from + seeds - this.#next);
    if (count <= 0 || this.#isStopped || this.#flaws >= mostFlaws) return undefined;
    const first = this.#next;
    this.#next += count;
    return { first, count };
  }

  #heed({ done, counts, flaws }: Report): void {
    this.#done += done;
    addCounts(this.#counts, counts);
    for (const { seed, flaw } of flaws) {
      this.#flaws += 1;
      const mode = this.#options.throughRoutes ? ' --through-routes' : '';
      print(`seed ${seed}: ${flaw}\n  npm run simulate -- --seed ${seed}${mode}`);
    }
  }
}

function ask(worker: ChildProcess, task: Task): Promise<Report> {
  return new Promise((resolve, reject) => {
    const die = (code: number | null) => {
      const seeds = `${task.first} to ${task.first + task.count - 1}`;
      reject(new Error(`a worker has ended with ${String(code)} among the seeds ${seeds}`));
    };
    worker.once('exit', die);
    worker.once('message', (report: Report) => {
      worker.off('exit', die);
      resolve(report);
    });
    worker.send(task);
  });
}

try {
  const options = readOptions(process.argv.slice(2));
  if (!options) print(help);
  else {
    const { seed, throughRoutes } = options;
    const isFine =
      seed === undefined ? await new Campaign(options).run() : await tellStory(seed, throughRoutes);
    process.exitCode = isFine ? 0 : 1;
  }
} catch (error) {
  printProgress(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
