/** What somebody has to look at now, most pressing first. */
import type { ParticipantInfo, Snapshot } from '../sdk/index.ts';
import { spanOf } from './ago.ts';

/** One thing, in a sentence, and the view that tells more. */
export interface Concern {
  readonly look: 'bad' | 'wait';
  readonly text: string;
  readonly link?: { readonly text: string; readonly path: readonly string[] };
}

/** A transfer in doubt for less is only under way. Milliseconds. */
const underWayMs = 4_000;

/** Since when each transfer has been in doubt at each participant: name, space, id to ms. */
export type Waiting = ReadonlyMap<string, number>;

/**
 * Keeps since when each transfer in doubt has been seen so.
 * @param begunMs when a transfer was begun, if that is known: milliseconds since 1970
 */
export function stillWaiting(
  before: Waiting,
  participants: readonly ParticipantInfo[],
  begunMs: (id: string) => number | undefined,
  nowMs: number,
): Waiting {
  const found = participants.flatMap(({ name, inDoubt }) => inDoubt.map((id) => ({ name, id })));
  return new Map(
    found.map(({ name, id }) => {
      const key = `${name} ${id}`;
      return [key, before.get(key) ?? begunMs(id) ?? nowMs];
    }),
  );
}

/** What is wrong with participants, and what waits for them. */
export function concernsOf(
  participants: readonly ParticipantInfo[],
  waiting: Waiting,
  nowMs: number,
): Concern[] {
  return participants.flatMap((one) => [...healthOf(one), ...doubtOf(one, waiting, nowMs)]);
}

function healthOf(participant: ParticipantInfo): Concern[] {
  const { name, health, reason, lastSeenAt, quarantined } = participant;
  if (quarantined) {
    const text =
      `${name} has an old copy of its store. It is in quarantine, and votes on no transfer until` +
      ' it has caught up, which it does by itself unless records are missing.';
    return [{ look: 'bad', text }];
  }
  if (health !== 'down') return [];
  const why = reason === undefined ? '' : `: ${reason}`;
  const seen = lastSeenAt === null ? 'not since the coordinator started' : lastSeenAt;
  const text =
    `${name} does not answer${why}. New transfers with it fail at once.` + ` Last seen: ${seen}.`;
  return [{ look: 'bad', text }];
}

function doubtOf({ name, inDoubt }: ParticipantInfo, waiting: Waiting, nowMs: number): Concern[] {
  const since = inDoubt.map((id) => nowMs - (waiting.get(`${name} ${id}`) ?? nowMs));
  const long = since.filter((ms) => ms >= underWayMs);
  if (long.length === 0) return [];
  const many = long.length === 1 ? '1 transfer is' : `${long.length} transfers are`;
  const text = `${many} in doubt at ${name}, for ${spanOf(Math.max(...long))}.`;
  return [{ look: 'wait', text, link: { text: 'What waits there', path: ['in-doubt'] } }];
}

/** What operators have settled otherwise than it was decided, and nobody has made right yet. */
export function damageConcerns(damage: Snapshot['damage']): Concern[] {
  return [...new Set(damage.map(({ transferId }) => transferId))]
    .slice(0, mostDamaged)
    .map((id) => {
      const at = damage.filter(({ transferId }) => transferId === id);
      const names = [...new Set(at.map(({ participant }) => participant))].join(' and ');
      const text =
        `The books of ${names} are wrong by transfer ${id}:` +
        ' it was resolved otherwise than it was decided.';
      return { look: 'bad', text, link: { text: 'Make it right', path: ['in-doubt'] } };
    });
}

/** More are counted on the view that lists them. */
const mostDamaged = 10;
