import t from 'tap';
import { fakeCluster } from '../../fixtures/fake-cluster.ts';
import { committed, json, problem, refused, reset } from '../../fixtures/fake-coordinator.ts';
import { unanimous } from '../../fixtures/fake-io.ts';

const id = committed.id;
const back = {
  ...committed,
  id: 'k3f9q2ma-1-52',
  legs: [{ from: 'bank-b/bob', to: 'bank-a/alice', amount: 500, currency: 'USD' }],
  reverses: id,
};
const [leg] = committed.legs;
const twoLegs = { ...committed, legs: [leg, { ...leg, currency: 'JPY' }] };
const reversed = (path: string) => `POST /transfers/${path}/reverse`;

void t.test('reverse moves back all that is left, under a key of its own', async (t) => {
  const { at, seen } = await fakeCluster(t, { [reversed(id)]: json(201, back) });
  const more = ['--reference', 'refund', '--idempotency-key', 'mine', '--wait', '3'];
  t.strictSame(await unanimous('reverse', id, ...more, ...at), {
    code: 0,
    out: `committed ${back.id}: 5.00 USD from bank-b/bob to bank-a/alice; it reverses ${id}`,
    err: '',
  });
  t.match(seen, [{ key: 'mine', prefer: 'wait=3', body: '{"reference":"refund"}' }]);
});

void t.test('a part is written in the currency of its leg', async (t) => {
  const { at, seen } = await fakeCluster(t, {
    [`GET /transfers/${id}`]: json(200, committed),
    'GET /transfers/k3f9q2ma-1-44': json(200, twoLegs),
    [reversed(id)]: json(201, back),
    [reversed('k3f9q2ma-1-44')]: json(201, back),
  });
  t.match(await unanimous('reverse', id, '--amount', '5.00', ...at), { code: 0 });
  t.equal(seen.at(-1)?.body, '{"amount":500}');
  const legs = ['--leg', '2=7', '--leg', '1=0.25'];
  t.match(await unanimous('reverse', 'k3f9q2ma-1-44', ...legs, ...at), { code: 0 });
  const parts = { legs: [{ leg: 1, amount: 7 }, { leg: 0, amount: 25 }] }; // prettier-ignore
  t.strictSame(JSON.parse(seen.at(-1)?.body ?? ''), parts);
  const wrong = [
    [id, '--amount', '5.001'],
    [id, '--amount', '5', '--leg', '1=5'],
    [id, '--leg', '2=5'],
    [id, '--leg', '0=5'],
    [id, '--leg', '5'],
    [id, '--leg', '1=5', '--leg', '1=6'],
    ['k3f9q2ma-1-44', '--amount', '5'],
    ['k3f9q2ma-1-44', '--leg', '2=7.00'],
  ];
  const sent = seen.filter(({ method }) => method === 'POST').length;
  for (const args of wrong) {
    const run = await unanimous('reverse', ...args, ...at);
    t.match(run, { code: 2, err: /./ }, args.join(' '));
  }
  t.equal(seen.filter(({ method }) => method === 'POST').length, sent, 'and nothing was begun');
});

void t.test('a reversal ends as a transfer does', async (t) => {
  const limit = problem('reversal-limit-exceeded', 'Reversal limit exceeded');
  const { at } = await fakeCluster(t, {
    [reversed('k3f9q2ma-1-1')]: json(422, refused),
    [reversed('k3f9q2ma-1-2')]: json(422, limit),
    [reversed('k3f9q2ma-1-3')]: reset,
  });
  const reverse = (which: string, ...more: string[]) =>
    unanimous('reverse', `k3f9q2ma-1-${which}`, ...at, ...more);
  t.match(await reverse('1'), { code: 1, err: /^aborted k3f9q2ma-1-43 \(insufficient-funds\)/ });
  const exceeded = /^nothing was begun \(reversal-limit-exceeded\): Reversal limit exceeded$/;
  t.match(await reverse('2'), { code: 1, err: exceeded });
  t.match(await reverse('3', '--timeout', '1'), { code: 3, err: /--idempotency-key/ });
});

void t.test('cancel says that it is cancelled, or why it is not', async (t) => {
  const cancelled = { ...committed, state: 'aborted', reason: 'cancelled', applied: false };
  const decided = problem('already-decided', 'Already decided', { detail: 'it is committed' });
  const { at } = await fakeCluster(t, {
    [`POST /transfers/${id}/cancel`]: json(200, cancelled),
    'POST /transfers/k3f9q2ma-1-2/cancel': json(409, decided),
    'POST /transfers/k3f9q2ma-1-3/cancel': reset,
  });
  t.strictSame(await unanimous('cancel', id, ...at), {
    code: 0,
    out: `cancelled ${id}: 25.00 USD from bank-a/alice to bank-b/bob`,
    err: '',
  });
  const asJson = await unanimous('cancel', id, '--json', ...at);
  t.match(JSON.parse(asJson.out), { id, reason: 'cancelled' });
  const late = await unanimous('cancel', 'k3f9q2ma-1-2', ...at);
  t.strictSame(late, { code: 1, out: '', err: 'Already decided: it is committed' });
  const lost = await unanimous('cancel', 'k3f9q2ma-1-3', ...at);
  t.match(lost, { code: 3, err: /^not known whether it was cancelled .*show k3f9q2ma-1-3$/ });
});

void t.test('show tells what reverses what, and numbers the legs', async (t) => {
  const timeline = {
    id,
    state: 'committed',
    createdAt: committed.createdAt,
    nodes: ['coordinator', 'bank-a'],
    steps: [{ type: 'begun', node: 'coordinator', at: '', afterMs: 0, durationMs: 0 }],
  };
  const { at } = await fakeCluster(t, {
    [`GET /transfers/${id}`]: json(200, { ...twoLegs, reversals: [back.id, 'k3f9q2ma-1-53'] }),
    [`GET /transfers/${id}/timeline`]: json(200, timeline),
    [`GET /transfers/${back.id}`]: json(200, back),
    [`GET /transfers/${back.id}/timeline`]: json(200, timeline),
  });
  const shown = await unanimous('show', id, ...at);
  t.match(shown.out, /^ {2}1: 25\.00 USD bank-a\/alice → bank-b\/bob\n {2}2: 2500 JPY bank-a/m);
  t.match(shown.out, /^ {2}reversed by k3f9q2ma-1-52, k3f9q2ma-1-53$/m);
  t.match((await unanimous('show', back.id, ...at)).out, /^ {2}reverses k3f9q2ma-1-42$/m);
});
