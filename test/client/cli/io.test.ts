import t from 'tap';
import { jsonLine, printable } from '../../../client/cli/io.ts';

void t.test('text from elsewhere does not steer the terminal', async (t) => {
  t.equal(
    printable('a\u001b[2Jb\rc\u009bd\u202ee\u2028f'),
    'a\ufffd[2Jb\ufffdc\ufffdd\ufffde\ufffdf',
  );
  const fine = 'line\nline, 漢字, é, 👩‍👩‍👧, עברית, −25.00 → ✓';
  t.equal(printable(fine), fine);
});

void t.test('JSON does not either, and loses nothing', async (t) => {
  const value = { reference: 'a\u001b[2Jb\u0085c\u009bd\u202ee\u2028f\n\u007f漢' };
  const line = jsonLine(value);
  t.equal(printable(line), line);
  t.notMatch(line, '\n');
  t.strictSame(JSON.parse(line), value);
});
