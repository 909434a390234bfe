import type { Clock } from './clock.ts';
import type { Room } from './room.ts';

/** How long a forced write may take before the disk counts as stuck. Milliseconds. */
const patienceMs = 2_000;

/**
 * Why a store takes nothing new at the moment, as clauses; none: it does. After a failed write it
 * never forces anything again, and the node ends.
 * @param forced settles when the log is forced up to where it ends now
 */
export async function storeTroubles(
  forced: Promise<void>,
  room: Room,
  clock: Clock,
): Promise<string[]> {
  const isForced = await new Promise<boolean>((resolve) => {
    const cancel = clock.after(patienceMs, () => {
      resolve(false);
    });
    void forced.then(() => {
      cancel();
      resolve(true);
    });
  });
  const stuck = `the disk has not taken a write within ${patienceMs} ms`;
  const low = 'the disk is nearly full: what is left is for decisions';
  return [...(isForced ? [] : [stuck]), ...(room.isLow ? [low] : [])];
}
