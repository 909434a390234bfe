/** What is sought and is not there. */
import t from 'tap';
import { Searches } from '../../coordinator/searches.ts';
import { order, settleAll, startCluster } from '../fixtures/nodes.ts';
import { VirtualClock } from '../fixtures/virtual-clock.ts';

void t.test('searches go one at a time, and a tenth of the time is theirs', async (t) => {
  const clock = new VirtualClock();
  const searches = new Searches(clock);
  const began: number[] = [];
  const search = () => {
    began.push(clock.now());
    clock.advance(10);
    return Promise.resolve(began.length);
  };
  const found = [searches.run(search), searches.run(search), searches.run(search)];
  t.equal(await found[0], 1);
  t.strictSame(began, [0]);
  clock.advance(89);
  await clock.turn();
  t.strictSame(began, [0], 'it rests');
  clock.advance(1);
  t.equal(await found[1], 2);
  clock.advance(90);
  t.equal(await found[2], 3);
  t.strictSame(began, [0, 100, 200]);
});

void t.test('too many are refused, and one that fails holds up nobody', async (t) => {
  const clock = new VirtualClock();
  const searches = new Searches(clock);
  let release: () => void = () => undefined;
  const first = searches.run(() => new Promise<void>((resolve) => (release = resolve)));
  await clock.turn();
  const fail = () => Promise.reject(new Error('damaged'));
  const waiting = Array.from({ length: 16 }, () => searches.run(fail));
  const refused = await searches.run(fail);
  t.equal(refused, 'refused');
  release();
  await first;
  for (const one of waiting) {
    clock.advance(0);
    await t.rejects(one, /damaged/);
  }
  clock.advance(0);
  t.equal(await searches.run(() => Promise.resolve('found')), 'found');
});

void t.test(
  'whoever asks for ids that never were is told 503, and what is there is found',
  async (t) => {
    const { world, coordinator, a, b } = await startCluster(t);
    const made = await coordinator.call('createTransfer', { body: order });
    await settleAll(t, world, coordinator, [a, b]);
    const params = { id: 'k3f9q2ma-1-999' };
    const calls = [
      () => coordinator.start('getTransfer', { params }),
      () => coordinator.start('getTimeline', { params }),
      () => coordinator.start('cancelTransfer', { params }),
      () => coordinator.start('reverseTransfer', { params, body: {} }),
    ];
    const asked = Array.from({ length: 10 }, () => calls.map((call) => call())).flat();
    const replies = await world.settle(Promise.all(asked));
    const codes = replies.map((reply) => String(reply.json().code));
    t.ok(codes.filter((code) => code === 'transfer-not-found').length >= 17);
    t.ok(codes.includes('overloaded'));
    for (const reply of replies.filter(({ statusCode }) => statusCode === 503)) {
      t.match(reply.json(), { code: 'overloaded', definite: true });
      t.ok(reply.headers['retry-after']);
    }
    const known = { params: { id: made.json().id } };
    t.equal((await coordinator.call('getTransfer', known)).statusCode, 200);
  },
);
