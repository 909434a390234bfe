import fc from 'fast-check';
import t from 'tap';
import * as audit from '../../client/audit/records.ts';
import { parseId } from '../../coordinator/protocol.ts';
import { compareIds, partsOf } from '../../participant/state.ts';
import { runs } from '../fixtures/property.ts';

const anyStore = fc.stringMatching(/^[a-z0-9]{8}$/);
/** Few stores, so that two ids are often of one. */
const store = fc.oneof(fc.constantFrom('k3f9q2ma', 'k3f9q2mb', '00000000'), anyStore);
/** What the contract allows: 15 digits, without a zero in front. */
const number = fc.oneof(
  fc.integer({ min: 1, max: 12 }),
  fc.constantFrom(9, 10, 99, 100, 999_999_999_999_999),
  fc.integer({ min: 1, max: 999_999_999_999_999 }),
);
const parts = fc.record({ store, epoch: number, number });
type Parts = typeof parts extends fc.Arbitrary<infer T> ? T : never;
const textOf = ({ store: of, epoch, number: place }: Parts) => `${of}-${epoch}-${place}`;

void t.test('coordinator, participant and audit read the same parts out of an id', (t) => {
  const property = fc.property(parts, (made) => {
    const { store: of, epoch, number: place } = made;
    const id = textOf(made);
    const read = parseId(id);
    for (const one of [
      read && { ...read, number: read.sequence },
      partsOf(id),
      audit.parseId(id),
    ]) {
      const isSame = one?.store === of && one.epoch === epoch && one.number === place;
      if (!isSame) throw new Error(`${id} is read as ${JSON.stringify(one)}`);
    }
  });
  fc.assert(property, runs(300));
  t.end();
});

void t.test('ids are in one order: by store, and of one store as they were issued', (t) => {
  const sign = Math.sign;
  const property = fc.property(parts, parts, parts, (one, two, three) => {
    const [a, b, c] = [textOf(one), textOf(two), textOf(three)];
    if (compareIds(a, a) !== 0) throw new Error('an id is where it is');
    if (sign(compareIds(a, b)) !== -sign(compareIds(b, a))) throw new Error('either way round');
    if ((compareIds(a, b) === 0) !== (a === b)) throw new Error('two ids are in two places');
    if (compareIds(a, b) <= 0 && compareIds(b, c) <= 0 && compareIds(a, c) > 0) {
      throw new Error('what comes before what comes before comes before');
    }
    if (one.store !== two.store) return;
    const issued = one.epoch === two.epoch ? one.number < two.number : one.epoch < two.epoch;
    if (compareIds(a, b) < 0 !== issued) throw new Error('a newer epoch, or number, comes later');
    if (sign(compareIds(a, b)) !== sign(audit.compareIds(one, two))) throw new Error('the audit');
  });
  fc.assert(property, runs(3_000));
  t.end();
});

void t.test('an id that is none is never taken for another one', (t) => {
  const piece = fc.oneof(fc.string({ maxLength: 9 }), fc.constantFrom('k3f9q2ma', '1', '-', '01'));
  const garbage = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join('-')),
  );
  const property = fc.property(garbage, (text) => {
    const audited = audit.parseId(text);
    const [read, split] = [parseId(text), partsOf(text)];
    if (!audited) return;
    if (read?.store !== audited.store || read.sequence !== audited.number) throw new Error(text);
    if (split.store !== audited.store || split.number !== audited.number) throw new Error(text);
  });
  fc.assert(property, runs(2_000));
  t.equal(parseId('k3f9q2ma-1'), undefined);
  t.equal(parseId('k3f9q2ma-1-2-3'), undefined);
  t.equal(audit.parseId('k3f9q2ma-1-2-3'), undefined);
  t.end();
});
