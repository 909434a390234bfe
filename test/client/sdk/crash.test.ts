/** The coordinator killed while it answers: the caller hears what is true, and it happened once. */
import t, { type Test } from 'tap';
import { connect, type Transfer, type Unanimous } from '../../../client/sdk/index.ts';
import { Fault, type Fate } from '../../../client/scenarios/faults.ts';
import { eventually, settled, startCluster } from '../../fixtures/cluster.ts';

const payment = {
  from: 'bank-a/main',
  to: 'bank-b/main',
  amount: 2500,
  currency: 'USD',
} as const;

/** A restart takes its time on a busy machine. */
const patienceMs = 120_000;

/** A cluster whose coordinator can be killed, at the first call, and is started again. */
async function mortal(t: Test) {
  const cluster = await startCluster(t);
  const { coordinator } = cluster;
  let revived: Promise<void> | undefined;
  const kill = () => {
    revived ??= (async () => {
      await coordinator.end('SIGKILL');
      await coordinator.start();
      await coordinator.ready();
    })();
    return revived;
  };
  const between = (path: string, fate: Fate) => {
    for (const { proxy } of cluster.participants) proxy.faults.push(new Fault(path, fate));
  };
  const unanimous = connect(coordinator.proxy.address);
  return { cluster, unanimous, between, kill, killed: () => revived !== undefined };
}

async function all(unanimous: Unanimous): Promise<Transfer[]> {
  const found: Transfer[] = [];
  for await (const transfer of unanimous.transfers()) found.push(transfer);
  return found;
}

void t.test('killed before it has decided: aborted, under the same key', async (t) => {
  const { cluster, unanimous, between, kill, killed } = await mortal(t);
  between('/prepare', async ({ forward }) => {
    await forward();
    // No vote is heard before it is dead.
    await kill();
    return undefined;
  });
  const outcome = await unanimous.transfer(payment, { idempotencyKey: 'mine', patienceMs });
  t.ok(killed(), 'it was killed with the request in its hands');
  await kill();
  t.match(outcome, { state: 'aborted', code: 'coordinator-restarted', idempotencyKey: 'mine' });
  t.strictSame([...(await settled(cluster)).values()], [100_000, 100_000]);
  const transfers = await all(unanimous);
  t.match(transfers, [{ state: 'aborted', reason: 'coordinator-restarted' }]);
  t.equal(transfers.length, 1);
});

void t.test('killed after it has decided, before it answers: committed, once', async (t) => {
  const { cluster, unanimous, between, kill, killed } = await mortal(t);
  let isBack = false;
  between('/commit', async ({ forward }) => {
    if (isBack) return forward();
    // Nothing is acknowledged before it is dead; when it is back it sends it again.
    await kill();
    isBack = true;
    return undefined;
  });
  const outcome = await unanimous.transfer(payment, { patienceMs });
  t.ok(killed(), 'it was killed with the request in its hands');
  await kill();
  t.match(outcome, { state: 'committed', replayed: true });
  t.strictSame([...(await settled(cluster)).values()], [97_500, 102_500]);
  t.equal((await all(unanimous)).length, 1);
});

void t.test('killed while its answer is on the way: committed, once', async (t) => {
  const { cluster, unanimous, kill } = await mortal(t);
  const answers: number[] = [];
  const lost: Fate = async ({ forward }) => {
    answers.push((await forward()).status);
    void kill();
    return undefined;
  };
  cluster.coordinator.proxy.faults.push(new Fault('/transfers', lost, 1));
  const outcome = await unanimous.transfer(payment, { patienceMs });
  t.strictSame(answers, [201], 'the first answer was lost');
  await kill();
  t.match(outcome, { state: 'committed', replayed: true });
  t.strictSame([...(await settled(cluster)).values()], [97_500, 102_500]);
  t.equal((await all(unanimous)).length, 1);
});

void t.test('whoever follows the events misses none of them and hears none twice', async (t) => {
  const { unanimous, kill } = await mortal(t);
  const heard: string[] = [];
  const epochs: number[] = [];
  const following = (async () => {
    for await (const event of unanimous.events()) {
      if (event.type === 'connected') epochs.push(event.epoch);
      else heard.push(`${event.type} ${'id' in event ? event.id : event.name}`);
      if (heard.at(-1)?.startsWith('ended coordina-2-2')) return;
    }
  })();
  await eventually('the stream is open', () => epochs.length > 0);
  await unanimous.transfer(payment, { waitSeconds: 20 });
  await kill();
  await unanimous.transfer(payment, { patienceMs, waitSeconds: 20 });
  await unanimous.transfer(payment, { waitSeconds: 20 });
  await following;
  t.strictSame(epochs, [1, 2]);
  const transfers = heard.filter((line) => !line.startsWith('registered'));
  const wanted = ['coordina-1-1', 'coordina-2-1', 'coordina-2-2'].flatMap((id) => [
    `begun ${id}`,
    `decided ${id}`,
    `ended ${id}`,
  ]);
  t.strictSame(transfers, wanted);
});
