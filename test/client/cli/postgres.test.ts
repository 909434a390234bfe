/** The built program on a real PostgreSQL: `init`, nodes and `doctor`, and what they refuse. */
import pg from 'pg';
import t from 'tap';
import { call, eventually } from '../../fixtures/cluster.ts';
import { postgresFor } from '../../fixtures/postgres.ts';
import { Replica } from '../../fixtures/replicas.ts';
import { runProgram } from '../../fixtures/run-program.ts';

const server = await postgresFor(t);
const { url, query } = server;
const place = `postgres://127\\.0\\.0\\.1:${server.port}`;
/** Nobody listens there. */
const away = 'postgres://me:Geheim@127.0.0.1:1/money';
const coordinatorAt = ['--coordinator', 'http://127.0.0.1:1'];

/** A database of its own, so that no test sees the stores of another one. */
async function databaseFor(name: string): Promise<string> {
  await query(`CREATE DATABASE ${name}`);
  return url.replace(/postgres$/, name);
}

const node = (role: string, ...more: string[]) => [role, '--insecure', '--port', '0', ...more];

void t.test('init makes the tables and the store, once for each name', async (t) => {
  const store = await databaseFor('inits');
  const bank = ['init', '--role', 'participant', '--name', 'bank-a'];
  const made = await runProgram([...bank, '--store', store]);
  t.match(made, { code: 0, err: /^$/ });
  t.match(made.out, /^made the store [a-z0-9]{8} of the participant bank-a\n$/);

  const again = await runProgram([...bank, '--store', store]);
  const says = `${place}/inits already holds the store of a participant named bank-a: use it, or`;
  t.match(again, { code: 1, out: /^$/, err: new RegExp(`^${says} give another name\n$`) });

  const env = { UNANIMOUS_STORE: store };
  const coordinator = await runProgram(['init', '--role', 'coordinator'], env);
  t.match(coordinator, { code: 0, err: /^$/ });
  t.match(coordinator.out, /^made the store [a-z0-9]{8} of the coordinator coordinator\n$/);
  const twice = await runProgram(['init', '--role', 'coordinator'], env);
  t.match(twice, { code: 1, out: /^$/, err: /already holds the store of a coordinator/ });

  const other = await runProgram(['init', '--role', 'participant', '--name', 'bank-b'], env);
  const ids = [made, other, coordinator].map(({ out }) => out.split(' ')[3]);
  const found = new Replica(node('coordinator', '--store', store), () => undefined);
  t.teardown(() => found.end('SIGKILL'));
  found.start();
  await eventually('a node works on it', () => found.address !== '');
  t.equal(await found.end('SIGTERM'), 0);
  t.equal(new Set(ids).size, 3, 'each store has an id of its own');
});

void t.test('init in a folder is as ever, whatever the environment says', async (t) => {
  const data = `${t.testdir()}/bank-a`;
  const args = ['init', '--role', 'participant', '--data', data];
  const { code, out } = await runProgram(args, { UNANIMOUS_STORE: away });
  t.equal(code, 0);
  t.match(out, /^made the participant store [a-z0-9]{8} in /);
});

void t.test('what does not go together is wrong usage, and makes nothing', async (t) => {
  const store = ['--store', url];
  const data = ['--data', `${t.testdir()}/bank-a`];
  const [coordinator, participant] = [
    ['--role', 'coordinator'],
    ['--role', 'participant'],
  ];
  const cases: [string[], RegExp][] = [
    [[...coordinator, ...data, ...store], /^init takes one of --data FOLDER and --store URL\n$/],
    [coordinator, /^init takes one of --data FOLDER and --store URL\n$/],
    [[...participant, ...store], /^--name is missing: a database has the stores of many part/],
    [[...coordinator, ...store, '--name', 'x'], /^--name goes with --role participant\n$/],
    [[...participant, ...data, '--name', 'x'], /^--name goes with --store\n$/],
  ];
  const runs = cases.map(async ([args, err]) => {
    t.match(await runProgram(['init', ...args]), { code: 2, out: /^$/, err }, args.join(' '));
  });
  await Promise.all(runs);
  const [row] = await query("SELECT to_regclass('unanimous.stores')::text AS found");
  t.match(row, { found: null });
});

void t.test('a node has one store, and a participant in a database its name', async (t) => {
  const data = ['--data', t.testdir()];
  const store = ['--store', url];
  const contradiction = /^--data and --store contradict each other; choose one\n$/;
  const missing = /^--data \(or UNANIMOUS_DATA\) is missing: .*; or --store, for a store in Postg/;
  const cases: [string[], RegExp, NodeJS.ProcessEnv?][] = [
    [node('coordinator', ...data, ...store), contradiction],
    [node('participant', ...coordinatorAt, ...data), contradiction, { UNANIMOUS_STORE: url }],
    [node('coordinator'), missing],
    [node('participant', ...coordinatorAt), missing],
    [node('participant', ...coordinatorAt, ...store), /^--name is missing: a database has the/],
  ];
  const runs = cases.map(async ([args, err, env]) => {
    t.match(await runProgram(args, env), { code: 1, out: /^$/, err }, args.join(' '));
  });
  await Promise.all(runs);
});

void t.test('what is no URL of PostgreSQL is refused, and not shown', async (t) => {
  for (const wrong of ['mysql://me:Geheim@db/money', 'postgres://me:Geheim@db', 'Geheim']) {
    const [flag, env, doctor] = await Promise.all([
      runProgram(node('coordinator', '--store', wrong)),
      runProgram(node('participant', ...coordinatorAt), { UNANIMOUS_STORE: wrong }),
      runProgram(['doctor', ...node('coordinator', '--store', wrong)]),
    ]);
    t.match(flag, { code: 1, err: /^--store: its value must be a URL such as postgres:\/\/user/ });
    t.match(env, { code: 1, err: /^UNANIMOUS_STORE \(the same as --store\): its value must be/ });
    t.match(doctor, { code: 1, out: /^settings +fail +--store: its value must be a URL/m });
    for (const { out, err } of [flag, env, doctor]) t.notMatch(out + err, /Geheim/);
  }
  const init = await runProgram(['init', '--role', 'coordinator', '--store', 'Geheim']);
  t.match(init, {
    code: 1,
    out: /^$/,
    err: /^what was given is no URL of a database: write postgres:/,
  });
  t.notMatch(init.err, /Geheim/);
});

void t.test('a database that is away is told without its password', async (t) => {
  const says = /cannot use the database at postgres:\/\/127\.0\.0\.1:1\/money: .*ECONNREFUSED/;
  const [init, run, doctor] = await Promise.all([
    runProgram(['init', '--role', 'coordinator', '--store', away]),
    runProgram(node('coordinator', '--store', away)),
    runProgram(['doctor', ...node('coordinator', '--store', away)]),
  ]);
  t.match(init, { code: 1, out: /^$/, err: says });
  t.match(run, { code: 1, out: /^$/, err: says });
  t.match(doctor, { code: 1, out: says });
  t.match(doctor.out, /^database +fail .* To do: docs\/SCALING\.md says what a node needs of it$/m);
  for (const { out, err } of [init, run, doctor]) t.notMatch(out + err, /Geheim/);
});

void t.test('a node without its store says how to make it', async (t) => {
  const store = await databaseFor('strangers');
  const coordinator = await runProgram(node('coordinator', '--store', store));
  t.match(coordinator, { code: 1, out: /^$/ });
  t.match(
    coordinator.err,
    new RegExp(
      `^${place}/strangers holds no store of a coordinator named coordinator: ` +
        'make it with unanimous init --role coordinator --store URL\n$',
      'm',
    ),
  );
  const bank = node('participant', ...coordinatorAt, '--store', store, '--name', 'bank-a');
  const says = /make it with unanimous init --role participant --name bank-a --store URL\n$/;
  t.match(await runProgram(bank), { code: 1, out: /^$/, err: says });
});

void t.test('doctor looks at the database, and at the store in it', async (t) => {
  const store = await databaseFor('patients');
  const doctor = ['doctor', ...node('coordinator', '--store', store)];
  const nothing = await runProgram(doctor);
  t.match(nothing, { code: 1, err: '1 of these checks failed\n' });
  t.match(nothing.out, /^schema +ok +tables of version 0$/m, 'it makes none');
  const advice = 'To do: make one with unanimous init --role coordinator --store URL';
  const says = new RegExp(`^store +fail +no store of a coordinator named .*\\. ${advice}$`, 'm');
  t.match(nothing.out, says);
  const { out } = await runProgram(['init', '--role', 'coordinator', '--store', store]);
  const id = out.split(' ')[3] ?? '';
  const well = await runProgram([...doctor, '--json']);
  t.match(well, { code: 0, err: /^$/ });
  const checks = well.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const found = (name: string) => checks.find((check) => check.name === name);
  // A busy machine may be slow, which is worth a warning.
  t.match(found('database').found, /answers in \d+\.\d ms, and keeps what it acknowledges$/);
  t.match(found('database').state, /^(ok|warn)$/);
  t.match(found('schema'), { state: 'ok', found: / \d+, and all rights that a / });
  t.strictSame(found('store'), {
    name: 'store',
    state: 'ok',
    found: `${id} of a coordinator, epoch 0, 0 records; no process runs on it`,
  });
  const bank = ['doctor', ...node('participant', ...coordinatorAt, '--name', 'bank-a')];
  const stranger = await runProgram([...bank, '--store', store]);
  t.match(stranger.out, /^store +fail .*unanimous init --role participant --name bank-a --store/m);
});

void t.test('a process that waits says for what, and stops when it is asked to', async (t) => {
  const store = await databaseFor('waiting');
  await runProgram(['init', '--role', 'coordinator', '--store', store]);
  const args = node('coordinator', '--store', store, '--log-level', 'warn');
  const [holder, waiter] = [1, 2].map(() => new Replica(args, () => undefined));
  t.teardown(() => Promise.all([holder?.end('SIGKILL'), waiter?.end('SIGKILL')]));
  holder?.start();
  await eventually('the first one listens', () => holder?.address !== '');
  waiter?.start();
  await eventually('the second one says that it waits', () => {
    return waiter?.said.some((line) =>
      line.includes('another process holds the store of the coord'),
    );
  });
  const address = await eventually('it listens', () => waiter?.address || undefined);
  const ready = await call('GET', `${address}/health/ready`);
  t.equal(ready.status, 200, 'and serves by the one that works');
  const doctor = await runProgram(['doctor', ...node('coordinator', '--store', store)]);
  t.match(doctor.out, /^store +ok .*; a process runs on it: another one would wait$/m);
  t.equal(await waiter?.end('SIGTERM'), 0);
  t.equal(waiter?.said.length, 1, 'it has said nothing else');
  t.equal(await holder?.end('SIGTERM'), 0);
});

void t.test(
  'a store on another server waits for an operator, who may have few rights',
  async (t) => {
    const store = await databaseFor('moved');
    await runProgram(['init', '--role', 'coordinator', '--store', store]);
    await query("CREATE ROLE runner LOGIN PASSWORD 'runs'");
    const owner = new pg.Client(store);
    await owner.connect();
    t.teardown(() => owner.end());
    // As docs/SCALING.md says.
    await owner.query(`
    GRANT USAGE ON SCHEMA unanimous TO runner;
    GRANT SELECT ON unanimous.version TO runner;
    GRANT SELECT, UPDATE ON unanimous.stores TO runner;
    GRANT SELECT, INSERT ON unanimous.records TO runner;
    GRANT SELECT, INSERT, DELETE ON unanimous.checkpoints TO runner;`);
    const own = ['--store', store.replace('postgres:password', 'runner:runs')];
    const confirm = () => runProgram(['confirm-failover', ...own]);
    const works = async () => {
      const replica = new Replica(node('coordinator', ...own), () => undefined);
      t.teardown(() => replica.end('SIGKILL'));
      replica.start();
      await eventually('it works', () => replica.address !== '');
      t.equal(await replica.end('SIGTERM'), 0);
    };
    await works();
    t.match(await confirm(), { code: 0, out: 'nothing to confirm: every store is where it was\n' });
    const schema = async (role: 'coordinator' | 'participant') => {
      const name = role === 'participant' ? [...coordinatorAt, '--name', 'bank-a'] : [];
      const { out } = await runProgram(['doctor', ...node(role, ...own, ...name)]);
      return out.split('\n').find((line) => line.startsWith('schema'));
    };
    t.match(await schema('coordinator'), /^schema +ok .* all rights that a coordinator needs$/);
    await owner.query('GRANT SELECT ON unanimous.holds TO runner');
    const lacks = 'lacks SELECT on unanimous.accounts, .*, INSERT on unanimous.holds, .*entries';
    t.match(await schema('participant'), new RegExp(`^schema +fail .* user ${lacks}`));
    await owner.query('UPDATE unanimous.version SET version = version - 1');
    t.match(await schema('coordinator'), /^schema +fail .*; a start brings them to .* may not do/);
    const owned = await runProgram(['doctor', ...node('coordinator', '--store', store)]);
    t.match(owned.out, /^schema +ok .*; a start brings them to version \d+$/m);
    await owner.query('UPDATE unanimous.version SET version = version + 1');

    await owner.query("UPDATE unanimous.stores SET server = 'restored'");
    const refused = await runProgram(node('coordinator', ...own));
    t.match(refused, { code: 1, err: /was last seen whole on another server/ });
    const looked = await runProgram(['doctor', 'coordinator', '--insecure', ...own]);
    t.match(looked, { code: 1, out: /store +fail .*; last seen whole on another server/ });
    t.match(await confirm(), {
      code: 0,
      out: /^the coordinator may go on: the store \w{8}, with /,
    });
    const { rows } = await owner.query('SELECT epoch > 1000 AS leaped FROM unanimous.stores');
    t.strictSame(rows, [{ leaped: true }]);
    await works();
    t.match(await runProgram(['confirm-failover']), {
      code: 2,
      err: /--store \(or UNANIMOUS_STORE/,
    });
  },
);
