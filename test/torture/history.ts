/** What has happened in a run, one JSON object a line, in the order in which it did. */
import { once } from 'node:events';
import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** From, to, and how many cents. */
export type Leg = readonly [from: string, to: string, amount: number];

export type Happening =
  /**
   * The first line: every account by `participant/account`, and what it has at first; and the
   * faults of which each must happen, absent in older histories. Where several coordinators are:
   * how long one of them may take to finish what a dead one has left.
   */
  | {
      readonly type: 'opened';
      readonly seed: number;
      readonly accounts: Record<string, number>;
      readonly kinds?: readonly string[];
      readonly takeoverMs?: number;
    }
  /** A customer asks for a transfer for the first time. */
  | { readonly type: 'transfer'; readonly key: string; readonly legs: readonly Leg[] }
  /** No answer, or one that is not definite: the customer asks again. */
  | { readonly type: 'unknown'; readonly key: string; readonly why: string }
  /** Nothing was begun, and nothing may ever have been: the customer goes on to another one. */
  | { readonly type: 'turned away'; readonly key: string; readonly why: string }
  /** A definite answer; one key may hear several. */
  | Told
  /** A reader asks for all balances. */
  | { readonly type: 'ask'; readonly ask: number }
  | Taken
  | { readonly type: 'refused'; readonly ask: number; readonly why: string }
  /** A fault that has really happened, once it is over. */
  | { readonly type: 'fault'; readonly kind: string; readonly nodes: readonly string[] }
  /** What should have been a fault, and had no effect. */
  | { readonly type: 'missed'; readonly kind: string; readonly nodes: readonly string[] }
  /** A node has ended, and nobody had told it to. */
  | { readonly type: 'died'; readonly node: string }
  /** A process has ended by itself with a code, and was started again. */
  | { readonly type: 'restarted'; readonly node: string; readonly code: number; said: string }
  | Takeover
  /** A line that a node has logged as an error. */
  | { readonly type: 'alarm'; readonly node: string; readonly line: string }
  /** How long it took, after the last fault was healed, until nothing was in doubt. */
  | { readonly type: 'settled'; readonly afterMs: number }
  | { readonly type: 'unsettled'; readonly what: string }
  /** An account at the end. */
  | { readonly type: 'account'; readonly path: string; readonly posted: number; held: number }
  /** How a node has ended that was told to stop at the end. */
  | { readonly type: 'stopped'; readonly node: string; readonly code: number | null }
  /** Commits that a participant has in its log: ids and timestamps. */
  | {
      readonly type: 'applied';
      readonly participant: string;
      readonly commits: readonly (readonly [id: string, timestamp: number])[];
    }
  | { readonly type: 'audit'; readonly code: number; readonly said: string }
  /** The last line of a run that was not cut off. */
  | { readonly type: 'end' };

export interface Told {
  readonly type: 'told';
  readonly key: string;
  readonly id: string;
  readonly state: 'committed' | 'aborted';
  /** Of a commit. */
  readonly timestamp?: number;
  /** Of an abort. */
  readonly reason?: string;
}

export interface Taken {
  readonly type: 'snapshot';
  readonly ask: number;
  readonly timestamp: number;
  readonly accounts: Readonly<Record<string, number | null>>;
  /** As the coordinator has added it up. */
  readonly total: number | null;
}

/** The coordinator that worked was killed or paused, and another one has finished its work. */
export interface Takeover {
  readonly type: 'takeover';
  /** No other fault was going on. */
  readonly isAlone: boolean;
  /** Transfers that had begun and not ended, and how long it took until the last one had. */
  readonly unfinished: number;
  readonly finishedMs: number;
  /** Keys whose customers waited, and how long it took until the last one had its answer. */
  readonly unanswered: number;
  readonly answeredMs: number;
}

/** Writes a history to a file; nothing of it stays in memory. */
export class History {
  readonly file: string;
  readonly #stream: WriteStream;
  readonly #onHappening: (happening: Happening) => void;
  readonly #start = performance.now();

  constructor(file: string, onHappening: (happening: Happening) => void = () => undefined) {
    this.file = file;
    this.#stream = createWriteStream(file, { flags: 'wx' });
    this.#onHappening = onHappening;
  }

  add(happening: Happening): void {
    const at = Math.round(performance.now() - this.#start);
    this.#stream.write(`${JSON.stringify({ at, ...happening })}\n`);
    this.#onHappening(happening);
  }

  async close(): Promise<void> {
    this.#stream.end();
    await once(this.#stream, 'close');
  }
}

/**
 * Reads a history, line by line. A last line that was not finished, as the run was killed, ends it.
 * @throws {Error} if the file cannot be read, or another line is not JSON
 */
export async function* readHistory(file: string): AsyncGenerator<Happening, void> {
  const input = createReadStream(file);
  let number = 0;
  let broken: number | undefined;
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    number += 1;
    if (broken !== undefined) throw new Error(`line ${broken} of ${file} is no JSON object`);
    const happening = parse(line);
    if (happening) yield happening;
    else broken = number;
  }
}

function parse(line: string): Happening | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Happening) : undefined;
  } catch {
    return undefined;
  }
}
