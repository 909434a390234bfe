/** The torture of a bank on one PostgreSQL for a minute; `main.ts --postgres` runs it longer. */
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { builtProgram } from '../fixtures/cluster.ts';
import { PostgresBank } from './postgres-bank.ts';
import { postgresFaults } from './postgres-attacks.ts';
import { judge, onPostgres, torture } from './torture.ts';

void t.test('coordinators, participants and the database die, and money stays whole', async (t) => {
  // Not below the checkout, which the user of the database may not be able to read.
  const folder = mkdtempSync(join(tmpdir(), 'unanimous-torture-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const seed = randomInt(2 ** 32);
  t.comment(`seed ${seed}`);
  const stop = new AbortController();
  t.teardown(() => stop.abort());
  const file = await torture({
    ...onPostgres,
    // Other tests may run beside this one; the command does not give that much.
    takeoverMs: 2 * onPostgres.takeoverMs,
    bank: new PostgresBank({ folder, program: builtProgram, coordinators: 3 }),
    ...{ folder, seed, kinds: postgresFaults, ms: 60_000, signal: stop.signal },
    customers: 12,
    thinkMs: 100,
    faultMs: { leastMs: 200, mostMs: 3_000 },
    quietMs: { leastMs: 500, mostMs: 1_000 },
    say: (line) => t.comment(line),
  });
  const verdict = await judge(file);
  for (const line of verdict.lines()) t.comment(line);
  t.strictSame(verdict.told, [], `nothing is wrong (seed ${seed})`);
  t.ok(verdict.holds);
  const { committed, aborted, snapshots } = verdict.figures;
  for (const kind of postgresFaults) t.ok(verdict.faults.get(kind), `${kind} has happened`);
  t.ok(committed >= 100 && aborted > 0 && snapshots > 5, 'transfers ended, and were seen');
  const left = verdict.takeovers.filter(({ isAlone, unfinished }) => isAlone && unfinished > 0);
  const inTime = left.filter(({ finishedMs }) => finishedMs < onPostgres.takeoverMs);
  t.ok(inTime.length > 0, 'what a dead coordinator has left was finished in time by another one');
});
