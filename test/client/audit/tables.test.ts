/** An audit of a database compares its tables of accounts with the records. */
import t from 'tap';
import { audit } from '../../../client/audit/audit.ts';
import { money } from '../../../client/cli/amounts.ts';
import { storesIn } from '../../../log/postgres/read.ts';
import { postgresFor } from '../../fixtures/postgres.ts';
import {
  commit,
  emptyTables,
  idOf,
  leg,
  openBank,
  postgresKeeper,
  prepare,
} from '../../fixtures/stored-bank.ts';

const server = await postgresFor(t);
const { query, url } = server;
const store = 'banka000';

async function findings() {
  const there = await storesIn(url);
  const { sources } = there;
  try {
    const { violations, notices } = await audit({ sources, money, onProgress: () => undefined });
    return { violations: violations.map(({ rule, text }) => `${rule}: ${text}`), notices };
  } finally {
    await there.close();
  }
}

const where = `the tables of the participant bank-${store} at postgres://127.0.0.1:${server.port}`;

void t.test('tables and records are compared, and a difference is named', async (t) => {
  const keeper = await postgresKeeper(server, store);
  const bank = await openBank(t, keeper);
  const { participant } = bank;
  const usd = { currency: 'USD', minimum: 0 };
  await participant.openAccount({ ...usd, id: 'alice', balance: 100_000 });
  await participant.openAccount({ ...usd, id: 'bob', balance: 0 });
  const over = new AbortController();
  const working = (async () => {
    for (let n = 10; !over.signal.aborted; n++) {
      await bank.receive(prepare(n, leg('alice', -1)), prepare(n + 1_000_000, leg('bob', 1)));
      await bank.receive(commit(n));
      if (n === 12) await participant.freeze('bob', true);
      if (n === 14) await participant.freeze('bob', false);
    }
  })();
  for (let n = 0; n < 8; n++) {
    t.strictSame(await findings(), { violations: [], notices: [] }, 'of a node that is working');
  }
  over.abort();
  await working;
  await bank.receive(prepare(1, leg('alice', -60), leg('bob', 60)));
  await bank.receive(commit(1), prepare(2, leg('alice', -700), leg('bob', 700)));
  await participant.resolve(idOf(2), 'aborted', 'said so');
  await bank.receive(commit(2));
  await participant.dismiss(idOf(2), 'booked', true);
  await bank.receive(prepare(3, leg('alice', -5)));
  await bank.close();
  t.strictSame(await findings(), { violations: [], notices: [] });

  const named = async (change: string, undo: string, ...texts: readonly (string | RegExp)[]) => {
    await query(change);
    const { violations } = await findings();
    t.match(violations, texts);
    t.equal(violations.length, texts.length);
    await query(undo);
  };
  const alice = `WHERE store = '${store}' AND account = 'alice'`;
  const says = (what: string) => new RegExp(`^tables: ${where}/postgres ${what}`);
  await named(
    `UPDATE unanimous.accounts SET posted = posted + 100 ${alice}`,
    `UPDATE unanimous.accounts SET posted = posted - 100 ${alice}`,
    says('say that "posted" of the account alice is [0-9.]+ USD, and its records say [0-9.]+ USD'),
  );
  await named(
    `UPDATE unanimous.accounts SET frozen = true, opened_at = now() ${alice}`,
    `UPDATE unanimous.accounts SET frozen = false,
       opened_at = (SELECT at FROM unanimous.entries ${alice} AND kind = 'opening') ${alice}`,
    says('say that "frozen" of the account alice is true, and its records say false'),
    says('say that "at" of the account alice is '),
  );
  const hold = `WHERE store = '${store}' AND transfer = '${idOf(3)}'`;
  await named(
    `UPDATE unanimous.holds SET leg = 7 ${hold}`,
    `UPDATE unanimous.holds SET leg = 1 ${hold}`,
    says(`lack the hold of leg 1 of ${idOf(3)}`),
    says(`have the hold of leg 7 of ${idOf(3)}, which its records do not have`),
  );
  await named(
    `UPDATE unanimous.entries SET transfer = 'other' ${alice} AND kind = 'compensation'`,
    `UPDATE unanimous.entries SET transfer = '${idOf(2)}' ${alice} AND kind = 'compensation'`,
    says(
      'say that "transfer" of entry 1 of record \\d+ is other, and its records say k3f9q2ma-1-2',
    ),
  );
  await named(
    `DELETE FROM unanimous.entries ${alice} AND transfer = '${idOf(1)}'`,
    `UPDATE unanimous.accounts SET frozen = false ${alice}`,
    says('lack entry 1 of record \\d+'),
  );
  await emptyTables(query, store);
  const { violations, notices } = await findings();
  t.strictSame(violations, []);
  t.match(notices, [
    new RegExp(`^${where}/postgres lack \\d+ records of its log: the next start fills them$`),
  ]);
  await query('ALTER TABLE unanimous.accounts RENAME TO later');
  const older = await findings();
  t.strictSame(older, { violations: [], notices }, 'nor are there tables of an older program');
});
