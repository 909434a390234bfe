import { hold } from './faults.ts';
import { payment, unpaid, type Scenario } from './scenario.ts';

export const coordinatorFailsBeforePrepare: Scenario = {
  name: 'coordinator-fails-before-prepare',
  about: 'the coordinator fails before any prepare arrives: nothing happens, anywhere',
  ends: unpaid,
  async play(stage) {
    const prepares = stage.cause(hold('/prepare'), 'bank-a', 'bank-b');
    stage.tell('a client asks to move 25.00 USD from bank-a/alice to bank-b/bob');
    const answer = stage.transfer(payment);
    await stage.until('the coordinator has begun it; its prepares are held on their way', () => {
      return stage.steps('coordinator').includes('begun') && prepares.count === 2;
    });
    await stage.kill('coordinator');
    prepares.lose();
    const heard = [...stage.steps('bank-a'), ...stage.steps('bank-b')];
    stage.prove('no participant has ever heard of it', heard.length === 0);
    await stage.restart('coordinator');
    const outcome = stage.heard('aborted', await answer);
    stage.check('it was not decided in time', outcome.code === 'coordinator-restarted');
  },
};
