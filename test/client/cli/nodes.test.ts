import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { runCli } from '../../../client/cli/program.ts';
import { call } from '../../fixtures/cluster.ts';
import { fakeIo, unanimous } from '../../fixtures/fake-io.ts';

void t.test(
  'keygen writes four keys that only the owner reads, and overwrites nothing',
  async (t) => {
    const file = join(t.testdir(), 'keys.json');
    t.equal((await unanimous('keygen', '--out', file)).code, 0);
    const text = readFileSync(file, 'utf8');
    t.strictSame(Object.keys(JSON.parse(text)), [
      'client',
      'coordinator',
      'participant',
      'operator',
    ]);
    t.equal(statSync(file).mode & 0o777, 0o600);
    const again = await unanimous('keygen', '--out', file);
    t.match(again, { code: 1, err: /cannot write .*keys\.json: EEXIST/ });
    t.equal(readFileSync(file, 'utf8'), text);
  },
);

void t.test('init makes a store once', async (t) => {
  const data = join(t.testdir(), 'c');
  t.match(await unanimous('init', '--role', 'coordinator', '--data', data), { code: 0 });
  t.ok(existsSync(join(data, 'node.json')));
  const again = await unanimous('init', '--role', 'participant', '--data', data);
  t.match(again, { code: 1, err: /already holds a store/ });
  t.equal((await unanimous('init', '--role', 'king', '--data', data)).code, 2);
});

void t.test('both nodes run in this process, move money, and stop when asked', async (t) => {
  const folder = t.testdir();
  const keys = join(folder, 'keys.json');
  await unanimous('keygen', '--out', keys);
  const start = async (role: 'coordinator' | 'participant', ...more: string[]) => {
    const data = join(folder, `${role}-${more[1] ?? ''}`);
    await unanimous('init', '--role', role, '--data', data);
    const { io, said, stop, exit } = fakeIo({ UNANIMOUS_LOG_LEVEL: 'silent' });
    const args = [role, '--data', data, '--port', '0', '--keys', keys, ...more];
    const ended = runCli(args, io);
    while (said.told.length === 0) {
      await Promise.race([ended, new Promise((next) => setImmediate(next))]);
      if (said.err.length > 0) throw new Error(said.err.join());
    }
    const { address } = said.told[0] as { address: string };
    const end = async () => {
      stop();
      t.equal(await exit, 0);
      t.equal(await ended, 0);
    };
    return { address, end };
  };
  const coordinator = await start('coordinator');
  const unnamed = await start('participant', '--coordinator', coordinator.address);
  const named = await start('participant', '--name', 'bank', '--coordinator', coordinator.address);
  for (const { address } of [unnamed, named]) {
    const account = { id: 'x', currency: 'EUR', balance: 100 };
    t.equal((await call('POST', `${address}/accounts`, account)).status, 201);
    t.equal((await call('GET', `${address}/health/ready`)).status, 200);
  }
  t.equal((await call('GET', `${coordinator.address}/health/ready`)).status, 200);
  const listed = await unanimous('participants', '--coordinator', coordinator.address);
  t.match(listed.out, /^participant-1 +up /m, 'a participant without a name is given one');
  const at = ['--coordinator', coordinator.address];
  const moved = await unanimous('transfer', 'bank/x', 'participant-1/x', '0.40', 'EUR', ...at);
  t.equal(moved.code, 0, moved.err);
  const accounts = await unanimous('accounts', ...at);
  t.match(accounts.out, /bank\/x +EUR +0\.60 .*\nparticipant-1\/x +EUR +1\.40/);
  await named.end();
  await unnamed.end();
  await coordinator.end();
});

void t.test('what keeps a node from starting is said in one sentence', async (t) => {
  const folder = t.testdir();
  const data = join(folder, 'c');
  await unanimous('init', '--role', 'coordinator', '--data', data);
  const run = (...more: string[]) =>
    unanimous('coordinator', '--data', data, '--port', '0', ...more);
  t.match(await run(), { code: 1, err: /^--keys is missing/ });
  t.match(await run('--host', '0.0.0.0'), { code: 1, err: /can be reached from other machines/ });
  t.match(await run('--keys', join(folder, 'none')), { code: 1, err: /there is no file/ });
  t.match(await run('--require-keys', '--insecure'), { code: 1, err: /contradict each other/ });
  const broken = join(folder, 'broken.json');
  writeFileSync(broken, '{}');
  t.match(await run('--keys', broken), { code: 1, err: /has no key for "client"/ });
  t.match(await run('--insecure', '--host', '203.0.113.1'), { code: 1, err: /^cannot listen on/ });
  const wrong = await unanimous(
    'participant',
    '--data',
    data,
    '--insecure',
    '--coordinator',
    'http://127.0.0.1:1',
  );
  t.match(wrong, { code: 1, err: /store of a coordinator, not of a participant/ });
});
