/** The torture for some seconds, as `main.ts` runs it for as long as anybody likes. */
import { randomInt } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import t from 'tap';
import { builtProgram } from '../fixtures/cluster.ts';
import { FolderBank } from './folder-bank.ts';
import { judge, torture } from './torture.ts';

void t.test('whoever is killed or cut off, nobody disagrees and nothing is lost', async (t) => {
  const folder = t.testdir();
  const seed = randomInt(2 ** 32);
  t.comment(`seed ${seed}`);
  const kinds = ['kill', 'kill all', 'lose replies'];
  const stop = new AbortController();
  t.teardown(() => {
    stop.abort();
  });
  const file = await torture({
    bank: new FolderBank({ folder, program: builtProgram, segmentBytes: 128 * 1024 }),
    ...{ folder, seed, kinds, ms: 5_000, answerMs: 5_000, signal: stop.signal },
    customers: 30,
    thinkMs: 50,
    faultMs: { leastMs: 200, mostMs: 600 },
    quietMs: { leastMs: 300, mostMs: 700 },
    say: (line) => {
      t.comment(line);
    },
  });
  const verdict = await judge(file);
  for (const line of verdict.lines()) t.comment(line);
  t.strictSame(verdict.told, [], `nothing is wrong (seed ${seed})`);
  t.ok(verdict.holds);
  const { transfers, committed, onePhase, severalLegs, snapshots, again } = verdict.figures;
  for (const kind of kinds) t.ok(verdict.faults.get(kind), `${kind} has happened`);
  t.ok(committed >= 50 && transfers > committed, 'transfers were committed, and some were not');
  t.ok(onePhase > 0 && severalLegs > 0, 'within one participant, and of several legs');
  t.ok(snapshots > 5 && again > 20, 'snapshots were taken, and customers asked again');

  appendFileSync(file, '{"type":"died","node":"ba');
  t.ok((await judge(file)).holds, 'a last line that was cut off is left out');
  appendFileSync(file, '\n{"type":"died","node":"bank-a"}\n');
  await t.rejects(judge(file), /line \d+ of .* is no JSON object/);
});
