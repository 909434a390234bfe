import type { Clock } from '../log/clock.ts';

/** Callers that wait, for a limited time, for something to happen to a transfer. */
export class Waiters {
  readonly #clock: Clock;
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when `id` is released, or after `ms` milliseconds. */
  wait(id: string, ms: number): Promise<void> {
    if (ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(id) ?? new Set();
      const done = () => {
        cancel();
        waiting.delete(done);
        if (waiting.size === 0) this.#waiting.delete(id);
        resolve();
      };
      const cancel = this.#clock.after(ms, done);
      this.#waiting.set(id, waiting.add(done));
    });
  }

  release(id: string): void {
    for (const done of [...(this.#waiting.get(id) ?? [])]) done();
  }

  releaseAll(): void {
    for (const id of [...this.#waiting.keys()]) this.release(id);
  }
}
