import t from 'tap';
import { readPrefer } from '../../coordinator/prefer.ts';

void t.test('a client may prefer to wait, or not to', (t) => {
  const none = { respondAsync: false, waitMs: undefined, applied: '' };
  const cases: [string | undefined, object][] = [
    [undefined, none],
    ['', none],
    ['return=minimal, handling=strict', none],
    ['respond-async', { ...none, respondAsync: true, applied: 'respond-async' }],
    ['wait=5', { ...none, waitMs: 5000, applied: 'wait=5' }],
    ['wait=0', { ...none, waitMs: 0, applied: 'wait=0' }],
    ['Wait = "7"', { ...none, waitMs: 7000, applied: 'wait=7' }],
    ['wait=3600', { ...none, waitMs: 60_000, applied: 'wait=60' }],
    ['wait=3, wait=4', { ...none, waitMs: 3000, applied: 'wait=3' }],
    ['wait=-1', none],
    ['wait=1.5', none],
    ['wait=99999999', none],
  ];
  for (const [header, expected] of cases) t.strictSame(readPrefer(header), expected, header ?? '');
  t.strictSame(readPrefer('respond-async, wait=10'), {
    respondAsync: true,
    waitMs: 10_000,
    applied: 'respond-async, wait=10',
  });
  t.end();
});
