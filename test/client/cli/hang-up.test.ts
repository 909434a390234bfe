/** SIGHUP to a node at a real terminal, which `script` of util-linux makes. */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { eventually, plainEnv, program } from '../../fixtures/cluster.ts';
import { unanimous } from '../../fixtures/fake-io.ts';
import { isRunning } from '../../fixtures/processes.ts';

const { output } = spawnSync('script', ['--version'], { encoding: 'utf8' });
const skip = String(output).includes('util-linux') ? false : 'there is no script of util-linux';

void t.test('SIGHUP is for the keys, unless the terminal has gone away', { skip }, async (t) => {
  const folder = t.testdir();
  const [data, keys] = [join(folder, 'store'), join(folder, 'keys.json')];
  await unanimous('init', '--role', 'coordinator', '--data', data);
  await unanimous('keygen', '--out', keys);
  const node = `'${process.execPath}' '${program}' coordinator --data '${data}' --keys '${keys}'`;
  // It says nothing once the terminal is gone: what cannot be written would end it, too.
  const command = `echo pid $$.; exec ${node} --port 0 --log-level error`;
  const child = spawn('script', ['-qfec', command, '/dev/null'], {
    env: plainEnv,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  let said = '';
  child.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()));
  await eventually('it listens', () => said.includes('listens on'), 60_000);
  const pid = Number(/pid (\d+)\./.exec(said)?.[1]);
  t.teardown(() => isRunning(pid) && process.kill(pid, 'SIGKILL'));
  const good = readFileSync(keys);
  writeFileSync(keys, '{}');
  process.kill(pid, 'SIGHUP');
  await eventually('it has read its keys', () => said.includes('the keys stay as they were'));
  writeFileSync(keys, good);
  t.ok(isRunning(pid));
  child.kill('SIGKILL');
  await eventually('it ends with its terminal', () => !isRunning(pid));
});
