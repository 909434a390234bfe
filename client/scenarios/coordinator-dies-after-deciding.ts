import { hold } from './faults.ts';
import { paid, payment, type Scenario } from './scenario.ts';

export const coordinatorDiesAfterDeciding: Scenario = {
  name: 'coordinator-dies-after-deciding',
  about: 'the coordinator dies after its decision, before any commit arrives: committed',
  ends: paid,
  async play(stage) {
    const commits = stage.cause(hold('/commit'), 'bank-a', 'bank-b');
    stage.tell('a client asks to move 25.00 USD from bank-a/alice to bank-b/bob');
    const answer = stage.transfer(payment);
    await stage.until('all have voted yes; both commits are held on their way', () => {
      return commits.count === 2;
    });
    // In time the client would have its answer all the same.
    await stage.kill('coordinator', 'at once');
    commits.lose();
    const last = stage.steps('coordinator').at(-1);
    stage.prove('its log ends with its decision, "decided"', last === 'decided');
    const promised = [...stage.steps('bank-a'), ...stage.steps('bank-b')];
    stage.prove(
      'both banks are in doubt: their logs end with "prepared"',
      promised.join() === 'prepared,prepared',
    );
    await stage.restart('coordinator');
    const outcome = stage.heard('committed', await answer);
    stage.check('it is the transfer that was begun before', outcome.replayed);
  },
};
