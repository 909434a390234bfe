import t, { type Test } from 'tap';
import { addCounts, type Counts } from './counts.ts';
import { directEntrance, serverEntrance, type Entrance } from './entrance.ts';
import { nodeList, simulate } from './simulation.ts';

/** Simulates seeds, and gives what has happened; a flaw fails the test, with its seed. */
async function simulateAll(t: Test, seeds: readonly number[], entrance: Entrance): Promise<Counts> {
  const counts: Counts = {};
  for (const seed of seeds) {
    const outcome = await simulate(seed, { entrance, audited: seed % 20 === 0 });
    addCounts(counts, outcome.counts);
    if (outcome.flaw !== undefined) t.fail(`seed ${seed}: ${outcome.flaw}`);
  }
  t.comment(JSON.stringify(counts));
  return counts;
}

const first = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

/** What must have happened among so many seeds: a fault that never comes proves nothing. */
const faults = [
  'kills amid a transfer',
  'power cuts amid a transfer',
  'power cuts amid a write',
  'pauses',
  'cuts',
  'one-way cuts',
  'messages on a cut way',
  'lost messages',
  'repeated messages',
  'stragglers',
  'disk failures EIO',
  'disk failures ENOSPC',
  'disk failures EROFS',
  'nodes that gave up',
  'disks nearly full',
  'slow disks',
  'wall clock jumps',
  'old copies restored',
  'transfers committed',
  'transfers aborted',
  'snapshots',
  'audits',
];

void t.test('whatever happens to a cluster, nothing is lost and nobody disagrees', async (t) => {
  const counts = await simulateAll(t, first(400), directEntrance());
  for (const fault of faults) t.ok((counts[fault] ?? 0) > 0, `${fault}: ${counts[fault] ?? 0}`);
});

void t.test('it is so through the routes of real servers, too', async (t) => {
  const entrance = await serverEntrance(nodeList);
  t.teardown(() => entrance.close());
  const counts = await simulateAll(t, first(20), entrance);
  t.ok((counts['transfers committed'] ?? 0) > 0 && (counts['messages'] ?? 0) > 400);
});

void t.test('the same seed tells the same story', async (t) => {
  const server = await serverEntrance(nodeList);
  t.teardown(() => server.close());
  for (const entrance of [directEntrance(), server]) {
    const stories = [7, 8].map(() => [] as string[]);
    for (const story of stories) {
      await simulate(42, { entrance, audited: true, story: (line) => story.push(line) });
    }
    t.ok((stories[0]?.length ?? 0) > 20);
    t.strictSame(stories[0], stories[1]);
  }
});
