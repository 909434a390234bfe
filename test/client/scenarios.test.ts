/** Plays the scenarios on real clusters, and some that must fail. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import t, { type Test } from 'tap';
import type { ClusterNode } from '../../client/scenarios/cluster.ts';
import { Fault } from '../../client/scenarios/faults.ts';
import { scenarios } from '../../client/scenarios/index.ts';
import { runScenario, type RunOptions } from '../../client/scenarios/run.ts';
import { payment, type Scenario } from '../../client/scenarios/scenario.ts';
import { voteIsLost } from '../../client/scenarios/vote-is-lost.ts';
import { builtProgram } from '../fixtures/cluster.ts';
import { isRunning } from '../fixtures/processes.ts';

// They mostly wait for processes to start: two at once use both cores of a small machine.
t.jobs = 2;

/** Runs a scenario, and sees that no process, and no port of a proxy, is left of it. */
async function run(t: Test, scenario: Scenario, options: Partial<RunOptions> = {}) {
  const story: string[] = [];
  let nodes: ClusterNode[] = [];
  const play: Scenario['play'] = (stage) => {
    ({ nodes } = stage.cluster);
    return scenario.play(stage);
  };
  const result = await runScenario(
    { ...scenario, play },
    {
      program: builtProgram,
      say: (line) => story.push(line),
      signal: new AbortController().signal,
      ...options,
    },
  );
  const { folder } = result;
  if (folder !== undefined) t.teardown(() => rmSync(folder, { recursive: true }));
  t.ok(nodes.length > 0, 'it was played');
  for (const { name, pid = 0, proxy, data } of nodes) {
    t.equal(existsSync(data), folder !== undefined, `the store of ${name} is left if it is said`);
    t.notOk(isRunning(pid), `no process of ${name} is left`);
    await t.rejects(fetch(proxy.address), `no proxy of ${name} is left`);
  }
  return { ...result, story };
}

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** Processes and ports have other numbers each time. */
const shape = (text: string) => text.replaceAll(/\d+/g, 'N');

for (const scenario of scenarios) {
  void t.test(`${scenario.name} passes`, { buffered: true }, async (t) => {
    const { passed, proofs, failure, folder, story } = await run(t, scenario);
    t.ok(passed, failure ?? 'no failure', { story });
    t.ok(proofs.length > 0, 'its fault has happened');
    t.equal(folder, undefined, 'nothing is kept');
    const shown = new RegExp(`^${scenario.name}: .*\n([^]*?)\n  PASS`, 'm').exec(readme)?.[1];
    if (shown !== undefined) t.equal(shape(shown), shape(story.join('\n')), 'as in the README');
  });
}

/** A cluster of a coordinator and a bank with two accounts. */
const small: Scenario = {
  name: 'small',
  about: 'one bank',
  ends: { committed: 1, balances: { 'bank-a/alice': 975_00, 'bank-a/bob': 1_025_00 } },
  async play(stage) {
    const outcome = await stage.transfer({ ...payment, to: 'bank-a/bob' });
    stage.prove('it was committed', outcome.state === 'committed');
  },
};

/** A coordinator alone. */
const alone = { name: 'alone', about: 'nobody', ends: { balances: {} } };

void t.test('a scenario whose fault does not happen fails', { buffered: true }, async (t) => {
  const harmless: Scenario = {
    ...voteIsLost,
    play(stage) {
      stage.cause = (fault) => fault;
      return voteIsLost.play(stage);
    },
  };
  const { passed, failure, proofs } = await run(t, harmless);
  t.notOk(passed);
  t.equal(failure, 'it is not true that a vote of bank-b was lost');
  t.strictSame(proofs, []);
});

void t.test('a scenario that proves no fault fails', { buffered: true }, async (t) => {
  const { passed, failure } = await run(t, { ...alone, play: () => Promise.resolve() });
  t.notOk(passed);
  t.equal(failure, 'nothing proves that its fault has happened');
});

void t.test('a scenario with another outcome fails', { buffered: true }, async (t) => {
  const { ends } = small;
  const { passed, failure } = await run(t, { ...small, ends: { ...ends, aborted: 1 } });
  t.notOk(passed);
  t.match(failure, /^it is not true that 1 committed and 1 aborted/);
});

void t.test('a scenario with other balances fails', { buffered: true }, async (t) => {
  const balances = { 'bank-a/alice': 975_01, 'bank-a/bob': 1_025_00 };
  const { passed, failure } = await run(t, { ...small, ends: { committed: 1, balances } });
  t.notOk(passed);
  t.equal(failure, 'it is not true that bank-a/alice has 975.01 USD');
});

void t.test('a scenario in which a node raises an alarm fails', { buffered: true }, async (t) => {
  const forged = { status: 200, headers: { 'content-type': 'application/json' } };
  const { passed, failure } = await run(t, {
    ...small,
    play(stage) {
      const reply = { ...forged, body: Buffer.from('{}') };
      stage.cause(new Fault('/commit', () => Promise.resolve(reply), 1), 'bank-a');
      return small.play(stage);
    },
  });
  t.notOk(passed);
  t.match(failure, /has raised no alarm: .*a reply to commit-one-phase from bank-a was discarded/);
});

void t.test('a failed scenario keeps what the nodes have left', { buffered: true }, async (t) => {
  const never: Scenario = { ...alone, play: (stage) => stage.until('it rains', () => false) };
  const { passed, failure, folder = '' } = await run(t, never, { waitMs: 500 });
  t.notOk(passed);
  t.equal(failure, 'not within 500 ms: it rains');
  t.ok(existsSync(`${folder}/coordinator/log/000001.json`));
});

void t.test('a scenario can be stopped', { buffered: true }, async (t) => {
  const stop = new AbortController();
  const endless: Scenario = {
    ...alone,
    play(stage) {
      stop.abort(new Error('it was stopped'));
      return stage.until('it rains', () => false);
    },
  };
  const { passed, failure, folder } = await run(t, endless, { signal: stop.signal });
  t.notOk(passed);
  t.equal(failure, 'it was stopped');
  t.equal(folder, undefined, 'nothing is kept');
});

void t.test('every scenario has a file of its name', async (t) => {
  const folder = new URL('../../client/scenarios/', import.meta.url);
  const files = readdirSync(folder);
  for (const { name } of scenarios) t.ok(files.includes(`${name}.ts`), name);
});
