import { ApiError, type SingleTransfer, type Unanimous } from '../../sdk/index.ts';
import {
  answerOf,
  askAgain,
  describeRequest,
  duration,
  notBegun,
  type Answer,
  type Count,
  type Sent,
} from './answers.ts';

const limits = {
  /** Transfers under way at once. */
  underWay: 100,
  /** Transfers whose ids are remembered. */
  ids: 1_000,
  /** Until one without an answer is said to be under way. Milliseconds. */
  quietMs: 500,
};

/** Where transfers are sent, and what is told of them. */
export interface Sending {
  readonly coordinator: Unanimous;
  readonly address: string;
  /** For all attempts of one transfer. Milliseconds. */
  readonly patienceMs: number;
  readonly onAnswer: (answer: Answer) => void;
  /** It takes long enough to say so. */
  readonly onSlow: (line: string) => void;
}

interface UnderWay {
  readonly sent: Sent;
  readonly stop: AbortController;
  readonly answered: Promise<void>;
}

/** The transfers of one session: each is sent at once, and answered in its own time. */
export class Transfers {
  /** How many have come to what. */
  readonly counts: Record<Count, number> = { committed: 0, failed: 0, unknown: 0 };
  readonly #sending: Sending;
  readonly #underWay = new Map<number, UnderWay>();
  readonly #ids = new Map<number, string>();
  #last = 0;

  constructor(sending: Sending) {
    this.#sending = sending;
  }

  get underWay(): number {
    return this.#underWay.size;
  }

  get full(): boolean {
    return this.#underWay.size >= limits.underWay;
  }

  /** Ids of transfers that were answered, by their numbers; the oldest are forgotten. */
  get ids(): ReadonlyMap<number, string> {
    return this.#ids;
  }

  send(request: SingleTransfer): void {
    const number = (this.#last += 1);
    const sentAt = performance.now();
    const sent = { number, request, idempotencyKey: crypto.randomUUID(), sentAt };
    const stop = new AbortController();
    this.#underWay.set(number, { sent, stop, answered: this.#answer(sent, stop.signal) });
  }

  /** One line for each that is under way. */
  pending(): string[] {
    return [...this.#underWay.values()].map(({ sent: { number, request, sentAt } }) => {
      return `#${number} ${describeRequest(request)}, for ${duration(performance.now() - sentAt)}`;
    });
  }

  /** Waits until there is room for one more. */
  async room(): Promise<void> {
    while (this.full) {
      await Promise.race([...this.#underWay.values()].map(({ answered }) => answered));
    }
  }

  /** Waits until none is under way any more. */
  async settled(): Promise<void> {
    await Promise.all([...this.#underWay.values()].map(({ answered }) => answered));
  }

  /** Waits no longer for those under way: gives the commands that ask again for each. */
  abandon(): string[] {
    const abandoned = [...this.#underWay.values()];
    this.#underWay.clear();
    this.counts.unknown += abandoned.length;
    return abandoned.map(({ sent, stop }) => {
      stop.abort();
      return `#${sent.number} not known yet; ask again with: ${this.#again(sent)}`;
    });
  }

  async #answer(sent: Sent, signal: AbortSignal): Promise<void> {
    const slow = setTimeout(() => {
      this.#sending.onSlow(`#${sent.number} is under way: ${describeRequest(sent.request)}`);
    }, limits.quietMs);
    const answer = await this.#outcome(sent, signal).finally(() => {
      clearTimeout(slow);
    });
    // One that was abandoned is not waited for any more.
    if (!answer || !this.#underWay.delete(sent.number)) return;
    const { id, count } = answer;
    this.counts[count] += 1;
    if (id !== undefined) this.#ids.set(sent.number, id);
    for (const oldest of this.#ids.keys()) {
      if (this.#ids.size > limits.ids) this.#ids.delete(oldest);
    }
    this.#sending.onAnswer(answer);
  }

  async #outcome(sent: Sent, signal: AbortSignal): Promise<Answer | undefined> {
    const { coordinator, patienceMs } = this.#sending;
    const { request, idempotencyKey, sentAt } = sent;
    try {
      const outcome = await coordinator.transfer(request, { idempotencyKey, patienceMs, signal });
      return answerOf(sent, outcome, performance.now() - sentAt, this.#again(sent));
    } catch (error) {
      if (signal.aborted) return undefined;
      if (error instanceof ApiError) return notBegun(sent, error);
      throw error;
    }
  }

  #again(sent: Sent): string {
    return askAgain(sent, this.#sending.address);
  }
}
