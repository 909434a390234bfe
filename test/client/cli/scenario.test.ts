import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import t, { type Test } from 'tap';
import { scenarios } from '../../../client/scenarios/index.ts';
import { runCli } from '../../../client/cli/program.ts';
import { readLog } from '../../../client/scenarios/log-reader.ts';
import { eventually, plainEnv, program } from '../../fixtures/cluster.ts';
import { fakeIo, unanimous } from '../../fixtures/fake-io.ts';
import { nothing } from '../../fixtures/nothing.ts';
import { isRunning } from '../../fixtures/processes.ts';

const original = [
  'coordinator-fails-before-prepare',
  'participant-fails-to-vote',
  'participant-votes-no',
  'all-vote-yes',
];

void t.test('scenario list names every scenario, the original four first', async (t) => {
  const { code, out } = await unanimous('scenario', 'list');
  t.equal(code, 0);
  const [head = '', ...rows] = out.split('\n');
  t.match(head, /^NAME +WHAT HAPPENS$/);
  t.strictSame(
    rows.map((row) => row.split(' ')[0]),
    scenarios.map(({ name }) => name),
  );
  t.strictSame(
    rows.slice(0, 4).map((row) => row.split(' ')[0]),
    original,
  );
  const listed = await unanimous('scenario', 'list', '--json');
  t.match(JSON.parse(listed.out).data, [{ name: original[0], about: /nothing happens/ }]);
});

void t.test('an unknown name is wrong usage, and the nearest one is suggested', async (t) => {
  const close = await unanimous('scenario', 'run', 'all-vote-yes', 'al-votes-yes');
  t.match(close, { code: 2, out: '', err: /^there is no scenario al-votes-yes; did you mean / });
  t.match(close.err, 'did you mean all-vote-yes?');
  t.match(close.err, /there are: all, coordinator-fails-before-prepare, .*old-copy-is-caught-up$/);
  const far = await unanimous('scenario', 'run', 'x');
  t.match(far, { code: 2, err: /^there is no scenario x\n/ });
  t.equal((await unanimous('scenario', 'run')).code, 2);
});

/** Runs the built program with a folder for temporary files of its own. */
function start(t: Test, ...args: string[]) {
  const temporary = t.testdir();
  const child = spawn(process.execPath, [program, 'scenario', 'run', ...args], {
    env: { ...plainEnv, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const said = { text: '' };
  child.stdout.on('data', (bytes: Buffer) => (said.text += bytes.toString()));
  const ended = once(child, 'close') as Promise<[number]>;
  return { child, said, ended, left: () => readdirSync(temporary) };
}

void t.test('scenario run tells the story, and keeps the stores if it is asked to', async (t) => {
  const { said, ended, left } = start(t, 'all-vote-yes', '--keep');
  t.strictSame(await ended, [0, null]);
  t.match(said.text, /^all-vote-yes: .*\n {2}2\. a client .*\n {5}✓ both have voted yes\n/s);
  t.notMatch(said.text, '\x1b', 'without colours: this is no terminal');
  const [, folder = ''] = /\n {2}PASS in \d+\.\d s\n {2}.* kept in (.*)\n$/.exec(said.text) ?? [];
  t.strictSame(left(), [basename(folder)]);
  t.equal(readLog(join(folder, 'coordinator')).at(-1)?.type, 'ended');
});

void t.test('Ctrl-C ends a scenario and all that it has started', async (t) => {
  const { child, said, ended, left } = start(t, 'participant-fails-to-vote');
  await eventually('a node is paused', () => said.text.includes('kill -STOP'), 60_000);
  const pid = Number(/process (\d+)/.exec(said.text)?.[1]);
  child.kill('SIGINT');
  t.strictSame(await ended, [1, null]);
  t.match(said.text, /FAIL in \d+\.\d s: it was stopped\n$/);
  t.notOk(isRunning(pid), 'the paused node is gone');
  t.strictSame(left(), []);
});

void t.test('scenario run --json has the results on stdout, the stories on stderr', async (t) => {
  const { io, said, stop } = fakeIo();
  stop();
  const code = await runCli(['scenario', 'run', 'all', '--json'], io);
  t.equal(code, 1, 'it was stopped before anything could pass');
  const [data = '', ...more] = said.out;
  t.strictSame(more, []);
  t.match(JSON.parse(data), {
    data: [{ name: original[0], passed: false, failure: 'it was stopped', proofs: nothing }],
  });
  t.match(said.err.join('\n'), /FAIL in \d\.\d s: it was stopped\n/);
  t.equal(said.err.at(-1), `${scenarios.length} of ${scenarios.length} did not pass`);
});
