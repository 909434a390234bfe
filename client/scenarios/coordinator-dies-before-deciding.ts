import { holdReplies } from './faults.ts';
import { payment, unpaid, type Scenario } from './scenario.ts';

export const coordinatorDiesBeforeDeciding: Scenario = {
  name: 'coordinator-dies-before-deciding',
  about: 'the coordinator dies after every yes, before it has decided: aborted everywhere',
  ends: unpaid,
  async play(stage) {
    const votes = stage.cause(holdReplies('/prepare'), 'bank-a', 'bank-b');
    stage.tell('a client asks to move 25.00 USD from bank-a/alice to bank-b/bob');
    const answer = stage.transfer(payment);
    await stage.until('both have promised, on disk; their votes are held on their way', () => {
      const steps = ['coordinator', 'bank-a', 'bank-b'].flatMap((name) => stage.steps(name));
      return steps.join() === 'begun,prepared,prepared' && votes.count === 2;
    });
    await stage.kill('coordinator');
    votes.lose();
    stage.prove(
      'its log ends with "begun": nothing is decided',
      stage.steps('coordinator').join() === 'begun',
    );
    const alice = await stage.participant('bank-a').account('alice');
    stage.prove('25.00 USD of alice are held', alice.held === 25_00);
    await stage.restart('coordinator');
    const outcome = stage.heard('aborted', await answer);
    stage.check('it was not decided in time', outcome.code === 'coordinator-restarted');
  },
};
