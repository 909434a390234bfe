/** Three coordinators on one real PostgreSQL: each serves the whole API, one of them decides. */
import pg from 'pg';
import t, { type Test } from 'tap';
import { call, eventually } from '../fixtures/cluster.ts';
import {
  balances,
  initStores,
  openAccounts,
  pay,
  startNodes,
} from '../fixtures/nodes-on-postgres.ts';
import { postgresFor, type Postgres } from '../fixtures/postgres.ts';
import type { Replica } from '../fixtures/replicas.ts';

async function setUp(t: Test) {
  const server = await postgresFor(t);
  const stores = await initStores(t, server.url);
  const nodes = await startNodes(t, stores, 3);
  await openAccounts(nodes.participants, stores, 1_000);
  return { server, ...nodes };
}

/** The process that holds the store, as the database says, and the others. */
async function leadership({ query }: Postgres, coordinators: readonly Replica[]) {
  const [row] = await query<{ address: string | null }>(
    "SELECT address FROM unanimous.stores WHERE role = 'coordinator'",
  );
  const leader = coordinators.find(({ address }) => address === row?.address);
  const [follower, other] = coordinators.filter((one) => one !== leader);
  if (!leader || !follower || !other) throw new Error('nobody leads');
  return { leader, follower, other };
}

/** Nobody changes the row of a store until it is let go. */
async function lockRow(t: Test, { url }: Postgres, name: string) {
  const client = new pg.Client(url);
  await client.connect();
  t.teardown(() => client.end());
  await client.query('BEGIN');
  await client.query('SELECT FROM unanimous.stores WHERE name = $1 FOR UPDATE', [name]);
  return () => client.query('ROLLBACK');
}

const count = async ({ query }: Postgres, store: string, text: string) => {
  const [row] = await query<{ found: string }>(
    `SELECT count(*) AS found FROM unanimous.records
     WHERE store = '${store}' AND position('${text}' IN record::text) > 0`,
  );
  return Number(row?.found);
};

/** Lets the leader decide, and stops it before the row says anything of that. */
async function decideAndStop(t: Test, server: Postgres, leader: Replica, key: string) {
  const unlockBank = await lockRow(t, server, 'bank-b');
  const asked = pay(leader, key);
  // It is waited for at the end; until then a failure is no unhandled one.
  asked.catch(() => undefined);
  await eventually('it is on record that it began', async () => {
    return (await count(server, 'k3f9q2ma', `"key":"${key}"`)) > 0 || undefined;
  });
  const unlock = await lockRow(t, server, 'coordinator');
  await unlockBank();
  const pid = await eventually('the decision waits for the row', async () => {
    const [row] = await server.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity
       WHERE wait_event_type = 'Lock' AND query LIKE '%INSERT INTO unanimous.records%'`,
    );
    return row?.pid;
  });
  leader.signal('SIGSTOP');
  return { asked, unlock, pid };
}

void t.test('any coordinator answers, and one that dies is replaced by another', async (t) => {
  const { server, coordinators, participants } = await setUp(t);
  const keys = ['a', 'b', 'c'];
  for (const [index, key] of keys.entries()) {
    const one = coordinators[index];
    if (!one) throw new Error('three coordinators');
    const reply = await pay(one, key);
    t.equal(reply.status, 201);
    for (const { address } of coordinators) {
      t.strictSame((await call('GET', `${address}/transfers/${reply.body.id}`)).body, reply.body);
    }
  }
  const { leader, follower, other } = await leadership(server, coordinators);
  t.equal((await pay(follower, 'a')).body.id, (await pay(other, 'a')).body.id, 'keys are of all');
  const { body: snapshot } = await call('GET', `${other.address}/snapshot`);
  t.strictSame(snapshot.totals, [{ currency: 'USD', posted: 2_000 }]);
  await leader.end('SIGKILL');
  const replies = await Promise.all([pay(follower, 'd'), pay(other, 'e'), pay(other, 'a')]);
  t.strictSame(
    replies.map(({ status }) => status),
    [201, 201, 201],
    'whoever asks meanwhile waits, and is answered',
  );
  leader.start();
  await eventually('it is back', () => leader.address || undefined);
  t.equal((await pay(leader, 'f')).status, 201);
  t.strictSame(await balances(participants), [
    [994, 0],
    [1_006, 0],
  ]);
  for (const one of [...coordinators, ...participants]) t.equal(await one.end('SIGTERM'), 0);
});

/** What a client hears of a transfer at another coordinator, once that one leads. */
const elsewhere = (follower: Replica, key: string, status: number) =>
  eventually('another one leads', async () => {
    const reply = await pay(follower, key);
    return reply.status === status ? reply.body : undefined;
  });

void t.test('two decide one transfer: the update that comes first wins', async (t) => {
  const { server, coordinators, participants } = await setUp(t);
  const { leader, follower } = await leadership(server, coordinators);
  const { asked, unlock, pid } = await decideAndStop(t, server, leader, 'disputed');
  await server.query(`SELECT pg_terminate_backend(${pid})`);
  await unlock();
  const aborted = await elsewhere(follower, 'disputed', 422);
  t.match(aborted, { code: 'coordinator-restarted', state: 'aborted' });
  leader.signal('SIGCONT');
  const answer = await asked;
  t.strictSame([answer.status, answer.body.transferId], [422, aborted.transferId], 'it follows');
  t.strictSame(await balances(participants), Array(2).fill([1_000, 0]));
  t.ok(leader.isRunning, 'and goes on, by the one that leads');
  t.equal((await pay(leader, 'next')).status, 201);
  t.match(leader.said.join('\n'), /another process has taken the store of the coordinator/);
});

void t.test('a decision in the row is carried out by whoever leads', async (t) => {
  const { server, coordinators, participants } = await setUp(t);
  const { leader, follower } = await leadership(server, coordinators);
  const { asked, unlock } = await decideAndStop(t, server, leader, 'agreed');
  await unlock();
  const committed = await elsewhere(follower, 'agreed', 201);
  await eventually('it is applied', async () => {
    const { body } = await call('GET', `${follower.address}/transfers/${committed.id}`);
    return body.applied || undefined;
  });
  leader.signal('SIGCONT');
  const answer = await asked;
  t.strictSame([answer.status, answer.body.id], [201, committed.id]);
  t.strictSame(await balances(participants), [
    [999, 0],
    [1_001, 0],
  ]);
});
