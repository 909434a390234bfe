/** A cluster on one real PostgreSQL, each node served by two processes, whatever dies. */
import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { makeKeys } from '../../http/keys.ts';
import { initPostgresStore } from '../../log/postgres/store.ts';
import { call, eventually } from '../fixtures/cluster.ts';
import { cutWrites } from '../fixtures/cut-writes.ts';
import { postgresFor, type Postgres } from '../fixtures/postgres.ts';
import { ReplicatedNode, type Replica } from '../fixtures/replicas.ts';

const banks = ['bank-a', 'bank-b', 'bank-c'];
const opening = 100_000;

interface Setup {
  readonly server: Postgres;
  readonly nodes: readonly ReplicatedNode[];
  readonly address: string;
}

async function setUp(t: Test): Promise<Setup> {
  const server = await postgresFor(t);
  const keys = makeKeys();
  const keyFile = join(t.testdir(), 'keys.json');
  writeFileSync(keyFile, JSON.stringify(keys), { mode: 0o600 });
  const common = [
    ...['--store', server.url, '--keys', keyFile, '--port', '0', '--lease-ms', '1500'],
    ...['--log-level', 'warn', '--max-backoff-ms', '250'],
  ];
  const coordinator = new ReplicatedNode('coordinator', 2, ['coordinator', ...common]);
  await coordinator.proxy.listen();
  const { address } = coordinator.proxy;
  const participants = banks.map(
    (name) =>
      new ReplicatedNode(name, 2, [
        ...['participant', ...common, '--name', name, '--coordinator', address],
        ...['--register-backoff-ms', '100', '--heartbeat-ms', '500'],
      ]),
  );
  const nodes = [coordinator, ...participants];
  t.teardown(() => Promise.all(nodes.map((node) => node.kill())));
  const { url } = server;
  await initPostgresStore({ url, role: 'coordinator', name: 'coordinator', store: 'k3f9q2ma' });
  for (const [index, name] of banks.entries()) {
    await initPostgresStore({ url, role: 'participant', name, store: `bank000${index}` });
  }
  for (const node of nodes) {
    node.revive();
    await eventually(`${node.name} works`, () => node.active);
  }
  const operator = { authorization: `Bearer ${keys.operator}` };
  await eventually('all have registered', async () => {
    const { body } = await call('GET', `${address}/participants`);
    return body.data.filter((one: { health: string }) => one.health === 'up').length === 3;
  });
  for (const node of participants) {
    const account = { id: 'main', currency: 'USD', balance: opening, minimum: 0 };
    const { status } = await call('POST', `${node.active?.address}/accounts`, account, operator);
    t.equal(status, 201);
  }
  return { server, nodes, address };
}

interface Outcome {
  readonly from: string;
  readonly to: string;
  readonly amount: number;
  readonly committed: boolean;
}

/** Sends transfers until `done`, and asks again under the same key until each has its outcome. */
async function customer(address: string, name: string, done: () => boolean): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let n = 0; !done(); n += 1) {
    const from = banks[randomInt(banks.length)] ?? '';
    const to = banks.filter((bank) => bank !== from)[randomInt(banks.length - 1)] ?? '';
    const amount = randomInt(1, 2_000);
    const body = { from: `${from}/main`, to: `${to}/main`, amount, currency: 'USD' };
    const committed = await eventually(
      `${name}-${n} has an outcome`,
      async () => {
        const headers = { 'idempotency-key': `${name}-${n}` };
        const answer = await call('POST', `${address}/transfers`, body, headers).catch(() => null);
        if (answer?.status === 201) return 'yes';
        return answer?.body.state === 'aborted' && 'no';
      },
      60_000,
    );
    outcomes.push({ from, to, amount, committed: committed === 'yes' });
  }
  return outcomes;
}

/** Takes snapshots until `done`: each of them has all the money. Gives how many there were. */
async function watchMoney(t: Test, address: string, done: () => boolean): Promise<number> {
  for (let seen = 0; ; seen += 1) {
    const totals = await eventually(
      'a snapshot',
      async () => {
        if (done()) return 'over';
        const answer = await call('GET', `${address}/snapshot`).catch(() => null);
        return answer?.status === 200 && answer.body.totals;
      },
      60_000,
    );
    if (totals === 'over') return seen;
    const [{ posted }] = totals;
    if (posted !== banks.length * opening) t.fail(`a snapshot has ${posted}`);
  }
}

/** What happens to the process that works; then another one must work, without it. */
const faults: Record<string, (active: Replica) => Promise<unknown>> = {
  'kill -9': (active) => active.end('SIGKILL'),
  SIGTERM: (active) => active.end('SIGTERM'),
  SIGSTOP: async (active) => {
    active.signal('SIGSTOP');
  },
};

void t.test('money stays whole while processes, connections and the database die', async (t) => {
  const { server, nodes, address } = await setUp(t);
  let isOver = false;
  const done = () => isOver;
  const customers = Array.from({ length: 6 }, (_, n) => customer(address, `customer-${n}`, done));
  const working = Promise.all([Promise.all(customers), watchMoney(t, address, done)]);
  // It is waited for at the end; until then a failure is no unhandled one.
  working.catch(() => undefined);

  for (const node of nodes.slice(0, 2)) {
    for (const [what, happen] of Object.entries(faults)) {
      const { active } = node;
      if (!active) throw new Error(`nothing works for ${node.name}`);
      await happen(active);
      await eventually(`another process works after ${what} of ${node.name}`, () => {
        return node.active !== active && node.active;
      });
      if (what === 'SIGSTOP') {
        active.signal('SIGCONT');
        const ended = () => !active.isRunning;
        await eventually(`what was paused ends itself`, ended);
        t.match(active.said.at(-1), /another process has taken the store|stale-epoch/);
      }
      node.revive();
      t.pass(`${what} of ${node.name}`);
    }
  }
  let cut = 0;
  await eventually(
    'ten statements are cut in the middle',
    async () => {
      for (const node of nodes) node.revive();
      cut += await cutWrites(server);
      return cut >= 10;
    },
    60_000,
  );
  await server.kill();
  await server.restart();
  const after = await eventually(
    'a transfer is committed after the crash of the database',
    async () => {
      for (const node of nodes) node.revive();
      const body = { from: 'bank-a/main', to: 'bank-b/main', amount: 1, currency: 'USD' };
      const headers = { 'idempotency-key': 'after' };
      const answer = await call('POST', `${address}/transfers`, body, headers).catch(() => null);
      return answer?.status === 201 && answer.body;
    },
    60_000,
  );
  isOver = true;
  const [outcomes, snapshots] = await working;
  t.ok(snapshots > 0, `${snapshots} snapshots had all the money`);

  const wanted = new Map(banks.map((bank) => [bank, opening]));
  const book = ({ from, to, amount, committed }: Outcome) => {
    if (!committed) return;
    wanted.set(from, (wanted.get(from) ?? 0) - amount);
    wanted.set(to, (wanted.get(to) ?? 0) + amount);
  };
  const all = outcomes.flat();
  for (const outcome of all) book(outcome);
  book({ from: 'bank-a', to: 'bank-b', amount: after.legs[0].amount, committed: true });
  t.ok(all.filter(({ committed }) => committed).length > 20, `${all.length} outcomes`);
  await eventually(
    'all accounts have what the customers were told',
    async () => {
      for (const [bank, posted] of wanted) {
        const node = nodes.find(({ name }) => name === bank);
        const url = `${node?.active?.address}/accounts/main`;
        const { body } = await call('GET', url).catch(() => ({ body: {} }));
        if (body.posted !== posted || body.held !== 0) return false;
      }
      return true;
    },
    30_000,
  );
  const said = nodes.flatMap(({ replicas }) => replicas.flatMap((replica) => replica.said));
  const alarms = said.filter((line) => /invariant|has lost records/.test(line));
  t.strictSame(alarms, []);
});
