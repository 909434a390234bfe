import type { Message, Reply } from './proxy.ts';

/**
 * What becomes of a message: the reply that its sender gets, or undefined: it never gets one.
 * `happened` counts it, at the moment from which the fault is a fact.
 */
export type Fate = (message: Message, happened: () => void) => Promise<Reply | undefined>;

/** Something that happens to messages on their way to a node, and counts them. */
export class Fault {
  /** How many messages it has happened to. */
  count = 0;
  readonly #path: string;
  readonly #fate: Fate;
  #left: number;

  /**
   * @param path how the paths of its messages begin
   * @param times to how many messages it happens
   */
  constructor(path: string, fate: Fate, times = Infinity) {
    this.#path = path;
    this.#fate = fate;
    this.#left = times;
  }

  takes(path: string): boolean {
    return this.#left > 0 && path.startsWith(this.#path);
  }

  happen(message: Message): Promise<Reply | undefined> {
    this.#left -= 1;
    return this.#fate(message, () => {
      this.count += 1;
    });
  }

  /** It happens to no more messages. */
  heal(): void {
    this.#left = 0;
  }
}

/** Messages never arrive. */
export function loseRequests(path: string): Fault {
  return new Fault(path, (_, happened) => {
    happened();
    return Promise.resolve(undefined);
  });
}

/** Messages arrive and have their effect, but the replies are lost. */
export function loseReplies(path: string, times: number): Fault {
  const fate: Fate = async ({ forward }, happened) => {
    await forward();
    happened();
    return undefined;
  };
  return new Fault(path, fate, times);
}

/** Messages arrive twice; the sender gets the second reply. */
export function repeat(path: string): Fault {
  return new Fault(path, async ({ forward }, happened) => {
    await forward();
    const reply = await forward();
    happened();
    return reply;
  });
}

/** Messages wait on their way until they are let go or lost; later ones pass. */
export class Hold extends Fault {
  /** How many were replied to after they had waited. */
  replied = 0;
  readonly #end: (arrives: boolean) => void;

  /** @param part what waits: the message before it arrives, or the reply to it */
  constructor(path: string, part: 'request' | 'reply') {
    let end: (arrives: boolean) => void = () => undefined;
    const over = new Promise<boolean>((resolve) => {
      end = resolve;
    });
    super(path, async ({ forward }, happened) => {
      let reply = part === 'reply' ? await forward() : undefined;
      happened();
      if (!(await over)) return undefined;
      reply ??= await forward();
      this.replied += 1;
      return reply;
    });
    this.#end = end;
  }

  /** What has waited goes on. */
  release(): void {
    this.heal();
    this.#end(true);
  }

  /** What has waited is lost. */
  lose(): void {
    this.heal();
    this.#end(false);
  }
}

/** Messages wait before they arrive. */
export const hold = (path: string): Hold => new Hold(path, 'request');

/** Messages arrive and have their effect; the replies wait. */
export const holdReplies = (path: string): Hold => new Hold(path, 'reply');
