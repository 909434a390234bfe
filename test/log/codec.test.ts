import t from 'tap';
import {
  continuation,
  crcOf,
  decodeSegment,
  EMPTY_SEGMENT,
  isSeal,
  lineOf,
  origin,
  seal,
  sealRecord,
  textOf,
  textOfLine,
  unseal,
} from '../../log/codec.ts';

const ORIGIN = origin('k3f9q2ma');

/** A segment of so many records; `syncedAt` tells what each claims. */
function sample(count: number, syncedAt: (sequence: number) => number) {
  const texts: string[] = [];
  const lines: string[] = [];
  let end = ORIGIN;
  for (let sequence = 1; sequence <= count; sequence++) {
    const text = textOf({ type: 'counted', note: `ä "${sequence}"\n` } as { type: string });
    const made = lineOf(text, end, syncedAt(sequence));
    texts.push(text);
    lines.push(made.line);
    end = made.link;
  }
  return { text: `[${continuation(0, lines)}`, texts, lines, end };
}

const read = (text: string) => {
  const decoded = decodeSegment(text, ORIGIN);
  return { ...decoded, texts: decoded.lines.map(textOfLine) };
};

void t.test('a segment is a JSON array that reads back as what was written', (t) => {
  const { text, texts, end } = sample(4, (sequence) => sequence - 1);
  t.equal(JSON.parse(text).length, 4);
  t.equal(JSON.parse(text)[2].seq, 3);
  t.same(read(text).texts, texts);
  t.same(read(text).end, end);
  t.same(read(EMPTY_SEGMENT), { lines: [], texts: [], end: ORIGIN });
  t.end();
});

void t.test('every truncation of a segment reads as its first records or as damage', (t) => {
  const { text, texts } = sample(4, (sequence) => sequence - 1);
  const bytes = Buffer.from(text);
  for (let length = 0; length < bytes.length; length++) {
    const { texts: found, flaw } = read(bytes.subarray(0, length).toString());
    t.ok(flaw, `cut to ${length} bytes is noticed`);
    t.same(found, texts.slice(0, found.length), `cut to ${length} bytes: no wrong record`);
    if (length < 2) t.equal(flaw?.kind, 'damage', 'the opening was forced before it was used');
    else t.equal(flaw?.kind, 'tear', 'no later record claims anything');
  }
  t.end();
});

void t.test('every flipped bit is noticed, as damage where a later record claims it', (t) => {
  const { text, texts, lines } = sample(4, (sequence) => sequence - 1);
  const bytes = Buffer.from(text);
  const lastStart = bytes.length - Buffer.byteLength(`,\n${lines[3] ?? ''}\n]`);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const copy = Buffer.from(bytes);
    copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const { texts: found, flaw } = read(copy.toString());
    const wanted = bit >> 3 < lastStart ? 'damage' : 'tear';
    if (flaw?.kind !== wanted) t.fail(`bit ${bit}: ${flaw?.kind ?? 'nothing'}, not ${wanted}`);
    if (found.some((one, index) => one !== texts[index])) t.fail(`bit ${bit}: a wrong record`);
  }
  t.pass('all bits were flipped');
  t.end();
});

void t.test('a batch of several pages that tears in the middle is a tear', (t) => {
  const { text, texts } = sample(6, () => 2);
  const torn = text.replace('"seq":4', '"seq":\0');
  t.match(read(torn), { texts: texts.slice(0, 3), flaw: { kind: 'tear' } });
  const claimed = text.replace('"seq":2', '"seq":\0');
  t.match(read(claimed), { texts: texts.slice(0, 1), flaw: { kind: 'damage' } });
  const joined = text.replace(/....,\n(?=\{"seq":3)/, '\0\0\0\0\0\0');
  const cut = joined.slice(0, joined.indexOf(',\n{"seq":4'));
  t.match(read(cut), { texts: texts.slice(0, 1), flaw: { kind: 'damage' } });
  t.end();
});

void t.test('a record that is missing, repeated or from another store is damage', (t) => {
  const { lines } = sample(4, () => 0);
  const [first = '', second = '', third = '', last = ''] = lines;
  const file = (...some: string[]) => `[${continuation(0, some)}`;
  t.match(read(file(first, third, last)).flaw, { kind: 'damage', reason: /record 3 is in its/ });
  t.match(read(file(first, second, second)).flaw, { kind: 'damage' });
  t.match(decodeSegment(file(first), origin('p81dz0qk')).flaw, { kind: 'damage', reason: /chain/ });
  t.end();
});

void t.test('a comma too many or too few ends what can be read', (t) => {
  const { text, texts } = sample(2, () => 0);
  t.match(read(text.replace('},\n{', '}\n{')), {
    texts: texts.slice(0, 1),
    flaw: { kind: 'tear' },
  });
  t.match(read(text.replace('\n]', ',\n]')), { texts, flaw: { kind: 'tear' } });
  t.match(read(`${text}\n`), { texts, flaw: { kind: 'tear' } });
  t.end();
});

void t.test('names of the log are refused in a record', (t) => {
  for (const name of ['seq', 'synced', 'prev', 'crc']) {
    t.throws(() => textOf({ type: 'counted', [name]: 1 }), { message: new RegExp(`"${name}"`) });
  }
  t.throws(() => textOf({ type: 'sealed' }), TypeError);
  t.end();
});

void t.test('only the seal is a seal', (t) => {
  t.equal(isSeal(lineOf(sealRecord(), ORIGIN, 0).line), true);
  t.equal(isSeal(lineOf(textOf({ type: 'counted' }), ORIGIN, 0).line), false);
  t.equal(isSeal(undefined), false);
  t.end();
});

void t.test('a sealed object opens only unchanged', (t) => {
  const text = seal('{"a":"ü"}');
  t.equal(JSON.parse(text).crc, crcOf('{"a":"ü"'));
  t.match(unseal(text), { object: '{"a":"ü"}' });
  t.equal(unseal(text.replace('ü', 'u')), undefined);
  t.equal(unseal(''), undefined);
  t.end();
});

void t.test('a torn separator takes nothing from the record before it', (t) => {
  const { text, texts } = sample(1, () => 0);
  const first = text.slice(0, -2);
  // The write of `,` and a new line, and more, over a new line and `]`: any part may have arrived.
  for (const torn of ['', ',', ',]', ',]\0\0', '\n', '\n\n{"seq":2', ',\n', ',\n{"seq"']) {
    t.match(read(first + torn), { texts, flaw: { kind: 'tear' } }, JSON.stringify(torn));
  }
  t.end();
});
