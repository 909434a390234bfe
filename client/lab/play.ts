import type { Cluster } from '../scenarios/cluster.ts';
import type { Program } from '../scenarios/node-process.ts';
import { runScenario } from '../scenarios/run.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import type { When } from '../scenarios/stage.ts';
import {
  ApiError,
  connect,
  type Play as PlayView,
  type PlayLine,
  type PlayState,
  type Timeline,
} from '../sdk/index.ts';

const limits = {
  /** Between two looks at the transfers. Milliseconds. */
  lookMs: 100,
  /** For one answer of the coordinator, which may be dead or paused. Milliseconds. */
  answerMs: 1_000,
  /** Transfers that are shown, the newest. */
  timelines: 10,
  /** Of the story. */
  lines: 200,
  /** Of a line. Characters. */
  line: 1_000,
};

/** One scenario as it plays, on a cluster of its own. */
export class Play {
  readonly #scenario: Scenario;
  readonly #stepped: boolean;
  readonly #lines: PlayLine[] = [];
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;
  #state: PlayState['state'] = 'playing';
  #error: string | undefined;
  #timelines: Timeline[] = [];
  #looking: Promise<void> | undefined;
  #cluster: Cluster | undefined;
  #go: () => void = () => undefined;

  /** Begins it. @param stepped it waits before each step */
  constructor(scenario: Scenario, stepped: boolean, program: Program) {
    this.#scenario = scenario;
    this.#stepped = stepped;
    this.#ended = this.#run(program);
  }

  get isOver(): boolean {
    return this.#state === 'passed' || this.#state === 'failed';
  }

  state(): PlayState {
    const { name: scenario, about } = this.#scenario;
    return { scenario, about, stepped: this.#stepped, state: this.#state };
  }

  view(): PlayView {
    return {
      ...this.state(),
      lines: this.#lines,
      timelines: this.#timelines,
      ...(this.#error !== undefined && { error: this.#error }),
    };
  }

  /** Lets the next step happen, if it waits for that. */
  step(): void {
    this.#go();
  }

  /** Ends it, and resolves when nothing of it is left. */
  async end(): Promise<void> {
    this.#stop.abort(new Error('it was ended'));
    await this.#ended;
  }

  async #run(program: Program): Promise<void> {
    const timer = setInterval(() => void this.#look(), limits.lookMs);
    try {
      const { failure, folder } = await runScenario(this.#scenario, {
        program,
        say: (line) => {
          if (this.#lines.length < limits.lines) this.#lines.push(lineOf(line));
          void this.#look();
        },
        signal: this.#stop.signal,
        turn: (when) => this.#turn(when),
        stepped: this.#stepped,
        onCluster: (cluster) => {
          this.#cluster = cluster;
        },
      });
      const kept = folder === undefined ? '' : `; everything is kept in ${folder}`;
      if (failure !== undefined) this.#error = failure.slice(0, limits.line) + kept;
    } catch (error) {
      this.#error = error instanceof Error ? error.message : String(error);
    }
    clearInterval(timer);
    this.#state = this.#error === undefined ? 'passed' : 'failed';
  }

  /** Before what may change everything, a last look at how it is. */
  async #turn(when: When): Promise<void> {
    // One that has begun before may not have seen the last step.
    await this.#looking;
    await this.#look();
    if (!this.#stepped || when === 'at once') return;
    this.#state = 'waiting';
    const { signal } = this.#stop;
    await new Promise<void>((go) => {
      this.#go = go;
      signal.onabort = () => {
        go();
      };
      if (signal.aborted) go();
    });
    signal.throwIfAborted();
    this.#state = 'playing';
  }

  /** Asks the coordinator what it knows; while it does not answer, that stays as it was. */
  #look(): Promise<void> {
    this.#looking ??= this.#ask().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #ask(): Promise<void> {
    const address = this.#cluster?.nodes[0]?.address;
    if (!address) return;
    // Not by its proxy, where messages are counted, and faults wait.
    const client = connect(address, { timeoutMs: limits.answerMs });
    const found: Timeline[] = [];
    try {
      for await (const { id } of client.transfers({ pageSize: limits.timelines })) {
        found.unshift(await client.timeline(id));
        if (found.length === limits.timelines) break;
      }
    } catch (error) {
      if (error instanceof ApiError) return;
      throw error;
    }
    if (found.length > 0) this.#timelines = found;
  }
}

/** A line as the stage says it, for a terminal: `  2. kill -9 bank-b`, or `     ✓ it is dead`. */
function lineOf(said: string): PlayLine {
  const kind = /^ *\d+\. /.test(said) ? 'step' : 'fact';
  return { kind, text: said.replace(/^ *(\d+\.|✓) /, '').slice(0, limits.line) };
}
