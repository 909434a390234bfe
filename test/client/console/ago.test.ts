import t from 'tap';
import { agoOf, spanOf } from '../../../client/console/ago.ts';

void t.test('a span is told in its largest whole unit', async (t) => {
  const told: [number, string][] = [
    [-5_000, '0 s'],
    [999, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [3_599_999, '59 min'],
    [3_600_000, '1 h'],
    [86_399_999, '23 h'],
    [86_400_000, '1 d'],
  ];
  for (const [ms, text] of told) t.equal(spanOf(ms), text);
});

void t.test('a moment of this second, or of a clock that is ahead, was just now', async (t) => {
  t.equal(agoOf(-60_000), 'just now');
  t.equal(agoOf(999), 'just now');
  t.equal(agoOf(1_000), '1 s ago');
});
