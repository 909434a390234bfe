import t from 'tap';
import { findAccount, type Listings } from '../../../../client/cli/shell/accounts.ts';

const listings: Listings = new Map([
  [
    'bank-a',
    {
      currencies: new Map([
        ['alice', 'USD'],
        ['carol', 'EUR'],
        ['Dan', 'USD'],
      ]),
      whole: true,
    },
  ],
  [
    'bank-b',
    {
      currencies: new Map([
        ['bob', 'JPY'],
        ['carol', 'USD'],
        ['dan', 'USD'],
      ]),
      whole: true,
    },
  ],
]);

/** The same, but bank-b has more accounts than have been read. */
const partly: Listings = new Map(
  [...listings].map(([name, { currencies }]) => [name, { currencies, whole: name === 'bank-a' }]),
);

void t.test('a name alone means the one account that has it', async (t) => {
  const table: [string, object][] = [
    ['alice', { path: 'bank-a/alice', currency: 'USD' }],
    ['ALICE', { path: 'bank-a/alice', currency: 'USD' }],
    ['dan', { path: 'bank-b/dan', currency: 'USD' }],
    ['Dan', { path: 'bank-a/Dan', currency: 'USD' }],
    ['DAN', { error: 'DAN may be bank-a/Dan or bank-b/dan: write which' }],
    ['carol', { error: 'carol may be bank-a/carol or bank-b/carol: write which' }],
    ['alcie', { error: 'there is no account alcie: did you mean alice?' }],
    ['xyzzy', { error: 'there is no account xyzzy: see accounts' }],
  ];
  for (const [name, found] of table) t.strictSame(findAccount(name, listings), found, name);
});

void t.test('a name alone means nothing while accounts may be missing', async (t) => {
  const error = 'not all accounts of bank-b are known: write PARTICIPANT/alice';
  t.strictSame(findAccount('alice', partly), { error });
});

void t.test('a whole name is checked against what is known, and no further', async (t) => {
  const table: [string, object][] = [
    ['bank-b/carol', { path: 'bank-b/carol', currency: 'USD' }],
    ['BANK-B/CAROL', { path: 'bank-b/carol', currency: 'USD' }],
    ['bank-a/alicia', { error: 'there is no account bank-a/alicia: did you mean bank-a/alice?' }],
    ['bank-z/alice', { error: 'there is no participant bank-z: did you mean bank-a/alice?' }],
    ['bank-a/b/c', { error: 'there is no account bank-a/b/c: did you mean bank-a/Dan?' }],
  ];
  for (const [name, found] of table) t.strictSame(findAccount(name, listings), found, name);
  t.strictSame(findAccount('bank-b/zoe', partly), { path: 'bank-b/zoe' }, 'it may exist');
});

void t.test('of many that it may be, the first few are named', async (t) => {
  const same = { currencies: new Map([['x', 'USD']]), whole: true };
  const many = new Map(['a', 'b', 'c', 'd'].map((name) => [name, same]));
  t.match(findAccount('x', many), { error: 'x may be a/x or b/x or c/x or …: write which' });
});
