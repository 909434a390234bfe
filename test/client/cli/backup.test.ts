import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { runCli } from '../../../client/cli/program.ts';
import { fakeIo, unanimous } from '../../fixtures/fake-io.ts';

async function made(folder: string, role: string): Promise<string> {
  const data = join(folder, role);
  await unanimous('init', '--role', role, '--data', data);
  return data;
}

void t.test('a store is backed up and restored, and what is next is said in words', async (t) => {
  const folder = t.testdir();
  for (const [role, says] of [
    ['participant', /it is quarantined,\ncaught up by the coordinator, and only then takes part/],
    ['coordinator', /stop all participants first, and never start one on a copy if the\nnewest/],
  ] as const) {
    const data = await made(folder, role);
    const [to, again] = [join(folder, 'backup', role), join(folder, 'again', role)];
    const backup = await unanimous('backup', '--data', data, '--to', to);
    t.match(backup, { code: 0, err: '' });
    t.match(backup.out, `backed up the ${role} store`);
    const manifest = JSON.parse(readFileSync(join(to, 'backup.json'), 'utf8'));
    t.match(manifest, { role, epoch: 0, position: 0, at: /^\d{4}-\d\d-\d\dT/ });
    const restored = await unanimous('restore', '--from', to, '--data', again);
    t.match(restored, { code: 0, err: says });
    t.match(restored.out, new RegExp(`^restored the ${role} store .*, as of ${manifest.at}, to `));
    t.strictSame(readdirSync(again).sort(), ['checkpoint.json', 'log', 'node.json']);
  }
});

void t.test('what cannot be copied is said in one sentence', async (t) => {
  const folder = t.testdir();
  const data = await made(folder, 'participant');
  const to = join(folder, 'backup');
  const backup = (...more: string[]) => unanimous('backup', ...more);
  t.match(await backup('--data', join(folder, 'none'), '--to', to), {
    code: 1,
    err: /none holds no store: name the folder of a node$/,
  });
  t.match(await backup('--data', data), { code: 2, err: /required option '--to <folder>'/ });
  t.match(await backup('--data', data, '--to', data), { code: 1, err: /is not empty: name a/ });
  writeFileSync(to, 'a file');
  t.match(await backup('--data', data, '--to', to), { code: 1, err: /^ENOTDIR: / });
  const restored = await unanimous('restore', '--from', data, '--data', join(folder, 'again'));
  t.match(restored, { code: 1, err: /participant holds no whole backup, as there is no/ });
  t.notOk(existsSync(join(folder, 'again', 'node.json')));
});

void t.test('progress is shown, and cleared', async (t) => {
  const folder = t.testdir();
  const data = await made(folder, 'participant');
  const { io, said } = fakeIo();
  t.equal(await runCli(['backup', '--data', data, '--to', join(folder, 'to')], io), 0);
  t.strictSame(said.progress, [`${data}: segment 1, 0 records`, '']);
});
