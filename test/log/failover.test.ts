/** A database fails over to its standby: what was acknowledged is there, or its loss is noticed. */
import t, { type Test } from 'tap';
import { until } from '../../client/scenarios/until.ts';
import { systemClock } from '../../log/clock.ts';
import { confirmFailover, initPostgresStore, openPostgresStore } from '../../log/postgres/store.ts';
import { movableAddress } from '../fixtures/movable-address.ts';
import { postgresFor, startStandby, synchronousPair } from '../fixtures/postgres.ts';

const role = 'coordinator';
const node = { role, name: role } as const;

interface Counted {
  readonly type: 'counted';
  readonly number: number;
}

async function open(t: Test, url: string) {
  const failures: Error[] = [];
  const onFailure = (error: Error) => failures.push(error);
  const [numbers, signal] = [[] as number[], undefined];
  const store = await openPostgresStore({
    ...{ ...node, url, leaseMs: 1_000, clock: systemClock, onFailure, signal },
    onWaiting: () => undefined,
  });
  let isOpen = true;
  const close = async () => {
    if (isOpen) await store.close();
    isOpen = false;
  };
  t.teardown(close);
  const log = await store.openLog<Counted>({
    clock: systemClock,
    apply: ({ number }) => numbers.push(number),
    summarise: () => [],
    onFailure,
  });
  /** Appends the next number, and resolves when it is durable. */
  const count = async () => {
    log.append({ type: 'counted', number: numbers.length + 1 });
    await log.durable();
  };
  return { store, log, numbers, failures, count, close };
}

void t.test('with a synchronous standby nothing acknowledged is lost', async (t) => {
  const [primary, standby] = await synchronousPair(t);
  const way = await movableAddress(t, primary);
  await initPostgresStore({ url: way.url, ...node, store: 'k3f9q2ma' });
  await t.rejects(
    openPostgresStore({
      ...{ ...node, url: way.url.replace(/:\d+\//, `:${standby.port}/`), leaseMs: 1_000 },
      ...{ clock: systemClock, signal: undefined },
      onFailure: () => undefined,
      onWaiting: () => undefined,
    }),
    /is in recovery, a standby that takes no writes: name the primary/,
  );
  const first = await open(t, way.url);
  const over = new AbortController();
  let acknowledged = 0;
  const counting = (async () => {
    while (!over.signal.aborted) {
      await first.count();
      acknowledged = first.log.durablePosition;
    }
  })();
  await until('much is acknowledged', () => acknowledged > 200);
  await primary.kill();
  const before = acknowledged;
  await standby.promote();
  way.leadTo(standby.port);
  await until('it goes on by itself', () => acknowledged > before + 20);
  over.abort();
  await counting;
  t.strictSame(first.failures, []);
  await first.log.close();
  await first.close();
  const again = await open(t, way.url);
  t.equal(again.numbers.length, acknowledged);
  t.ok(again.numbers.every((number, index) => number === index + 1));
  t.strictSame(await confirmFailover(way.url), [], 'nobody has to confirm anything');
});

void t.test('a commit that was told not to wait for its standby is not acknowledged', async (t) => {
  const [primary, standby] = await synchronousPair(t);
  await initPostgresStore({ url: primary.url, ...node, store: 'k3f9q2ma' });
  const { log, count, failures } = await open(t, primary.url);
  await count();
  await standby.cutOff();
  const counted = count();
  let told = 0;
  const cancel = async () => {
    const rows = await primary.query(
      "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'",
    );
    told += rows.length;
    return told > 2;
  };
  await until('it is told not to wait, again and again', cancel);
  const rows = await primary.query('SELECT FROM unanimous.records');
  t.equal(rows.length, 2, 'PostgreSQL has committed it');
  t.equal(log.durablePosition, 1, 'it counts for nothing until the standby has it');
  await standby.follow();
  await counted;
  t.equal(log.durablePosition, 2);
  t.strictSame(failures, []);
});

void t.test(
  'lost records are noticed, and an operator must say that nodes may go on',
  async (t) => {
    const primary = await postgresFor(t);
    const standby = await startStandby(primary);
    t.teardown(() => standby.stop());
    const way = await movableAddress(t, primary);
    await initPostgresStore({ url: way.url, ...node, store: 'k3f9q2ma' });
    const first = await open(t, way.url);
    for (let n = 0; n < 10; n += 1) await first.count();
    await standby.caughtUp();
    await standby.cutOff();
    for (let n = 0; n < 10; n += 1) await first.count();
    t.equal(first.log.durablePosition, 20);
    await primary.kill();
    await standby.promote();
    way.leadTo(standby.port);
    await until('it is noticed', () => first.failures.length > 0);
    t.match(first.failures[0]?.message, /has lost records of the coordinator at .*: 20 were ackn/);
    await first.close();
    await t.rejects(open(t, way.url), /last seen whole on another server: the database has failed/);
    const confirmed = await confirmFailover(way.url);
    t.match(confirmed, [{ role, name: role, store: 'k3f9q2ma', sequence: 10 }]);
    const again = await open(t, way.url);
    t.strictSame(again.numbers, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 'what is there is there');
    t.ok(again.store.identity.epoch > 1_000, 'no epoch is used again');
  },
);
