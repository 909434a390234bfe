/*
 * A log that has lost forced records at its end looks whole to itself: it is cut where a crash may
 * cut it. What is missing is missed by the others (PROTOCOL.md, restored and lost stores).
 */
import t from 'tap';
import {
  nodeOf,
  restartNode,
  spendDay,
  startDay,
  type Day,
  type DayNode,
} from '../fixtures/busy-day.ts';
import type { MemoryDisk } from '../fixtures/memory-disk.ts';
import { settleAll } from '../fixtures/nodes.ts';
import { SharedServers } from '../fixtures/shared-servers.ts';

const servers = new SharedServers(t);

/** The last segment of a store, and where each of its lines ends, in bytes. */
function ends(disk: MemoryDisk) {
  const path = disk.paths.filter((one) => one.startsWith('/data/log/')).at(-1) ?? '';
  const text = disk.text(path);
  const lines = [...text.matchAll(/\n/g)].map(({ index }) => index);
  // The first stands behind the bracket, the last before the closing one.
  return { path, cuts: lines.slice(0, -1), lines: lines.length - 1 };
}

/** Ends the day after some steps; then the last lines of one node's log are gone. */
async function cutDay(
  name: DayNode,
  steps: number,
  missing: number,
): Promise<[Day, MemoryDisk] | undefined> {
  const day = await startDay(t, servers);
  await spendDay(day, () => false, steps);
  await day.world.pass(1_000);
  const node = nodeOf(day, name);
  node.die();
  const disk = node.disk.crash();
  const { path, cuts, lines } = ends(disk);
  const at = cuts[lines - missing];
  if (at === undefined) return undefined;
  disk.truncate(path, Math.max(at, 3));
  return [day, disk];
}

/** Days of any length, each with any number of lines gone that are not in a sealed segment. */
async function* cutDays(name: DayNode): AsyncGenerator<[Day, MemoryDisk]> {
  for (let steps = 5; steps <= 13; steps++) {
    for (let missing = 1; ; missing++) {
      const cut = await cutDay(name, steps, missing);
      if (!cut) break;
      yield cut;
    }
  }
}

void t.test('a participant whose log was cut short is noticed, and catches up', async (t) => {
  let noticed = 0;
  for await (const [day, disk] of cutDays('bank-b')) {
    await restartNode(t, day, 'bank-b', disk);
    await day.world.until(() => day.b.registered);
    const isNoticed = [...day.b.alarms, ...day.b.notices].some((text) => /old copy/.test(text));
    if (isNoticed) noticed += 1;
    await settleAll(t, day.world, day.coordinator, [day.a, day.b]);
  }
  t.ok(noticed >= 3, `${noticed} times`);
});

void t.test('a coordinator whose log was cut short stops, or has lost only ends', async (t) => {
  let stopped = 0;
  let went = 0;
  for await (const [day, disk] of cutDays('coordinator')) {
    const { world } = day;
    await restartNode(t, day, 'coordinator', disk);
    await world.pass(25_000);
    if (day.coordinator.failures.length > 0) {
      t.match(day.coordinator.failures, [{ message: /old copy|newest copy/ }]);
      stopped += 1;
      continue;
    }
    went += 1;
    await settleAll(t, world, day.coordinator, [day.a, day.b]);
  }
  t.ok(stopped >= 1, `${stopped} times it stops`);
  t.ok(went >= 1, `${went} times it goes on`);
});
