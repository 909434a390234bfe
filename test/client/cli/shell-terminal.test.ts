/** The built shell at a real terminal, which `script` of util-linux makes. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { call, eventually, plainEnv, program } from '../../fixtures/cluster.ts';
import { screenOf } from '../../fixtures/screen.ts';
import { isRunning } from '../../fixtures/processes.ts';
import { introduced, startUp } from '../../fixtures/up.ts';

const { output } = spawnSync('script', ['--version'], { encoding: 'utf8' });
const skip = String(output).includes('util-linux') ? false : 'there is no script of util-linux';

const ctrlC = '\u0003';
const ctrlD = '\u0004';
const tab = '\t';
const up = '\u001b[A';

/** A shell at a terminal of 60 columns; it ends with the test. Its stderr may go to a file. */
function openShell(t: Test, coordinator: string, history: string, stderr = '/dev/stdout') {
  const shell = `'${process.execPath}' '${program}' shell --coordinator ${coordinator}`;
  const command = `stty cols 60; echo pid $$.; exec ${shell} --history '${history}' 2>>'${stderr}'`;
  const child = spawn('script', ['-qfec', command, '/dev/null'], {
    env: { ...plainEnv, TERM: 'xterm' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  t.teardown(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  let raw = '';
  child.stdout.on('data', (bytes: Buffer) => (raw += bytes.toString()));
  const screen = () => screenOf(raw);
  const shows = async (what: RegExp) => {
    await eventually(`the screen shows ${what}`, () => what.test(screen())).catch(
      (error: unknown) => {
        throw new Error(`${String(error)}: ${JSON.stringify(raw.slice(-600))}`);
      },
    );
  };
  return {
    child,
    screen,
    shows,
    key: (text: string) => child.stdin.write(text),
    code: async () => (await ended)[0] as number | null,
    pid: async () => {
      await shows(/pid \d+\./);
      return Number(/pid (\d+)\./.exec(screen())?.[1]);
    },
  };
}

void t.test('at a terminal', { skip }, async (t) => {
  const folder = t.testdir();
  const settings = { UNANIMOUS_VOTE_TIMEOUT_MS: '20000' };
  const { said } = startUp(t, join(folder, 'data'), settings);
  const nodes = await introduced(said);
  const { address } = nodes.get('coordinator') ?? { address: '' };
  const bank = nodes.get('bank-b') ?? { address: '', pid: 0 };
  const history = join(folder, 'history');
  const bob = async (): Promise<number> =>
    (await call('GET', `${bank.address}/accounts/bob`)).body.posted;

  await t.test(
    'answers come while the next line is typed, and keys do as they should',
    async (t) => {
      const before = await bob();
      const { key, shows, code, screen } = openShell(t, address, history);
      await shows(/answers; its participants are bank-a, bank-b\nunanimous> $/);
      key('transfer 25 fr');
      await shows(/25 fr$/);
      key(tab);
      await shows(/25 from $/);
      key('al');
      await shows(/from al$/);
      key(tab);
      await shows(/from alice $/);
      key('to bob');
      await shows(/to bob$/);
      process.kill(bank.pid, 'SIGSTOP');
      t.teardown(() => process.kill(bank.pid, 'SIGCONT'));
      key('\r');
      await shows(/#1 is under way: 25\.00 USD from bank-a\/alice to bank-b\/bob/);
      key('transfer 5 from alice to bob\r');
      await shows(/#2 is under way/);
      key('transfer 1 from bo');
      await shows(/unanimous> transfer 1 from bo$/);
      t.notMatch(screen(), 'committed');
      process.kill(bank.pid, 'SIGCONT');
      await shows(/#1 committed \S+: 25\.00 USD from bank-a\/alice to bank-b\/bob in /);
      await shows(/#2 committed/);
      await shows(/s\nunanimous> transfer 1 from bo$/);
      t.equal(await bob(), before + 3000);
      key(ctrlC);
      await shows(/s\nunanimous> $/);
      key(up);
      await shows(/unanimous> transfer 5 from alice to bob$/);
      key('\r');
      await shows(/#3 committed \S+: 5\.00 USD/);
      key(ctrlD);
      t.equal(await code(), 0);
      t.equal(await bob(), before + 3500);
    },
  );

  await t.test('Ctrl-C while it waits for what is under way leaves with 3', async (t) => {
    const { key, shows, code } = openShell(t, address, history);
    await shows(/answers/);
    process.kill(bank.pid, 'SIGSTOP');
    t.teardown(() => process.kill(bank.pid, 'SIGCONT'));
    key('transfer 1 from alice to bob\r');
    await shows(/#1 is under way/);
    key('exit\r');
    await shows(/1 under way: waiting for what becomes of it \(Ctrl-C leaves at once\)/);
    key(ctrlC);
    t.equal(await code(), 3);
    await shows(/#1 not known yet; ask again with: unanimous transfer bank-a\/alice /);
  });

  await t.test('a terminal that goes away ends it; what is half typed is not sent', async (t) => {
    const prepared = async () =>
      (await call('GET', `${address}/transfers?state=preparing`)).body.data.length;
    await eventually('nothing is under way', async () => (await prepared()) === 0);
    process.kill(bank.pid, 'SIGSTOP');
    const release = () => process.kill(bank.pid, 'SIGCONT');
    t.teardown(release);
    const errors = join(folder, 'stderr');
    const { child, key, shows, pid } = openShell(t, address, history, errors);
    await shows(/unanimous> $/);
    key('transfer 6 USD from bank-a/alice to bank-b/bob\r');
    await eventually('it is sent', async () => (await prepared()) === 1);
    key('transfer 7 from alice to bob');
    await shows(/to bob$/);
    const shell = await pid();
    child.kill('SIGKILL');
    await eventually('the shell ends', () => !isRunning(shell));
    t.notMatch(readFileSync(errors, 'utf8'), /^ +at |Assertion/m, 'without a stack trace');
    release();
    const { body } = await call('GET', `${address}/transfers?limit=1`);
    t.equal(body.data[0].legs[0].amount, 600, 'what was sent is the last');
  });
});
