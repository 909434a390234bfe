/** What this page has seen of a transfer, and a coordinator that was restarted may have lost. */
import type { Timeline, TimelineStep } from '../sdk/index.ts';

/** A timeline, and how many of its steps only this page knows. */
export interface Seen {
  readonly timeline: Timeline;
  readonly lost: number;
}

/** The new timeline, with what was seen before and is not in it any more. */
export function remember(before: Timeline | undefined, now: Timeline): Seen {
  if (before?.id !== now.id) return { timeline: now, lost: 0 };
  const told = new Map(now.steps.map((step) => [keyOf(step), step]));
  const kept = before.steps.filter((step) => {
    const again = told.get(keyOf(step));
    return again === undefined || (again.durationMs === null && step.durationMs !== null);
  });
  if (kept.length === 0) return { timeline: now, lost: 0 };
  for (const step of kept) told.set(keyOf(step), step);
  const steps = [...told.values()].sort((a, b) => a.afterMs - b.afterMs);
  return { timeline: { ...now, steps }, lost: kept.length };
}

/** What no other step of its timeline has: a participant may ask in both phases. */
export const keyOf = ({ type, node, to = '', state }: TimelineStep): string =>
  `${type} ${node} ${to} ${type === 'inquiry' && state !== undefined ? state : ''}`;
