/** The built program as people run it: against real nodes, and against what is none. */
import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { startCluster } from '../../fixtures/cluster.ts';
import {
  committed,
  deadAddress,
  fakeCoordinator,
  hang,
  html,
  json,
} from '../../fixtures/fake-coordinator.ts';
import { unanimous } from '../../fixtures/fake-io.ts';
import { runProgram } from '../../fixtures/run-program.ts';

/** A command line and what must come of it. */
interface Case {
  args: string[];
  code: 1 | 2 | 3;
  /** The only line on stderr, but for the hint about `--help`. */
  says: RegExp;
  env?: NodeJS.ProcessEnv;
}

const pay = (amount: string, currency = 'USD', from = 'bank-a/main', to = 'bank-b/main') => {
  return ['transfer', from, to, amount, currency];
};

/** Processes at the same time. */
const atOnce = 4;

const wrongUsage: Case[] = [
  { args: ['acounts'], code: 2, says: /unknown command 'acounts' \(Did you mean accounts\?\)$/ },
  { args: ['accounts', '--jsn'], code: 2, says: /option '--jsn' \(Did you mean --json\?\)$/ },
  { args: ['transfer', 'bank-a/main'], code: 2, says: /missing required argument 'to'$/ },
  { args: ['transfers', '--state', 'done'], code: 2, says: /preparing, committed, aborted\.$/ },
  { args: ['transfers', '--all', '--limit', '5'], code: 2, says: /cannot be used with option/ },
  { args: ['status'], code: 2, says: /^a key is visible/, env: { UNANIMOUS_KEY: 'a b' } },
  { args: ['status', '--coordinator', '127.0.0.1:7700'], code: 2, says: /must look like http/ },
  { args: pay('1', 'USD', 'main'), code: 2, says: /^"main" must be a participant, a slash/ },
  { args: [...pay('1'), 'bank-a/main'], code: 2, says: /FROM TO AMOUNT CURRENCY, four words/ },
];

const wrongAmounts: Case[] = [
  { args: pay('25,00'), code: 2, says: /^"25,00" is not an amount: write 25\.00 or 25/ },
  { args: pay('1e3'), code: 2, says: /^"1e3" is not an amount/ },
  { args: pay('-5.00'), code: 2, says: /^"-5\.00" is not an amount/ },
  { args: pay('0'), code: 2, says: /^0 USD is out of range: 0\.01 to/ },
  { args: pay('0.001'), code: 2, says: /^0\.001 USD has 3 decimal places; USD has 2/ },
  { args: pay('1.00', 'usd'), code: 2, says: /^"usd" is not an ISO 4217 currency: write USD$/ },
  { args: ['open', 'bank-a/x', '1', 'JPY', '--minimum', '-1.5'], code: 2, says: /JPY has none$/ },
];

const refusals: Case[] = [
  {
    args: pay('1000.01'),
    code: 1,
    says: /^aborted \S+ \(insufficient-funds\): Insufficient funds/,
  },
  { args: pay('1', 'EUR'), code: 1, says: /^aborted \S+ \(currency-mismatch\): / },
  {
    args: pay('1', 'USD', 'bank-a/nobody'),
    code: 1,
    says: /^aborted \S+ \(unknown-account\): .*nobody/,
  },
  {
    args: pay('1', 'USD', 'bank-z/main'),
    code: 1,
    says: /^nothing was begun \(unknown-participant\): .*bank-z$/,
  },
  { args: ['show', 'k3f9q2ma-1-42'], code: 1, says: /^Transfer not found: / },
  { args: ['accounts', 'bank-a/nobody'], code: 1, says: /^Account not found: .*nobody$/ },
  { args: ['accounts', 'bank-z'], code: 1, says: /^Participant not found: .*bank-z$/ },
  { args: ['participants', 'bank-z'], code: 1, says: /^Participant not found: .*bank-z$/ },
  { args: ['branches', 'bank-a/k3f9q2ma-1-42'], code: 1, says: /^Branch not found: / },
  { args: ['open', 'bank-a/main', '1', 'USD'], code: 1, says: /^Account exists: .*main/ },
  { args: ['explain', 'bad-luck'], code: 1, says: /^Not found: .*bad-luck$/ },
];

void t.test('real nodes', async (t) => {
  const cluster = await startCluster(t, { coordinatorFlags: ['--require-keys'] });
  const address = cluster.coordinator.address;
  const key = cluster.keys.operator;
  const ask = (...args: string[]) => unanimous(...args, '--coordinator', address, '--key', key);

  await t.test('every mistake is one sentence and the right exit code', async (t) => {
    const at = { UNANIMOUS_COORDINATOR: address };
    const noKey = [['transfers'], ['accounts', 'bank-a'], ['status'], pay('1')];
    const wrongKey = [['participants'], ['branches'], ['show', 'k3f9q2ma-1-42'], pay('1')];
    const says = /Unauthenticated: .*\(--key or UNANIMOUS_KEY gives it\)$/;
    const wrongKeys = [...noKey, ...wrongKey.map((args) => [...args, '--key', 'x'])].map(
      (args): Case => ({ args, code: 1, says, env: at }),
    );
    const env = { ...at, UNANIMOUS_KEY: key };
    await runAll(t, [...wrongUsage, ...wrongAmounts, ...refusals, ...wrongKeys], env);
    t.match(await runProgram(pay('1000.00'), env), { code: 0, err: '' }, 'and no mistake is none');
  });

  await t.test('accounts are opened and shown', async (t) => {
    const opened = await ask('open', 'bank-a/carol', '100.00', 'USD', '--minimum', '-50.00');
    const carol = [
      'bank-a/carol',
      '  posted     100.00 USD',
      '  held       0.00 USD',
      '  available  100.00 USD',
      '  minimum    -50.00 USD',
      '  frozen     no',
    ].join('\n');
    const err = 'opened bank-a/carol and created 100.00 USD';
    t.strictSame(opened, { code: 0, out: carol, err });
    t.strictSame(await ask('accounts', 'bank-a/carol'), { code: 0, out: carol, err: '' });
    const yen = await ask('open', 'bank-b/dave', '0', 'JPY', '--json');
    t.match(JSON.parse(yen.out), { participant: 'bank-b', id: 'dave', posted: 0, minimum: 0 });
    t.match((await ask('accounts')).out, /^bank-a\/carol +USD +100\.00 +0\.00 +100\.00$/m);
  });

  await t.test('a transfer of several legs is one transfer', async (t) => {
    const legs = ['bank-a/carol', 'bank-b/main', '25.00', 'USD', 'bank-b/main', 'bank-a/carol'];
    const more = ['--reference', 'invoice 8', '--metadata', 'order=1009', '--metadata', 'x=a=b'];
    const run = await ask('transfer', ...legs, '0.25', 'USD', ...more, '--json');
    const { id, ...transfer } = JSON.parse(run.out);
    t.match(transfer, {
      state: 'committed',
      legs: [{ amount: 2500 }, { amount: 25 }],
      reference: 'invoice 8',
      metadata: { order: '1009', x: 'a=b' },
    });
    const first = '25.00 USD bank-a/carol → bank-b/main and 1 more';
    const listed = await ask('transfers', '--reference', 'invoice 8');
    t.equal(listed.out.split('\n')[1]?.replace(/ +/g, ' '), `${id} committed ${first} invoice 8`);
    const branch = await ask('branches', `bank-a/${id}`);
    t.match(branch.out, /^ {2}legs +carol -25\.00 USD, carol \+0\.25 USD\n {2}with +bank-b$/m);
    const branches = await ask('branches', '--state', 'committed', '--json');
    const found = branches.out.split('\n').map((line) => JSON.parse(line));
    t.match(
      found.filter((one) => one.id === id),
      [{ participant: 'bank-a' }, { participant: 'bank-b' }],
    );
    t.match(await ask('branches', '--state', 'prepared'), { code: 0, out: '', err: 'no branches' });
  });

  await t.test('many transfers are made, and one is moved back', async (t) => {
    const leg = { from: 'bank-a/carol', to: 'bank-b/main', amount: 100, currency: 'USD' };
    const file = join(t.testdir(), 'payroll.jsonl');
    const lines = [leg, { ...leg, amount: 10_000_000 }].map((one) => JSON.stringify(one));
    writeFileSync(file, lines.join('\n'));
    const key = ['--idempotency-key', 'payroll'];
    const paid = await ask('bulk', file, ...key, '--json');
    t.match(paid, { code: 1, err: 'of 2 transfers 1 happened, 1 did not' });
    const again = await ask('bulk', file, ...key);
    t.match(again.out, /^1 +committed +coordina-1-\d+ +1\.00 USD from .*\n2 +aborted +coord/m);
    const [first = ''] = paid.out.split('\n');
    const { id } = JSON.parse(first);
    const back = await ask('reverse', id, '--amount', '0.40');
    t.match(back, { code: 0, out: `0.40 USD from bank-b/main to bank-a/carol; it reverses ${id}` });
    const rest = JSON.parse((await ask('reverse', id, '--leg', '1=0.60', '--json')).out);
    t.match(rest, { state: 'committed', legs: [{ amount: 60 }] });
    const more = await ask('reverse', id, '--amount', '0.01');
    t.match(more, { code: 1, err: /^nothing was begun \(reversal-limit-exceeded\): / });
    t.match((await ask('show', id)).out, new RegExp(`^  reversed by coordina-.*${rest.id}$`, 'm'));
    t.match(await ask('cancel', id), { code: 1, err: /^Already decided: / });
    const statement = await ask('statement', 'bank-a/carol', '--limit', '3');
    t.match(statement.out, /\n\S+ +transfer +\+0\.60 +75\.25 +.*\n.*\+0\.40 .*\n.*-1\.00 /);
    t.match(statement.err, /^these are the first 3/);
    const { out } = await ask('snapshot');
    t.match(out, /^bank-a\/carol +USD +75\.25\n[^]*^together +USD +2100\.00$/m);
  });

  await t.test('an account is frozen, and its transfers are refused', async (t) => {
    const reason = ['--reason', 'stolen'];
    t.match((await ask('freeze', 'bank-a/carol', ...reason)).out, /frozen +yes/);
    t.match((await ask('accounts', '--frozen')).out, /^bank-a\/carol .* frozen$/m);
    const refused = await ask('transfer', 'bank-a/carol', 'bank-b/main', '1.00', 'USD');
    t.match(refused, { code: 1, err: /\(account-frozen\)/ });
    t.match((await ask('unfreeze', 'bank-a/carol')).out, /frozen +no$/);
  });

  await t.test('only an operator settles by hand, and only what is in doubt', async (t) => {
    const resolve = ['resolve', 'bank-a', 'coordina-1-1', 'abort', '--reason', 'x', '--yes'];
    const client = ['--coordinator', address, '--key', cluster.keys.client];
    const forbidden = { code: 1, err: /^Forbidden: needs the role operator/ };
    t.match(await unanimous(...resolve, ...client), forbidden);
    t.match(await ask(...resolve), { code: 1, err: /^Branch decided: / });
    const dismiss = ['dismiss', 'bank-a', 'coordina-1-1', '--reason', 'x'];
    t.match(await ask(...dismiss), { code: 1, err: /^No damage: / });
  });

  await t.test('the nodes and their errors are explained', async (t) => {
    const participant = await ask('participants', 'bank-a');
    t.match(participant.out, /^bank-a\n {2}health +up\n {2}address +http:.*\n/);
    t.match(participant.out, / {2}in doubt +nothing$/);
    const problem = await ask('explain', 'vote-timeout');
    t.match(problem.out, /^Vote timeout \(vote-timeout\)\n {2}meaning +\S.*\n {2}status +422\n/);
    const { code, out } = await ask('status');
    t.equal(code, 0);
    t.match(out, /^coordinator +http:\S+ +yes +yes\nbank-a +http:\S+ +yes +yes\nbank-b +http/m);
  });

  await t.test('what can be read is shown when a participant is away', async (t) => {
    await cluster.node('bank-b').end('SIGKILL');
    const away = /^bank-b is not ready: (nothing answers at|no answer from) http/;
    const status = await ask('status');
    t.match(status, { code: 1, err: away });
    t.match(status.out, /^bank-a .*yes +yes\nbank-b .*no +no$/m);
    const lines = (await ask('status', '--json')).out.split('\n').map((line) => JSON.parse(line));
    t.match(lines, [{ ready: true }, { ready: true }, { name: 'bank-b', live: false }]);
    const accounts = await ask('accounts');
    t.match(accounts, { code: 1, err: /^not read: bank-b \((nothing answers at|no answer from) / });
    t.match(accounts.out, /^bank-a\/carol /m);
    t.match(await ask('accounts', 'bank-a'), { code: 0, err: '' });
  });
});

void t.test('every wrong address is one sentence within its timeout', async (t) => {
  const speaks = async (answer: (socket: Socket) => void) => {
    const server = createServer((socket) => {
      // Its client may be gone.
      socket.on('error', () => undefined);
      answer(socket);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    t.teardown(() => server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const page = (await fakeCoordinator(t, html(200))).url;
  const mute = (await fakeCoordinator(t, hang)).url;
  const addresses: [string, RegExp, 1 | 3][] = [
    [await deadAddress(), /^nothing answers at .* \(ECONNREFUSED\): is it up/, 1],
    ['http://no-such-host.invalid:7700', /^nothing answers at .*: is it up/, 1],
    [page, /answered what is not JSON: is this the address of a node/, 3],
    [(await fakeCoordinator(t, html(404))).url, /answered what is not JSON: is this/, 1],
    [(await fakeCoordinator(t, json(200, {}))).url, /answered what is not in the contract/, 3],
    [page.replace('http:', 'https:'), /it does not speak https/, 3],
    [await speaks((socket) => socket.end('SSH-2.0-x\r\n')), /no answer from .*HTTP/, 3],
    [await speaks((socket) => socket.destroy()), /no answer|did not answer within 5000 ms/, 3],
    [mute, /did not answer within 1000 ms/, 3],
  ];
  const cases = addresses.flatMap(([coordinator, says, code]): Case[] => {
    const more = ['--coordinator', coordinator, '--timeout', coordinator === mute ? '1' : '5'];
    return [
      { args: ['accounts', ...more], code: 1, says },
      { args: [...pay('1.00'), ...more], code, says },
    ];
  });
  await runAll(t, cases, {});
});

void t.test('Ctrl-C during a transfer says how to ask again', async (t) => {
  let child: ChildProcess | undefined;
  const { url } = await fakeCoordinator(t, () => child?.kill('SIGINT'));
  const args = [...pay('1.00'), '--coordinator', url, '--idempotency-key', 'mine', '--json'];
  t.strictSame(await runProgram(args, {}, (started) => (child = started)), {
    code: 3,
    out: '{"state":"unknown","idempotencyKey":"mine"}\n',
    err: 'not known yet when it was stopped; ask again with --idempotency-key mine\n',
  });
});

void t.test('a list ends quietly when nobody reads it any more', async (t) => {
  const data = Array<object>(100).fill(committed);
  let pages = 0;
  const { url } = await fakeCoordinator(t, (request, response) => {
    pages += 1;
    json(200, { data, page: { nextCursor: String(pages) } })(request, response);
  });
  const run = await runProgram(['transfers', '--all', '--coordinator', url], {}, ({ stdout }) => {
    stdout?.once('data', () => stdout.destroy());
  });
  t.match(run, { code: 0, err: '' });
  t.ok(pages < 100, `${pages} pages of a list without an end`);
});

void t.test('a list is whole, however slowly it is read', async (t) => {
  const { url } = await fakeCoordinator(t, list(10_000));
  const run = await runProgram(['transfers', '--all', '--json', '--coordinator', url]);
  t.equal(run.out.split('\n').length, 10_001);
});

void t.test('only people see colours, and only where they are shown', async (t) => {
  const { url } = await fakeCoordinator(t, list(1));
  const args = ['transfers', '--coordinator', url];
  const wrong = ['transfers', '--coordinator', 'nowhere'];
  const forced = { FORCE_COLOR: '1', NO_COLOR: undefined };
  const [piped, shown, json, error, jsonError] = await Promise.all([
    runProgram(args),
    runProgram(args, forced),
    runProgram([...args, '--json'], forced),
    runProgram(wrong, forced),
    runProgram([...wrong, '--json'], forced),
  ]);
  t.notMatch(piped.out, '\u001b', 'a pipe is no terminal');
  t.match(shown.out, /^\u001b\[1mID .*\u001b\[22m\n/, 'the head is bold');
  t.notMatch(json.out, '\u001b');
  t.match(error.err, /^\u001b\[31m"nowhere" must.*\u001b\[39m\n$/, 'an error is red');
  t.match(jsonError.err, /^"nowhere" must/);
});

/** A list of so many transfers, in one page. */
const list = (count: number) => {
  return json(200, { data: Array<object>(count).fill(committed), page: { nextCursor: null } });
};

async function runAll(t: Test, cases: readonly Case[], env: NodeJS.ProcessEnv): Promise<void> {
  const waiting = [...cases];
  const work = async () => {
    for (let one = waiting.shift(); one; one = waiting.shift()) {
      const { code, out, err } = await runProgram(one.args, one.env ?? env);
      const [line, ...more] = err.trimEnd().split('\n');
      const said = `${one.args.join(' ')}\n${err}`;
      t.equal(code, one.code, said);
      t.match(line, one.says, said);
      t.strictSame(
        more.filter((hint) => hint !== '(add --help for the options)'),
        [],
        said,
      );
      if (one.args[0] !== 'status') t.equal(out, '', `no data: ${said}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}
