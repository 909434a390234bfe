/** The coordinator killed while it answers: the caller hears what is true, and it happened once. */
import t, { type Test } from 'tap';
import { connect, type Transfer, type Unanimous } from '../../../client/sdk/index.ts';
import { eventually, ready, settled, startCluster } from '../../fixtures/cluster.ts';
import { startProxy, type Fault, type Proxy } from '../../fixtures/proxy.ts';

const payment = {
  from: 'bank-a/main',
  to: 'bank-b/main',
  amount: 2500,
  currency: 'USD',
} as const;

/** A restart takes its time on a busy machine. */
const patienceMs = 120_000;

/** A cluster whose coordinator reaches its participants through proxies. */
async function behindProxies(t: Test) {
  const proxies = new Map<string, Proxy>();
  for (const name of ['bank-a', 'bank-b']) proxies.set(name, await startProxy(t));
  const cluster = await startCluster(t, { advertise: (name) => proxies.get(name)?.address });
  for (const [name, proxy] of proxies) proxy.target = cluster.participant(name).address;
  const { coordinator } = cluster;
  let revived: Promise<void> | undefined;
  /** Kills the coordinator, at the first call, and starts it again on its port. */
  const kill = () => {
    revived ??= (async () => {
      await coordinator.end('SIGKILL');
      await coordinator.start(coordinator.port);
      await ready(coordinator);
    })();
    return revived;
  };
  const between = (fault: Fault) => {
    for (const proxy of proxies.values()) proxy.fault = fault;
  };
  return { cluster, between, kill, killed: () => revived !== undefined };
}

async function all(unanimous: Unanimous): Promise<Transfer[]> {
  const found: Transfer[] = [];
  for await (const transfer of unanimous.transfers()) found.push(transfer);
  return found;
}

void t.test('killed before it has decided: aborted, under the same key', async (t) => {
  const { cluster, between, kill, killed } = await behindProxies(t);
  between(async ({ path, forward, lose }) => {
    const reply = await forward();
    if (path !== '/prepare' || killed()) return reply;
    void kill();
    return lose();
  });
  const unanimous = connect(cluster.coordinator.address);
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
  const { cluster, between, kill, killed } = await behindProxies(t);
  between(async ({ path, forward, lose }) => {
    if (path !== '/commit' || killed()) return forward();
    void kill();
    return lose();
  });
  const unanimous = connect(cluster.coordinator.address);
  const outcome = await unanimous.transfer(payment, { patienceMs });
  t.ok(killed(), 'it was killed with the request in its hands');
  await kill();
  t.match(outcome, { state: 'committed', replayed: true });
  t.strictSame([...(await settled(cluster)).values()], [97_500, 102_500]);
  t.equal((await all(unanimous)).length, 1);
});

void t.test('killed while its answer is on the way: committed, once', async (t) => {
  const { cluster, kill, killed } = await behindProxies(t);
  const proxy = await startProxy(t);
  proxy.target = cluster.coordinator.address;
  const answers: number[] = [];
  proxy.fault = async ({ forward, lose }) => {
    const reply = await forward();
    answers.push(reply.status);
    if (killed()) return reply;
    void kill();
    return lose();
  };
  const outcome = await connect(proxy.address).transfer(payment, { patienceMs });
  t.equal(answers[0], 201, 'the first answer was lost');
  await kill();
  t.match(outcome, { state: 'committed', replayed: true });
  t.strictSame([...(await settled(cluster)).values()], [97_500, 102_500]);
  t.equal((await all(connect(cluster.coordinator.address))).length, 1);
});

void t.test('whoever follows the events misses none of them and hears none twice', async (t) => {
  const { cluster, kill } = await behindProxies(t);
  const unanimous = connect(cluster.coordinator.address);
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
