/** What a run has come to so far: a line for people, and whether it proves something. */
import type { Happening } from './history.ts';

export class Progress {
  readonly faults = new Map<string, number>();
  #committed = 0;
  #aborted = 0;
  #unknown = 0;
  #turnedAway = 0;
  #snapshots = 0;
  #alarms = 0;
  #takeovers = 0;
  #longestMs = 0;

  see(happening: Happening): void {
    switch (happening.type) {
      case 'told':
        if (happening.state === 'committed') this.#committed += 1;
        else this.#aborted += 1;
        return;
      case 'unknown':
        this.#unknown += 1;
        return;
      case 'turned away':
        this.#turnedAway += 1;
        return;
      case 'snapshot':
        this.#snapshots += 1;
        return;
      case 'fault':
        this.faults.set(happening.kind, (this.faults.get(happening.kind) ?? 0) + 1);
        return;
      case 'takeover':
        if (!happening.isAlone) return;
        this.#takeovers += 1;
        this.#longestMs = Math.max(this.#longestMs, happening.finishedMs);
        return;
      case 'alarm':
        this.#alarms += 1;
        return;
      default:
    }
  }

  /** Whether each of these faults has happened, with users enough who have seen it. */
  proves(kinds: readonly string[]): boolean {
    const used = this.#committed >= 100 && this.#snapshots > 5;
    return used && kinds.every((kind) => this.faults.has(kind));
  }

  /** @param ms since the begin */
  line(ms: number): string {
    const faults = [...this.faults].map(([kind, count]) => `${kind} ${count}`).join(', ');
    return [
      `${Math.round(ms / 1_000)} s`,
      `answers: committed ${this.#committed}, aborted ${this.#aborted}`,
      `unknown ${this.#unknown}, turned away ${this.#turnedAway}`,
      `snapshots ${this.#snapshots}`,
      `faults: ${faults || 'none yet'}`,
      ...(this.#takeovers > 0
        ? [`takeovers ${this.#takeovers}, the longest ${this.#longestMs} ms`]
        : []),
      `alarms ${this.#alarms}`,
    ].join('; ');
  }
}
