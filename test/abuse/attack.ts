/** Sends an abuse over many connections, and counts what comes back. */
import { connect } from 'node:net';
import { scheduler } from 'node:timers/promises';
import type { Abuse, Answered } from './abuses.ts';

export interface Attack {
  readonly port: number;
  /** How many connections are open at once. */
  readonly connections: number;
  /** Between two requests of one connection. Milliseconds. */
  readonly gapMs: number;
  /** Between two bytes that drip. Milliseconds. */
  readonly dripMs: number;
}

/** Ends what is under way; a signal would go through all of 10 000 listeners for each new one. */
export class Stop {
  readonly ends = new Set<() => void>();
  isAsked = false;

  ask(): void {
    this.isAsked = true;
    for (const end of this.ends) end();
  }
}

export type Tally = Record<Answered, number>;

/**
 * Attacks until it is told to stop; each connection is followed by a new one. They begin a
 * millisecond after each other: a flood of 10 000 at once would be about this machine, on which
 * whoever floods takes half of what there is for a second.
 */
export async function attack(abuse: Abuse, how: Attack, stop: Stop): Promise<Tally> {
  const tally: Tally = {};
  const isOver = () => stop.isAsked;
  const connection = async (first: number) => {
    await scheduler.wait(first);
    if (isOver()) return;
    for (let turn = first; ; turn += 1) {
      const answered = await sendOnce(abuse, turn, how, stop);
      if (answered !== undefined) tally[answered] = (tally[answered] ?? 0) + 1;
      if (isOver()) return;
      await scheduler.wait(how.gapMs);
    }
  };
  await Promise.all(Array.from({ length: how.connections }, (_, at) => connection(at)));
  return tally;
}

/**
 * Opens a connection, sends one request, and waits until it is answered or closed.
 * @param turn which of the requests it is
 * @returns undefined if it was told to stop before
 */
export function sendOnce(
  abuse: Abuse,
  turn: number,
  { port, dripMs }: Pick<Attack, 'port' | 'dripMs'>,
  stop: Stop = new Stop(),
): Promise<Answered | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const bytes = abuse.requests[turn % abuse.requests.length] ?? Buffer.alloc(0);
    let said = '';
    let drip: NodeJS.Timeout | undefined;
    const end = () => {
      clearInterval(drip);
      stop.ends.delete(end);
      socket.destroy();
      const status = /^HTTP\/1\.1 (\d{3}) /.exec(said)?.[1];
      resolve(status ?? (stop.isAsked ? undefined : 'closed'));
    };
    stop.ends.add(end);
    socket.on('data', (chunk) => {
      said += chunk.toString('latin1');
      if (said.length > 20) end();
    });
    // What breaks is closed next.
    socket.on('error', () => undefined);
    socket.on('close', end);
    socket.write(bytes);
    if (abuse.drips) drip = setInterval(() => socket.write('x'), dripMs);
  });
}
