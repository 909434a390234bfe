import t, { type Test } from 'tap';
import {
  committed,
  fakeCoordinator,
  html,
  json,
  problem,
  reset,
  type Answerer,
} from '../../fixtures/fake-coordinator.ts';
import { fakeIo, unanimous } from '../../fixtures/fake-io.ts';
import { runCli } from '../../../client/cli/program.ts';

/** A list in pages of `size`, without an end; answers `then` instead of page `stop`. */
const pages =
  (size: number, stop = Infinity, then: Answerer = reset): Answerer =>
  (request, response) => {
    const at = Number(new URL(request.url ?? '', 'http://x').searchParams.get('cursor'));
    if (at === stop) return then(request, response);
    const data = Array.from({ length: size }, (_, index) => ({
      ...committed,
      id: `k3f9q2ma-1-${at * size + index + 1}`,
    }));
    return json(200, { data, page: { nextCursor: String(at + 1) } })(request, response);
  };

const ids = (out: string) => [...out.matchAll(/k3f9q2ma-1-\d+/g)].map(([id]) => id);

void t.test('a list goes over pages as far as it is asked to', async (t) => {
  const { url, seen } = await fakeCoordinator(t, pages(100));
  const at = ['transfers', '--coordinator', url];
  const some = await unanimous(...at);
  t.equal(ids(some.out).length, 20);
  t.equal(some.err, 'these are the first 20; --all lists all');
  t.equal(seen.length, 1);
  t.equal(seen[0]?.url, '/transfers?limit=20');
  const many = await unanimous(...at, '--limit', '250', '--json');
  t.strictSame(
    many.out.split('\n').map((line) => JSON.parse(line).id),
    Array.from({ length: 250 }, (_, index) => `k3f9q2ma-1-${index + 1}`),
  );
  t.equal(many.err, '');
  t.strictSame(
    seen.slice(1).map((one) => one.url),
    ['/transfers?limit=100', '/transfers?limit=100&cursor=1', '/transfers?limit=100&cursor=2'],
  );
});

void t.test('a page is shown before the next one is asked for', async (t) => {
  const { io, said } = fakeIo();
  const shown: number[] = [];
  const answer = pages(100, 2, json(200, { data: [], page: { nextCursor: null } }));
  const { url } = await fakeCoordinator(t, (request, response) => {
    shown.push(said.out.length);
    answer(request, response);
  });
  t.equal(await runCli(['transfers', '--all', '--coordinator', url], io), 0);
  t.strictSame(shown, [0, 101, 201], 'with one head');
  const columns = said.out.map((line) => line.indexOf('25.00 USD'));
  t.ok(columns.slice(101).every((at) => at >= (columns[1] ?? 0)));
});

void t.test('what came before a page that cannot be read is shown', async (t) => {
  const { url } = await fakeCoordinator(t, pages(7, 2));
  const run = await unanimous('transfers', '--all', '--coordinator', url);
  t.match(run, { code: 1, err: /^no answer from http/ });
  t.equal(ids(run.out).length, 14);
});

void t.test('an empty list says so to people', async (t) => {
  const { url } = await fakeCoordinator(t, json(200, { data: [], page: { nextCursor: null } }));
  for (const list of ['transfers', 'participants', 'accounts', 'branches']) {
    const run = await unanimous(list, '--coordinator', url);
    t.strictSame(run, { code: 0, out: '', err: `no ${list}` });
  }
});

void t.test('what comes from elsewhere cannot pass for more than it is', async (t) => {
  const evil = 'x\nforged-1-1  committed \u001b[2J\u202e\u0085';
  const transfer = { ...committed, reference: evil };
  const { url } = await fakeCoordinator(
    t,
    json(200, { data: [transfer], page: { nextCursor: null } }),
    json(400, problem('overloaded', `${evil}${'long '.repeat(1_000)}`)),
  );
  const { out } = await unanimous('transfers', '--coordinator', url);
  t.equal(out.split('\n').length, 2, 'a cell is one line');
  const { err } = await unanimous('transfers', '--coordinator', url);
  t.equal(err.split('\n').length, 1, 'an error is one line');
  t.ok(err.length < 2_100, 'of some length');
});

void t.test('status tells another node at the same address from the right one', async (t) => {
  const { url } = await fakeCoordinator(t, (request, response) => {
    const ready = { status: 'ready', role: 'participant', store: 'p81dz0qk', epoch: 1 };
    const isLive = request.url === '/health/live';
    json(200, isLive ? { status: 'live' } : { ...ready, name: 'bank-x' })(request, response);
  });
  const run = await unanimous('status', '--coordinator', url);
  t.match(run, { code: 1, out: /yes +no$/ });
  t.equal(run.err, 'coordinator is not ready: bank-x answers at its address');
});

void t.test('an opening without an answer may have happened', async (t) => {
  const { url } = await atParticipant(t, (url) => url, reset);
  const run = await unanimous('open', 'bank-a/carol', '1.00', 'USD', '--coordinator', url);
  t.equal(run.code, 3);
  t.match(run.err, /^not known whether it was opened \(no answer from .*\); look with unanimous/);
});

void t.test('a participant at what is no address is not asked', async (t) => {
  const { url } = await atParticipant(t, () => 'ftp://bank-a', html(200));
  const run = await unanimous('accounts', 'bank-a/alice', '--coordinator', url);
  t.strictSame(run, {
    code: 1,
    out: '',
    err: 'bank-a: "ftp://bank-a" must look like http://127.0.0.1:7700',
  });
});

/** A coordinator with the participant `bank-a` somewhere; everything else gets `answer`. */
async function atParticipant(t: Test, address: (url: string) => string, answer: Answerer) {
  const node = await fakeCoordinator(t, (request, response) => {
    if (request.url !== '/participants/bank-a') return answer(request, response);
    const more = { store: 'p81dz0qk', epoch: 1, health: 'up', lastSeenAt: null, inDoubt: [] };
    return json(200, { name: 'bank-a', address: address(node.url), ...more })(request, response);
  });
  return node;
}
