import { hold } from './faults.ts';
import { payment, type Scenario } from './scenario.ts';

export const peersDecide: Scenario = {
  name: 'peers-decide',
  about: 'the coordinator is gone; one bank knows the decision, and the others ask it',
  ends: {
    committed: 1,
    balances: {
      'bank-a/alice': 975_00,
      'bank-b/bob': 1_000_00,
      'bank-c/carol': 1_025_00,
    },
  },
  async play(stage) {
    const commits = stage.cause(hold('/commit'), 'bank-a', 'bank-b');
    stage.tell('a client moves 25.00 USD from bank-a/alice over bank-b/bob to bank-c/carol');
    const { amount, currency, from, to } = payment;
    const onwards = { from: to, to: 'bank-c/carol', amount, currency };
    const legs = [{ from, to, amount, currency }, onwards];
    const answer = stage.transfer({ legs, timeoutMs: 2_500 }, { waitSeconds: 0 });
    await stage.until('all have voted yes; two commits are held on their way', () => {
      return commits.count === 2;
    });
    await stage.until('bank-c has heard the decision', () => {
      return stage.steps('bank-c').join() === 'prepared,committed';
    });
    stage.heard('committed', await answer);
    // In doubt, the banks would soon ask it.
    await stage.kill('coordinator', 'at once');
    commits.lose();
    stage.prove(
      'the other two are in doubt',
      stage.steps('bank-a').join() === 'prepared' && stage.steps('bank-b').join() === 'prepared',
    );
    await stage.until('they ask bank-c, and commit', () => {
      return ['bank-a', 'bank-b'].every((name) => stage.steps(name).includes('committed'));
    });
    stage.check('bank-c was asked', stage.sent('/inquiry', 'bank-c') > 0);
    await stage.restart('coordinator');
  },
};
