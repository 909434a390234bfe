import { hold } from './faults.ts';
import { payment, type Scenario } from './scenario.ts';

export const frozenMeanwhile: Scenario = {
  name: 'frozen-meanwhile',
  about: 'an account is frozen between its vote and the commit: the promise is kept',
  ends: {
    committed: 1,
    aborted: 1,
    balances: { 'bank-a/alice': 975_00, 'bank-b/bob': 1_025_00 },
  },
  async play(stage) {
    const commits = stage.cause(hold('/commit'), 'bank-a', 'bank-b');
    stage.tell('a client asks to move 25.00 USD from bank-a/alice to bank-b/bob');
    const answer = stage.transfer(payment);
    await stage.until('all have voted yes; both commits are held on their way', () => {
      return commits.count === 2;
    });
    stage.tell('an operator freezes bank-b/bob');
    await stage.turn();
    const { frozen } = await stage.operator('bank-b').freeze('bob', { reason: 'under review' });
    stage.prove('it is frozen, and the transfer is in doubt there', frozen);
    commits.release();
    stage.heard('committed', await answer);
    const refused = stage.heard('aborted', await stage.transfer(payment));
    stage.check('a new transfer is refused: account-frozen', refused.code === 'account-frozen');
    await stage.operator('bank-b').unfreeze('bob');
  },
};
