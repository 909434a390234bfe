import t, { type Test } from 'tap';
import { Load } from '../../../client/lab/load.ts';
import { ApiError, type SingleTransfer, type Unanimous } from '../../../client/sdk/index.ts';
import { eventually } from '../../fixtures/cluster.ts';

const purse = { accounts: ['bank-a/alice', 'bank-b/bob'], currency: 'USD', most: 100 } as const;

type Many = (transfers: readonly SingleTransfer[]) => Promise<{ state: string }[]>;

/** A load whose transfers get these answers, and all of them. */
function load(t: Test, transferMany: Many) {
  const sent: SingleTransfer[] = [];
  const client = {
    transferMany: (transfers: readonly SingleTransfer[]) => {
      sent.push(...transfers);
      return transferMany(transfers);
    },
  };
  const made = new Load(client as Partial<Unanimous> as Unanimous, purse, () => 0.5);
  t.teardown(() => made.close());
  return { made, sent };
}

const never = () => new Promise<never>(() => undefined);

void t.test('while 1 000 transfers have no answer, no more are sent', async (t) => {
  const { made, sent } = load(t, never);
  made.set(2_000);
  await eventually('all are under way', () => made.view().sent === 1_000);
  const answer = await eventually('time passes', () => performance.now());
  await eventually('more would be due', () => performance.now() > answer + 50);
  t.equal(sent.length, 1_000);
  t.match(made.view(), { sent: 1_000, committed: 0, aborted: 0, failed: 0, p99Ms: null });
});

void t.test('money goes there and back in turn, in small amounts', async (t) => {
  const { made, sent } = load(t, never);
  made.set(500);
  await eventually('some were sent', () => sent.length >= 20);
  for (const [index, { from, to, amount, currency }] of sent.entries()) {
    const there = index % 2 === 0;
    const expected = ['bank-a/alice', 'bank-b/bob'];
    t.strictSame([from, to], there ? expected : expected.reverse());
    t.strictSame([amount, currency], [51, 'USD']);
  }
});

void t.test('every transfer is counted by what came of it', async (t) => {
  const states = ['committed', 'aborted', 'unknown', 'refused'];
  let asked = 0;
  const { made } = load(t, async (transfers) => {
    asked += 1;
    if (asked === 2) {
      throw new ApiError('no', { code: 'unreachable', definite: false, retryable: true });
    }
    return transfers.map((_, index) => ({ state: states[index % 4] ?? '' }));
  });
  made.set(1_000);
  await eventually('several were answered', () => asked > 5);
  made.set(0);
  const { sent, committed, aborted, failed, p99Ms, transfersPerSecond } = made.view();
  t.ok(committed > 0 && failed > 0);
  t.equal(committed + aborted + failed, sent);
  t.equal(transfersPerSecond, 0);
  t.type(p99Ms, 'number');
  const before = asked;
  const since = performance.now();
  await eventually('time passes', () => performance.now() > since + 50);
  t.equal(asked, before, 'with 0 it is over');
});

void t.test('a load that was held up does not make it good in one go', async (t) => {
  const { made, sent } = load(t, never);
  made.set(100);
  const since = performance.now();
  while (performance.now() < since + 500);
  await eventually('it goes on', () => sent.length > 0);
  t.ok(sent.length <= 12, `${sent.length} after half a second`);
});
