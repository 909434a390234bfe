import { gather, type Cancel, type Clock } from '../log/clock.ts';

/** What became of a batch: `again` are the ids that still have to be sent. */
export type Outcome =
  | { readonly type: 'answered'; readonly again: readonly string[] }
  /** The whole request was refused: perhaps by one bad item, perhaps for its size. */
  | { readonly type: 'refused' }
  /** Nothing usable came back. */
  | { readonly type: 'failed' };

export interface LaneLimits {
  /** Items in one batch. */
  batchItems: number;
  /** What the items of one batch may weigh together; see `weigh`. */
  batchWeight: number;
  /** Full-jitter backoff between attempts, milliseconds. */
  minBackoffMs: number;
  maxBackoffMs: number;
}

export interface LaneOptions {
  readonly clock: Clock;
  /** At least 0, below 1. */
  random(): number;
  readonly limits: LaneLimits;
  weigh(id: string): number;
  /** Whether the id still has to be sent. */
  isOwed(id: string): boolean;
  send(ids: readonly string[]): Promise<Outcome>;
  onError(error: unknown): void;
}

/**
 * Sends what is owed to one participant, one batch at a time; what gathers while a batch is under
 * way goes in the next. A batch that is refused whole is halved, down to the item that is to
 * blame, which then waits alone while the rest goes on.
 */
export class Lane {
  readonly #options: LaneOptions;
  readonly #queue = new Set<string>();
  /** Items that wait alone, and how often each has been refused. */
  readonly #parked = new Map<string, Cancel>();
  readonly #refusals = new Map<string, number>();
  #size: number;
  #failures = 0;
  #running = false;
  #stopped = false;
  #resume: (() => void) | undefined;

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#size = options.limits.batchItems;
  }

  add(id: string): void {
    if (this.#stopped || this.#parked.has(id)) return;
    this.#queue.add(id);
    if (this.#running) return;
    this.#running = true;
    this.#run().catch((error: unknown) => {
      this.#options.onError(error);
    });
  }

  /** Tries at once whatever is waiting: the participant has been seen healthy again. */
  wake(): void {
    this.#failures = 0;
    this.#resume?.();
    for (const [id, cancel] of [...this.#parked]) {
      cancel();
      this.#parked.delete(id);
      this.add(id);
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#queue.clear();
    for (const cancel of this.#parked.values()) cancel();
    this.#parked.clear();
    this.#resume?.();
  }

  async #run(): Promise<void> {
    for (;;) {
      await gather(this.#options.clock, () => this.#queue.size, this.#size);
      const batch = this.#take();
      if (batch.length === 0) break;
      const outcome = await this.#options.send(batch);
      if (this.#stopped) return;
      await this.#settle(batch, outcome);
    }
    this.#running = false;
  }

  async #settle(batch: readonly string[], outcome: Outcome): Promise<void> {
    switch (outcome.type) {
      case 'answered': {
        this.#failures = 0;
        this.#size = Math.min(this.#size * 2, this.#options.limits.batchItems);
        const again = new Set(outcome.again);
        for (const id of batch) if (!again.has(id)) this.#refusals.delete(id);
        for (const id of again) this.#park(id);
        return;
      }
      case 'refused':
        if (batch.length === 1) {
          for (const id of batch) this.#park(id);
          return;
        }
        this.#size = Math.ceil(batch.length / 2);
        this.#putBack(batch);
        return;
      case 'failed':
        this.#putBack(batch);
        await this.#pause();
        return;
    }
  }

  /** The next batch, without what is no longer owed; at least one item, whatever it weighs. */
  #take(): string[] {
    const batch: string[] = [];
    let weight = 0;
    for (const id of this.#queue) {
      if (!this.#options.isOwed(id)) {
        this.#queue.delete(id);
        this.#refusals.delete(id);
        continue;
      }
      weight += this.#options.weigh(id);
      const full = batch.length >= this.#size || weight > this.#options.limits.batchWeight;
      if (full && batch.length > 0) break;
      batch.push(id);
      this.#queue.delete(id);
    }
    return batch;
  }

  #putBack(batch: readonly string[]): void {
    const later = [...this.#queue];
    this.#queue.clear();
    for (const id of [...batch, ...later]) this.#queue.add(id);
  }

  #park(id: string): void {
    const refusals = (this.#refusals.get(id) ?? 0) + 1;
    this.#refusals.set(id, refusals);
    const cancel = this.#options.clock.after(this.#backoff(refusals), () => {
      this.#parked.delete(id);
      this.add(id);
    });
    this.#parked.set(id, cancel);
  }

  #pause(): Promise<void> {
    this.#failures += 1;
    return new Promise((resolve) => {
      const done = () => {
        cancel();
        this.#resume = undefined;
        resolve();
      };
      const cancel = this.#options.clock.after(this.#backoff(this.#failures), done);
      this.#resume = done;
    });
  }

  /** Full jitter: anything up to a bound that doubles with each failure. */
  #backoff(failures: number): number {
    const { minBackoffMs, maxBackoffMs } = this.#options.limits;
    const bound = Math.min(maxBackoffMs, minBackoffMs * 2 ** Math.min(failures, 30));
    return Math.max(minBackoffMs, Math.floor(this.#options.random() * bound));
  }
}
