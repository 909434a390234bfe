import { gather, type Cancel, type Clock } from './clock.ts';

export interface GroupCommitOptions {
  readonly clock: Clock;
  /** The last record that was forced before. */
  readonly position: number;
  /** A record that nobody waits for is forced at the latest after this; in ms, 20 unless told. */
  readonly lazyFlushMs: number | undefined;
  /** Forces the oldest of what waits, and says so by `acknowledge`. */
  readonly write: () => Promise<void>;
  /** Where it is written, for people. */
  readonly place: () => string;
  /** Called each time more is forced. */
  readonly onDurable: (() => void) | undefined;
  /** Nothing will be forced any more: the node must exit. Called once. */
  readonly onFailure: (error: Error) => void;
}

interface Waiter {
  readonly position: number;
  readonly resolve: () => void;
}

/**
 * When a log is forced, and who waits for it. One loop writes, all others wait: what comes while a
 * write is on its way goes out together with the next one, so one forced write serves all of them.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  #position: number;
  #durable: number;
  #wanted = 0;
  #waiters: Waiter[] = [];
  #loop: Promise<void> | undefined;
  #cancelLazy: Cancel | undefined;
  #state: 'open' | 'closed' | 'failed' = 'open';

  constructor(options: GroupCommitOptions) {
    this.#options = options;
    this.#position = options.position;
    this.#durable = options.position;
  }

  /** The sequence of the last record. */
  get position(): number {
    return this.#position;
  }

  /** The sequence of the last record that is forced. */
  get durable(): number {
    return this.#durable;
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  get hasFailed(): boolean {
    return this.#state === 'failed';
  }

  /** @throws Error when nothing may be appended any more */
  check(): void {
    if (this.#state === 'closed') throw new Error('the log is closed: nothing may be appended');
  }

  /** A record has its place, the next one, and waits to be written. */
  add(): void {
    this.#position += 1;
    if (this.#state === 'failed') return;
    this.#cancelLazy ??= this.#options.clock.after(this.#options.lazyFlushMs ?? 20, () => {
      this.#cancelLazy = undefined;
      this.#flush(this.#position);
    });
  }

  /** The next place is the log's own: nobody waits for it. */
  skip(): void {
    this.#position += 1;
  }

  /** See `Log.durable`. */
  until(position: number): Promise<void> {
    if (position > this.#position) {
      throw new RangeError(
        `position ${position} is not appended: the log ends at ${this.#position}`,
      );
    }
    if (this.#state !== 'failed' && position <= this.#durable) return Promise.resolve();
    return new Promise((resolve) => {
      if (this.#state === 'failed') return;
      this.#waiters.push({ position, resolve });
      this.#flush(position);
    });
  }

  /** Everything up to a position is forced. */
  acknowledge(position: number): void {
    this.#durable = position;
    if (position === this.#position) {
      this.#cancelLazy?.();
      this.#cancelLazy = undefined;
    }
    const waiters = this.#waiters;
    this.#waiters = waiters.filter((waiter) => waiter.position > position);
    for (const waiter of waiters) if (waiter.position <= position) waiter.resolve();
    this.#options.onDurable?.();
  }

  /** Forces everything; nothing may be added after that. After a failure it never settles. */
  async close(): Promise<void> {
    if (this.#state === 'open') this.#state = 'closed';
    await this.until(this.#position);
    await this.#loop;
    this.#cancelLazy?.();
  }

  /** Fail stop: nothing is tried again, nobody is answered, and the node is told once. */
  fail(what: string, error: unknown): void {
    if (this.#state === 'failed') return;
    this.#state = 'failed';
    this.#cancelLazy?.();
    this.#waiters = [];
    const reason = error instanceof Error ? error.message : String(error);
    const text = `${what}: ${reason}. The node must stop: its next start replays what is on disk`;
    this.#options.onFailure(new Error(text, { cause: error }));
  }

  #flush(position: number): void {
    this.#wanted = Math.max(this.#wanted, position);
    if (this.#state !== 'failed') this.#loop ??= this.#run();
  }

  async #run(): Promise<void> {
    const { clock, write, place } = this.#options;
    try {
      while (this.#wanted > this.#durable) {
        await gather(clock, () => this.#position - this.#durable);
        if (this.#state === 'failed') break;
        await write();
      }
      this.#loop = undefined;
    } catch (error) {
      this.fail(`writing ${place()} failed`, error);
    }
  }
}
