import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import t, { type Test } from 'tap';
import { runCli } from '../../../client/cli/program.ts';
import {
  committed,
  fakeCoordinator,
  json,
  problem,
  refused,
  reset,
  type Answerer,
} from '../../fixtures/fake-coordinator.ts';
import { fakeIo, unanimous } from '../../fixtures/fake-io.ts';

const payment = { from: 'bank-a/alice', to: 'bank-b/bob', amount: 2500, currency: 'USD' };
const done = { status: 201, transfer: committed };
const aborted = { status: 422, problem: refused };
const invalid = { status: 400, problem: problem('invalid-request', 'Invalid request') };
const preparing = { status: 202, transfer: { ...committed, state: 'preparing', applied: false } };

function file(t: Test, content: string): string {
  const path = join(t.testdir(), 'transfers.json');
  writeFileSync(path, content);
  return path;
}

const sentIn = ({ body }: { body: string }) => JSON.parse(body).transfers;

void t.test('an array is answered by a table, exit code 0 when all happened', async (t) => {
  const { url, seen } = await fakeCoordinator(t, json(200, { results: [done, done] }));
  const path = file(t, JSON.stringify([payment, { ...payment, idempotencyKey: 'own' }]));
  const more = ['--idempotency-key', 'may', '--wait', '2', '--coordinator', url];
  const moved = '25.00 USD from bank-a/alice to bank-b/bob';
  t.strictSame(await unanimous('bulk', path, ...more), {
    code: 0,
    out: [
      'LINE  STATE      ID             WHAT',
      `1     committed  k3f9q2ma-1-42  ${moved}`,
      `2     committed  k3f9q2ma-1-42  ${moved}`,
    ].join('\n'),
    err: 'of 2 transfers 2 happened',
  });
  t.strictSame(seen[0] && sentIn(seen[0]), [
    { ...payment, idempotencyKey: 'may-1' },
    { ...payment, idempotencyKey: 'own' },
  ]);
  t.equal(seen[0]?.prefer, 'wait=2');
});

void t.test('what did not happen says why, exit code 1', async (t) => {
  const { url } = await fakeCoordinator(t, json(200, { results: [done, aborted, invalid] }));
  const path = file(t, [payment, payment, {}].map((one) => JSON.stringify(one)).join('\n\n'));
  const run = await unanimous('bulk', path, '--coordinator', url);
  t.equal(run.code, 1);
  t.equal(run.err, 'of 3 transfers 1 happened, 2 did not');
  const lines = run.out.split('\n').slice(2);
  t.strictSame(lines, [
    '2     aborted    k3f9q2ma-1-43  Insufficient funds: bank-a voted no',
    '3     refused                   Invalid request',
  ]);
  const asJson = await unanimous('bulk', path, '--json', '--coordinator', url);
  t.match(
    asJson.out.split('\n').map((line) => JSON.parse(line)),
    [
      { state: 'committed', id: 'k3f9q2ma-1-42', idempotencyKey: /-1$/ },
      { state: 'aborted', code: 'insufficient-funds' },
      { state: 'refused', idempotencyKey: /-3$/, problem: { code: 'invalid-request' } },
    ],
  );
});

void t.test('what is open exits with 3 and says how to ask again', async (t) => {
  const { url } = await fakeCoordinator(t, json(200, { results: [preparing, aborted] }));
  const path = file(t, JSON.stringify([payment, payment]));
  const run = await unanimous('bulk', path, '--async', '--coordinator', url);
  t.equal(run.code, 3);
  const again = /^of 2 transfers 0 happened, 1 did not, 1 are not known yet; ask again with --ide/;
  t.match(run.err, again);
  const lost = await fakeCoordinator(t, reset);
  const args = ['--timeout', '1', '--idempotency-key', 'may', '--coordinator', lost.url];
  const unknown = await unanimous('bulk', path, '--json', ...args);
  t.match(unknown, { code: 3, err: /2 are not known yet; ask again with --idempotency-key may$/ });
  const [first = ''] = unknown.out.split('\n');
  t.match(JSON.parse(first), { state: 'unknown', problem: { code: 'unreachable' } });
});

void t.test('more than fit in one request are answered one after the other', async (t) => {
  const answer: Answerer = (request, response) => {
    const sent = seen.at(-1);
    const results = sent ? sentIn(sent).map(() => done) : [];
    json(200, { results })(request, response);
  };
  const { url, seen } = await fakeCoordinator(t, answer);
  const lines = Array.from({ length: 1_500 }, () => JSON.stringify(payment)).join('\n');
  const typed = { input: Readable.from([lines]), terminal: undefined };
  const { io, said } = fakeIo({}, typed);
  t.equal(await runCli(['bulk', '-', '--coordinator', url], io), 0);
  t.equal(seen.length, 2);
  t.equal(said.out.length, 1_501);
  t.match(said.out.at(-1), /^1500 /);

  let count = 0;
  const second = await fakeCoordinator(t, (request, response) => {
    count += 1;
    if (count === 1) return json(200, { results: Array(1_000).fill(done) })(request, response);
    return json(401, problem('unauthenticated', 'Unauthenticated'))(request, response);
  });
  const run = await unanimous('bulk', file(t, lines), '--coordinator', second.url);
  t.equal(run.code, 1);
  t.match(
    run.err,
    /^nothing was begun: Unauthenticated .*, of 1500 transfers 1000 happened, 500 w/,
  );
});

void t.test('Ctrl-C tells under which keys to ask again', async (t) => {
  const { io, said, stop } = fakeIo();
  const { url } = await fakeCoordinator(t, () => {
    stop();
  });
  const path = file(t, JSON.stringify([payment]));
  const args = ['--coordinator', url, '--idempotency-key', 'may'];
  t.equal(await runCli(['bulk', path, ...args], io), 3);
  t.match(said.err, [/^stopped before the end, .*1 were not answered; ask .*-key may$/]);
});

void t.test('a file that has no transfers is wrong usage, and nothing is sent', async (t) => {
  const { url, seen } = await fakeCoordinator(t, json(200, {}));
  const wrong: [string, RegExp][] = [
    ['', /^there are no transfers in it$/],
    ['[]', /^there are no transfers in it$/],
    ['[{]', /^the array is not JSON: /],
    [`${JSON.stringify(payment)}\n{`, /^transfer 2 is not JSON: /],
    ['[{}, 7]', /^transfer 2 is not a JSON object$/],
    ['{}\n[]', /^transfer 2 is not a JSON object$/],
  ];
  for (const [content, says] of wrong) {
    const run = await unanimous('bulk', file(t, content), '--coordinator', url);
    t.match(run, { code: 2, out: '', err: says }, content);
  }
  const missing = await unanimous('bulk', join(t.testdir(), 'none'), '--coordinator', url);
  t.match(missing, { code: 2, err: /^cannot read .*ENOENT/ });
  t.equal(seen.length, 0);
});
