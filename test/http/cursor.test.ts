import fc from 'fast-check';
import t from 'tap';
import { readCursor, writeCursor } from '../../http/cursor.ts';
import { runs } from '../fixtures/property.ts';

/** Whatever names a place in a list of this program: an id, an account, a position. */
const place = fc.oneof(
  fc.constantFrom('k3f9q2ma-1-42', '17.3', '0', '9007199254740991'),
  fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
);
const filter = fc.dictionary(
  fc.constantFrom('state', 'participant', 'account', 'reference', 'list'),
  fc.oneof(fc.string({ unit: 'binary', maxLength: 20 }), fc.boolean()),
);

const canonical = (members: object) => JSON.stringify(Object.entries(members).sort());

void t.test('a cursor leads back to its place, in any order of its filters', (t) => {
  const property = fc.property(place, filter, (after, made) => {
    const cursor = writeCursor(made, after);
    const turned = Object.fromEntries(Object.entries(made).reverse());
    if (readCursor(cursor, made) !== after) throw new Error(cursor);
    if (readCursor(cursor, turned) !== after) throw new Error(`${cursor}, turned round`);
    if (!/^[A-Za-z0-9_-]{1,200}$/.test(cursor)) throw new Error(`${cursor} is not of the contract`);
  });
  fc.assert(property, runs(1_000));
  t.end();
});

void t.test('a cursor of other filters is none', (t) => {
  const property = fc.property(place, filter, filter, (after, made, other) => {
    fc.pre(canonical(made) !== canonical(other));
    if (readCursor(writeCursor(made, after), other) !== undefined) throw new Error('it is taken');
  });
  fc.assert(property, runs(1_000));
  t.end();
});

void t.test('a cursor that nobody has made, or that was changed, is none', (t) => {
  const garbage = fc.property(
    fc.string({ unit: 'binary', maxLength: 200 }),
    filter,
    (text, made) => {
      if (readCursor(text, made) !== undefined) throw new Error('it is taken');
    },
  );
  fc.assert(garbage, runs(1_000));
  const changed = fc.property(place, filter, fc.nat(), (after, made, at) => {
    const whole = Buffer.from(writeCursor(made, after), 'base64url');
    // The digest, and the space behind it.
    whole[at % 17] = (whole[at % 17] ?? 0) ^ (1 << (at % 7));
    if (readCursor(whole.toString('base64url'), made) !== undefined) throw new Error('it is taken');
  });
  fc.assert(changed, runs(1_000));
  t.end();
});
