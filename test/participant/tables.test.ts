/** The tables of accounts in PostgreSQL: filled when they lack records, and never wrong. */
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import pg from 'pg';
import t, { type Test } from 'tap';
import { until } from '../../client/scenarios/until.ts';
import { systemClock } from '../../log/clock.ts';
import { moveStore } from '../../log/postgres/move-store.ts';
import { initStore, openStore } from '../../log/store.ts';
import { keyOf, type Fact } from '../../participant/participant.ts';
import { MemoryDisk } from '../fixtures/memory-disk.ts';
import { nothing } from '../fixtures/nothing.ts';
import { postgresFor } from '../fixtures/postgres.ts';
import { runs } from '../fixtures/property-runs.ts';
import {
  abort,
  comparable,
  commit,
  emptyTables,
  idOf,
  keeperOf,
  leg,
  openBank,
  postgresKeeper,
  prepare,
  promise,
  wantedTables,
  type Bank,
  type Event,
  type Keeper,
  type Tables,
} from '../fixtures/stored-bank.ts';

const server = await postgresFor(t);
const { query, url } = server;
let stores = 0;

interface Place extends Keeper {
  readonly store: string;
  readonly read: () => Promise<Tables>;
}

/** A new store, as of which the tables can be read. */
async function place(): Promise<Place> {
  const store = String((stores += 1)).padStart(8, '0');
  const keeper = await postgresKeeper(server, store);
  const { tables } = keeper;
  if (!tables) throw new Error('a database has tables');
  return { ...keeper, store, read: tables };
}

const usd = { currency: 'USD', minimum: 0 };

/** Alice has 100, bob nothing. */
async function openAccounts({ participant }: Bank): Promise<void> {
  await participant.openAccount({ ...usd, id: 'alice', balance: 100 });
  await participant.openAccount({ ...usd, id: 'bob', balance: 0 });
}

void t.test('tables that lack records are filled before a node serves', async (t) => {
  const there = await place();
  const bank = await openBank(t, there);
  await openAccounts(bank);
  const many = Array.from({ length: 2_600 }, (_, index) => index + 1);
  await bank.receive(
    // More than what one statement fills.
    ...many.flatMap((n) => [
      prepare(n, leg('alice', 1), leg('bob', 2), leg('alice', 3)),
      commit(n),
    ]),
  );
  await bank.receive(prepare(3_000, leg('alice', -7), leg('bob', -8), leg('alice', 9)));
  await bank.participant.freeze('bob', true);
  const before = await there.read();
  t.match(before, { booked: 5_205, sequence: 5_205 });
  t.equal(before.entries.length, 7_802);
  await bank.close();

  await emptyTables(query, there.store);
  // Something is in the way of the second part.
  const other = `'${there.store}', 'other'`;
  await query(
    `INSERT INTO unanimous.accounts
       (store, account, currency, posted, held, pending, minimum, frozen, opened_at)
     VALUES (${other}, 'USD', 0, 0, 0, 0, false, now())`,
  );
  await query(
    `INSERT INTO unanimous.holds (store, account, transfer, leg, amount, at)
     VALUES (${other}, '${idOf(3_000)}', 2, 1, now())`,
  );
  await t.rejects(
    openBank(t, there),
    /duplicate key value violates unique constraint "holds_pkey"/,
  );
  t.match(await there.read(), { booked: 5_000, sequence: 5_205 }, 'what was filled stays');
  for (const table of ['holds', 'accounts']) {
    await query(`DELETE FROM unanimous.${table} WHERE (store, account) = (${other})`);
  }
  const said: string[] = [];
  const again = await openBank(t, there, (text) => said.push(text));
  t.match(said, [
    /^the tables of the participant bank-\d+ at .* lack 205 records of its log: fill/,
  ]);
  t.strictSame(await there.read(), before);
  await again.close();
  const last = await openBank(t, there, (text) => said.push(text));
  t.equal(said.length, 1, 'a start that finds all of them does nothing');
  await last.close();
});

void t.test('a write reads the accounts that it changes, and not all that there are', async (t) => {
  const there = await place();
  const bank = await openBank(t, there);
  const [accounts, writes] = [400, 50];
  for (let n = 0; n < accounts; n += 1) {
    await bank.participant.openAccount({ ...usd, id: `account-${n}`, balance: 1 });
  }
  /** Of all stores; a connection says what it has done when it ends. */
  const counted = async () => {
    await until('all have ended', async () => {
      const own = "SELECT FROM pg_stat_activity WHERE application_name = 'unanimous'";
      return (await query(own)).length === 0;
    });
    const [row] = await query<{ changed: string; looked: string }>(
      `SELECT n_tup_upd AS changed, idx_tup_fetch + seq_tup_read AS looked
       FROM pg_stat_user_tables WHERE relname = 'accounts'`,
    );
    return { changed: Number(row?.changed), looked: Number(row?.looked) };
  };
  await bank.close();
  const before = await counted();
  const again = await openBank(t, there);
  for (let n = 1; n <= writes; n += 1) {
    await again.receive(prepare(n, leg(`account-${n}`, 1)));
    await again.receive(commit(n));
  }
  await again.close();
  const changes = 2 * writes;
  const after = await counted();
  t.equal(after.changed - before.changed, changes);
  // Each once by the write, and once for the reference of a hold or an entry.
  const looked = after.looked - before.looked;
  t.ok(looked <= 3 * changes, `${looked} were read`);
});

void t.test('a store that was in a folder has its tables from its first start on', async (t) => {
  const disk = new MemoryDisk();
  const [role, folder] = ['participant', '/data'] as const;
  const store = 'movedone';
  await initStore({ folder, role, store, disk });
  const keeper: Keeper = {
    tables: undefined,
    open: () => openStore({ folder, role, disk, pid: 1 }),
  };
  const bank = await openBank(t, keeper);
  await openAccounts(bank);
  // Enough for segments that are sealed, and for a checkpoint.
  for (let n = 1; n <= 60; n++) await bank.receive(prepare(n, leg('bob', 1)), commit(n));
  await bank.receive(prepare(61, leg('alice', -60)));
  const wanted = await wantedTables(bank, 0);
  await bank.close();
  const { records } = await moveStore<Fact>({
    ...{ folder, disk, pid: 2, archives: [], clock: systemClock, url, keyOf, name: undefined },
    nameIn: (record) => (record.type === 'named' ? record.name : undefined),
    prove: () => Promise.resolve(),
    onWaiting: () => undefined,
    onSegment: () => undefined,
  });
  t.ok(records > 123, 'there are seals among them');
  const there = await place();
  await query(`UPDATE unanimous.stores SET name = 'other' WHERE store = '${there.store}'`);
  const name = `bank-${there.store}`;
  await query(`UPDATE unanimous.stores SET name = '${name}' WHERE store = '${store}'`);
  const again = await openBank(t, there);
  const [row] = await query<{ booked: string; sequence: string }>(
    `SELECT booked, sequence FROM unanimous.stores WHERE store = '${store}'`,
  );
  t.equal(row?.booked, row?.sequence);
  const now = await wantedTables(again, 0);
  t.strictSame(comparable(now), comparable(wanted));
  await again.close();
});

/** Events whose write must be refused: the node stops, and nothing of it is there. */
async function refused(t: Test, { sql, says }: { sql: string; says: RegExp }, event: Event) {
  const there = await place();
  const bank = await openBank(t, there);
  await openAccounts(bank);
  await bank.receive(prepare(1, leg('alice', -60)), prepare(2, leg('bob', 5)));
  await query(sql.replaceAll('STORE', `store = '${there.store}'`));
  const before = await there.read();
  let answered = false;
  bank.receive(event).then(
    () => {
      answered = true;
    },
    () => undefined,
  );
  await until('the node stops', () => bank.failures.length > 0);
  t.match(bank.failures[0]?.message, says);
  t.notOk(answered);
  t.strictSame(await there.read(), before);
}

void t.test('what breaks a rule of money is not written, and stops the node', async (t) => {
  const accounts = 'UPDATE unanimous.accounts SET';
  await refused(
    t,
    {
      sql: `${accounts} posted = 90 WHERE STORE AND account = 'alice'`,
      says: /null value in column "posted" of relation "accounts" violates not-null constraint/,
    },
    commit(1),
  );
  await refused(
    t,
    {
      sql: `${accounts} held = 90 WHERE STORE AND account = 'alice'`,
      says: /violates check constraint "accounts_keep_their_minimum"/,
    },
    prepare(3, leg('alice', -40)),
  );
  await refused(
    t,
    {
      sql: `${accounts} pending = ${Number.MAX_SAFE_INTEGER} WHERE STORE AND account = 'bob'`,
      says: /violates check constraint "accounts_(keep_their_headroom|pending_check)"/,
    },
    prepare(3, leg('bob', 1)),
  );
  await refused(
    t,
    {
      sql: `${accounts} held = 0 WHERE STORE AND account = 'alice'`,
      says: /violates check constraint "accounts_held_check"/,
    },
    abort(1),
  );
  await refused(
    t,
    {
      sql: `UPDATE unanimous.stores SET booked = 2 WHERE STORE;
            DELETE FROM unanimous.entries WHERE STORE AND account = 'bob';
            DELETE FROM unanimous.holds WHERE STORE AND account = 'bob';
            DELETE FROM unanimous.accounts WHERE STORE AND account = 'bob'`,
      says: /null value in column "booked"/,
    },
    // It changes no table: but they lack something, and would not seem to.
    abort(9),
  );
});

void t.test('a process that has lost the store changes no table', async (t) => {
  const there = await place();
  const bank = await openBank(t, there);
  await openAccounts(bank);
  await bank.receive(prepare(1, leg('alice', -60)));
  const before = await there.read();
  await query(
    `UPDATE unanimous.stores SET holder = gen_random_uuid() WHERE store = '${there.store}'`,
  );
  await t.rejects(
    bank.receive(commit(1), prepare(2, leg('bob', 1))),
    /another process has taken the store/,
  );
  t.strictSame(await there.read(), before);
});

const account = fc.constantFrom('alice', 'bob', 'carol');
const n = fc.integer({ min: 1, max: 6 });
const amount = fc.integer({ min: -70, max: 70 }).filter((value) => value !== 0);
const legs = fc.array(
  fc.tuple(account, amount).map(([name, value]) => leg(name, value)),
  { minLength: 1, maxLength: 3 },
);
const event: fc.Arbitrary<Event> = fc.oneof(
  fc.tuple(n, legs).map(([number, all]) => prepare(number, ...all)),
  fc.tuple(n, legs).map(([number, all]) => prepare(number, ...all)),
  n.map((number) => commit(number)),
  n.map((number) => abort(number)),
  fc.tuple(n, legs).map(([number, all]) => {
    const { lowerTs, timeoutMs } = promise;
    const one = { type: 'commit-one-phase', lowerTs, timeoutMs, timestamp: number } as const;
    return { ...one, n: number, legs: all };
  }),
);
type Step = (bank: Bank) => Promise<unknown>;
const outcome = fc.constantFrom('committed' as const, 'aborted' as const);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .array(event, { minLength: 1, maxLength: 6 })
      .map((events) => (bank: Bank) => bank.receive(...events)),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(n, outcome).map(([number, wanted]) => ({ participant }: Bank) => {
      return participant.resolve(idOf(number), wanted, 'said so');
    }),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(n, fc.boolean()).map(([number, compensate]) => ({ participant }: Bank) => {
      return participant.dismiss(idOf(number), 'booked', compensate);
    }),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(account, fc.boolean()).map(([id, frozen]) => ({ participant }: Bank) => {
      return participant.freeze(id, frozen);
    }),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 0, max: 50 }).map((balance) => ({ participant }: Bank) => {
      return participant.openAccount({ id: 'carol', currency: 'USD', balance, minimum: -20 });
    }),
  },
);

void t.test('whatever happens, together or not, the tables say what the node says', async (t) => {
  let checks = 0;
  // What is in one list happens at once.
  const story = fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), {
    minLength: 3,
    maxLength: 8,
  });
  const property = fc.asyncProperty(story, async (steps) => {
    const there = await place();
    let bank = await openBank(t, there);
    await openAccounts(bank);
    const check = async () => {
      await bank.orFailure(bank.participant.durable());
      const tables = await there.read();
      const wanted = await wantedTables(bank, tables.sequence);
      const [is, should] = [tables, wanted].map((one) => JSON.stringify(comparable(one)));
      if (is !== should) throw new Error(`the tables say ${is}, and the node ${should}`);
      for (const failure of bank.failures) throw failure;
      checks += 1;
      return tables;
    };
    for (const together of steps) {
      await bank.orFailure(Promise.all(together.map((one) => one(bank))));
      await check();
    }
    const before = await check();
    await bank.close();
    await emptyTables(query, there.store);
    bank = await openBank(t, there);
    const after = await check();
    if (JSON.stringify(after) !== JSON.stringify(before)) throw new Error('filled differently');
    await bank.close();
  });
  await fc.assert(property, runs(15));
  t.comment(`${checks} times the tables said what the node said`);
  t.ok(checks > 40);
});

/** What docs/SCALING.md has to be typed, in one of its sections. */
function sqlOf(section: string): string[] {
  const text = readFileSync(new URL('../../docs/SCALING.md', import.meta.url), 'utf8');
  const [, part = ''] = text.split(`${section}\n`);
  const [own = ''] = part.split(/^## /m);
  return [...own.matchAll(/^```sql\n(.*?)^```/gms)].map(([, sql = '']) => sql);
}

void t.test('the rights and queries of the documentation are enough', async (t) => {
  const there = await place();
  const grants = sqlOf('## 3. Set up').flatMap(
    (sql) => sql.match(/^GRANT .* ON (?!DATABASE).*;$/gm) ?? [],
  );
  await query("CREATE ROLE unanimous_node LOGIN PASSWORD 'node'");
  await query("CREATE ROLE unanimous_reader LOGIN PASSWORD 'reader'");
  for (const grant of grants) await query(grant);
  const as = (role: string) => url.replace('postgres:password', role);
  const node = keeperOf({ url: as('unanimous_node:node'), query }, there.store);
  const bank = await openBank(t, node);
  await openAccounts(bank);
  await bank.receive(prepare(1, leg('alice', -60)), prepare(42, leg('bob', 5)));
  await bank.receive(commit(1), commit(42), prepare(2, leg('alice', -1)));
  await bank.close();
  await emptyTables(query, there.store);
  await openBank(t, node).then((again) => again.close());
  const { booked, sequence } = await there.read();
  t.equal(booked, sequence);

  await query('CREATE SCHEMA bank CREATE TABLE customers (name text, account text)');
  await query("INSERT INTO bank.customers VALUES ('Alice', 'alice')");
  await query('GRANT USAGE ON SCHEMA bank TO unanimous_reader');
  await query('GRANT SELECT ON bank.customers TO unanimous_reader');
  await query(`UPDATE unanimous.stores SET name = 'bank-a' WHERE store = '${there.store}'`);
  const reader = new pg.Client(as('unanimous_reader:reader'));
  await reader.connect();
  const [queries = '', repair = ''] = sqlOf('### Accounts, holds and entries');
  const answers: unknown[] = [];
  for (const one of queries.split(';\n').filter((text) => /SELECT/.test(text))) {
    const { rows } = await reader.query<{ name?: string; store?: string }>(one);
    // The other tests have stores here as well.
    const own = [undefined, 'bank-a', 'Alice', there.store];
    answers.push(rows.filter(({ name, store }) => own.includes(name) && own.includes(store)));
  }
  await t.rejects(reader.query('DELETE FROM unanimous.holds'), /permission denied/);
  await reader.end();
  const booked42 = { name: 'bank-a', account: 'bob', kind: 'transfer', amount: '5' };
  t.match(answers, [
    [{ name: 'Alice', currency: 'USD', posted: '40', held: '1', available: '39' }],
    [
      { kind: 'transfer', amount: '-60', balance: '40' },
      { kind: 'opening', balance: '100' },
    ],
    ...[nothing, [booked42], Array, [{ currency: 'USD', accounts: String }], nothing],
  ]);
  await query(repair.replaceAll('k3f9q2ma', there.store));
  t.match(await there.read(), { booked: 0, accounts: nothing, holds: nothing, entries: nothing });
});
