import { payment, type Scenario } from './scenario.ts';

const transfers = 60;

export const snapshotsUnderLoad: Scenario = {
  name: 'snapshots-under-load',
  about: 'a reader takes snapshots while clients move money: every one adds up',
  ends: {
    committed: transfers,
    balances: {
      'bank-a/alice': 1_000_00 - transfers * 1_00,
      'bank-b/bob': 1_000_00 + transfers * 1_00,
    },
  },
  async play(stage) {
    stage.tell(`${transfers} clients ask to move 1.00 USD each from bank-a/alice to bank-b/bob`);
    await stage.turn();
    let under = transfers;
    const answers = Array.from({ length: transfers }, async (_, client) => {
      // One after the other, so that there is something under way the whole time.
      for (let before = 0; before < client % 6; before += 1) await stage.unanimous.snapshot();
      const outcome = await stage.transfer({ ...payment, amount: 1_00 });
      under -= 1;
      return outcome;
    });
    const seen = new Set<number>();
    let wrong = 0;
    let taken = 0;
    while (under > 0) {
      const { accounts, totals, timestamp } = await stage.unanimous.snapshot();
      const bob = accounts.find(({ account }) => account === 'bob')?.posted ?? 0;
      const fits = bob === 1_000_00 + timestamp * 1_00 && totals[0]?.posted === 2_000_00;
      if (!fits) wrong += 1;
      taken += 1;
      seen.add(timestamp);
    }
    stage.tell(`meanwhile a reader has taken ${taken} snapshots`);
    stage.prove(`they show ${seen.size} different moments in between`, seen.size > 2);
    stage.check('each has exactly the transfers up to its timestamp, and the same total', !wrong);
    const outcomes = await Promise.all(answers);
    stage.check(
      'all are committed',
      outcomes.every(({ state }) => state === 'committed'),
    );
    const last = await stage.unanimous.snapshot();
    stage.check('the next snapshot has all of them', last.timestamp === transfers);
  },
};
