import {
  TransportError,
  type Reply,
  type Transport,
  type TransportRequest,
} from '../http/transport.ts';
import type { Clock } from '../log/clock.ts';
import type { Logger } from './participant.ts';

export interface UplinkOptions {
  readonly transport: Transport;
  /** The origins of processes that have one store together: all are the same coordinator. */
  readonly coordinators: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What the coordinator has said, and where. */
export interface Answer extends Reply {
  readonly from: string;
}

/** Whoever answers so is there, but has nobody who could say more at the moment. */
const unavailable = 503;

/**
 * The way of a participant to its coordinator, at one or several addresses (PROTOCOL.md,
 * PostgreSQL). One of them is asked for as long as it answers. A question that fails there goes to
 * the next one; when none answers, that is one failure, as it is with a single address.
 */
export class Uplink {
  /** Where it leads to, all addresses of it. */
  readonly name: string;
  readonly #options: UplinkOptions;
  /** In the order in which the next question tries them. */
  #order: readonly string[];
  #answered: string | undefined;

  constructor(options: UplinkOptions) {
    this.name = options.coordinators.join(', ');
    this.#options = options;
    this.#order = options.coordinators;
    [this.#answered] = options.coordinators;
  }

  /**
   * Asks at each address at most once, all within `timeoutMs`.
   * @param path with the query
   * @returns the first answer but 503; else a 503, if there was one
   * @throws {TransportError} if nobody has answered
   */
  async ask(path: string, request: Omit<TransportRequest, 'url' | 'to'>): Promise<Answer> {
    const { transport, clock } = this.#options;
    const order = this.#order;
    const end = clock.now() + request.timeoutMs;
    let { timeoutMs } = request;
    let answer: Answer | undefined;
    const errors: TransportError[] = [];
    for (const from of order) {
      try {
        const to = { url: `${from}${path}`, to: 'coordinator', timeoutMs };
        answer = { from, ...(await transport.send({ ...request, ...to })) };
        if (answer.status !== unavailable) {
          this.#answers(from);
          return answer;
        }
      } catch (error) {
        if (!(error instanceof TransportError) || error.kind === 'cancelled') throw error;
        errors.push(error);
      }
      // Of the others, none has had the whole time: each is the first of a question in its turn.
      if (from === order[0]) this.#leave(from);
      timeoutMs = Math.floor(end - clock.now());
      if (timeoutMs < 1) break;
    }
    if (answer) return answer;
    throw allOf(errors);
  }

  #answers(from: string): void {
    this.#order = startingAt(this.#order, this.#order.indexOf(from));
    if (from === this.#answered) return;
    const before = this.#answered;
    this.#answered = from;
    const message = `the coordinator answers at ${from}, and not at ${before}`;
    this.#options.logger.info({ coordinator: from, before }, message);
  }

  /** Others may have left it already. */
  #leave(from: string): void {
    if (this.#order[0] === from) this.#order = startingAt(this.#order, 1);
  }
}

const startingAt = (list: readonly string[], at: number) => [
  ...list.slice(at),
  ...list.slice(0, at),
];

/** Several failures as one. */
function allOf(errors: readonly TransportError[]): TransportError {
  const [first, ...others] = errors;
  if (!first) throw new Error('a coordinator needs an address');
  if (others.length === 0) return first;
  return new TransportError(first.kind, errors.map(({ message }) => message).join('; '), first);
}
