import { loseReplies } from './faults.ts';
import { paid, payment, type Scenario } from './scenario.ts';

export const answerIsLost: Scenario = {
  name: 'answer-is-lost',
  about: 'the answer to a client is lost: it asks again under its key, and the money moves once',
  ends: paid,
  async play(stage) {
    const answers = stage.cause(loseReplies('/transfers', 1), 'coordinator');
    stage.tell('a client asks to move 25.00 USD; the first answer to it will be lost');
    const outcome = stage.heard('committed', await stage.transfer(payment));
    stage.prove('an answer was lost', answers.count === 1);
    stage.prove('the client has asked again', stage.sent('/transfers', 'coordinator') > 1);
    stage.check('it has the answer of the first request', outcome.replayed);
    const begun = stage.steps('coordinator').filter((step) => step === 'begun');
    stage.check('one transfer was begun', begun.length === 1);
  },
};
