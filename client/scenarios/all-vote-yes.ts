import { paid, payment, type Scenario } from './scenario.ts';

export const allVoteYes: Scenario = {
  name: 'all-vote-yes',
  about: 'all vote yes: committed everywhere, and every log shows the steps',
  ends: paid,
  async play(stage) {
    stage.tell('a client asks to move 25.00 USD from bank-a/alice to bank-b/bob');
    const outcome = stage.heard('committed', await stage.transfer(payment));
    stage.prove(
      'both have voted yes',
      outcome.participants.every(({ vote }) => vote === 'yes'),
    );
    stage.check('both have confirmed the commit', outcome.applied);
    const alice = await stage.participant('bank-a').account('alice');
    const bob = await stage.participant('bank-b').account('bob');
    stage.check('who looks now, sees it', alice.posted === 975_00 && bob.posted === 1_025_00);
  },
};
