import t from 'tap';
import { Ledger } from '../../participant/ledger.ts';
import type { BranchLeg } from '../../participant/records.ts';

const at = '2026-11-23T10:00:00.000Z';
const most = Number.MAX_SAFE_INTEGER;

type Opening = { id: string; balance?: number; minimum?: number; currency?: string };

function ledger(...openings: Opening[]): Ledger {
  const accounts = new Ledger({ preparedPerAccount: 10 });
  for (const { id, balance = 0, minimum = 0, currency = 'USD' } of openings) {
    const opened = accounts.open({ at, id, balance, minimum, currency });
    if (!opened) throw new Error(`${id} is taken`);
    accounts.apply(opened);
  }
  return accounts;
}

const legs = (...given: [account: string, amount: number, currency?: string][]): BranchLeg[] =>
  given.map(([account, amount, currency = 'USD']) => ({ account, amount, currency }));

/** Promises the legs, or tells why not. */
function promise(accounts: Ledger, given: readonly BranchLeg[]): string {
  const refusal = accounts.prepare(given);
  if (refusal) return `${refusal.code} ${refusal.account}`;
  accounts.prepared(given);
  return 'yes';
}

const commit = (accounts: Ledger, given: readonly BranchLeg[]) =>
  accounts.committed(given, accounts.commit(given));

const amounts = (accounts: Ledger, id: string) => {
  const { posted, held, available } = accounts.account(id) ?? {};
  return [posted, held, available];
};

void t.test('an account shows what it has, holds and may spend', (t) => {
  const accounts = ledger({ id: 'alice', balance: 100, minimum: -20 }, { id: 'bob' });
  const shown = { currency: 'USD', held: 0, frozen: false };
  const alice = { id: 'alice', posted: 100, available: 100, minimum: -20, ...shown };
  t.strictSame(accounts.account('alice'), alice);
  t.strictSame([...accounts.accounts()], [alice, accounts.account('bob')]);
  t.equal(accounts.account('carol'), undefined);
  t.end();
});

void t.test('an account is opened once, within its bounds', (t) => {
  const accounts = ledger({ id: 'alice', balance: most, minimum: -most });
  const request = { at, id: 'alice', currency: 'USD', balance: 1, minimum: 0 };
  t.equal(accounts.open(request), null);
  t.throws(() => accounts.apply({ type: 'opened', ...request }), /account alice is opened once/);
  for (const balance of [-1, 0.5, 2 ** 53]) {
    t.throws(() => accounts.open({ ...request, balance }), /balance .* is 0 to 2\^53 − 1/);
  }
  t.throws(() => accounts.open({ ...request, minimum: -(2 ** 53) }), /minimum .* is within/);
  t.throws(() => accounts.open({ ...request, minimum: 2 }), /balance 1 keeps the minimum 2/);
  t.end();
});

void t.test('a prepared debit holds its amount until it is decided', (t) => {
  const accounts = ledger({ id: 'alice', balance: 100 });
  const given = legs(['alice', -60]);
  t.equal(accounts.prepare(given), null);
  t.strictSame(amounts(accounts, 'alice'), [100, 0, 100], 'deciding changes nothing');
  accounts.prepared(given);
  t.strictSame(amounts(accounts, 'alice'), [100, 60, 40]);
  accounts.aborted(given);
  t.strictSame(amounts(accounts, 'alice'), [100, 0, 100]);
  accounts.prepared(given);
  t.strictSame(accounts.commit(given), [{ account: 'alice', amount: -60, balance: 40 }]);
  t.strictSame(amounts(accounts, 'alice'), [100, 60, 40], 'nor does computing the entries');
  commit(accounts, given);
  t.strictSame(amounts(accounts, 'alice'), [40, 0, 40]);
  t.end();
});

void t.test('concurrent debits share what is available, down to the minimum', (t) => {
  const accounts = ledger({ id: 'alice', balance: 100, minimum: -20 });
  t.equal(promise(accounts, legs(['alice', -70])), 'yes');
  t.equal(promise(accounts, legs(['alice', -51])), 'insufficient-funds alice');
  t.equal(promise(accounts, legs(['alice', -50])), 'yes');
  t.equal(promise(accounts, legs(['alice', -1])), 'insufficient-funds alice');
  t.strictSame(amounts(accounts, 'alice'), [100, 120, -20]);
  t.equal(promise(accounts, legs(['alice', 5])), 'yes', 'a credit needs no funds');
  t.end();
});

void t.test('a prepared credit is not available before it is committed', (t) => {
  const accounts = ledger({ id: 'bob' });
  const credit = legs(['bob', 50]);
  t.equal(promise(accounts, credit), 'yes');
  t.strictSame(amounts(accounts, 'bob'), [0, 0, 0]);
  t.equal(promise(accounts, legs(['bob', -1])), 'insufficient-funds bob');
  commit(accounts, credit);
  t.equal(promise(accounts, legs(['bob', -50])), 'yes');
  t.end();
});

void t.test('debits and credits of one branch are not netted', (t) => {
  const accounts = ledger({ id: 'bob', balance: 10 }, { id: 'full', balance: most });
  t.equal(promise(accounts, legs(['bob', 100], ['bob', -11])), 'insufficient-funds bob');
  t.equal(promise(accounts, legs(['bob', -6], ['bob', -5])), 'insufficient-funds bob');
  t.equal(promise(accounts, legs(['full', -5], ['full', 5])), 'balance-limit-exceeded full');
  const both = legs(['bob', 100], ['bob', -10]);
  t.equal(promise(accounts, both), 'yes');
  t.strictSame(accounts.commit(both), [
    { account: 'bob', amount: 100, balance: 110 },
    { account: 'bob', amount: -10, balance: 100 },
  ]);
  commit(accounts, both);
  t.strictSame(amounts(accounts, 'bob'), [100, 0, 100]);
  t.end();
});

void t.test('of concurrent credits that would overflow together the second is refused', (t) => {
  const accounts = ledger({ id: 'rich', balance: most - 10 });
  const first = legs(['rich', 6]);
  t.equal(promise(accounts, first), 'yes');
  t.equal(promise(accounts, legs(['rich', 5])), 'balance-limit-exceeded rich');
  t.equal(promise(accounts, legs(['rich', 2], ['rich', 3])), 'balance-limit-exceeded rich');
  t.equal(promise(accounts, legs(['rich', -most + 10])), 'yes');
  t.equal(
    promise(accounts, legs(['rich', 5])),
    'balance-limit-exceeded rich',
    'holds may be freed',
  );
  accounts.aborted(first);
  t.equal(promise(accounts, legs(['rich', 10])), 'yes');
  t.end();
});

void t.test('sums beyond 2^53 − 1 are refused before they lose a unit', (t) => {
  const accounts = ledger({ id: 'deep', balance: 0, minimum: -most });
  commitAll(legs(['deep', -10]));
  const large = legs(['deep', most]);
  t.equal(promise(accounts, large), 'yes');
  t.equal(promise(accounts, legs(['deep', 2])), 'balance-limit-exceeded deep');
  commit(accounts, large);
  t.equal(promise(accounts, legs(['deep', -most])), 'yes');
  t.equal(promise(accounts, legs(['deep', -2])), 'insufficient-funds deep');
  t.strictSame(amounts(accounts, 'deep'), [most - 10, most, -10]);
  t.end();

  function commitAll(given: BranchLeg[]) {
    t.equal(promise(accounts, given), 'yes');
    commit(accounts, given);
  }
});

void t.test('an unknown account and another currency are refused', (t) => {
  const accounts = ledger({ id: 'alice', balance: 10 });
  t.strictSame(accounts.prepare(legs(['carol', 1])), {
    code: 'unknown-account',
    account: 'carol',
    detail: 'there is no such account',
  });
  t.strictSame(accounts.prepare(legs(['alice', -1], ['alice', -1, 'EUR'])), {
    code: 'currency-mismatch',
    account: 'alice',
    detail: 'the account is in USD, the leg in EUR',
  });
  t.end();
});

void t.test('what the edge and the machine should have refused breaks an invariant', (t) => {
  const accounts = ledger({ id: 'alice', balance: 10 });
  for (const amount of [0, 0.5, NaN, 2 ** 53, -(2 ** 53)]) {
    t.throws(() => accounts.prepare(legs(['alice', amount])), /amount .* is ±1 to/, `${amount}`);
  }
  const carol = /account carol exists/;
  t.throws(() => accounts.prepared(legs(['carol', 1])), carol);
  t.throws(() => accounts.commit(legs(['carol', 1])), carol);
  t.throws(() => accounts.prepared(legs(['alice', -11])), /alice has its minimum available/);
  const fresh = () => ledger({ id: 'alice', balance: 10 });
  t.throws(() => fresh().prepared(legs(['alice', most])), /alice stays within 2\^53 − 1/);
  const given = legs(['alice', -5]);
  t.throws(() => commit(fresh(), given), /alice holds no less than nothing/);
  t.throws(() => commit(fresh(), legs(['alice', 5])), /alice holds no less than nothing/);
  const held = fresh();
  held.prepared(given);
  const wrong = [{ account: 'alice', amount: -5, balance: 6 }];
  t.throws(() => held.committed(given, wrong), /the entry of alice adds up to 6/);
  t.end();
});

void t.test('a summary rebuilds the balances, without what is prepared', (t) => {
  const accounts = ledger(
    { id: 'alice', balance: 100, minimum: -5 },
    { id: 'bob', currency: 'EUR' },
  );
  const spent = legs(['alice', -30]);
  t.equal(promise(accounts, spent), 'yes');
  commit(accounts, spent);
  const before = [...accounts.accounts()];
  t.equal(promise(accounts, legs(['alice', -1])), 'yes');
  const rebuilt = new Ledger({ preparedPerAccount: 10 });
  for (const record of accounts.summarise()) rebuilt.apply(record);
  t.strictSame([...rebuilt.accounts()], before);
  t.end();
});

void t.test('a frozen account takes nothing new, and keeps what it has promised', (t) => {
  const accounts = ledger({ id: 'alice', balance: 100 }, { id: 'bob' });
  const given = legs(['alice', -60]);
  t.equal(promise(accounts, given), 'yes');
  const frozen = { type: 'frozen', at, id: 'alice', reason: 'a court order' } as const;
  const unfrozen = { type: 'unfrozen', at, id: 'alice' } as const;
  t.equal(accounts.freeze(unfrozen), null, 'it is not frozen');
  t.equal(accounts.freeze(frozen), frozen);
  t.equal(accounts.account('alice')?.frozen, false, 'deciding changes nothing');
  accounts.apply(frozen);
  t.equal(accounts.account('alice')?.frozen, true);
  t.equal(accounts.freeze(frozen), null, 'once');
  t.equal(promise(accounts, legs(['alice', -1])), 'account-frozen alice');
  t.equal(promise(accounts, legs(['alice', 1])), 'account-frozen alice');
  t.equal(accounts.prepare(legs(['alice', -1]), true), null, 'what is decided is booked');
  t.equal(promise(accounts, legs(['bob', 1])), 'yes');
  commit(accounts, given);
  t.strictSame(amounts(accounts, 'alice'), [40, 0, 40]);
  const rebuilt = new Ledger({ preparedPerAccount: 10 });
  for (const record of accounts.summarise()) rebuilt.apply(record);
  t.equal(rebuilt.account('alice')?.frozen, true);
  t.equal(accounts.freeze(unfrozen), unfrozen);
  accounts.apply(unfrozen);
  t.equal(promise(accounts, legs(['alice', -1])), 'yes');
  t.throws(() => accounts.freeze({ ...frozen, id: 'carol' }), /account carol exists/);
  t.end();
});

void t.test('an account with too much in doubt is busy, whatever the others are', (t) => {
  const accounts = ledger({ id: 'alice', balance: 100 }, { id: 'bob' });
  const both = legs(['alice', -1], ['alice', 1], ['bob', 1]);
  for (let n = 0; n < 10; n += 1) t.equal(promise(accounts, both), 'yes', 'a branch counts once');
  t.equal(promise(accounts, legs(['alice', 1])), 'busy alice');
  t.equal(promise(accounts, legs(['bob', 1])), 'busy bob');
  accounts.aborted(both);
  t.equal(promise(accounts, legs(['alice', 1])), 'yes');
  t.equal(promise(accounts, legs(['alice', 1])), 'busy alice');
  t.equal(accounts.prepare(legs(['alice', 1]), true), null);
  commit(accounts, both);
  t.equal(promise(accounts, legs(['alice', 1])), 'yes');
  t.end();
});
