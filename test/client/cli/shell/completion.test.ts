import t from 'tap';
import type { Listings } from '../../../../client/cli/shell/accounts.ts';
import { complete } from '../../../../client/cli/shell/completion.ts';

const listings: Listings = new Map([
  [
    'bank-a',
    {
      currencies: new Map([
        ['alice', 'USD'],
        ['carol', 'EUR'],
      ]),
      whole: true,
    },
  ],
  [
    'bank-b',
    {
      currencies: new Map([
        ['bob', 'USD'],
        ['carol', 'USD'],
      ]),
      whole: true,
    },
  ],
]);

const ids = ['k3f9q2ma-1-42', 'k3f9q2ma-1-43'];

void t.test('Tab offers what may stand there', async (t) => {
  const table: [string, string[], string][] = [
    ['tr', ['transfer ', 'transfers '], 'tr'],
    ['TRANSFERS', ['transfers '], 'TRANSFERS'],
    [' ex', ['exit '], 'ex'],
    ['help sh', ['show '], 'sh'],
    ['accounts ', ['bank-a ', 'bank-b '], ''],
    ['show k3', ids.map((id) => `${id} `), 'k3'],
    ['transfer ', [], ''],
    ['transfer 25 ', ['EUR ', 'USD ', 'from ', 'to '], ''],
    ['transfer 25 u', ['USD '], 'u'],
    ['transfer 25 USD f', ['from '], 'f'],
    ['transfer 25 from ', ['alice ', 'bank-a/', 'bank-b/', 'bob '], ''],
    ['transfer 25 FROM Al', ['alice '], 'Al'],
    ['transfer 25 from ca', [], 'ca'],
    ['transfer 25 from bank-a/', ['bank-a/alice ', 'bank-a/carol '], 'bank-a/'],
    ['transfer 25 from alice ', ['to '], ''],
    ['transfer 25 from alice to bob ', ['for '], ''],
    ['transfer 25 from alice to bob for fr', [], 'fr'],
    ['show x ', [], ''],
    ['pending ', [], ''],
    ['xyzzy ', [], ''],
  ];
  for (const [line, hits, typed] of table) {
    t.strictSame(complete(line, listings, ids), [hits, typed], line);
  }
});

void t.test('Tab offers commands before anything is known', async (t) => {
  t.strictSame(complete('acc', undefined, []), [['accounts '], 'acc']);
  t.strictSame(complete('transfer 5 from a', undefined, []), [[], 'a']);
});

void t.test('Tab offers nothing when there is too much to read', async (t) => {
  const currencies = new Map(Array.from({ length: 101 }, (_, at) => [`a${at}`, 'USD']));
  const many: Listings = new Map([['bank-a', { currencies, whole: true }]]);
  t.strictSame(complete('transfer 5 from bank-a/', many, [])[0], []);
  t.equal(complete('transfer 5 from bank-a/a1', many, [])[0].length, 12);
});
