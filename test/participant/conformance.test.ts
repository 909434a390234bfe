/** A participant does the same on a folder and in PostgreSQL, whose tables follow every step. */
import t, { type Test } from 'tap';
import {
  abort,
  commit,
  comparable,
  folderKeeper,
  idOf,
  leg,
  openBank,
  postgresKeeper,
  prepare,
  promise,
  wantedTables,
  type Bank,
  type Keeper,
} from '../fixtures/stored-bank.ts';
import { postgresFor } from '../fixtures/postgres.ts';

const server = await postgresFor(t);
let stores = 0;

const most = Number.MAX_SAFE_INTEGER;
interface Stage {
  readonly bank: () => Bank;
  /** What must be after each step: posted and held of alice, and of bob; the tables agree. */
  readonly show: (alice: [number, number], bob: [number, number]) => Promise<void>;
  readonly restart: () => Promise<void>;
}

async function stageFor(t: Test, keeper: Keeper): Promise<Stage> {
  let bank = await openBank(t, keeper);
  const amounts = (account: string) => {
    const { posted, held } = bank.participant.ledger.account(account) ?? {};
    return [posted, held];
  };
  return {
    bank: () => bank,
    async show(alice, bob) {
      await bank.orFailure(bank.participant.durable());
      t.strictSame([amounts('alice'), amounts('bob')], [alice, bob]);
      t.strictSame(bank.failures, []);
      if (!keeper.tables) return;
      const tables = await keeper.tables();
      const wanted = await wantedTables(bank, tables.sequence);
      t.strictSame(comparable(tables), comparable(wanted), 'SQL says the same');
    },
    async restart() {
      await bank.close();
      bank = await openBank(t, keeper);
    },
  };
}

/** Tells a story on either kind of store. */
function conform(title: string, story: (t: Test, stage: Stage) => Promise<void>): void {
  void t.test(`${title}: in a folder`, async (t) => {
    await story(t, await begin(t, await folderKeeper()));
  });
  void t.test(`${title}: in PostgreSQL`, async (t) => {
    const store = String((stores += 1)).padStart(8, '0');
    await story(t, await begin(t, await postgresKeeper(server, store)));
  });
}

async function begin(t: Test, keeper: Keeper): Promise<Stage> {
  const stage = await stageFor(t, keeper);
  const { participant } = stage.bank();
  const account = { currency: 'USD', minimum: 0 };
  await participant.openAccount({ ...account, id: 'alice', balance: 100 });
  await participant.openAccount({ ...account, id: 'bob', balance: 0, minimum: -50 });
  await stage.show([100, 0], [0, 0]);
  return stage;
}

conform('what is promised is held until it is decided', async (t, { bank, show }) => {
  const yes = await bank().receive(prepare(1, leg('alice', -60), leg('bob', 60)));
  t.match(yes, [{ vote: 'yes' }]);
  await show([100, 60], [0, 0]);
  t.match(await bank().receive(prepare(2, leg('alice', -60))), [{ code: 'insufficient-funds' }]);
  await show([100, 60], [0, 0]);
  t.match(await bank().receive(prepare(3, leg('bob', -50), leg('alice', 5))), [{ vote: 'yes' }]);
  await show([100, 60], [0, 50]);
  t.match(await bank().receive(commit(1)), [{ state: 'committed' }]);
  await show([40, 0], [60, 50]);
  t.match(await bank().receive(commit(1)), [{ state: 'committed' }], 'a duplicate books nothing');
  await show([40, 0], [60, 50]);
  t.match(await bank().receive(abort(3)), [{ state: 'aborted' }]);
  await show([40, 0], [60, 0]);
  t.match(await bank().receive(abort(4)), [{ state: 'aborted' }], 'a tombstone');
  t.match(await bank().receive(prepare(4, leg('alice', -1))), [{ vote: 'no' }]);
  await show([40, 0], [60, 0]);
});

conform('what comes in one write is one change of the tables', async (t, { bank, show }) => {
  const [first, , , , last] = await bank().receive(
    ...[prepare(1, leg('alice', -60)), prepare(2, leg('bob', 7), leg('bob', 8)), commit(1)],
    ...[prepare(3, leg('alice', -40), leg('alice', 30)), prepare(4, leg('alice', -1))],
  );
  t.match([first, last], [{ vote: 'yes' }, { code: 'insufficient-funds' }]);
  await show([40, 40], [0, 0]);
  const { participant } = bank();
  const carol = { id: 'carol', currency: 'EUR', balance: 5, minimum: 0 };
  // Opened, promised, booked and frozen before anything is written.
  const all = [
    ...[participant.openAccount(carol), participant.freeze('bob', true, 'looked at')],
    ...[bank().receive(prepare(5, leg('carol', -5, 'EUR')), commit(3), abort(2), commit(5))],
    ...[bank().receive(prepare(6, leg('carol', 9, 'EUR'))), participant.freeze('carol', true)],
  ];
  await Promise.all(all);
  await show([30, 0], [0, 0]);
  t.match(participant.ledger.account('carol'), { posted: 0, held: 0, frozen: true });
  await Promise.all([participant.freeze('bob', false), participant.freeze('bob', true)]);
  await show([30, 0], [0, 0]);
});

conform('a transfer in one phase is booked at once', async (t, { bank, show }) => {
  const one = { type: 'commit-one-phase', lowerTs: 0, timeoutMs: 5_000 } as const;
  const legs = [leg('alice', -10), leg('bob', 10), leg('alice', -20), leg('bob', 20)];
  t.match(await bank().receive({ ...one, n: 1, timestamp: 4, legs }), [{ state: 'committed' }]);
  await show([70, 0], [30, 0]);
  bank().participant.snapshots.serve(9);
  t.match(await bank().receive({ ...one, n: 2, timestamp: 9, legs }), [{ state: 'prepared' }]);
  await show([70, 30], [30, 0]);
  t.match(await bank().receive(commit(2, 10)), [{ state: 'committed' }]);
  await show([40, 0], [60, 0]);
  t.match(await bank().receive({ ...one, n: 3, timestamp: 11, legs: [leg('alice', -99)] }), [
    { state: 'aborted', code: 'insufficient-funds' },
  ]);
  await show([40, 0], [60, 0]);
});

conform('a frozen account keeps what it has promised', async (t, { bank, show }) => {
  await bank().receive(prepare(1, leg('alice', -60)));
  await bank().participant.freeze('alice', true, 'asked by \u0000 the court');
  await show([100, 60], [0, 0]);
  t.match(await bank().receive(prepare(2, leg('alice', -1))), [{ code: 'account-frozen' }]);
  t.match(await bank().receive(commit(1)), [{ state: 'committed' }]);
  await show([40, 0], [0, 0]);
  await bank().participant.freeze('alice', false);
  t.match(await bank().receive(prepare(3, leg('alice', -40))), [{ vote: 'yes' }]);
  await show([40, 40], [0, 0]);
});

conform('an operator ends doubt, and the decision agrees', async (t, { bank, show, restart }) => {
  await bank().receive(prepare(1, leg('alice', -60)), prepare(2, leg('bob', 60)));
  await bank().participant.resolve(idOf(1), 'committed', 'said so');
  await show([40, 0], [0, 0]);
  await bank().participant.resolve(idOf(2), 'aborted', 'said so');
  await show([40, 0], [0, 0]);
  await restart();
  await show([40, 0], [0, 0]);
  t.match(await bank().receive(commit(1)), [{ state: 'committed' }]);
  t.match(await bank().receive(abort(2)), [{ state: 'aborted' }]);
  await show([40, 0], [0, 0]);
});

conform('the decision differs, and the damage is dismissed', async (t, { bank, show }) => {
  await bank().receive(prepare(1, leg('alice', -60)), prepare(2, leg('bob', 60)));
  await bank().participant.resolve(idOf(1), 'aborted', 'said so');
  await bank().participant.resolve(idOf(2), 'committed', 'said so');
  await show([100, 0], [60, 0]);
  t.match(await bank().receive(commit(1)), [{ state: 'committed', damage: [{ amount: -60 }] }]);
  t.match(await bank().receive(abort(2)), [{ state: 'aborted', damage: [{ amount: -60 }] }]);
  await show([100, 0], [60, 0]);
  t.equal(await bank().participant.dismiss(idOf(1), 'booked', true), undefined);
  await show([40, 0], [60, 0]);
  await bank().receive(prepare(3, leg('bob', -100)));
  // Not even a decision takes an account below its minimum.
  t.match(await bank().participant.dismiss(idOf(2), 'booked', true), {
    refusal: { code: 'insufficient-funds' },
  });
  await show([40, 0], [60, 100]);
  t.equal(await bank().participant.dismiss(idOf(2), 'by hand', false), undefined);
  await show([40, 0], [60, 100]);
});

conform('a store that was restored catches up', async (t, { bank, show }) => {
  const catchUp = { type: 'catch-up', isLast: true, ...promise } as const;
  t.match(await bank().receive({ ...catchUp, n: 1, legs: [leg('alice', -60)], timestamp: 3 }), [
    { state: 'committed' },
  ]);
  await show([40, 0], [0, 0]);
  t.match(await bank().receive({ ...catchUp, n: 2, legs: [leg('alice', -60)], timestamp: 4 }), [
    { state: 'committed', damage: [{ amount: -60 }] },
  ]);
  await show([40, 0], [0, 0]);
  t.match(await bank().receive({ ...catchUp, n: 3, legs: [leg('alice', -40)] }), [
    { state: 'prepared' },
  ]);
  await show([40, 40], [0, 0]);
  await bank().participant.openAccount({ id: 'dave', currency: 'USD', balance: 9, minimum: 9 });
  await show([40, 40], [0, 0]);
});

conform('balances reach the largest amount, and no further', async (t, { bank, show, restart }) => {
  const { participant } = bank();
  const rich = { currency: 'USD', balance: most, minimum: -most };
  await participant.openAccount({ ...rich, id: 'rich' });
  t.match(await bank().receive(prepare(1, leg('rich', 1))), [{ code: 'balance-limit-exceeded' }]);
  t.match(await bank().receive(prepare(2, leg('rich', -most))), [{ vote: 'yes' }]);
  t.match(await bank().receive(prepare(3, leg('rich', -1))), [{ code: 'insufficient-funds' }]);
  await show([100, 0], [0, 0]);
  // Between the two writes, it goes from one end to the other and back.
  t.match(await bank().receive(commit(2), prepare(4, leg('rich', -most)), commit(4)), [
    ...[{ state: 'committed' }, { vote: 'yes' }, { state: 'committed' }],
  ]);
  await show([100, 0], [0, 0]);
  t.match(await bank().receive(prepare(5, leg('rich', most)), prepare(6, leg('rich', most))), [
    ...[{ vote: 'yes' }, { code: 'balance-limit-exceeded' }],
  ]);
  await show([100, 0], [0, 0]);
  await restart();
  t.match(await bank().receive(commit(5)), [{ state: 'committed' }]);
  t.equal(bank().participant.ledger.account('rich')?.posted, 0);
  await show([100, 0], [0, 0]);
});
