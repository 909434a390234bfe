import t from 'tap';
import { fakeCoordinator, json, problem } from '../../fixtures/fake-coordinator.ts';
import { unanimous } from '../../fixtures/fake-io.ts';

const sound = {
  timestamp: 42,
  accounts: [
    { participant: 'bank-a', account: 'alice', currency: 'USD', posted: 97_500 },
    { participant: 'bank-b', account: 'yen', currency: 'JPY', posted: -5 },
  ],
  totals: [
    { currency: 'JPY', posted: null },
    { currency: 'USD', posted: 97_500 },
  ],
  damage: [],
};

void t.test('a snapshot is a table with its totals', async (t) => {
  const { url, seen } = await fakeCoordinator(t, json(200, sound));
  t.strictSame(await unanimous('snapshot', '--coordinator', url), {
    code: 0,
    out: [
      'ACCOUNT       CURRENCY           POSTED',
      'bank-a/alice  USD                975.00',
      'bank-b/yen    JPY                    -5',
      'together      JPY       too much to say',
      'together      USD                975.00',
    ].join('\n'),
    err: 'as of timestamp 42',
  });
  t.match(seen, [{ method: 'GET', url: '/snapshot' }]);
  const { out, err } = await unanimous('snapshot', '--json', '--coordinator', url);
  t.strictSame({ snapshot: JSON.parse(out), err }, { snapshot: sound, err: '' });
});

void t.test('damage is told', async (t) => {
  const one = { participant: 'bank-a', transferId: 'k3f9q2ma-1-42', account: 'alice' };
  const damage = [{ ...one, currency: 'USD', amount: -2500 }];
  const { url } = await fakeCoordinator(t, json(200, { ...sound, timestamp: 0, damage }));
  const { out, err } = await unanimous('snapshot', '--coordinator', url);
  t.match(out, /^damage: bank-a\/alice needs -25\.00 USD for k3f9q2ma-1-42$/m);
  t.match(err, /^before the first transfer; why: unanimous branches --state damaged$/);
});

void t.test('without a consistent answer, it names the transfers in the way', async (t) => {
  const more = { transfers: ['k3f9q2ma-1-42', 'k3f9q2ma-1-43'], detail: 'bank-a does not know' };
  const { url } = await fakeCoordinator(t, json(503, problem('in-doubt', 'In doubt', more)));
  t.strictSame(await unanimous('snapshot', '--coordinator', url), {
    code: 1,
    out: '',
    err: 'In doubt: bank-a does not know (k3f9q2ma-1-42, k3f9q2ma-1-43)',
  });
});
