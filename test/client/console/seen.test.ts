import t from 'tap';
import { remember } from '../../../client/console/seen.ts';
import type { Timeline, TimelineStep } from '../../../client/sdk/index.ts';

const at = '2026-11-23T10:00:00.000Z';
const told = (id: string, ...steps: (Partial<TimelineStep> & { afterMs: number })[]): Timeline => ({
  id,
  state: 'preparing',
  createdAt: at,
  nodes: ['coordinator', 'bank-a'],
  steps: steps.map((step) => ({
    type: 'begun',
    node: 'coordinator',
    at,
    durationMs: 0,
    ...step,
  })),
});
const begun = { afterMs: 0 };
const prepare = { type: 'prepare', to: 'bank-a', afterMs: 1, durationMs: null } as const;
const vote = { type: 'vote', node: 'bank-a', to: 'coordinator', afterMs: 2 } as const;
const decided = { type: 'decided', afterMs: 9 } as const;

void t.test('a timeline that has grown is the new one', async (t) => {
  const now = told('k3f9q2ma-1-1', begun, { ...prepare, durationMs: 1, attempts: 2 }, vote);
  t.same(remember(undefined, now), { timeline: now, lost: 0 });
  t.same(remember(told('k3f9q2ma-1-1', begun, prepare), now), { timeline: now, lost: 0 });
  t.same(remember(told('k3f9q2ma-1-2', begun, decided), now), { timeline: now, lost: 0 });
});

void t.test('what a restart has lost is kept in its place, and counted', async (t) => {
  const before = told('k3f9q2ma-1-1', begun, { ...prepare, durationMs: 1 }, vote);
  const { timeline, lost } = remember(before, told('k3f9q2ma-1-1', begun, decided));
  t.equal(lost, 2);
  t.same(
    timeline.steps.map(({ type }) => type),
    ['begun', 'prepare', 'vote', 'decided'],
  );
  t.equal(remember(timeline, told('k3f9q2ma-1-1', begun, decided)).lost, 2, 'also later on');
});

void t.test(
  'an answer that was seen is not taken back by a question that is asked anew',
  async (t) => {
    const commit = { type: 'commit', to: 'bank-a', afterMs: 10 } as const;
    const before = told('k3f9q2ma-1-1', { ...commit, durationMs: 5 });
    const { timeline } = remember(before, told('k3f9q2ma-1-1', { ...commit, durationMs: null }));
    t.match(timeline.steps, [{ type: 'commit', durationMs: 5 }]);
  },
);
