import { loseReplies } from './faults.ts';
import { paid, payment, type Scenario } from './scenario.ts';

export const acknowledgementIsLost: Scenario = {
  name: 'acknowledgement-is-lost',
  about: 'an acknowledgement is lost: the commit is sent again, and applied once',
  ends: paid,
  async play(stage) {
    const acknowledgements = stage.cause(loseReplies('/commit', 1), 'bank-b');
    stage.tell('a client asks to move 25.00 USD; the first acknowledgement of bank-b will be lost');
    stage.heard('committed', await stage.transfer(payment));
    stage.prove('an acknowledgement of bank-b was lost', acknowledgements.count === 1);
    await stage.until('the coordinator has heard another one', () => {
      return stage.steps('coordinator').includes('ended');
    });
    stage.prove('the commit was sent again', stage.sent('/commit', 'bank-b') > 1);
    const commits = stage.steps('bank-b').filter((step) => step === 'committed');
    stage.check('bank-b has committed once', commits.length === 1);
  },
};
