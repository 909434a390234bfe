import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { History, historyFile, mostLines } from '../../../../client/cli/shell/history.ts';

void t.test('lines are kept over sessions, for their owner alone', async (t) => {
  const file = join(t.testdir(), 'state', 'unanimous', 'history');
  const troubles: string[] = [];
  const first = new History(file, (why) => troubles.push(why));
  t.strictSame(first.lines, []);
  for (const line of ['one', 'two', 'two', ' ', 'x'.repeat(1_001), 'one']) first.add(line);
  t.equal(readFileSync(file, 'utf8'), 'one\ntwo\none\n');
  t.equal(statSync(file).mode & 0o777, 0o600);
  const second = new History(file, (why) => troubles.push(why));
  t.strictSame(second.lines, ['one', 'two', 'one'], 'newest first');
  second.add('one');
  first.add('three');
  t.equal(readFileSync(file, 'utf8'), 'one\ntwo\none\nthree\n', 'two shells share it');
  t.strictSame(troubles, []);
});

void t.test('a history does not grow without end', async (t) => {
  const file = join(t.testdir(), 'history');
  const lines = Array.from({ length: 2 * mostLines + 1 }, (_, at) => `line ${at}`);
  writeFileSync(file, `${lines.join('\n')}\n`);
  const { lines: kept } = new History(file, (why) => t.fail(why));
  t.equal(kept.length, mostLines);
  t.equal(kept[0], `line ${2 * mostLines}`);
  t.equal(readFileSync(file, 'utf8').trim().split('\n').length, mostLines);
});

void t.test('what cannot be kept is said once, and the shell does without', async (t) => {
  const folder = t.testdir({ file: '' });
  const huge = join(folder, 'huge');
  writeFileSync(huge, '');
  truncateSync(huge, 16 * 1024 * 1024 + 1);
  const table: [string, RegExp][] = [
    [join(folder, 'file', 'history'), /ENOTDIR|EEXIST/],
    [folder, /EISDIR/],
    ['/dev/null', /it is not a file/],
    [huge, /it has more than 16777216 bytes/],
  ];
  for (const [file, why] of table) {
    const troubles: string[] = [];
    const history = new History(file, (trouble) => troubles.push(trouble));
    history.add('one');
    history.add('two');
    t.equal(troubles.length, 1, file);
    t.match(troubles[0], why);
    t.match(troubles[0], `what you type is not kept in ${file}: `);
  }
});

void t.test('it is in the state folder unless told', async (t) => {
  const file = (env: Record<string, string>) => historyFile({ HOME: '/home/me', ...env });
  t.equal(file({}), '/home/me/.local/state/unanimous/history');
  t.equal(file({ XDG_STATE_HOME: '/state' }), '/state/unanimous/history');
  t.equal(file({ XDG_STATE_HOME: 'state' }), '/home/me/.local/state/unanimous/history', 'no path');
});
