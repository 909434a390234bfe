import { hold } from './faults.ts';
import { payment, type Scenario } from './scenario.ts';

const requests = 50;

export const hotAccount: Scenario = {
  name: 'hot-account',
  about: '50 transfers at once want more than an account has: exactly what fits is committed',
  ends: {
    committed: 33,
    aborted: 17,
    balances: { 'bank-a/alice': 10_00, 'bank-b/bob': 1_990_00 },
  },
  async play(stage) {
    const prepares = stage.cause(hold('/prepare'), 'bank-a');
    stage.tell('50 clients ask to move 30.00 USD each from bank-a/alice, who has 1 000.00');
    const answers = Array.from({ length: requests }, () =>
      stage.transfer({ ...payment, amount: 30_00 }),
    );
    await stage.until('all are under way; the first prepare to bank-a is held', () => {
      return stage.steps('coordinator').length === requests && prepares.count === 1;
    });
    stage.prove('none was decided yet', !stage.steps('coordinator').includes('decided'));
    prepares.release();
    const outcomes = await Promise.all(answers);
    const committed = outcomes.filter(({ state }) => state === 'committed');
    stage.tell(`${committed.length} of the clients are told: committed`);
    stage.check('no more would fit: 33 × 30.00 = 990.00', committed.length === 33);
    const others = outcomes.filter(
      (outcome) => outcome.state === 'aborted' && outcome.code === 'insufficient-funds',
    );
    stage.check('all others are told: insufficient-funds', others.length === requests - 33);
  },
};
