/** Scenarios that somebody plays in the lab, on real nodes. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Play } from '../../../client/lab/play.ts';
import { scenarios } from '../../../client/scenarios/index.ts';
import { payment, type Scenario } from '../../../client/scenarios/scenario.ts';
import type { Play as PlayView } from '../../../client/sdk/index.ts';
import { builtProgram, eventually } from '../../fixtures/cluster.ts';
import { checkReply } from '../../fixtures/contract.ts';
import { fakeLab } from '../../fixtures/lab.ts';
import { isRunning } from '../../fixtures/processes.ts';

const headers = { 'content-type': 'application/json' };

/** What is played keeps its folders here. */
function temporaryFolder(t: Test): string {
  const before = process.env['TMPDIR'];
  const folder = t.testdir();
  process.env['TMPDIR'] = folder;
  t.teardown(() => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  });
  t.equal(tmpdir(), folder);
  return folder;
}

/** The processes that stand in the story of a play. */
const pids = ({ lines }: PlayView) =>
  lines.flatMap(({ text }) => [...text.matchAll(/process (\d+)/g)].map(([, pid]) => Number(pid)));

/** The lab, asked over HTTP; every answer is checked against the contract. */
async function playing(t: Test) {
  const { app } = await fakeLab(t);
  const operations = { GET: 'getPlay', POST: 'playScenario', DELETE: 'endPlay' } as const;
  const ask = async (method: keyof typeof operations, payload?: object) => {
    const url = '/lab/play';
    const reply = await app.inject({ method, url, ...(payload && { payload, headers }) });
    checkReply(t, 'lab', operations[method], reply);
    return { status: reply.statusCode, body: reply.json() };
  };
  const step = async (): Promise<PlayView> => {
    const reply = await app.inject({
      method: 'POST',
      url: '/lab/play/step',
      payload: '{}',
      headers,
    });
    checkReply(t, 'lab', 'stepPlay', reply);
    return reply.json();
  };
  const untilIt = (what: string, look: (view: PlayView) => boolean) =>
    eventually(
      what,
      async () => {
        const { body } = await ask('GET');
        return look(body) ? (body as PlayView) : undefined;
      },
      60_000,
    );
  return { app, ask, step, untilIt };
}

void t.test('a scenario plays step by step, and passes', async (t) => {
  const folder = temporaryFolder(t);
  const { ask, step, untilIt, app } = await playing(t);
  const begun = await ask('POST', { scenario: 'coordinator-dies-after-deciding', stepped: true });
  t.match(begun, { status: 202, body: { state: 'playing', stepped: true } });
  const second = await ask('POST', { scenario: 'all-vote-yes', stepped: false });
  t.match(second, { status: 409, body: { code: 'scenario-under-way' } });
  t.match((await app.inject('/lab')).json().play, { state: begun.body.state });

  let view = await untilIt('it waits before its first step', ({ state }) => state === 'waiting');
  t.match(view.lines.at(-1), { kind: 'step', text: /^a client asks/ });
  t.strictSame(view.timelines, [], 'nothing was sent yet');
  t.equal((await step()).state, 'waiting', 'it tells, and goes on');

  view = await untilIt('it is dead', ({ state, lines }) => {
    return state === 'waiting' && lines.at(-1)?.text === 'start coordinator again';
  });
  t.ok(view.lines.some(({ text }) => text.startsWith('kill -9 coordinator')));
  const [coordinator = 0] = pids(view);
  t.notOk(isRunning(coordinator));
  t.equal(view.timelines.length, 1);
  const [timeline] = view.timelines;
  t.equal(timeline?.state, 'committed', 'what it said last is kept');
  t.ok(timeline?.steps.some(({ type }) => type === 'decided'));

  for (;;) {
    await step();
    view = await untilIt('it goes on', ({ state }) => state !== 'playing');
    if (view.state !== 'waiting') break;
  }
  t.equal(view.state, 'passed', view.error ?? 'no error');
  t.match(view.timelines, [{ state: 'committed' }]);
  t.match(view.lines.at(-1)?.text, /^every step is in the logs/);
  t.strictSame(readdirSync(folder), [], 'nothing of it is left');
  t.equal((await ask('DELETE')).body.state, 'passed');
  t.equal((await ask('GET')).status, 404);
});

void t.test('a play that is ended leaves nothing, also a node that is paused', async (t) => {
  const folder = temporaryFolder(t);
  const { ask, step, untilIt } = await playing(t);
  await ask('POST', { scenario: 'participant-fails-to-vote', stepped: true });
  const told = await untilIt('the pause is told', ({ state }) => state === 'waiting');
  const [paused = 0] = pids(told);
  const stat = `/proc/${paused}/stat`;
  const isPaused = () => /\) T /.test(readFileSync(stat, 'utf8'));
  const isLinux = existsSync(stat);
  if (isLinux) t.notOk(isPaused(), 'it is told first');
  await step();
  await untilIt(
    'it is done',
    ({ lines, state }) => lines.length > told.lines.length && state === 'waiting',
  );
  // A process obeys a signal when it has a turn.
  if (isLinux) await eventually('it is paused', isPaused);
  t.equal(readdirSync(folder).length, 1);
  const { body } = await ask('DELETE');
  t.match(body, { state: 'failed', error: 'it was ended' });
  t.strictSame(readdirSync(folder), []);
  t.notOk(isRunning(paused));
  t.equal((await ask('GET')).status, 404);
});

void t.test('a play without steps goes through by itself, and another may follow', async (t) => {
  temporaryFolder(t);
  const { ask, step, untilIt } = await playing(t);
  await ask('POST', { scenario: 'participant-votes-no', stepped: false });
  await step();
  const over = ({ state }: PlayView) => state !== 'playing';
  const view = await untilIt('it is over', over);
  t.equal(view.state, 'passed', view.error ?? 'no error');
  t.match(view.timelines, [{ state: 'aborted' }]);
  const last = view.timelines[0]?.steps.at(-1);
  t.equal(last?.type, 'ended', 'its diagram is complete');
  t.equal((await ask('POST', { scenario: 'all-vote-yes', stepped: false })).status, 202);
  await ask('DELETE');
});

void t.test('a play that fails says why, and where everything is', async (t) => {
  const folder = temporaryFolder(t);
  const wrong: Scenario = {
    name: 'wrong',
    about: 'nothing is as it is told',
    ends: { balances: { 'bank-a/alice': 0, 'bank-b/bob': 0 } },
    async play(stage) {
      const { state } = await stage.transfer(payment);
      stage.prove('pigs fly', state === 'aborted');
    },
  };
  const play = new Play(wrong, false, builtProgram);
  await eventually('it is over', () => play.isOver, 60_000);
  const { state, error = '' } = play.view();
  t.equal(state, 'failed');
  const [, kept = ''] =
    /^it is not true that pigs fly; everything is kept in (.*)$/.exec(error) ?? [];
  t.ok(existsSync(join(kept, 'coordinator', 'log')), error);
  t.ok(kept.startsWith(folder));
});

void t.test('every scenario tells where it waits', async (t) => {
  const sources = new URL('../../../client/scenarios/', import.meta.url);
  for (const { name } of scenarios) {
    const text = readFileSync(new URL(`${name}.ts`, sources), 'utf8');
    t.notMatch(text, /(?<!await )stage\.(pause|resume|kill|restart|turn|until)\(/, name);
  }
});
