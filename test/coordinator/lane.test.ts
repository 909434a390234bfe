import t, { type Test } from 'tap';
import { Lane, type LaneLimits, type Outcome } from '../../coordinator/lane.ts';
import { settled, VirtualClock } from '../fixtures/virtual-clock.ts';

const limits: LaneLimits = {
  batchItems: 8,
  batchWeight: 100,
  minBackoffMs: 50,
  maxBackoffMs: 1000,
};

interface Sent {
  ids: readonly string[];
  answer: (outcome: Outcome) => Promise<void>;
}

const answered = (...again: string[]): Outcome => ({ type: 'answered', again });
const refused: Outcome = { type: 'refused' };
const failed: Outcome = { type: 'failed' };

function lane(t: Test, options: { limits?: Partial<LaneLimits>; random?: () => number } = {}) {
  const clock = new VirtualClock();
  const sent: Sent[] = [];
  const settledIds = new Set<string>();
  const errors: unknown[] = [];
  const weights = new Map<string, number>();
  const made = new Lane({
    clock,
    random: options.random ?? (() => 0),
    limits: { ...limits, ...options.limits },
    weigh: (id) => weights.get(id) ?? 1,
    isOwed: (id) => !settledIds.has(id),
    send: (ids) =>
      new Promise((resolve) => {
        sent.push({
          ids,
          async answer(outcome) {
            resolve(outcome);
            await settled();
          },
        });
      }),
    onError: (error) => errors.push(error),
  });
  t.teardown(() => {
    made.stop();
  });
  /** The latest batch. */
  const last = (): Sent => sent.at(-1) ?? { ids: [], answer: () => Promise.resolve() };
  const add = async (...ids: string[]) => {
    for (const id of ids) made.add(id);
    await settled();
  };
  return { made, clock, sent, settledIds, errors, weights, last, add };
}

void t.test('what each turn adds to gathers, until there is a whole batch', async (t) => {
  for (const [each, most, batch] of [
    [1, 4, ['first', 't-1-0', 't-2-0', 't-3-0']],
    [7, 1, ['first', ...Array.from({ length: 7 }, (_, index) => `t-1-${index}`)]],
  ] as const) {
    const { made, clock, sent, add } = lane(t);
    let turns = 0;
    clock.turn = () => {
      turns += 1;
      if (turns <= 3) for (let index = 0; index < each; index++) made.add(`t-${turns}-${index}`);
      return Promise.resolve();
    };
    await add('first');
    t.same(
      sent.map(({ ids }) => ids),
      [batch],
    );
    t.equal(turns, most, `${each} in each turn`);
  }
});

void t.test(
  'what is added in one turn goes in one batch, what gathers meanwhile next',
  async (t) => {
    const { sent, add, last, settledIds } = lane(t);
    await add('a', 'b', 'a');
    await add('c');
    await add('d');
    t.strictSame(sent.length, 1, 'one batch at a time');
    t.strictSame(last().ids, ['a', 'b']);
    settledIds.add('d');
    await last().answer(answered());
    t.strictSame(last().ids, ['c'], 'without what is not owed any more');
    await last().answer(answered());
    t.equal(sent.length, 2);
    await add('e');
    t.strictSame(last().ids, ['e'], 'an idle lane starts again');
  },
);

void t.test('a batch is bounded in items and in weight', async (t) => {
  const { add, last, weights } = lane(t, { limits: { batchItems: 3, batchWeight: 10 } });
  weights.set('heavy', 99).set('x', 6).set('y', 4).set('z', 1);
  await add('a', 'b', 'c', 'd', 'heavy', 'x', 'y', 'z');
  t.strictSame(last().ids, ['a', 'b', 'c']);
  await last().answer(answered());
  t.strictSame(last().ids, ['d']);
  await last().answer(answered());
  t.strictSame(last().ids, ['heavy'], 'one item always goes, whatever it weighs');
  await last().answer(answered());
  t.strictSame(last().ids, ['x', 'y']);
  await last().answer(answered());
  t.strictSame(last().ids, ['z']);
});

void t.test('a refused batch is halved down to the item to blame, which waits alone', async (t) => {
  const { clock, sent, add, last } = lane(t);
  await add('a', 'b', 'bad', 'c');
  for (let turn = 0; turn < 8; turn++) {
    const { ids, answer } = last();
    await answer(ids.includes('bad') ? refused : answered());
  }
  const batches = sent.map(({ ids }) => ids.join());
  t.strictSame(batches, ['a,b,bad,c', 'a,b', 'bad,c', 'bad', 'c']);
  await add('d', 'bad');
  t.strictSame(last().ids, ['d'], 'others go on, and adding it again does not hurry it');
  await last().answer(answered());
  clock.advance(49);
  await settled();
  t.equal(sent.length, 6);
  clock.advance(1);
  await settled();
  t.strictSame(last().ids, ['bad']);
  await last().answer(answered());
  await add('e');
  t.strictSame(last().ids, ['e']);
});

void t.test('after a refusal batches grow again, up to their bound', async (t) => {
  const { add, last } = lane(t, { limits: { batchItems: 4 } });
  const ids = Array.from({ length: 20 }, (_, n) => `${n}`);
  await add(...ids);
  await last().answer(refused);
  const sizes: number[] = [];
  for (let turn = 0; turn < 5; turn++) {
    sizes.push(last().ids.length);
    await last().answer(answered());
  }
  t.strictSame(sizes, [2, 4, 4, 4, 4]);
});

void t.test('an item that is not answered waits alone, ever longer', async (t) => {
  const { clock, sent, add, last } = lane(t, { random: () => 0.999 });
  await add('a', 'b');
  await last().answer(answered('b'));
  const waits: number[] = [];
  for (let turn = 0; turn < 7; turn++) {
    const due = clock.nextDue ?? 0;
    waits.push(due - clock.now());
    clock.advance(due - clock.now());
    await settled();
    t.strictSame(last().ids, ['b']);
    await last().answer(answered('b'));
  }
  t.strictSame(waits, [99, 199, 399, 799, 999, 999, 999], 'full jitter under a doubling bound');
  clock.advance(999);
  await settled();
  await last().answer(answered());
  const before = sent.length;
  await add('b');
  await last().answer(answered('b'));
  t.equal(sent.length, before + 1);
  t.equal((clock.nextDue ?? 0) - clock.now(), 99, 'an answer forgets the refusals');
});

void t.test(
  'after a failure the whole lane waits, in order, at least the shortest time',
  async (t) => {
    const { clock, sent, add, last } = lane(t);
    await add('a', 'b');
    await add('c');
    await last().answer(failed);
    t.equal(sent.length, 1);
    t.equal(clock.nextDue, 50);
    await add('d');
    t.equal(sent.length, 1, 'what is added waits too');
    clock.advance(50);
    await settled();
    t.strictSame(last().ids, ['a', 'b', 'c', 'd']);
  },
);

void t.test('what a failure leaves owed no more is not sent again', async (t) => {
  const { clock, sent, add, last, settledIds } = lane(t);
  await add('a');
  await last().answer(failed);
  settledIds.add('a');
  clock.advance(50);
  await settled();
  t.equal(sent.length, 1);
});

void t.test('the backoff never passes its bound, however long an outage lasts', async (t) => {
  const { clock, add, last } = lane(t, { random: () => 0.5 });
  await add('a');
  for (let turn = 0; turn < 40; turn++) {
    await last().answer(failed);
    clock.advance((clock.nextDue ?? 0) - clock.now());
    await settled();
  }
  await last().answer(failed);
  t.equal((clock.nextDue ?? 0) - clock.now(), 500);
});

void t.test('waking a lane sends at once what waits, also alone', async (t) => {
  const { made, clock, add, last } = lane(t);
  await add('a', 'b');
  await last().answer(answered('a'));
  await add('c');
  await last().answer(failed);
  t.equal(clock.waiting, 2);
  made.wake();
  await settled();
  t.strictSame(last().ids.toSorted(), ['a', 'c']);
  t.equal(clock.waiting, 0);
  made.wake();
});

void t.test('a stopped lane sends nothing more', async (t) => {
  const { made, sent, add, last, clock } = lane(t);
  await add('a', 'b');
  await last().answer(answered('a'));
  await add('c');
  made.stop();
  await last().answer(answered('c'));
  await add('d');
  t.equal(sent.length, 2);
  t.equal(clock.waiting, 0);
});

void t.test('a lane that is stopped while it waits ends', async (t) => {
  const { made, sent, add, last } = lane(t);
  await add('a');
  await last().answer(failed);
  made.stop();
  await settled();
  t.equal(sent.length, 1);
});

void t.test('an error of the sender is not swallowed', async (t) => {
  const errors: unknown[] = [];
  const broken = new Lane({
    clock: new VirtualClock(),
    random: () => 0,
    limits,
    weigh: () => 1,
    isOwed: () => true,
    send: () => Promise.reject(new Error('broken invariant')),
    onError: (error) => errors.push(error),
  });
  broken.add('a');
  await settled();
  t.match(errors, [{ message: 'broken invariant' }]);
});
