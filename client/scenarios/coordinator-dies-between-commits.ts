import { hold } from './faults.ts';
import { paid, payment, type Scenario } from './scenario.ts';

export const coordinatorDiesBetweenCommits: Scenario = {
  name: 'coordinator-dies-between-commits',
  about: 'the coordinator dies when one participant has committed and the other has not',
  ends: paid,
  async play(stage) {
    const commit = stage.cause(hold('/commit'), 'bank-b');
    stage.tell('a client asks to move 25.00 USD from bank-a/alice to bank-b/bob');
    const answer = stage.transfer(payment);
    await stage.until('bank-a has committed; the commit to bank-b is held on its way', () => {
      return stage.steps('bank-a').includes('committed') && commit.count === 1;
    });
    // In time the client would have its answer all the same.
    await stage.kill('coordinator', 'at once');
    commit.lose();
    stage.prove(
      'bank-b is in doubt: its log ends with "prepared"',
      stage.steps('bank-b').join() === 'prepared',
    );
    const bob = await stage.participant('bank-b').account('bob');
    stage.prove('alice has paid, and bob has nothing of it yet', bob.posted === 1_000_00);
    await stage.restart('coordinator');
    const outcome = stage.heard('committed', await answer);
    stage.check('it is the transfer that was begun before', outcome.replayed);
  },
};
