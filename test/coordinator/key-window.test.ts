import fc from 'fast-check';
import t from 'tap';
import {
  countKeys,
  elapse,
  noKeys,
  originOf,
  remember,
  restoreKeys,
  summariseKeys,
  type KeyWindow,
  type Origin,
} from '../../coordinator/key-window.ts';
import { runs } from '../fixtures/property-runs.ts';

const origins = fc.record(
  {
    epoch: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
    sequence: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  },
  { noNullPrototype: true },
);
const keys = fc.integer({ min: 0, max: 400 }).map((number) => `key-${number}`);
const steps = fc.oneof(
  { weight: 20, arbitrary: fc.record({ key: keys, origin: origins }) },
  { weight: 1, arbitrary: fc.constant('an hour') },
  { weight: 1, arbitrary: fc.constant('a checkpoint') },
);

function rebuilt(window: KeyWindow): KeyWindow {
  const again = noKeys();
  for (const keyed of summariseKeys(window)) restoreKeys(again, keyed);
  return again;
}

void t.test('a key is known for its hours, also through checkpoints, and no other one', (t) => {
  const property = fc.property(
    fc.array(steps, { maxLength: 600, size: 'max' }),
    fc.integer({ min: 1, max: 3 }),
    (all, hours) => {
      let window = noKeys();
      let now = 0;
      const model = new Map<string, { origin: Origin; hour: number }>();
      for (const step of all) {
        if (step === 'an hour') {
          now += 1;
          elapse(window, hours);
          for (const [key, { hour }] of model) if (hour < now - hours) model.delete(key);
        } else if (step === 'a checkpoint') window = rebuilt(window);
        else if (typeof step === 'object' && !model.has(step.key)) {
          remember(window, step.key, step.origin);
          model.set(step.key, { origin: step.origin, hour: now });
        }
      }
      const known = Array.from({ length: 401 }, (_, number) => `key-${number}`).flatMap((key) => {
        const origin = originOf(window, key);
        return origin ? [[key, origin]] : [];
      });
      const due = [...model].map(([key, { origin }]) => [key, origin]);
      t.strictSame(Object.fromEntries(known), Object.fromEntries(due));
      t.equal(countKeys(window), model.size);
    },
  );
  fc.assert(property, runs(100));
  t.end();
});

void t.test('a key takes at most 32 bytes, but for the table that is being filled', (t) => {
  const window = noKeys();
  const count = 300_000;
  for (let sequence = 1; sequence <= count; sequence += 1) {
    remember(window, `order ${sequence}`, { epoch: 1, sequence });
  }
  const full = window.tables.slice(0, -1);
  const bytes = full.reduce((sum, { words }) => sum + words.byteLength, 0);
  const held = full.reduce((sum, { size }) => sum + size, 0);
  t.ok(held > count / 3, `${held} are in full tables`);
  t.ok(bytes / held <= 32, `${bytes / held} bytes`);
  t.equal(countKeys(window), count);
  for (const sequence of [1, 48, 49, 1_000, 150_000, count]) {
    t.strictSame(originOf(window, `order ${sequence}`), { epoch: 1, sequence });
  }
  t.equal(originOf(window, 'order 0'), undefined);
  const weight = ({ tables }: KeyWindow) =>
    tables.reduce((sum, { words }) => sum + words.byteLength, 0) / count;
  t.ok(weight(rebuilt(window)) <= 32.01, 'nor does it after a start');
  elapse(window, 24);
  t.ok(weight(window) <= 32.01, 'nor when its hour is over');
  t.equal(countKeys(window), count);
  t.end();
});
