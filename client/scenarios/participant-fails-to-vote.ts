import { paid, payment, type Scenario } from './scenario.ts';

export const participantFailsToVote: Scenario = {
  name: 'participant-fails-to-vote',
  about: 'a participant fails to vote: aborted at the deadline',
  ends: { ...paid, aborted: 1 },
  async play(stage) {
    await stage.pause('bank-b');
    stage.tell('a client asks to move 25.00 USD, and gives the votes 2 s');
    const answer = await stage.transfer({ ...payment, timeoutMs: 2_000 });
    const [a, b] = stage.heard('aborted', answer).participants;
    stage.prove('bank-b was asked for its vote', stage.sent('/prepare', 'bank-b') > 0);
    stage.prove('bank-b has not voted', b?.vote === 'none' && stage.steps('bank-b').length === 0);
    stage.check('bank-a has voted yes', a?.vote === 'yes');
    await stage.until('bank-a has let go of it: alice can spend all that she has', async () => {
      return (await stage.participant('bank-a').account('alice')).available === 1_000_00;
    });
    await stage.resume('bank-b');
    stage.tell('a client asks to move 25.00 USD once more');
    stage.heard('committed', await stage.transfer(payment));
  },
};
