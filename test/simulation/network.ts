import { setMaxListeners } from 'node:events';
import type { Transport, TransportFailure, TransportRequest } from '../../http/transport.ts';
import type { Dice } from './dice.ts';
import type { Program } from './program.ts';
import type { Run } from './run.ts';
import type { Schedule } from './schedule.ts';

/** What is sent: clients send headers as well. */
export interface Sent extends TransportRequest {
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** Whoever can be reached at an address. */
export interface Host {
  readonly name: string;
  /** Undefined: nobody listens. */
  readonly run: Run | undefined;
  answer(request: Sent): Promise<Reply>;
}

/** How bad the network is. */
export interface Weather {
  /** Probability, for each way of an exchange. */
  loss: number;
  /** Probability that a message arrives once more, later. */
  repeat: number;
  /** Probability that what is repeated arrives only when all is over. */
  straggle: number;
  /** The longest usual way. Milliseconds. */
  mostMs: number;
}

interface NetworkOptions {
  readonly schedule: Schedule;
  readonly dice: Dice;
  readonly program: Program;
  readonly weather: Weather;
  readonly hostAt: (address: string) => Host | undefined;
  readonly count: (what: string) => void;
  /** A node has sent a message, or got one. */
  readonly onStep: (node: string, what: 'sent' | 'heard') => void;
  readonly tell: (text: () => string) => void;
}

/** Brings messages from node to node: late, twice, in any order, or not at all. */
export class Network {
  /** Ways that are cut, as `from>to`. */
  readonly cuts = new Set<string>();
  readonly #options: NetworkOptions;
  #stragglers: (() => void)[] = [];

  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  /** The transport of one run of a node. */
  from(name: string, run: Run): Transport {
    return { send: (request) => this.send(name, run, request), close: () => Promise.resolve() };
  }

  /** What has been held back until now arrives at last. */
  releaseStragglers(): number {
    const released = this.#stragglers;
    this.#stragglers = [];
    for (const arrive of released) arrive();
    return released.length;
  }

  send(from: string, run: Run, request: Sent): Promise<Reply> {
    // Whoever is dead says nothing, and hears nothing.
    if (run.isOver) return new Promise(() => undefined);
    const { dice, weather, count, tell, onStep } = this.#options;
    const { url, method, signal, timeoutMs, body } = request;
    const [, origin = '', to = '', kind = ''] = /^(http:\/\/([\w-]+)[^/]*)\/(\w*)/.exec(url) ?? [];
    const text = body === undefined ? undefined : JSON.stringify(body);
    count('messages');
    tell(() => `${from} → ${to} ${method} ${url} ${text ?? ''}`);
    return new Promise((resolve, reject) => {
      const fail = (why: TransportFailure) => {
        const { TransportError } = this.#options.program;
        run.whenAwake(() => {
          reject(new TransportError(why, `${url}: ${why}`));
        });
      };
      const forget = run.clock.after(timeoutMs, () => {
        cancel();
        fail('timeout');
      });
      const abort = () => {
        cancel();
        fail('cancelled');
      };
      const cancel = () => {
        forget();
        signal?.removeEventListener('abort', abort);
      };
      if (signal) {
        // As many messages as there are may wait for the same end.
        setMaxListeners(0, signal);
        signal.addEventListener('abort', abort);
      }
      const back = (what: () => string, settle: () => void) => {
        this.#carry(to, from, () => {
          tell(() => `${to} → ${from} ${kind}: ${what()}`);
          run.whenAwake(() => {
            cancel();
            settle();
          });
          onStep(from, 'heard');
        });
      };
      const arrive = () => {
        const copy = text === undefined ? request : { ...request, body: JSON.parse(text) };
        this.#hand(origin, copy, {
          answered: (reply) => {
            const said = JSON.stringify(reply.body);
            back(
              () => `${reply.status} ${said}`,
              () => {
                resolve({ status: reply.status, body: JSON.parse(said) });
              },
            );
          },
          broken: () => {
            back(
              () => 'nobody listens, or the connection broke',
              () => {
                fail('unreachable');
              },
            );
          },
        });
      };
      this.#carry(from, to, arrive);
      onStep(from, 'sent');
      if (!dice.chance(weather.repeat)) return;
      count('repeated messages');
      const again = () => {
        tell(() => `${from} → ${to} ${kind} once more ${text ?? ''}`);
        const copy = text === undefined ? request : { ...request, body: JSON.parse(text) };
        this.#hand(origin, copy, { answered: () => undefined, broken: () => undefined });
      };
      if (dice.chance(weather.straggle)) this.#stragglers.push(again);
      else this.#options.schedule.after(dice.within(0, 20_000 * dice.next()), again);
    });
  }

  /** One way of a message. */
  #carry(from: string, to: string, arrive: () => void): void {
    const { schedule, dice, weather, count, tell } = this.#options;
    if (dice.chance(weather.loss)) {
      count('lost messages');
      tell(() => `${from} → ${to}: lost`);
      return;
    }
    const ms = dice.within(0.1, dice.chance(0.1) ? weather.mostMs * 20 : weather.mostMs);
    schedule.after(ms, () => {
      if (!this.cuts.has(`${from}>${to}`)) {
        arrive();
        return;
      }
      count('messages on a cut way');
      tell(() => `${from} → ${to}: the way is cut`);
    });
  }

  #hand(
    address: string,
    request: Sent,
    then: { answered: (reply: Reply) => void; broken: () => void },
  ): void {
    const host = this.#options.hostAt(address);
    const run = host?.run;
    if (!host || !run || run.isOver) {
      then.broken();
      return;
    }
    run.whenAwake(() => {
      host.answer(request).then(
        (reply) => {
          this.#options.onStep(host.name, 'heard');
          if (run.isOver) then.broken();
          else then.answered(reply);
          this.#options.onStep(host.name, 'sent');
        },
        () => {
          then.broken();
        },
      );
    });
  }
}
