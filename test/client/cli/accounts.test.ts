import t from 'tap';
import { fakeCluster, list } from '../../fixtures/fake-cluster.ts';
import { json } from '../../fixtures/fake-coordinator.ts';
import { unanimous } from '../../fixtures/fake-io.ts';

const alice = {
  id: 'alice',
  currency: 'USD',
  posted: 97_500,
  held: 0,
  available: 97_500,
  minimum: 0,
  frozen: false,
};

void t.test('freeze and unfreeze say how the account is now', async (t) => {
  const { at, seen } = await fakeCluster(t, {
    'POST /accounts/alice/freeze': json(200, { ...alice, frozen: true }),
    'POST /accounts/alice/unfreeze': json(200, alice),
  });
  const frozen = await unanimous('freeze', 'bank-a/alice', '--reason', 'stolen', ...at);
  t.match(frozen, {
    code: 0,
    out: /^bank-a\/alice\n[^]* {2}frozen +yes: new transfers are refused$/,
  });
  t.equal(seen.at(-1)?.body, '{"reason":"stolen"}');
  t.match(await unanimous('unfreeze', 'bank-a/alice', ...at), { code: 0, out: / {2}frozen +no$/ });
  t.equal(seen.at(-1)?.body, '{}');
  t.match(await unanimous('freeze', 'alice', ...at), { code: 2 });
});

void t.test('accounts are filtered by currency, and by whether they are frozen', async (t) => {
  const { at, seen } = await fakeCluster(t, { 'GET /accounts': list({ ...alice, frozen: true }) });
  const { out } = await unanimous('accounts', 'bank-a', '--currency', 'USD', '--frozen', ...at);
  t.equal(seen.at(-1)?.url, '/accounts?currency=USD&frozen=true&limit=100');
  t.match(out, /^bank-a\/alice .* frozen$/m);
  await unanimous('accounts', '--no-frozen', ...at);
  t.equal(seen.at(-1)?.url, '/accounts?frozen=false&limit=100');
  const wrong = await unanimous('accounts', '--currency', 'usd', ...at);
  t.match(wrong, { code: 2, err: /^"usd" is not an ISO 4217 currency: write USD$/ });
});

void t.test('participants are filtered by their health', async (t) => {
  const { at, seen } = await fakeCluster(t, {});
  t.match(await unanimous('participants', '--health', 'up', ...at), { out: /^bank-a +up/m });
  t.equal(seen.at(-1)?.url, '/participants?health=up&limit=100');
  t.match(await unanimous('participants', '--health', 'ill', ...at), { code: 2 });
});

void t.test(
  'a statement is what was booked, newest first, with the balance after it',
  async (t) => {
    const transferId = 'k3f9q2ma-1-42';
    const { at, seen } = await fakeCluster(t, {
      'GET /accounts/alice': json(200, alice),
      'GET /accounts/alice/entries': list(
        {
          kind: 'transfer',
          at: '10:00',
          amount: -2500,
          balance: 97_500,
          transferId,
          timestamp: 42,
        },
        { kind: 'opening', at: '09:00', amount: 100_000, balance: 100_000 },
      ),
    });
    t.strictSame(await unanimous('statement', 'bank-a/alice', ...at), {
      code: 0,
      out: [
        'AT     KIND      AMOUNT USD  BALANCE  TRANSFER',
        '10:00  transfer      -25.00   975.00  k3f9q2ma-1-42',
        '09:00  opening     +1000.00  1000.00',
      ].join('\n'),
      err: '',
    });
    t.equal(seen.at(-1)?.url, '/accounts/alice/entries?limit=100');
    const { out, err } = await unanimous(
      'statement',
      'bank-a/alice',
      '--limit',
      '1',
      '--json',
      ...at,
    );
    t.match(JSON.parse(out), { kind: 'transfer', amount: -2500 });
    t.equal(err, '');
  },
);
