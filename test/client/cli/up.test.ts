import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readKeyFile } from '../../../http/key-file.ts';
import { call, eventually } from '../../fixtures/cluster.ts';
import { unanimous } from '../../fixtures/fake-io.ts';
import { end, introduced, startUp } from '../../fixtures/up.ts';
import { isRunning } from '../../fixtures/processes.ts';

void t.test(
  'up runs a cluster, prints a curl line that works, and restarts what dies',
  async (t) => {
    const data = join(t.testdir(), 'data');
    const { child, said } = startUp(t, data);
    const nodes = await introduced(said);
    t.strictSame([...nodes.keys()].sort(), ['bank-a', 'bank-b', 'coordinator']);
    const curl = /curl -s -X POST[^]*?-d '.*?'\n/.exec(said.text)?.[0] ?? '';
    const pasted = spawn('sh', ['-c', curl], { stdio: ['ignore', 'pipe', 'ignore'] });
    let answer = '';
    pasted.stdout.on('data', (bytes: Buffer) => (answer += bytes.toString()));
    await once(pasted, 'close');
    t.match(JSON.parse(answer), { state: 'committed', applied: true }, 'the curl line, as pasted');
    const a = nodes.get('bank-a') ?? { address: '', pid: 0 };
    const b = nodes.get('bank-b') ?? { address: '', pid: 0 };
    t.match((await call('GET', `${a.address}/accounts/alice`)).body, { posted: 97_500 });
    t.match((await call('GET', `${b.address}/accounts/bob`)).body, { posted: 102_500 });
    for (const name of ['coordinator', 'bank-a', 'bank-b']) {
      const folder = join(data, name, 'log');
      for (const file of readdirSync(folder)) {
        t.ok(
          JSON.parse(readFileSync(join(folder, file), 'utf8')),
          `${name}/${file} is JSON while it runs`,
        );
      }
    }
    process.kill(a.pid, 'SIGKILL');
    await eventually(
      'it is back',
      () => said.text.includes(`bank-a is back at ${a.address}`),
      60_000,
    );
    t.match(said.text, /bank-a died \(SIGKILL\); starting it again/);
    t.match((await call('GET', `${a.address}/accounts/alice`)).body, { posted: 97_500 });

    const keys = join(data, 'keys.json');
    t.match(await unanimous('keygen', '--rotate', keys), { code: 0 });
    child.kill('SIGHUP');
    const [key] = readKeyFile(keys).client;
    for (const [name, { address }] of nodes) {
      const url = `${address}/${name === 'coordinator' ? 'transfers' : 'accounts'}`;
      const headers = { authorization: `Bearer ${key}` };
      await eventually(`${name} takes the new key`, async () => {
        return (await call('GET', url, undefined, headers)).status === 200;
      });
    }
    t.match(said.text, /told all nodes to read .*keys\.json again/);
    t.equal(await end(child, 'SIGINT'), 0, 'Ctrl-C ends it with 0');
    t.match(said.text, /stopped; everything is in/);
    for (const { pid } of nodes.values()) t.notOk(isRunning(pid), `process ${pid} is gone`);

    const second = startUp(t, data);
    const again = await introduced(second.said);
    const address = again.get('bank-a')?.address ?? '';
    t.match((await call('GET', `${address}/accounts/alice`)).body, { posted: 97_500 }, 'kept');
    const pids = [...again.values()].map(({ pid }) => pid);
    await end(second.child, 'SIGKILL');
    await eventually('the nodes follow their parent', () => !pids.some(isRunning));

    rmSync(join(data, 'bank-a', 'node.json'));
    const third = startUp(t, data);
    const [code] = (await once(third.child, 'exit')) as [number];
    t.equal(code, 1, 'a broken store stops it');
    t.match(third.said.text, /bank-a cannot start: .*node\.json/);
  },
);
