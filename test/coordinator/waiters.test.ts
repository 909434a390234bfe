import t from 'tap';
import { Waiters } from '../../coordinator/waiters.ts';
import { settled, VirtualClock } from '../fixtures/virtual-clock.ts';

function waiters() {
  const clock = new VirtualClock();
  const all = new Waiters(clock);
  const done: string[] = [];
  const wait = (name: string, id: string, ms: number) => {
    void all.wait(id, ms).then(() => done.push(name));
  };
  return { clock, all, done, wait };
}

void t.test('whoever waits for a transfer is released with it, and nobody else', async (t) => {
  const { clock, all, done, wait } = waiters();
  wait('a', 'one', 100);
  wait('b', 'one', 200);
  wait('c', 'two', 100);
  all.release('one');
  all.release('unknown');
  await settled();
  t.strictSame(done, ['a', 'b']);
  t.equal(clock.waiting, 1, 'their timers are gone');
  all.releaseAll();
  await settled();
  t.strictSame(done, ['a', 'b', 'c']);
  t.equal(clock.waiting, 0);
});

void t.test('nobody waits longer than asked', async (t) => {
  const { clock, all, done, wait } = waiters();
  wait('none', 'one', 0);
  wait('less', 'one', -1);
  wait('short', 'one', 100);
  wait('long', 'one', 200);
  await settled();
  t.strictSame(done, ['none', 'less']);
  clock.advance(100);
  await settled();
  t.strictSame(done, ['none', 'less', 'short']);
  all.release('one');
  await settled();
  t.strictSame(done, ['none', 'less', 'short', 'long']);
});
