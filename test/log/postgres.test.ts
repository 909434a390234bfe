/** A store in a real PostgreSQL: one statement for each group commit, and one holder. */
import { connect, createServer, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { systemClock } from '../../log/clock.ts';
import type { Log } from '../../log/log.ts';
import { connect as connectTo } from '../../log/postgres/database.ts';
import { SCHEMA_VERSION } from '../../log/postgres/schema.ts';
import { initPostgresStore, openPostgresStore } from '../../log/postgres/store.ts';
import type { Key } from '../../log/segment-table.ts';
import type { Store } from '../../log/store.ts';
import { until } from '../../client/scenarios/until.ts';
import { postgresFor } from '../fixtures/postgres.ts';
import { inOrder, type TallyRecord } from '../fixtures/tally.ts';

const server = await postgresFor(t);
const { url, query } = server;
let stores = 0;

interface Opened {
  readonly name: string;
  readonly store: Store;
  readonly log: Log<TallyRecord>;
  readonly numbers: number[];
  readonly failures: Error[];
  /** Appends that many of the next numbers. */
  readonly count: (many?: number) => void;
  readonly close: () => Promise<void>;
}

interface Options {
  readonly name?: string;
  readonly url?: string;
  readonly leaseMs?: number;
  readonly segmentBytes?: number;
  readonly onWaiting?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/** Makes a store unless it is named, takes it, and replays its log into a list of numbers. */
async function open(t: Test, options: Options = {}): Promise<Opened> {
  const role = 'participant';
  const name = options.name ?? `bank-${(stores += 1)}`;
  if (options.name === undefined) {
    await initPostgresStore({ url, role, name, store: String(stores).padStart(8, '0') });
  }
  const failures: Error[] = [];
  const onFailure = (error: Error) => failures.push(error);
  const { leaseMs = 60_000, signal, segmentBytes, onWaiting = () => undefined } = options;
  const store = await openPostgresStore({
    ...{ url: options.url ?? url, role, name, leaseMs, signal, clock: systemClock },
    ...{ onFailure, onWaiting },
  });
  const numbers: number[] = [];
  let log: Log<TallyRecord>;
  try {
    log = await store.openLog<TallyRecord>({
      clock: systemClock,
      apply(record) {
        if (record.type === 'counted') numbers.push(record.number);
        else numbers.push(...record.numbers);
      },
      summarise: () => [{ type: 'tallied', numbers: [...numbers] }],
      keyOf: (record): Key | undefined =>
        record.type === 'counted' ? [1, record.number] : undefined,
      onFailure,
      ...(segmentBytes !== undefined && { segmentBytes }),
    });
  } catch (error) {
    await store.close();
    throw error;
  }
  let isOpen = true;
  const leave = async () => {
    if (isOpen) await store.close();
    isOpen = false;
  };
  t.teardown(leave);
  return {
    ...{ name, store, log, numbers, failures },
    count(many = 1) {
      for (let n = 0; n < many; n++) log.append({ type: 'counted', number: numbers.length + 1 });
    },
    async close() {
      await log.close();
      await leave();
    },
  };
}

/** What a client of the database sees of a store. */
const written = async ({ store }: Opened) => {
  const rows = await query<{ number: number }>(
    `SELECT (record->>'number')::int AS number FROM unanimous.records
     WHERE store = '${store.identity.store}' ORDER BY sequence`,
  );
  return rows.map(({ number }) => number);
};

void t.test('what was forced is there after a start, in order', async (t) => {
  const first = await open(t);
  t.equal(first.store.identity.epoch, 1);
  first.count(3);
  t.equal(first.log.durablePosition, 0);
  await first.log.durable();
  t.equal(first.log.durablePosition, 3);
  t.strictSame(await written(first), [1, 2, 3]);
  first.count(12_000);
  await first.close();
  const again = await open(t, { name: first.name });
  t.equal(again.store.identity.epoch, 2, 'each start raises the epoch');
  t.equal(again.numbers.length, 12_003);
  t.ok(inOrder(again.numbers));
  await again.store.raiseEpoch(5);
  t.equal(again.store.identity.epoch, 7);
  await again.close();
});

void t.test('records are found again, whole, by their text and by their key', async (t) => {
  const { log, count, store } = await open(t);
  count(11_000);
  await log.durable();
  const found = async (text: string, from: number, to: number, whole?: boolean) => {
    const sequences: number[] = [];
    for await (const { sequence } of log.search(text, from, to, whole)) sequences.push(sequence);
    return sequences;
  };
  t.strictSame(await found('"number":4999}', 1, 11_000), [4_999]);
  t.strictSame(
    await found('"number":1000', 11_000, 1),
    [10_009, 10_008, 10_007, 10_006, 10_005, 10_004, 10_003, 10_002, 10_001, 10_000, 1_000],
  );
  t.strictSame(await found('"number":1000', 10_002, 10_004), [10_002, 10_003, 10_004]);
  t.strictSame(await found('nothing', 1, 11_000, true), []);
  t.strictSame(log.around([1, 5_001]), { first: 5_001, last: 10_000 });
  t.strictSame(log.around([1, 10_999]), { first: 10_001, last: 11_000 });
  const page = await log.read(10_998, 100);
  t.strictSame(page, [
    { sequence: 10_999, record: { type: 'counted', number: 10_999 } },
    { sequence: 11_000, record: { type: 'counted', number: 11_000 } },
  ]);
  t.strictSame(await log.read(11_000, 5), []);
  await t.rejects(found('', 1, 5), RangeError);
  t.match(log.size, { segments: 3, replayedBytes: Number });
  await query(
    `DELETE FROM unanimous.records WHERE store = '${store.identity.store}' AND sequence = 7`,
  );
  await t.rejects(
    found('nothing', 1, 11_000, true),
    /of the records 1 to 5000 only 4999 are there/,
  );
});

void t.test('a start goes on from the checkpoint', async (t) => {
  const first = await open(t, { segmentBytes: 4_096 });
  for (let round = 0; round < 10; round++) {
    first.count(200);
    await first.log.durable();
  }
  await first.close();
  const id = first.store.identity.store;
  const [row] = await query<{ sequence: string; parts: string }>(
    `SELECT checkpoint_sequence AS sequence,
            (SELECT count(*) FROM unanimous.checkpoints WHERE store = '${id}') AS parts
     FROM unanimous.stores WHERE store = '${id}'`,
  );
  const { sequence, parts } = row ?? { sequence: '0', parts: '0' };
  t.ok(Number(sequence) > 100, `it contains ${sequence} records`);
  t.equal(parts, '3', 'the ones before are gone');
  await query(`DELETE FROM unanimous.records WHERE store = '${id}' AND sequence <= ${sequence}`);
  const again = await open(t, { name: first.name });
  t.equal(again.numbers.length, 2_000);
  t.ok(inOrder(again.numbers));
  t.strictSame(again.log.around([1, 1]), { first: 1, last: 2_000 });
  await again.close();

  await query(`UPDATE unanimous.checkpoints SET part = 9 WHERE store = '${id}' AND part = 2`);
  await t.rejects(open(t, { name: first.name }), /part 2 of the checkpoint of .* is gone/);
  await query(`DELETE FROM unanimous.checkpoints WHERE store = '${id}'`);
  await t.rejects(open(t, { name: first.name }), /part 0 of the checkpoint of .* is gone/);
  await query(`UPDATE unanimous.stores SET sequence = 7 WHERE store = '${id}'`);
  await t.rejects(open(t, { name: first.name }), /contains record \d+, and its log ends at 7/);
});

void t.test('a record that is not there stops a start', async (t) => {
  const first = await open(t);
  first.count(5);
  await first.close();
  const { store } = first.store.identity;
  await query(`DELETE FROM unanimous.records WHERE store = '${store}' AND sequence = 4`);
  await t.rejects(
    open(t, { name: first.name }),
    /is damaged: of the records 1 to 5 only 4 are there/,
  );
});

void t.test('nobody takes a store away from its records', async (t) => {
  const first = await open(t);
  const row = `unanimous.stores WHERE store = '${first.store.identity.store}'`;
  first.count();
  await first.close();
  const has = /there are records of the store \w{8}/;
  await t.rejects(query(`DELETE FROM ${row}`), has);
  await t.rejects(query(`UPDATE ${row.replace('WHERE', "SET store = 'zzzzzzzz' WHERE")}`), has);
  await query(`DELETE FROM ${row.replace('stores', 'records')}`);
  await query(`UPDATE ${row.replace('WHERE', "SET store = 'yyyyyyyy' WHERE")}`);
  await query("DELETE FROM unanimous.stores WHERE store = 'yyyyyyyy'");
  await t.rejects(
    open(t, { name: first.name }).then((other) => other.close()),
    /no store of a/,
  );
});

void t.test('a second process waits until the first one has left', async (t) => {
  const first = await open(t);
  first.count(2);
  const said: string[] = [];
  const second = open(t, { name: first.name, leaseMs: 500, onWaiting: (text) => said.push(text) });
  await until('it says what it waits for', () => said.length > 0);
  t.match(said, [
    /another process holds the store of the participant bank-\d+ at postgres:\/\/127/,
  ]);
  first.count();
  await first.close();
  const { numbers, store, close } = await second;
  t.strictSame(numbers, [1, 2, 3]);
  t.equal(store.identity.epoch, 2);
  await close();

  const third = await open(t, { name: first.name });
  const stop = new AbortController();
  const fourth = open(t, {
    name: first.name,
    signal: stop.signal,
    onWaiting: () => {
      stop.abort();
    },
  });
  await t.rejects(fourth, { name: 'AbortError' });
  await third.close();
});

void t.test('a process that was silent for too long writes and answers no more', async (t) => {
  const first = await open(t, { leaseMs: 500 });
  first.count();
  await first.log.durable();
  const { store } = first.store.identity;
  // As it is when its process was stopped: it has said nothing, and knows of nothing.
  await query(`UPDATE unanimous.stores SET leased_until = '-infinity' WHERE store = '${store}'`);
  const second = await open(t, { name: first.name });
  let answered = false;
  first.count();
  void first.log.durable().then(() => {
    answered = true;
  });
  await until('it hears so', () => first.failures.length > 0);
  t.match(first.failures[0]?.message, /another process has taken the store/);
  second.count();
  await second.log.durable();
  t.strictSame(await written(second), [1, 2]);
  t.notOk(answered, 'nobody hears that what it wrote is there');
  await second.close();
});

void t.test('who has nothing to write does not answer for another process, either', async (t) => {
  const first = await open(t, { leaseMs: 500 });
  const { store } = first.store.identity;
  await query(`UPDATE unanimous.stores SET holder = NULL WHERE store = '${store}'`);
  const second = await open(t, { name: first.name });
  let answered = 0;
  const ask = () =>
    void first.log.durable().then(() => {
      answered += 1;
    });
  await until('it hears so', () => {
    ask();
    return first.failures.length > 0;
  });
  const before = answered;
  ask();
  await second.log.durable();
  t.equal(answered, before);
  await second.close();
});

void t.test('a lease that a wall clock keeps alive ends by the clock of who waits', async (t) => {
  const first = await open(t, { leaseMs: 500 });
  const { store } = first.store.identity;
  await query(
    `UPDATE unanimous.stores SET holder = gen_random_uuid(), leased_until = now() + '1 day'
     WHERE store = '${store}'`,
  );
  const second = await open(t, { name: first.name });
  t.equal(second.store.identity.epoch, 2);
  await second.close();
});

void t.test('who waits lets the holder say first that it has all', async (t) => {
  const owner = { url, role: 'participant', name: 'moves' } as const;
  await initPostgresStore({ ...owner, store: 'moves000' });
  const over = new AbortController();
  const options = {
    ...{ ...owner, leaseMs: 60_000, clock: systemClock, signal: over.signal },
    ...{ onFailure: t.fail.bind(t), onWaiting: () => undefined },
  };
  const holder = await openPostgresStore({ ...options, address: 'http://here' });
  t.teardown(() => holder.close());
  const known: (string | undefined)[] = [];
  const onHolder = (address: string | undefined) => known.push(address);
  const waiting = openPostgresStore({ ...options, onHolder });
  t.teardown(async () => {
    over.abort();
    await waiting.then((store) => store.close()).catch(() => undefined);
  });
  /** All but the first of these have begun after the call. */
  const looks = (many: number) => {
    const enough = known.length + many;
    return Promise.race([waiting, until('it looks', () => known.length >= enough)]);
  };
  await looks(1);
  const moved = "SET server = 'another', leased_until = '-infinity' WHERE name = 'moves'";
  await query(`UPDATE unanimous.stores ${moved}`);
  await looks(2);
  t.equal(await holder.beat(), 0, 'the holder finds all there');
  t.ok(
    known.every((address) => address === 'http://here'),
    'nobody else leads meanwhile',
  );
  await holder.close();
  t.equal((await waiting).identity.epoch, 2);
});

void t.test('however much is read, a write does not wait for it', async (t) => {
  const database = await connectTo(url);
  t.teardown(() => database.close());
  await query('SELECT pg_advisory_lock(1)');
  const many = Array.from({ length: 10 }, () =>
    database.read('SELECT pg_advisory_xact_lock(1)', []),
  );
  const reading = Promise.all(many).then(() => 'read');
  t.equal(
    await Promise.race([reading, database.query('SELECT 1').then(() => 'written')]),
    'written',
  );
  await query('SELECT pg_advisory_unlock(1)');
  await reading;
});

void t.test('a statement whose connection dies is made once', async (t) => {
  const first = await open(t);
  const { store } = first.store.identity;
  first.count();
  await first.log.durable();
  await query('BEGIN');
  await query(`SELECT FROM unanimous.stores WHERE store = '${store}' FOR UPDATE`);
  first.count(3);
  const forced = first.log.durable();
  const [killed] = await until('it waits for the row', async () => {
    const rows = await query<{ killed: boolean }>(
      `SELECT pg_terminate_backend(pid) AS killed FROM pg_stat_activity
       WHERE application_name = 'unanimous' AND wait_event_type = 'Lock'
         AND query LIKE '%json_array_elements%'`,
    );
    return rows.length > 0 && rows;
  });
  t.equal(killed?.killed, true);
  await query('COMMIT');
  await forced;
  first.count();
  await first.log.durable();
  t.strictSame(await written(first), [1, 2, 3, 4, 5]);
  t.strictSame(first.failures, []);
  await first.close();
});

/** A way to the database on which answers can be lost. */
async function lossyWay(t: Test) {
  const sockets = new Set<Socket>();
  const way = { mute: false, url: '' };
  const proxy = createServer((near) => {
    const far = connect(server.port, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket
        .on('error', () => undefined)
        .on('close', () => {
          near.destroy();
          far.destroy();
        });
    }
    near.pipe(far);
    far.on('data', (bytes) => way.mute || near.write(bytes));
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    proxy.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = proxy.address() as { port: number };
  way.url = url.replace(`:${server.port}/`, `:${port}/`);
  return {
    way,
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

void t.test('a statement whose answer was lost is not made again', async (t) => {
  const { way, cut } = await lossyWay(t);
  const first = await open(t);
  await first.close();
  const again = await open(t, { name: first.name, url: way.url });
  again.count();
  await again.log.durable();
  way.mute = true;
  again.count(2);
  const forced = again.log.durable();
  await until('it is committed', async () => (await written(again)).length === 3);
  t.equal(again.log.durablePosition, 1, 'nobody knows here');
  again.count();
  way.mute = false;
  cut();
  await forced;
  await again.log.durable();
  t.strictSame(await written(again), [1, 2, 3, 4]);
  t.strictSame(again.failures, []);
  await again.close();
});

void t.test('what must not be is refused in a sentence', async (t) => {
  const role = 'participant';
  const closed = await open(t);
  await closed.close();
  const { name } = closed;
  const quiet = { onFailure: () => undefined, onWaiting: () => undefined, signal: undefined };
  const owner = { ...quiet, role, name, leaseMs: 1_000, clock: systemClock } as const;
  await t.rejects(
    initPostgresStore({ url, role, name, store: 'zzzzzzzz' }),
    /already holds the store of a participant named bank-\d+: use it, or give another name/,
  );
  await t.rejects(
    open(t, { name: 'nobody' }),
    /make it with unanimous init --role participant --name nobody --store URL/,
  );
  for (const [setting, context] of [
    ['fsync', 'SYSTEM'],
    ['full_page_writes', 'SYSTEM'],
    ['synchronous_commit', 'DATABASE postgres'],
  ]) {
    await query(`ALTER ${context} SET ${setting} = off`);
    await query('SELECT pg_reload_conf()');
    await t.rejects(
      until('it has read its settings', () =>
        open(t, { name }).then((opened) => opened.close().then(() => false)),
      ),
      new RegExp(`the database server has ${setting} off`),
    );
    await query(`ALTER ${context} RESET ${setting}`);
    await query('SELECT pg_reload_conf()');
  }
  await query(
    "CREATE DATABASE latin TEMPLATE template0 ENCODING LATIN1 LC_COLLATE 'C' LC_CTYPE 'C'",
  );
  await t.rejects(
    openPostgresStore({ ...owner, url: url.replace(/postgres$/, 'latin') }),
    /the encoding of the database is LATIN1, which cannot hold every text/,
  );
  await query("CREATE ROLE nobody LOGIN PASSWORD 'Geheim'");
  await t.rejects(
    openPostgresStore({ ...owner, url: url.replace('postgres:password', 'nobody:Geheim') }),
    {
      name: 'StoreError',
      message: /^the database at postgres:\/\/127.* refuses: permission denied for/,
    },
  );
  await query('UPDATE unanimous.version SET version = 99');
  const knows = `this program knows ${SCHEMA_VERSION}: run the newer program`;
  await t.rejects(open(t, { name }), new RegExp(`have version 99, and ${knows}`));
  await query(`UPDATE unanimous.version SET version = ${SCHEMA_VERSION}`);
  const away = 'postgres://me:Geheim@127.0.0.1:1/bank';
  const refused = initPostgresStore({ url: away, role, name, store: 'zzzzzzzz' });
  await t.rejects(
    refused,
    /cannot use the database at postgres:\/\/127\.0\.0\.1:1\/bank: .*REFUSED/,
  );
  await t.rejects(
    refused.catch((error: unknown) => {
      throw new Error(String(error).replace(/Geheim/g, 'it is told'));
    }),
    /^((?!it is told).)*$/,
  );
});
