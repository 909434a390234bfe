import t from 'tap';
import { runCli } from '../../../client/cli/program.ts';
import {
  committed,
  deadAddress,
  fakeCoordinator,
  json,
  problem,
  refused,
} from '../../fixtures/fake-coordinator.ts';
import { fakeIo, unanimous } from '../../fixtures/fake-io.ts';

const pay = ['transfer', 'bank-a/alice', 'bank-b/bob', '25.00', 'USD'];

void t.test('everything about a transfer is sent as it was said', async (t) => {
  const { url, seen } = await fakeCoordinator(t, json(201, committed));
  const more = ['bank-b/bob', 'bank-a/fees', '25', 'JPY', '--vote-timeout', '2.5', '--wait', '0'];
  const kept = ['--metadata', 'order=1009', '--metadata', '__proto__=x', '--reference', ''];
  t.match(await unanimous(...pay, ...more, ...kept, '--coordinator', url), { code: 0 });
  t.strictSame(
    JSON.parse(seen[0]?.body ?? ''),
    JSON.parse(`{
      "legs": [
        {"from": "bank-a/alice", "to": "bank-b/bob", "amount": 2500, "currency": "USD"},
        {"from": "bank-b/bob", "to": "bank-a/fees", "amount": 25, "currency": "JPY"}
      ],
      "reference": "",
      "metadata": {"order": "1009", "__proto__": "x"},
      "timeoutMs": 2500
    }`),
  );
  t.equal(seen[0]?.prefer, 'wait=0');
  await unanimous(...pay, '--async', '--wait', '2', '--coordinator', url);
  t.equal(seen[1]?.prefer, 'respond-async, wait=2');
  t.strictSame(Object.keys(JSON.parse(seen[1]?.body ?? '')), ['from', 'to', 'amount', 'currency']);
});

void t.test('an undecided transfer exits with 3 and gives its id', async (t) => {
  const preparing = { ...committed, state: 'preparing', applied: false };
  const { url } = await fakeCoordinator(t, json(202, preparing));
  t.strictSame(await unanimous(...pay, '--async', '--coordinator', url), {
    code: 3,
    out: 'preparing k3f9q2ma-1-42: 25.00 USD from bank-a/alice to bank-b/bob',
    err: 'not decided yet: unanimous show k3f9q2ma-1-42',
  });
  const run = await unanimous(...pay, '--async', '--json', '--coordinator', url);
  t.equal(run.code, 3);
  t.match(JSON.parse(run.out), { id: committed.id, state: 'preparing' });
});

void t.test('with --json, every outcome is one document', async (t) => {
  const invalid = problem('invalid-request', 'Invalid request', {
    errors: [
      { pointer: '/from', detail: 'is wrong' },
      { pointer: '/to', detail: 'is, too' },
    ],
  });
  const { url } = await fakeCoordinator(t, json(422, refused), json(400, invalid));
  const run = await unanimous(...pay, '--json', '--coordinator', url);
  t.match(JSON.parse(run.out), { state: 'aborted', code: 'insufficient-funds' });
  const nothing = await unanimous(...pay, '--json', '--coordinator', url);
  t.strictSame(JSON.parse(nothing.out), invalid);
  t.equal(
    nothing.err,
    'nothing was begun (invalid-request): Invalid request: /from is wrong; /to is, too',
  );
  const lost = await unanimous(...pay, '--json', '--coordinator', await deadAddress());
  t.match(JSON.parse(lost.out), {
    code: 'unreachable',
    definite: true,
    detail: /^nothing answers/,
  });
});

void t.test('Ctrl-C tells under which key to ask again', async (t) => {
  const { io, said, stop } = fakeIo();
  const { url } = await fakeCoordinator(t, () => {
    stop();
  });
  t.equal(await runCli([...pay, '--coordinator', url], io), 3);
  const [line = ''] = said.err;
  t.match(
    line,
    /^not known yet when it was stopped; ask again with --idempotency-key [\da-f-]{36}$/,
  );
  t.strictSame(said.out, []);
});
