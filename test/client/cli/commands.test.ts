import t from 'tap';
import {
  committed,
  deadAddress,
  fakeCoordinator,
  hang,
  html,
  json,
  problem,
  refused,
  reset,
} from '../../fixtures/fake-coordinator.ts';
import { unanimous } from '../../fixtures/fake-io.ts';

const pay = ['transfer', 'bank-a/alice', 'bank-b/bob', '25.00', 'USD'];

void t.test('transfer says what was committed and exits with 0', async (t) => {
  const { url, seen } = await fakeCoordinator(t, json(201, committed));
  const run = await unanimous(...pay, '--coordinator', url, '--key', 'secret');
  t.strictSame(run, {
    code: 0,
    out: 'committed k3f9q2ma-1-42: 25.00 USD from bank-a/alice to bank-b/bob',
    err: '',
  });
  t.match(seen, [{ method: 'POST', url: '/transfers', authorization: 'Bearer secret' }]);
  t.match(seen[0]?.key, /^[0-9a-f-]{36}$/, 'with a key of its own');
});

void t.test('with --json the data alone is on stdout', async (t) => {
  const { url } = await fakeCoordinator(t, json(201, committed));
  const run = await unanimous(...pay, '--json', '--coordinator', url);
  const { idempotencyKey, ...outcome } = JSON.parse(run.out);
  t.strictSame(outcome, { ...committed, replayed: false });
  t.match(idempotencyKey, /^[0-9a-f-]{36}$/);
  t.match(run.err, /^committed/);
});

void t.test('an aborted transfer exits with 1 and says why', async (t) => {
  const { url } = await fakeCoordinator(t, json(422, refused));
  const run = await unanimous(...pay, '--coordinator', url);
  t.equal(run.code, 1);
  t.equal(
    run.err,
    'aborted k3f9q2ma-1-43 (insufficient-funds): Insufficient funds: bank-a voted no',
  );
});

void t.test('an open answer is asked for again under the same key', async (t) => {
  const unknown = problem('internal-error', 'Internal error', { definite: false });
  const inUse = problem('idempotency-key-in-use', 'In use', { definite: false });
  const { url, seen } = await fakeCoordinator(
    t,
    json(500, unknown),
    reset,
    json(409, inUse),
    html(200),
    json(202, { ...committed, state: 'preparing' }),
    json(201, committed),
  );
  const run = await unanimous(...pay, '--coordinator', url, '--idempotency-key', 'mine');
  t.equal(run.code, 0);
  t.strictSame(
    seen.map(({ key }) => key),
    Array(6).fill('mine'),
  );
});

void t.test('once an attempt is in doubt, only an outcome ends it', async (t) => {
  const stopping = problem('shutting-down', 'Shutting down');
  const wrongKey = problem('unauthenticated', 'Unauthenticated');
  const answers = [reset, json(503, stopping), json(401, wrongKey), json(201, {}), json(500, null)];
  const happy = await fakeCoordinator(t, ...answers, json(201, committed));
  t.equal((await unanimous(...pay, '--coordinator', happy.url)).code, 0);
  t.equal(happy.seen.length, 6);
  const sad = await fakeCoordinator(t, reset, json(401, wrongKey));
  const run = await unanimous(...pay, '--coordinator', sad.url, '--timeout', '1', '--json');
  t.equal(run.code, 3, 'the first may have happened');
  t.match(JSON.parse(run.out), { state: 'unknown', idempotencyKey: /./ });
});

void t.test('what began nothing is tried again only if that may help', async (t) => {
  const busy = problem('overloaded', 'Overloaded', { retryable: true });
  const { url, seen } = await fakeCoordinator(t, json(503, busy), json(201, committed));
  t.equal((await unanimous(...pay, '--coordinator', url)).code, 0);
  t.equal(seen.length, 2);
  const always = await fakeCoordinator(t, json(503, busy, { 'retry-after': '3600' }));
  const run = await unanimous(...pay, '--coordinator', always.url);
  t.match(run, { code: 1, err: 'nothing was begun (overloaded): Overloaded' });
  const foreign = await fakeCoordinator(t, json(404, { hello: 'world' }));
  const lost = await unanimous(...pay, '--coordinator', foreign.url);
  t.match(lost, { code: 1, err: /is this the address of a node of Unanimous\?$/ });
});

void t.test('an outcome that stays open exits with 3 and names the key', async (t) => {
  const { url } = await fakeCoordinator(t, hang);
  const args = ['--coordinator', url, '--idempotency-key', 'mine', '--timeout', '1'];
  const run = await unanimous(...pay, ...args);
  t.equal(run.code, 3);
  t.match(run.err, /not known yet after 1 s .*--idempotency-key mine/);
});

void t.test('a wrong address is one sentence and exit code 1', async (t) => {
  const run = await unanimous(...pay, '--coordinator', await deadAddress());
  t.equal(run.code, 1);
  t.match(run.err, /^nothing answers at http:\/\/127\.0\.0\.1:\d+ \(ECONNREFUSED\)/);
  const blocked = await unanimous(...pay, '--coordinator', 'http://127.0.0.1:1');
  t.match(blocked, { code: 1, err: /^nothing answers at http:\/\/127\.0\.0\.1:1 \(bad port\)/ });
});

void t.test('wrong usage exits with 2 and sends nothing', async (t) => {
  const { url, seen } = await fakeCoordinator(t, json(201, committed));
  const wrong = [
    ['transfer', 'a/b', 'c/d', '25.001', 'USD', '--coordinator', url],
    ['transfer', 'a/b', 'c/d', '5.5', 'JPY', '--coordinator', url],
    ['transfer', 'a/b', 'c/d', '5', 'XXY', '--coordinator', url],
    [...pay, '--coordinator', 'ftp://nowhere'],
    [...pay, '--coordinator', url, '--idempotency-key', 'schlüssel'],
    [...pay, '--coordinator', url, '--key', 'a b'],
    [...pay, '--coordinator', url, '--timeout', '0'],
    [...pay, '--coordinator', url, '--timeout', 'soon'],
    [...pay, '--coordinator', 'http://[::1'],
    [...pay, '--coordinator', url, 'bank-b/bob'],
    ['transfer', 'alice', 'bank-b/bob', '25.00', 'USD', '--coordinator', url],
    ['transfer', 'bank-a/alice', 'bank-b/', '25.00', 'USD', '--coordinator', url],
    [...pay, '--coordinator', url, '--wait', '61'],
    [...pay, '--coordinator', url, '--vote-timeout', '0.01'],
    [...pay, '--coordinator', url, '--metadata', 'x'],
    [...pay, '--coordinator', url, '--metadata', 'x=1', '--metadata', 'x=2'],
    ['open', 'bank-a/x', '-1.00', 'USD', '--coordinator', url],
    ['open', 'bank-a', '1.00', 'USD', '--coordinator', url],
    ['open', 'bank-a/x', '1', '--coordinator', url],
    ['open', 'bank-a/x', '1', 'JPY', '--minimum', '', '--coordinator', url],
    ['accounts', 'bank-a', 'bank-b', '--coordinator', url],
    ['accounts', 'bank-a/', '--coordinator', url],
    ['branches', 'bank-a/1/2', '--coordinator', url],
    ['transfers', '--limit', '0', '--coordinator', url],
    ['transfers', '--limit', '5', '--all', '--coordinator', url],
    ['completion', 'tcsh'],
    ['transfers', '--state', 'done', '--coordinator', url],
    ['transfer', 'a/b'],
    ['dance'],
    ['up', '--port', '70000'],
    ['up', '--store', 'mysql'],
  ];
  for (const args of wrong) {
    const run = await unanimous(...args);
    t.equal(run.code, 2, args.join(' '));
    t.not(run.err, '', 'and says so');
  }
  t.equal(seen.length, 0);
});

void t.test('show, transfers, participants and accounts print what people read', async (t) => {
  const preparing = { ...committed, id: 'k3f9q2ma-1-44', state: 'committed', applied: false };
  const aborted = {
    ...committed,
    id: 'k3f9q2ma-1-45',
    state: 'aborted',
    reason: 'insufficient-funds',
    participants: [{ name: 'bank-a', vote: 'no', code: 'insufficient-funds', state: 'aborted' }],
  };
  const account = (id: string, more: object) => ({ id, minimum: 0, frozen: false, ...more });
  const pages = [
    {
      data: [account('alice', { currency: 'USD', posted: 97500, held: 5, available: 97495 })],
      page: { nextCursor: 'more' },
    },
    {
      data: [account('zoe', { currency: 'JPY', posted: 5, held: 0, available: 5 })],
      page: { nextCursor: null },
    },
  ];
  let page = 0;
  const { url, seen } = await fakeCoordinator(t, (request, response) => {
    const path = request.url ?? '';
    if (path.startsWith('/accounts')) return json(200, pages[page++ % 2])(request, response);
    const member = {
      name: 'bank-a',
      store: 'p81dz0qk',
      epoch: 1,
      address: url,
      health: 'up',
      lastSeenAt: null,
      inDoubt: ['x'],
    };
    const last = { page: { nextCursor: null } };
    if (path.startsWith('/participants?'))
      return json(200, { data: [member], ...last })(request, response);
    if (path === '/participants/bank-a') return json(200, member)(request, response);
    if (path === '/participants/bank-z') {
      const unknown = problem('participant-not-found', 'Participant not found');
      return json(404, unknown)(request, response);
    }
    if (path.startsWith('/transfers?'))
      return json(200, { data: [aborted], ...last })(request, response);
    const one = path.includes('45') ? aborted : preparing;
    const begun = { type: 'begun', node: 'coordinator', afterMs: 0, durationMs: 0 };
    const timeline = {
      ...{ id: one.id, state: one.state, createdAt: one.createdAt },
      nodes: ['coordinator', 'bank-a'],
      steps: [{ ...begun, at: one.createdAt }],
    };
    return json(200, path.endsWith('timeline') ? timeline : one)(request, response);
  });
  const at = ['--coordinator', `${url}/`];
  const shown = await unanimous('show', 'k3f9q2ma-1-44', ...at);
  t.equal(
    shown.out,
    [
      'k3f9q2ma-1-44: committed, not confirmed by everyone yet',
      '  25.00 USD bank-a/alice → bank-b/bob',
      '  for invoice 7',
      '  bank-a voted yes and is committed',
      '  began 2026-11-23T10:00:00.000Z, decided 2026-11-23T10:00:00.004Z',
      '',
      '          coordinator                 bank-a',
      '    0.00 ms    ● begun                   │',
    ].join('\n'),
  );
  const why = await unanimous('show', 'k3f9q2ma-1-45', ...at);
  t.match(why.out, /^k3f9q2ma-1-45: aborted \(insufficient-funds\)$/m);
  t.match(why.out, /^ {2}bank-a voted no \(insufficient-funds\) and is aborted$/m);
  const asJson = JSON.parse((await unanimous('show', 'k3f9q2ma-1-44', '--json', ...at)).out);
  t.match(asJson, { id: 'k3f9q2ma-1-44', timeline: { steps: [{ type: 'begun' }] } });
  t.match(
    (await unanimous('transfers', '--state', 'aborted', ...at)).out,
    /ID .*\n.*1-45 +aborted/,
  );
  t.match(seen.at(-1)?.url, '/transfers?state=aborted&limit=20');
  t.match((await unanimous('participants', ...at)).out, /bank-a +up +http.* 1$/);
  const accounts = await unanimous('accounts', 'bank-a', ...at);
  t.match(accounts.out, /bank-a\/alice +USD +975\.00 +0\.05 +974\.95\nbank-a\/zoe +JPY +5 +0 +5/);
  for (const command of [['show', 'x'], ['transfers'], ['participants'], ['accounts']]) {
    const run = await unanimous(...command, '--json', ...at);
    for (const line of run.out.split('\n')) t.type(JSON.parse(line), 'object', command.join());
  }
  t.match(await unanimous('accounts', 'bank-z', ...at), {
    code: 1,
    err: 'Participant not found',
  });
});

void t.test('an error of the coordinator is one sentence', async (t) => {
  const missing = problem('transfer-not-found', 'Transfer not found', { detail: 'no transfer x' });
  const { url } = await fakeCoordinator(t, json(404, missing), json(404, {}));
  const run = await unanimous('show', 'x', '--coordinator', url);
  t.strictSame(run, { code: 1, out: '', err: 'Transfer not found: no transfer x' });
  t.match(await unanimous('show', 'x', '--coordinator', url), { code: 1, err: /of Unanimous\?$/ });
  const foreign = await fakeCoordinator(t, json(200, {}));
  for (const command of [['show', 'x'], ['transfers'], ['participants'], ['accounts']]) {
    const run = await unanimous(...command, '--coordinator', foreign.url);
    t.match(
      run,
      { code: 1, err: /is this the address of a node of Unanimous\?/ },
      command[0] ?? '',
    );
  }
});

void t.test('help and version are data, exit code 0', async (t) => {
  t.match(await unanimous('--version'), { code: 0, out: /^\d+\.\d+\.\d+$/ });
  const { code, out } = await unanimous('--help');
  t.equal(code, 0);
  t.match(out, /^Exit code:\n {2}0 .*\n {2}1 .*\n {2}2 .*\n {2}3 /m);
  const commands = [...out.matchAll(/^ {2}([a-z]+) \[options\]/gm)].map(([, name = '']) => name);
  t.ok(commands.length >= 14, 'the commands are found');
  for (const command of commands) {
    const help = await unanimous(command, '--help');
    t.match(help, { code: 0, out: /^Usage: unanimous/ }, command);
    t.match(help.out, /^Example.*:\n {2}.*unanimous /m, `${command} has an example`);
    if (help.out.includes('--coordinator <url>') && help.out.includes('--json')) {
      t.match(help.out, /^ {2}--key <key>.*^ {2}--timeout <seconds>.*^Exit code:/ms, command);
    }
  }
});
