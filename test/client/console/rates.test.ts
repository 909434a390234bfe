import t from 'tap';
import { RateCounter } from '../../../client/console/rates.ts';
import type { Event } from '../../../client/sdk/index.ts';

/** A full second of the coordinator's clock. */
const startMs = Date.UTC(2026, 10, 23, 10);

const instant = (ms: number) => new Date(startMs + ms).toISOString();

interface Made {
  readonly id: number;
  readonly begunMs: number;
  readonly tookMs: number;
  readonly state?: 'committed' | 'aborted';
}

function eventsOf({ id, begunMs, tookMs, state = 'committed' }: Made): Event[] {
  const shared = { id: `k3f9q2ma-1-${id}`, eventId: `k3f9q2ma-${id}` };
  return [
    { ...shared, type: 'begun', at: instant(begunMs), legs: [], participants: [] },
    { ...shared, type: 'decided', at: instant(begunMs + tookMs), state, participants: [] },
  ];
}

/** The page's clock is `aheadMs` ahead, and hears of everything at once. */
function counting(made: readonly Made[], aheadMs = 0): RateCounter {
  const counter = new RateCounter(startMs - 3_600_000 + aheadMs);
  for (const event of made.flatMap(eventsOf)) {
    if ('at' in event) counter.take(event, Date.parse(event.at) + aheadMs);
  }
  return counter;
}

void t.test('decisions are counted in the second in which they were made', async (t) => {
  const counter = counting([
    { id: 1, begunMs: 900, tookMs: 50 },
    { id: 2, begunMs: 990, tookMs: 20 },
    { id: 3, begunMs: 1_100, tookMs: 1, state: 'aborted' },
  ]);
  const { seconds, committed, aborted } = counter.read(startMs + 2_500);
  t.equal(seconds.length, 300);
  t.equal(seconds.at(-1), startMs / 1000 + 1, 'the second under way is not over');
  t.strictSame(committed.slice(-3), [0, 1, 1]);
  t.strictSame(aborted.slice(-3), [0, 0, 1]);
});

void t.test('a page whose clock differs shows the same', async (t) => {
  const made = [{ id: 1, begunMs: 100, tookMs: 20 }];
  for (const aheadMs of [-3_600_000, 3_600_000]) {
    const { committed } = counting(made, aheadMs).read(startMs + aheadMs + 1_500);
    t.equal(committed.at(-1), 1);
  }
});

void t.test('half are within p50, and 99 of 100 within p99', async (t) => {
  const made = Array.from({ length: 100 }, (_, id) => ({ id, begunMs: 0, tookMs: id + 1 }));
  const { p50Ms, p99Ms } = counting(made).read(startMs + 1_000);
  t.equal(p50Ms.at(-1), 50);
  t.equal(p99Ms.at(-1), 99);
  t.equal(p99Ms.at(-2), null, 'of no decision there is none');
});

void t.test('long times are told in two digits', async (t) => {
  const { p99Ms } = counting([{ id: 1, begunMs: -12_345, tookMs: 12_345 }]).read(startMs + 1_000);
  t.equal(p99Ms.at(-1), 12_000);
});

void t.test('a summary is over all its seconds together', async (t) => {
  const counter = counting([
    { id: 1, begunMs: 0, tookMs: 10 },
    { id: 2, begunMs: 1_000, tookMs: 30, state: 'aborted' },
    { id: 3, begunMs: 2_000, tookMs: 500 },
  ]);
  t.strictSame(counter.summary(startMs + 2_000, 2), {
    committedPerSecond: 0.5,
    abortedPerSecond: 0.5,
    p50Ms: 10,
    p99Ms: 30,
  });
  t.equal(new RateCounter(startMs).summary(startMs, 10).p50Ms, null);
});

void t.test('a decision whose beginning was not seen is counted and not timed', async (t) => {
  const counter = new RateCounter(startMs - 60_000);
  for (const event of eventsOf({ id: 1, begunMs: 0, tookMs: 10 }).slice(1)) {
    counter.take(event, startMs);
  }
  const { committed, p99Ms } = counter.read(startMs + 1_000);
  t.equal(committed.at(-1), 1);
  t.equal(p99Ms.at(-1), null);
});

void t.test(
  'what was before the page listened is not known, and not taken for nothing',
  async (t) => {
    const counter = new RateCounter(startMs);
    for (const event of eventsOf({ id: 1, begunMs: 1_000, tookMs: 10 })) {
      if ('at' in event) counter.take(event, Date.parse(event.at));
    }
    const { committed, aborted } = counter.read(startMs + 2_000);
    t.strictSame(committed.slice(-4), [null, null, 0, 1]);
    t.strictSame(aborted.slice(-4), [null, null, 0, 0]);
    t.equal(counter.summary(startMs + 2_000, 10).committedPerSecond, 0.5, 'of the two seconds');
  },
);

void t.test('seconds that nobody can look back to are forgotten', async (t) => {
  const made = Array.from({ length: 900 }, (_, id) => ({ id, begunMs: id * 1_000, tookMs: 5 }));
  const counter = counting(made);
  const countAt = (second: number) => {
    const { committed } = counter.read(startMs + second * 1_000);
    return committed.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  };
  t.equal(countAt(900), 300);
  t.equal(countAt(599), 0, 'also for one who asks as if it were earlier');
});

void t.test('of transfers that are never decided, the newest 10 000 are timed', async (t) => {
  const counter = new RateCounter(startMs - 60_000);
  const made = Array.from({ length: 10_001 }, (_, id) => eventsOf({ id, begunMs: 0, tookMs: 5 }));
  const hear = (event: Event | undefined) => {
    if (event) counter.take(event, startMs);
  };
  for (const [begun] of made) hear(begun);
  hear(made[0]?.[1]);
  t.equal(counter.summary(startMs + 1_000, 1).p99Ms, null, 'the oldest is not');
  hear(made[1]?.[1]);
  t.equal(counter.summary(startMs + 1_000, 1).p99Ms, 5);
});
