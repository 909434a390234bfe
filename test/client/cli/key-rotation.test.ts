/** `unanimous keygen` on a file that is there, and a node that reads it again. */
import {
  chmodSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { runCli } from '../../../client/cli/program.ts';
import { readKeyFile } from '../../../http/key-file.ts';
import { sentKeys } from '../../../http/keys.ts';
import { call } from '../../fixtures/cluster.ts';
import { fakeCoordinator } from '../../fixtures/fake-coordinator.ts';
import { fakeIo, unanimous } from '../../fixtures/fake-io.ts';

async function makeFile(t: Test) {
  const folder = t.testdir();
  const file = join(folder, 'keys.json');
  await unanimous('keygen', '--out', file);
  return { folder, file, keys: sentKeys(readKeyFile(file)) };
}

void t.test('a rotation puts new keys before the present ones, and takes those out', async (t) => {
  const { folder, file, keys } = await makeFile(t);
  chmodSync(file, 0o644);
  const rotated = await unanimous('keygen', '--rotate', file);
  t.match(rotated, { code: 0, out: /every role has a new key, and the one before is still valid/ });
  t.match(rotated.err, `unanimous keygen --retire ${file}`, 'what is to be done next');
  const both = readKeyFile(file);
  for (const role of ['client', 'coordinator', 'participant', 'operator'] as const) {
    t.strictSame([both[role].length, both[role][1]], [2, keys[role]]);
  }
  t.equal(statSync(file).mode & 0o777, 0o640, 'nobody but its owner and group reads it');
  const again = await unanimous('keygen', '--rotate', file);
  t.match(again, { code: 1, err: /"client" has 2 keys already; .*--retire/ });
  t.strictSame(readKeyFile(file), both, 'and nothing is changed');
  t.match(await unanimous('keygen', '--retire', file), { code: 0, out: /every role has one key/ });
  t.strictSame(sentKeys(readKeyFile(file)), sentKeys(both));
  t.match(await unanimous('keygen', '--retire', file), { code: 1, err: /there is no second key/ });
  t.strictSame(readdirSync(folder), ['keys.json'], 'nothing else is left');
});

void t.test('one role is rotated alone', async (t) => {
  const { file, keys } = await makeFile(t);
  const client = ['--role', 'client'];
  t.match(await unanimous('keygen', '--rotate', file, ...client), {
    code: 0,
    out: /"client" has a new key/,
    err: /--retire .* --role client/,
  });
  const { client: both, ...others } = JSON.parse(readFileSync(file, 'utf8'));
  const { client: before, ...same } = keys;
  t.strictSame([both[1], others], [before, same]);
  const operator = await unanimous('keygen', '--retire', file, '--role', 'operator');
  t.match(operator, { code: 1, err: /there is no second key of "operator"/ });
  t.match(await unanimous('keygen', '--retire', file, ...client), { code: 0 });
  t.strictSame(readKeyFile(file).client, [both[0]]);
});

void t.test('a link to the file stays a link', async (t) => {
  const { folder, file } = await makeFile(t);
  const name = join(folder, 'link.json');
  symlinkSync(file, name);
  t.match(await unanimous('keygen', '--rotate', name), { code: 0 });
  t.ok(lstatSync(name).isSymbolicLink());
  t.equal(readKeyFile(file).client.length, 2);
});

void t.test('keygen does one thing, to a file that can be used', async (t) => {
  const { folder, file } = await makeFile(t);
  const usage = {
    code: 2,
    err: /one of --out FILE, --rotate FILE, --retire FILE and --tls FOLDER/,
  };
  t.match(await unanimous('keygen'), usage);
  t.match(await unanimous('keygen', '--rotate', file, '--retire', file), usage);
  t.match(await unanimous('keygen', '--out', join(folder, 'x'), '--role', 'client'), { code: 2 });
  t.notOk(existsSync(join(folder, 'x')));
  t.match(await unanimous('keygen', '--rotate', file, '--role', 'king'), { code: 2 });
  const none = await unanimous('keygen', '--rotate', join(folder, 'none.json'));
  t.match(none, { code: 1, err: /there is no file .*none\.json/ });
  writeFileSync(file, '{}');
  t.match(await unanimous('keygen', '--rotate', file), { code: 1, err: /has no key for "client"/ });
});

void t.test('a node reads its keys again at SIGHUP, also at one that came early', async (t) => {
  const { folder, file, keys: before } = await makeFile(t);
  const data = join(folder, 'store');
  await unanimous('init', '--role', 'participant', '--data', data);
  const { io, said, stop, hangUp } = fakeIo({ UNANIMOUS_LOG_LEVEL: 'silent' });
  let atStart: Promise<unknown> = Promise.resolve();
  // It has read its keys when it registers, and does not run before that is answered.
  const { url } = await fakeCoordinator(t, (_request, response) => {
    atStart = atStart.then(async () => {
      if (said.told.length === 0) {
        await unanimous('keygen', '--rotate', file, '--role', 'client');
        hangUp();
      }
      response.writeHead(503, { 'content-type': 'application/json' }).end('{}');
    });
  });
  const flags = ['--data', data, '--port', '0', '--keys', file, '--coordinator', url];
  const ended = runCli(['participant', ...flags, '--require-keys'], io);
  while (said.told.length === 0) {
    await Promise.race([ended, new Promise((next) => setImmediate(next))]);
    if (said.err.length > 0) throw new Error(said.err.join());
  }
  const { address } = said.told[0] as { address: string };
  const status = async (key: string) =>
    (await call('GET', `${address}/branches`, undefined, { authorization: `Bearer ${key}` }))
      .status;
  const { client } = readKeyFile(file);
  t.equal(client.length, 2);
  t.not(await status(client[0]), 401, 'the new key, which came while it started');
  t.not(await status(before.client), 401, 'the key before');
  await unanimous('keygen', '--retire', file);
  t.not(await status(before.client), 401, 'until it is told');
  hangUp();
  t.equal(await status(before.client), 401);
  t.not(await status(client[0]), 401);
  stop();
  t.equal(await ended, 0);
});
