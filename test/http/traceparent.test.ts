import t from 'tap';
import { readTraceparent, writeTraceparent } from '../../http/traceparent.ts';

const [traceId, spanId] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];
const text = `00-${traceId}-${spanId}-01`;

void t.test('a traceparent is read, and written as it was', async (t) => {
  t.strictSame(readTraceparent(text), { traceId, spanId, sampled: true });
  const without = text.replace(/01$/, '00');
  t.strictSame(readTraceparent(without), { traceId, spanId, sampled: false });
  for (const one of [text, without]) {
    const context = readTraceparent(one);
    t.equal(context && writeTraceparent(context), one);
  }
});

void t.test('flags that are not known here count for nothing', async (t) => {
  t.match(readTraceparent(text.replace(/01$/, 'fe')), { sampled: false });
  t.match(readTraceparent(text.replace(/01$/, '03')), { sampled: true });
});

void t.test('a later version may say more', async (t) => {
  const later = `cc-${traceId}-${spanId}-01`;
  t.match(readTraceparent(later), { traceId, spanId, sampled: true });
  t.match(readTraceparent(`${later}-what-the-future-is-like`), { traceId, sampled: true });
});

void t.test('what is malformed is none', async (t) => {
  const bad = [
    ...[undefined, 7, '', 'x', `${text}, ${text}`, `${text}-`, `${text}-more`, ` ${text}`],
    ...[text.toUpperCase(), `ff-${traceId}-${spanId}-01`, text.slice(0, -1), `${text}0`],
    ...[`00-${'0'.repeat(32)}-${spanId}-01`, `00-${traceId}-${'0'.repeat(16)}-01`],
    ...[`00-${traceId}-${spanId}`, `cc-${traceId}-${spanId}-01.more`, `${text}\n`],
  ];
  for (const one of bad) t.equal(readTraceparent(one), undefined, JSON.stringify(one));
});
