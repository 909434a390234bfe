/** The database of a whole cluster fails over to its standby, while clients pay. */
import t, { type Test } from 'tap';
import { call, eventually } from '../fixtures/cluster.ts';
import { movableAddress } from '../fixtures/movable-address.ts';
import {
  balances,
  initStores,
  openAccounts,
  pay,
  startNodes,
  type Nodes,
  type Stores,
} from '../fixtures/nodes-on-postgres.ts';
import { postgresFor, startStandby, synchronousPair } from '../fixtures/postgres.ts';
import type { Replica } from '../fixtures/replicas.ts';
import { runProgram } from '../fixtures/run-program.ts';

const coordinators = 2;
const opened = 10_000;

/** A database comes back within that, on a busy machine. Milliseconds. */
const outageMs = 60_000;

/** Pays until it is over, each time under a new key, which it repeats until it has an answer. */
async function payOn(coordinator: Replica, name: string, ids: Set<string>, over: AbortSignal) {
  for (let n = 1; !over.aborted; n += 1) {
    const find = async () => {
      const reply = await pay(coordinator, `${name}-${n}`).catch(() => undefined);
      return reply && [201, 422].includes(reply.status) && reply;
    };
    const { status, body } = await eventually('it has an outcome', find, outageMs);
    if (status === 201) ids.add(body.id);
    else if (body.code !== 'vote-timeout') throw new Error(body.detail);
  }
}

/** What was acknowledged is all that is there, in memory and in the tables. */
async function checkPaid(t: Test, nodes: Nodes, { url }: Stores, ids: ReadonlySet<string>) {
  const [coordinator] = nodes.coordinators;
  for (const id of ids) {
    const { body } = await call('GET', `${coordinator?.address}/transfers/${id}`);
    t.equal(body.state, 'committed', id);
  }
  const wanted = [
    [opened - ids.size, 0],
    [opened + ids.size, 0],
  ];
  const found = await eventually('nothing is held', async () => {
    const all = await balances(nodes.participants);
    return all.every(([, held]) => held === 0) && all;
  });
  t.strictSame(found, wanted);
  const audited = await runProgram(['audit', url, '--json']);
  t.equal(audited.code, 0, audited.err);
  t.match(JSON.parse(audited.out), { violationCount: 0, transfers: { committed: ids.size } });
}

void t.test('nothing acknowledged is lost with a synchronous standby', async (t) => {
  const [primary, standby] = await synchronousPair(t);
  const way = await movableAddress(t, primary);
  const stores = await initStores(t, way.url);
  // Who waits gives up when the holder has not looked for so long.
  const nodes = await startNodes(t, stores, coordinators, 10_000);
  await openAccounts(nodes.participants, stores, opened);
  const ids = new Set<string>();
  const over = new AbortController();
  t.teardown(() => over.abort());
  const clients = nodes.coordinators.flatMap((one, at) =>
    ['a', 'b'].map((name) => payOn(one, `${name}${at}`, ids, over.signal)),
  );
  const paying = Promise.all(clients);
  await Promise.race([paying, eventually('much is paid', () => ids.size > 100)]);
  await primary.kill();
  const before = ids.size;
  await standby.promote();
  way.leadTo(standby.port);
  await Promise.race([paying, eventually('they pay on', () => ids.size > before + 50, outageMs)]);
  over.abort();
  await paying;
  await checkPaid(t, nodes, stores, ids);
  const all = [...nodes.coordinators, ...nodes.participants];
  for (const one of all) t.equal(await one.end('SIGTERM'), 0, 'it has run all the while');
});

void t.test('nobody presumes anything when a standby lacks what was acknowledged', async (t) => {
  const primary = await postgresFor(t);
  const standby = await startStandby(primary);
  t.teardown(() => standby.stop());
  const way = await movableAddress(t, primary);
  const stores = await initStores(t, way.url);
  const nodes = await startNodes(t, stores, coordinators);
  await openAccounts(nodes.participants, stores, opened);
  const [one] = nodes.coordinators;
  if (!one) throw new Error('there are coordinators');
  const kept = await pay(one, 'kept');
  t.equal(kept.status, 201);
  await standby.caughtUp();
  await standby.cutOff();
  const lost = await pay(one, 'lost');
  t.equal(lost.status, 201);
  const asker = { authorization: `Bearer ${stores.keys.participant}` };
  const ask = async ({ address }: Replica) => {
    const reply = await call('GET', `${address}/decisions/${lost.body.id}`, undefined, asker);
    return reply.body.state;
  };
  t.equal(await ask(one), 'committed');

  await primary.kill();
  await standby.promote();
  way.leadTo(standby.port);
  const heard = new Set<unknown>();
  const allHaveEnded = (all: readonly Replica[]) =>
    eventually(
      'all have ended',
      async () => {
        const running = nodes.coordinators.filter(({ address }) => address !== '');
        for (const each of running) heard.add(await ask(each).catch(() => undefined));
        return !all.some(({ isRunning }) => isRunning);
      },
      outageMs,
    );
  const all = [...nodes.coordinators, ...nodes.participants];
  await allHaveEnded(all);
  const why = /has lost records of|has taken the store of|was last seen whole on another server/;
  for (const { said } of all) t.match(said.join('\n'), why);
  for (const each of all) each.start();
  await allHaveEnded(all);
  for (const { said } of all) t.match(said.at(-1), /was last seen whole on another server/);
  t.notOk(heard.has('presumed-aborted'), 'nobody was told that it is aborted');

  const confirmed = await runProgram(['confirm-failover', '--store', way.url]);
  t.equal(confirmed.code, 0, confirmed.err);
  const later = await startNodes(t, stores, coordinators);
  const [again] = later.coordinators;
  if (!again) throw new Error('there are coordinators');
  const repeated = await eventually('it goes on', async () => {
    const reply = await pay(again, 'lost');
    return reply.status === 201 && reply.body;
  });
  t.not(repeated.id, lost.body.id, 'it never happened, and its key is free');
  t.equal((await pay(again, 'kept')).body.id, kept.body.id);
  await checkPaid(t, later, stores, new Set([kept.body.id, repeated.id]));
});
