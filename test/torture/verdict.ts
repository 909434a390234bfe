import type { Takeover } from './history.ts';

/** What can be wrong with a history. */
export const flawKinds = {
  'unexpected key': 'a snapshot shows an account that nobody has opened',
  'nil balance': 'a snapshot lacks an account, or its balance',
  'wrong total': 'a snapshot does not add up to what was opened',
  'negative value': 'an account has less than nothing',
  'wrong snapshot': 'a snapshot is not exactly what had committed by its timestamp',
  'stale snapshot': 'a snapshot lacks what was acknowledged before it was asked for',
  'early commit': 'a commit is dated before what was acknowledged before it was asked for',
  'shared timestamp': 'two transfers have one commit timestamp',
  'shared id': 'two keys were answered with one transfer',
  'changed answer': 'one key was given two answers',
  'no answer': 'a key never had a definite answer',
  'not applied': 'a commit that a client was told of is missing at a participant',
  'applied twice': 'a participant has committed a transfer twice',
  'applied unasked': 'a participant has committed what no client was told is committed',
  'wrong balance': 'an account does not end with what was opened and committed',
  'left in doubt': 'something is held or in doubt after everything was healed',
  'node died': 'a node has ended by itself, or not well',
  'slow takeover': 'what a dead coordinator has left was not finished in time by another one',
  alarm: 'a node has called for a person',
  audit: 'the audit of the stores is not clean',
  unfinished: 'the history has no end, or too little happens in it: it proves nothing',
} as const;

export type FlawKind = keyof typeof flawKinds;

/** How many flaws of one kind are told; the others are counted. */
const mostTold = 5;

/** What was found, and what it was found in. */
export class Verdict {
  readonly counts = new Map<FlawKind, number>();
  readonly told: string[] = [];
  readonly figures = {
    transfers: 0,
    committed: 0,
    aborted: 0,
    unknown: 0,
    turnedAway: 0,
    /** Answers to keys that had been answered before. */
    again: 0,
    onePhase: 0,
    severalLegs: 0,
    snapshots: 0,
    refused: 0,
    moments: 0,
    settledAfterMs: 0,
  };
  readonly faults = new Map<string, number>();
  readonly takeovers: Takeover[] = [];
  restarts = 0;
  readonly reasons = new Map<string, number>();

  get holds(): boolean {
    return this.counts.size === 0;
  }

  flaw(kind: FlawKind, text: string): void {
    const count = (this.counts.get(kind) ?? 0) + 1;
    this.counts.set(kind, count);
    if (count <= mostTold) this.told.push(`${kind}: ${text}`);
  }

  /** For people: the figures, then what does not hold. */
  lines(): string[] {
    const figures = Object.entries(this.figures).map(([name, count]) => `${name} ${count}`);
    const list = (counts: ReadonlyMap<string, number>) =>
      [...counts].map(([name, count]) => `${name} ${count}`).join(', ') || 'none';
    const lines = [figures.join(', '), `faults: ${list(this.faults)}`];
    lines.push(`aborted for: ${list(this.reasons)}`);
    if (this.takeovers.length > 0) lines.push(...this.#takeoverLines());
    if (this.holds) return [...lines, 'everything that must hold does hold'];
    for (const [kind, count] of this.counts) lines.push(`${count} × ${kind}: ${flawKinds[kind]}`);
    return [...lines, ...this.told];
  }

  #takeoverLines(): string[] {
    const alone = this.takeovers.filter(({ isAlone }) => isAlone);
    const rest = this.takeovers.filter(({ isAlone }) => !isAlone);
    const spread = (all: readonly Takeover[]) => {
      const finished = all.flatMap((one) => (one.unfinished > 0 ? [one.finishedMs] : []));
      const answered = all.flatMap((one) => (one.unanswered > 0 ? [one.answeredMs] : []));
      return `finished: ${spreadOf(finished)}; answered: ${spreadOf(answered)}`;
    };
    const begun = this.takeovers.reduce((sum, { unfinished }) => sum + unfinished, 0);
    const asked = this.takeovers.reduce((sum, { unanswered }) => sum + unanswered, 0);
    return [
      `takeovers with no other fault: ${spread(alone)}`,
      `takeovers with another fault: ${spread(rest)}`,
      `left to others: ${begun} transfers unfinished, ${asked} customers without an answer`,
      `processes that ended by themselves and were started again: ${this.restarts}`,
    ];
  }
}

function spreadOf(times: readonly number[]): string {
  const sorted = times.toSorted((one, other) => one - other);
  const [median, longest] = [sorted[sorted.length >> 1] ?? 0, sorted.at(-1) ?? 0];
  return `${times.length}, median ${median} ms, longest ${longest} ms`;
}
