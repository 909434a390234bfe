import type { Cancel, Clock } from '../../log/clock.ts';
import type { Dice } from './dice.ts';

interface Due {
  readonly at: number;
  /** Decides between those that are due at the same moment. */
  readonly turn: number;
  readonly action: () => void;
}

/**
 * The only source of anything that happens: timers, messages on their way and writes on theirs.
 * One at a time is due, in the order of a virtual time, and of chance where that is the same.
 */
export class Schedule implements Clock {
  readonly #dice: Dice;
  readonly #due = new Set<Due>();
  #now = 0;
  #wallOffset = Date.UTC(2026, 0, 1);

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  now(): number {
    return this.#now;
  }

  wall(): string {
    return new Date(this.#wallOffset + this.#now).toISOString();
  }

  turn(): Promise<void> {
    return Promise.resolve();
  }

  after(ms: number, action: () => void): Cancel {
    const due = { at: this.#now + ms, turn: this.#dice.next(), action };
    this.#due.add(due);
    return () => {
      this.#due.delete(due);
    };
  }

  /** Moves the wall clock only. */
  jumpWall(ms: number): void {
    this.#wallOffset += ms;
  }

  /** Lets the next thing happen, unless nothing is due until then. */
  step(until: number): boolean {
    let next: Due | undefined;
    for (const due of this.#due) {
      if (!next || due.at < next.at || (due.at === next.at && due.turn < next.turn)) next = due;
    }
    if (!next || next.at > until) return false;
    this.#due.delete(next);
    this.#now = next.at;
    next.action();
    return true;
  }
}
