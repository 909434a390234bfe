import { PassThrough } from 'node:stream';
import t, { type Test } from 'tap';
import { runCli } from '../../../client/cli/program.ts';
import { fakeCluster, list } from '../../fixtures/fake-cluster.ts';
import { committed, json, problem, reset } from '../../fixtures/fake-coordinator.ts';
import { fakeIo, unanimous } from '../../fixtures/fake-io.ts';

const id = 'k3f9q2ma-1-42';
const branch = {
  id,
  state: 'prepared',
  coordinator: { store: 'k3f9q2ma', epoch: 1 },
  legs: [{ account: 'alice', amount: -2500, currency: 'USD' }],
  peers: ['bank-b'],
};
const resolution = { outcome: 'aborted', reason: 'lost', at: '12:00' };
const resolved = { ...branch, state: 'resolved', resolution };
const entries = [{ account: 'alice', currency: 'USD', amount: -2500 }];
const damage = { state: 'committed', entries };
const damaged = { ...resolved, state: 'damaged', damage };
const resolve = ['resolve', 'bank-a', id, 'abort', '--reason', 'lost'];

const answers = {
  [`GET /branches/${id}`]: json(200, branch),
  [`POST /branches/${id}/resolve`]: json(200, resolved),
};

/** Runs a command at a terminal where `typed` is typed. */
async function atTerminal(t: Test, typed: string, ...args: string[]) {
  const [input, terminal] = [new PassThrough(), new PassThrough()];
  terminal.on('data', () => {
    if (typed === '') input.end();
    else input.write(typed);
  });
  const { io, said } = fakeIo({}, { input, terminal });
  const { at, seen } = await fakeCluster(t, answers);
  const code = await runCli([...args, ...at], io);
  return { code, out: said.out.join('\n'), err: said.err.join('\n'), seen };
}

void t.test('resolve asks at a terminal and says what is risked', async (t) => {
  const yes = await atTerminal(t, 'yes\n', ...resolve, '--key', 'operator');
  t.equal(yes.code, 0);
  t.match(yes.err, /^bank-a has k3f9q2ma-1-42 as prepared; to abort it gives up:\n {2}alice -25/);
  t.match(yes.err, /a guess at the decision.*\n.*until the damage is dismissed/);
  t.match(yes.out, /^bank-a\/k3f9q2ma-1-42\n {2}state +resolved\n/);
  t.match(yes.out, /^ {2}resolved +aborted at 12:00: lost$/m);
  t.match(yes.seen.at(-1), {
    url: `/branches/${id}/resolve`,
    authorization: 'Bearer operator',
    body: '{"outcome":"aborted","reason":"lost"}',
  });
  for (const typed of ['no\n', '\n', 'yess\n', '']) {
    const no = await atTerminal(t, typed, ...resolve);
    t.match(no, { code: 1, out: '', err: /nothing was changed$/ }, JSON.stringify(typed));
    t.notOk(no.seen.some(({ method }) => method === 'POST'));
  }
});

void t.test('without a terminal resolve needs --yes', async (t) => {
  const { at, seen } = await fakeCluster(t, answers);
  const asked = await unanimous(...resolve, ...at);
  t.match(asked, { code: 2, err: 'there is no terminal to ask at: add --yes if you mean it' });
  t.notOk(seen.some(({ method }) => method === 'POST'));
  const told = await unanimous('resolve', 'bank-a', id, 'commit', '--reason', 'x', '--yes', ...at);
  t.match(told, { code: 0, err: '' });
  t.equal(seen.at(-1)?.body, '{"outcome":"committed","reason":"x"}');
  const asJson = await unanimous(...resolve, '--yes', '--json', ...at);
  t.match(JSON.parse(asJson.out), { participant: 'bank-a', state: 'resolved', resolution });
  for (const args of [
    ['resolve', 'bank-a', id, 'abort', '--yes'],
    ['resolve', 'bank-a', id, 'forget', '--reason', 'x', '--yes'],
    ['dismiss', 'bank-a', id],
  ]) {
    t.match(await unanimous(...args, ...at), { code: 2 }, args.join(' '));
  }
});

void t.test('what the participant refuses exits with 1, what is not known with 3', async (t) => {
  const decided = problem('branch-decided', 'Branch decided', { detail: 'it is committed' });
  const wrong = await fakeCluster(t, { [`POST /branches/${id}/resolve`]: json(409, decided) });
  const refused = await unanimous(...resolve, '--yes', ...wrong.at);
  t.strictSame(refused, { code: 1, out: '', err: 'Branch decided: it is committed' });
  const lost = await fakeCluster(t, { [`POST /branches/${id}/resolve`]: reset });
  const unknown = await unanimous(...resolve, '--yes', ...lost.at);
  t.match(unknown, { code: 3, err: /^not known whether it was done .*branches bank-a\/k3f9q2ma/ });
});

void t.test('dismiss books what is missing, unless told', async (t) => {
  const dismissal = { reason: 'booked', at: '13:00', compensated: true };
  const done = { ...damaged, state: 'committed', dismissal };
  const { at, seen } = await fakeCluster(t, { [`POST /branches/${id}/dismiss`]: json(200, done) });
  const run = await unanimous('dismiss', 'bank-a', id, '--reason', 'booked', ...at);
  t.equal(run.code, 0);
  t.match(run.out, /^ {2}damage +it was committed; missing: alice -25\.00 USD$/m);
  t.match(run.out, /^ {2}dismissed +at 13:00: booked\n {2}booked +what was missing$/m);
  t.equal(seen.at(-1)?.body, '{"reason":"booked","compensate":true}');
  await unanimous('dismiss', 'bank-a', id, '--reason', 'cash', '--no-compensate', ...at);
  t.equal(seen.at(-1)?.body, '{"reason":"cash","compensate":false}');
});

void t.test('what was settled by hand is listed, and shown by show and status', async (t) => {
  const ready = { status: 'ready', store: 'p81dz0qk', epoch: 1 };
  const roles = [{ role: 'coordinator' }, { role: 'participant', name: 'bank-a' }];
  const participants = [
    { name: 'bank-a', vote: 'yes', state: 'damaged', damage: entries },
    { name: 'bank-b', vote: 'yes', state: 'committed' },
  ];
  const { at, seen } = await fakeCluster(t, {
    'GET /branches': (request, response) => {
      const isDamaged = request.url?.includes('damaged');
      list(...(isDamaged ? [damaged] : [resolved, resolved]))(request, response);
    },
    'GET /health/live': json(200, { status: 'live' }),
    'GET /health/ready': (request, response) => {
      json(200, { ...ready, ...roles.shift() })(request, response);
    },
    [`GET /transfers/${id}`]: json(200, { ...committed, participants }),
    [`GET /transfers/${id}/timeline`]: json(200, {
      id,
      state: 'committed',
      createdAt: '',
      nodes: ['coordinator', 'bank-a'],
      steps: [],
    }),
  });
  const listed = await unanimous('branches', '--state', 'damaged', '--account', 'alice', ...at);
  t.equal(seen.at(-1)?.url, '/branches?state=damaged&account=alice&limit=100');
  t.match(listed.out, /^bank-a\/k3f9q2ma-1-42 +damaged +alice -25\.00 USD$/m);
  const shown = await unanimous('show', id, ...at);
  t.match(shown.out, /^k3f9q2ma-1-42: committed, but settled otherwise by an operator$/m);
  const missing = /^ {2}bank-a voted yes and is damaged: missing there is alice -25\.00 USD$/m;
  t.match(shown.out, missing);
  const status = await unanimous('status', ...at);
  t.match(status, { code: 0, out: /^bank-a .* yes +yes +2 resolved, 1 damaged$/m });
});
