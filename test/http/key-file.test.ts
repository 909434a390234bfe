import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readKeyFile, reloadKeys } from '../../http/key-file.ts';
import { KeyRing } from '../../http/key-ring.ts';
import {
  formatKeys,
  keyRoles,
  keySetOf,
  KeysError,
  makeKeys,
  rotateKeys,
} from '../../http/keys.ts';

/** A logger that keeps what it is told. */
function memory() {
  const lines: [level: string, details: object, text: string][] = [];
  const as = (level: string) => (details: object, text: string) =>
    void lines.push([level, details, text]);
  return { lines, info: as('info'), error: as('error') };
}

void t.test('a good file counts at once, and the log says how many keys there are', async (t) => {
  const file = join(t.testdir(), 'keys.json');
  const before = keySetOf(makeKeys());
  const ring = new KeyRing(before);
  const both = rotateKeys(before, ['client'], file);
  writeFileSync(file, formatKeys(both));
  const logger = memory();
  reloadKeys(ring, file, logger);
  t.equal(ring.roleOf(both.client[0]), 'client');
  t.strictSame(logger.lines, [
    [
      'info',
      { file, keys: { client: 2, coordinator: 1, participant: 1, operator: 1 } },
      `the keys of ${file} were read again, and count now`,
    ],
  ]);
  for (const key of Object.values(both).flat()) t.notOk(JSON.stringify(logger.lines).includes(key));
});

void t.test('a bad file changes nothing, and the log says why', async (t) => {
  const file = join(t.testdir(), 'keys.json');
  const keys = makeKeys();
  const ring = new KeyRing(keys);
  let told = 0;
  ring.onReplaced(() => (told += 1));
  const logger = memory();
  writeFileSync(file, '{"client": "short"}');
  reloadKeys(ring, file, logger);
  rmSync(file);
  reloadKeys(ring, file, logger);
  reloadKeys(ring, t.testdirName, logger);
  for (const role of keyRoles) t.equal(ring.roleOf(keys[role]), role);
  t.equal(told, 0);
  const [first, second, third] = logger.lines.map(([level, , text]) => `${level}: ${text}`);
  t.match(first, /^error: the keys stay as they were: .*keys\.json: the key of "client" must be/);
  t.match(
    second,
    /^error: the keys stay as they were: there is no file .*keys\.json; make it with/,
  );
  t.match(third, /^error: the keys stay as they were: cannot read .*: EISDIR/);
  t.throws(() => readKeyFile(file), KeysError);
});

void t.test('without keys there is nothing to read again', async (t) => {
  const logger = memory();
  reloadKeys(null, undefined, logger);
  t.match(logger.lines, [['info', {}, /--insecure/]]);
});
