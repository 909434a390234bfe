import t from 'tap';
import { startOf } from '../../participant/catch-up-loop.ts';

/** Where catching up begins with this watermark. */
const start = (epoch: number, seq: number, except: string[] = []) => {
  return startOf({ watermarks: new Map([['k3f9q2ma', { epoch, seq, except }]]) }, 'k3f9q2ma');
};

void t.test('catching up begins right below all that may be missing', async (t) => {
  t.equal(start(3, 120), 'k3f9q2ma-3-119');
  t.equal(start(3, 120, ['k3f9q2ma-3-7', 'k3f9q2ma-3-80']), 'k3f9q2ma-3-6');
  t.equal(start(3, 120, ['k3f9q2ma-3-7', 'k3f9q2ma-2-900']), 'k3f9q2ma-2-899');
});

void t.test('the first number of an epoch comes after all of the epoch before', async (t) => {
  t.equal(start(3, 1), 'k3f9q2ma-2-999999999999999');
  t.equal(start(1, 1), undefined, 'from the first transfer on');
});

void t.test('without a watermark of that store it begins with the first transfer', async (t) => {
  t.equal(startOf({ watermarks: new Map() }, 'k3f9q2ma'), undefined);
});
