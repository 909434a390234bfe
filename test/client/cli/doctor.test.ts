import { chmodSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { startCluster } from '../../fixtures/cluster.ts';
import { unanimous } from '../../fixtures/fake-io.ts';

const states = (out: string) =>
  Object.fromEntries(
    out
      .split('\n')
      .map((line) => JSON.parse(line))
      .map(({ name, state }) => [name, state]),
  );

void t.test('beside nodes that run, all is well, and nothing of them is touched', async (t) => {
  const cluster = await startCluster(t, { participants: ['bank-a'] });
  const keys = join(t.testdirName, 'keys.json');
  for (const { role, data, address, uplink } of cluster.nodes) {
    const settings = ['--data', data, '--keys', keys, '--port', new URL(address).port];
    const more = role === 'participant' ? ['--coordinator', uplink.address] : [];
    const before = statSync(join(data, 'lock')).mtimeMs;
    const { code, out, err } = await unanimous('doctor', role, ...settings, ...more, '--json');
    t.match({ code, err }, { code: 0, err: '' });
    const { 'file system': kind, 'open files': files, room, writes, ...others } = states(out);
    t.ok([kind, files, room, writes].every((state) => state !== 'fail'));
    const nodes =
      role === 'participant'
        ? { coordinator: 'ok', 'clock skew': 'ok', version: 'ok' }
        : { participant: 'ok' };
    const machine = { node: 'ok', settings: 'ok', keys: 'ok', clock: 'ok' };
    t.strictSame(others, { ...machine, store: 'ok', log: 'ok', lock: 'ok', port: 'ok', ...nodes });
    t.equal(statSync(join(data, 'lock')).mtimeMs, before);
    t.strictSame(readdirSync(data).sort(), ['checkpoint.json', 'lock', 'log', 'node.json']);
  }
});

void t.test('what has failed is named, with what to do, and is exit code 1', async (t) => {
  const folder = t.testdir();
  const [data, keys] = [join(folder, 'bank-a'), join(folder, 'keys.json')];
  const run = (...more: string[]) =>
    unanimous('doctor', 'participant', '--coordinator', 'http://127.0.0.1:1', ...more);
  const missing = await run('--data', data, '--port', '0');
  t.match(missing, { code: 1, err: /^\d of these checks failed$/ });
  t.match(missing.out, /^CHECK +STATE +FOUND, AND WHAT TO DO\n/);
  t.match(missing.out, /^settings +fail +--keys is missing: .*To do: the node does not start/m);
  t.match(missing.out, /^store +fail +.*holds no store\. To do: make one with unanimous init/m);
  t.match(missing.out, /^coordinator +fail .*ECONNREFUSED.*To do: start it/m);
  const wrong = await run('--data', data, '--port', 'x', '--heartbeat-ms', '1');
  t.match(wrong, { code: 1, err: '2 of these checks failed' });
  t.match(
    wrong.out,
    /^settings +fail +--port: "x" must be an integer[^]*^settings +fail +--heart/m,
  );
  const several = 'http://127.0.0.1:1, nowhere,http://127.0.0.1:2';
  const list = await run('--data', data, '--port', '0', '--coordinator', several);
  t.match(list, { code: 1, out: /^settings +fail +--coordinator: "nowhere" must be an http/m });
  const both = await run('--data', data, '--coordinator', several.replace(' nowhere,', ''));
  for (const port of [1, 2]) {
    t.match(both.out, new RegExp(`^coordinator +fail +http://127.0.0.1:${port} does not`, 'm'));
  }
  await unanimous('keygen', '--out', keys);
  chmodSync(keys, 0o644);
  const open = await run('--data', data, '--port', '0', '--keys', keys);
  t.match(open.out, /^keys +fail +.* has mode 0644: anybody .*To do: chmod 600/m);
});
