/** The beginning of a list that may be long. */
import t from 'tap';
import { firstOf } from '../../../client/console/first-of.ts';

async function* upTo(last: number, read: number[] = []) {
  for (let n = 1; n <= last; n += 1) {
    read.push(n);
    yield n;
  }
}

void t.test('a list that is short enough is read whole', async (t) => {
  t.strictSame(await firstOf(upTo(3), 3), { items: [1, 2, 3], more: false });
  t.strictSame(await firstOf(upTo(0), 3), { items: [], more: false });
});

void t.test(
  'of a longer one nothing is read but the beginning, and whether it goes on',
  async (t) => {
    const read: number[] = [];
    t.strictSame(await firstOf(upTo(10, read), 3), { items: [1, 2, 3], more: true });
    t.strictSame(read, [1, 2, 3, 4]);
  },
);
