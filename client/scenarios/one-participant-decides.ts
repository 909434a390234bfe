import { loseReplies } from './faults.ts';
import { payment, type Scenario } from './scenario.ts';

export const oneParticipantDecides: Scenario = {
  name: 'one-participant-decides',
  about: 'a transfer inside one bank is decided there; its answers are lost: committed, once',
  ends: { committed: 1, balances: { 'bank-a/alice': 975_00, 'bank-a/fees': 1_025_00 } },
  async play(stage) {
    const lost = stage.cause(loseReplies('/commit-one-phase', Infinity), 'bank-a');
    stage.tell('a client asks to move 25.00 USD from bank-a/alice to bank-a/fees');
    const answer = stage.transfer({ ...payment, to: 'bank-a/fees', timeoutMs: 1_500 });
    await stage.until('bank-a has committed, and its answer is lost', () => lost.count > 0);
    stage.prove('the coordinator has no decision', !stage.steps('coordinator').includes('decided'));
    await stage.until('after the deadline it asks, by an abort, which is refused', () => {
      return stage.sent('/abort', 'bank-a') > 0;
    });
    stage.heard('committed', await answer);
    stage.check('nobody was asked to vote', stage.sent('/prepare', 'bank-a') === 0);
    lost.heal();
  },
};
