import fc from 'fast-check';
import t from 'tap';
import {
  continuation,
  decodeSegment,
  isSeal,
  lineOf,
  origin,
  textOf,
  textOfLine,
  valueOf,
} from '../../log/codec.ts';
import type { LogRecord } from '../../log/log.ts';
import { MemoryDisk } from '../fixtures/memory-disk.ts';
import { runs } from '../fixtures/property.ts';
import { FOLDER, initTally, openTally } from '../fixtures/tally.ts';

/** Texts that look like what the log itself writes, besides any others. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom(
    '\n]',
    ',"crc":"5be1c0d2"}',
    '{"seq":7,"synced":7,"prev":"00000000",',
    '\0',
    '"',
    '\\',
  ),
  fc.constantFrom('\u2028\u2029', 'ä', '😀', '\ud800', '{"type":"sealed"}', ',\n{'),
);
const reserved = ['seq', 'synced', 'prev', 'crc', 'type', '__proto__'];
const record: fc.Arbitrary<LogRecord> = fc
  .tuple(
    text.filter((type) => type !== 'sealed'),
    fc.dictionary(
      text.filter((name) => !reserved.includes(name)),
      fc.jsonValue({ maxDepth: 4 }),
      { maxKeys: 5 },
    ),
    fc.constantFrom(0, -0, 1e21, 5e-324, Number.MAX_SAFE_INTEGER, 0.1, -1.5e300),
    text,
  )
  .map(([type, fields, number, note]) => ({ type, ...fields, number, note }));

void t.test('any record reads back as what JSON says that it is', (t) => {
  const batches = fc.array(record, { minLength: 1, maxLength: 6 });
  const property = fc.property(batches, fc.nat(), fc.nat(3), (records, sequence, batch) => {
    const before = { ...origin('k3f9q2ma'), sequence };
    let end = before;
    const lines: string[] = [];
    for (const one of records) {
      const { line, link } = lineOf(textOf(one), end, Math.max(0, end.sequence - batch));
      lines.push(line);
      end = link;
    }
    const segment = `[${continuation(0, lines)}`;
    // Through bytes, as on a disk.
    const decoded = decodeSegment(Buffer.from(segment).toString(), before);
    if (decoded.flaw) throw new Error(decoded.flaw.reason);
    if (JSON.stringify(decoded.end) !== JSON.stringify(end)) throw new Error('another end');
    const read = decoded.lines.map((line) => valueOf<LogRecord>(textOfLine(line)));
    if (JSON.stringify(read) !== JSON.stringify(records)) throw new Error(segment);
    if (decoded.lines.some(isSeal)) throw new Error('a record is taken for a seal');
    if (JSON.parse(segment).length !== records.length) throw new Error('it is not JSON');
  });
  fc.assert(property, runs(2_000));
  t.end();
});

void t.test('text that nobody has written never reads as a record', (t) => {
  const line = lineOf(textOf({ type: 'counted' }), origin('k3f9q2ma'), 0).line;
  const piece = fc.oneof(text, fc.constantFrom('[', '\n', ']', ',', line, line.slice(0, 40)));
  const property = fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
    // As a segment begins, so that it is read on.
    const { lines } = decodeSegment(`[\n${pieces.join('')}`, origin('k3f9q2ma'));
    // The one true line may stand there, once, in the first place.
    if (lines.length > 1 || lines.some((one) => one !== line)) throw new Error(lines.join());
  });
  fc.assert(property, runs(3_000));
  t.end();
});

void t.test('any notes survive a log with its segments, checkpoints and restarts', async () => {
  const notes = fc.array(fc.tuple(text, fc.boolean()), { maxLength: 30 });
  const property = fc.asyncProperty(
    notes,
    fc.integer({ min: 100, max: 900 }),
    async (all, bytes) => {
      const disk = new MemoryDisk();
      await initTally(disk);
      const options = { segmentBytes: bytes };
      let tally = await openTally(disk, options);
      let after = 0;
      const read: (string | undefined)[] = [];
      for (const [note, restarts] of all) {
        tally.count(note);
        await tally.log.durable();
        if (!restarts) continue;
        await tally.log.close();
        await tally.store.close();
        tally = await openTally(disk, options);
      }
      for (;;) {
        const entries = await tally.log.read(after, 7);
        if (entries.length === 0) break;
        for (const { sequence, record: one } of entries) {
          after = sequence;
          if (one.type === 'counted') read.push(one.note);
        }
      }
      const wanted = JSON.stringify(all.map(([note]) => note));
      if (JSON.stringify(read) !== wanted)
        throw new Error(`${JSON.stringify(read)}, not ${wanted}`);
      if (tally.numbers.length !== all.length) throw new Error('another count');
      for (const path of disk.paths) {
        if (path.startsWith(`${FOLDER}/log/`)) JSON.parse(disk.text(path));
      }
    },
  );
  await fc.assert(property, runs(150));
});
