/**
 * What is between the nodes. A network is a set: what was sent once may arrive at any later time,
 * any number of times, in any order, or never; so loss, repetition and delay need no steps.
 */
import type { Watermark } from '../../coordinator/records.ts';
import type { Commit, Abort, CommitOnePhase, Prepare, Reply } from '../../participant/messages.ts';

export type Request = Prepare | Commit | Abort | CommitOnePhase;

export type Signal =
  /** From the coordinator to a participant. */
  | { readonly kind: 'request'; readonly to: string; readonly request: Request }
  /** The answer to one, on its way back. */
  | {
      readonly kind: 'reply';
      readonly from: string;
      readonly re: Request['type'];
      readonly id: string;
      readonly reply: Reply;
    }
  /** What an inquiry was answered, by the coordinator or a peer: participants treat both alike. */
  | {
      readonly kind: 'decision';
      readonly to: string;
      readonly id: string;
      readonly timestamp?: number;
    }
  | { readonly kind: 'watermark'; readonly watermark: Watermark }
  /** The client has heard how its transfer ended. Nobody receives this; it is never forgotten. */
  | {
      readonly kind: 'told';
      readonly id: string;
      readonly state: 'committed' | 'aborted';
      readonly timestamp?: number;
    };

/** Numbers things that are equal as JSON, from 0 on. */
export class Numbered<T> {
  readonly items: T[] = [];
  readonly #numbers = new Map<string, number>();

  numberOf(item: T, key = JSON.stringify(item)): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.items.length);
    this.items.push(item);
    return this.items.length - 1;
  }

  item(number: number): T {
    const item = this.items[number];
    if (item === undefined) throw new Error(`there is no number ${number}`);
    return item;
  }
}

/** A signal that leaves once the log of its node is forced up to a position. */
export type Waiting = readonly [after: number, signal: number];

/** What leaves now, and what still waits, after more is forced. */
export function released(waiting: readonly Waiting[], forced: number) {
  return {
    signals: waiting.filter(([after]) => after <= forced).map(([, signal]) => signal),
    waiting: waiting.filter(([after]) => after > forced),
  };
}

/** The waiting signals without repetitions, in one order: they are a set. */
export function sorted(waiting: readonly Waiting[]): Waiting[] {
  const all = [...waiting].sort(([a, one], [b, other]) => one - other || a - b);
  return all.filter(([, signal], index) => all[index - 1]?.[1] !== signal);
}

/** A rule that does not hold in some state. */
export interface Violation {
  readonly rule: Rule;
  readonly detail: string;
}

export type Rule =
  | 'agreement'
  | 'unanimity'
  | 'decided durably first'
  | 'applied once'
  | 'held is what is prepared'
  | 'one decision'
  | 'answers never change'
  | 'what was said is on record'
  | 'unique timestamps above lowerTs'
  | 'nothing commits unseen below what was served'
  | 'ids are issued once'
  | 'a key begins one transfer'
  | 'the watermark passes only what is settled'
  | 'replaying a summary changes nothing'
  | 'nobody is alarmed'
  | 'the machine keeps its own invariants'
  | 'a restart leaves nothing undecided'
  | 'everything is resolved once faults end';

/** What one step of a node leads to. */
export interface Step {
  readonly next: number;
  /** What leaves at once. */
  readonly signals: readonly number[];
  readonly violation?: Violation;
}
