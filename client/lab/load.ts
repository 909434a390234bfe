import {
  ApiError,
  type LabLoad,
  type Outcome,
  type Refused,
  type SingleTransfer,
  type Unanimous,
} from '../sdk/index.ts';

/** Two accounts, and what one transfer between them moves at most. */
export interface Purse {
  readonly accounts: readonly [string, string];
  readonly currency: SingleTransfer['currency'];
  /** In minor units. */
  readonly most: number;
}

const limits = {
  /** Transfers without an answer; while there are so many, none is sent. */
  inFlight: 1_000,
  /** How long one is asked for. Milliseconds. */
  patienceMs: 5_000,
  /** Between two requests; each has the transfers that have become due. Milliseconds. */
  tickMs: 10,
  /** Requests whose times are kept. */
  times: 1_000,
};

/** A client that makes transfers back and forth, so many a second, and waits for none of them. */
export class Load {
  readonly #client: Unanimous;
  readonly #purse: Purse;
  readonly #random: () => number;
  readonly #count = { sent: 0, committed: 0, aborted: 0, failed: 0 };
  /** Of the last requests, in a ring. Milliseconds. */
  readonly #times: number[] = [];
  #stop = new AbortController();
  #answered = 0;
  #rate = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param random for amounts, at least 0 and below 1 */
  constructor(client: Unanimous, purse: Purse, random: () => number) {
    this.#client = client;
    this.#purse = purse;
    this.#random = random;
  }

  /** Replaces the load there was; 0 ends it. */
  set(transfersPerSecond: number): void {
    this.#rate = transfersPerSecond;
    clearInterval(this.#timer);
    if (transfersPerSecond === 0) return;
    let due = 0;
    let last = performance.now();
    this.#timer = setInterval(() => {
      const now = performance.now();
      // What a pause of this process has held up is not made good in one go.
      due = Math.min(due + ((now - last) / 1_000) * this.#rate, 1 + this.#rate / 10);
      last = now;
      const room = limits.inFlight - this.#inFlight;
      const count = Math.min(Math.floor(due), room);
      due -= count;
      if (count > 0) void this.#send(count);
    }, limits.tickMs);
  }

  view(): LabLoad {
    const sorted = [...this.#times].sort((a, b) => a - b);
    const p99 = sorted[Math.ceil(sorted.length * 0.99) - 1];
    const p99Ms = p99 === undefined ? null : Math.round(p99 * 10) / 10;
    return { transfersPerSecond: this.#rate, ...this.#count, p99Ms };
  }

  /** Ends it, and what waits for an answer. */
  close(): void {
    this.set(0);
    this.#stop.abort(new Error('the lab is closed'));
  }

  get #inFlight(): number {
    const { sent, committed, aborted, failed } = this.#count;
    return sent - committed - aborted - failed;
  }

  async #send(count: number): Promise<void> {
    const transfers = Array.from({ length: count }, (_, index) => this.#transfer(index));
    this.#count.sent += count;
    const since = performance.now();
    const { patienceMs } = limits;
    const { signal } = this.#stop;
    try {
      const results = await this.#client.transferMany(transfers, { patienceMs, signal });
      this.#times[this.#answered++ % limits.times] = performance.now() - since;
      for (const { state } of results) this.#count[counted(state)] += 1;
    } catch (error) {
      // Refused as a whole, or the lab is closed.
      if (!(error instanceof ApiError) && !signal.aborted) throw error;
      this.#count.failed += count;
    }
  }

  /** There and back in turn, so that neither account runs dry. */
  #transfer(index: number): SingleTransfer {
    const { accounts, currency, most } = this.#purse;
    const [one, other] = accounts;
    const [from, to] = (this.#count.sent + index) % 2 === 0 ? [one, other] : [other, one];
    const amount = 1 + Math.floor(this.#random() * most);
    return { from, to, amount, currency };
  }
}

function counted(state: (Outcome | Refused)['state']): 'committed' | 'aborted' | 'failed' {
  return state === 'committed' || state === 'aborted' ? state : 'failed';
}
