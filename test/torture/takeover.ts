/** How soon another coordinator finishes what one has left that was killed or paused. */
import { scheduler } from 'node:timers/promises';
import type { Takeover } from './history.ts';
import type { LeaderLog } from './leader-log.ts';

/** Milliseconds. */
const limits = {
  lookMs: 20,
  /** It is not waited for any longer. */
  mostMs: 60_000,
};

/** What the coordinators have on record, and who waits for them. */
export interface Watched {
  readonly log: LeaderLog;
  /** The keys that customers have asked for, and not heard of. */
  readonly waiting: ReadonlySet<string>;
  /** Ends the wait. */
  readonly over: AbortSignal;
}

/**
 * Watches it from the moment of the kill on.
 * @throws {Error} if it cannot be seen what is left, or `over` comes
 * @param since when that was, by `performance.now()`
 */
export async function watchTakeover(
  watched: Watched,
  since: number,
): Promise<Omit<Takeover, 'isAlone'>> {
  const keys = [...watched.waiting];
  const timeUntil = async (look: () => Promise<boolean>) => {
    for (;;) {
      const isOver = await look().catch(() => false);
      const ms = Math.round(performance.now() - since);
      if (isOver || ms > limits.mostMs) return ms;
      await scheduler.wait(limits.lookMs, { signal: watched.over });
    }
  };
  const left = await watched.log.unfinished();
  const [finishedMs, answeredMs] = await Promise.all([
    timeUntil(async () => (await watched.log.ended(left)) === left.ids.length),
    timeUntil(async () => !keys.some((key) => watched.waiting.has(key))),
  ]);
  return {
    ...{ type: 'takeover', unfinished: left.ids.length, unanswered: keys.length },
    // What nobody has to wait for takes no time.
    finishedMs: left.ids.length > 0 ? finishedMs : 0,
    answeredMs: keys.length > 0 ? answeredMs : 0,
  };
}
