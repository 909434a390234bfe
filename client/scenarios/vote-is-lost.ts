import { loseReplies } from './faults.ts';
import { paid, payment, type Scenario } from './scenario.ts';

export const voteIsLost: Scenario = {
  name: 'vote-is-lost',
  about: 'a vote is lost: the participant is asked again, and says the same',
  ends: paid,
  async play(stage) {
    const votes = stage.cause(loseReplies('/prepare', 1), 'bank-b');
    stage.tell('a client asks to move 25.00 USD; the first vote of bank-b will be lost');
    stage.heard('committed', await stage.transfer(payment));
    stage.prove('a vote of bank-b was lost', votes.count === 1);
    stage.prove('it was asked again', stage.sent('/prepare', 'bank-b') > 1);
    const promises = stage.steps('bank-b').filter((step) => step === 'prepared');
    stage.check('it has promised once', promises.length === 1);
  },
};
