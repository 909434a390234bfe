import { payment, unpaid, type Scenario } from './scenario.ts';

export const participantVotesNo: Scenario = {
  name: 'participant-votes-no',
  about: 'a participant votes no: aborted everywhere, and the client hears who said what',
  ends: unpaid,
  async play(stage) {
    stage.tell('a client asks to move 1 000.01 USD from bank-b/bob, who has 1 000.00');
    const request = { ...payment, from: 'bank-b/bob', to: 'bank-a/alice', amount: 1_000_01 };
    const outcome = stage.heard('aborted', await stage.transfer(request));
    const [b, a] = outcome.participants;
    stage.prove('bank-b has voted no', b?.vote === 'no' && b.code === 'insufficient-funds');
    stage.prove('bank-b has promised nothing', !stage.steps('bank-b').includes('prepared'));
    stage.check('bank-a has voted yes', a?.vote === 'yes');
    await stage.until('bank-a lets go of what it has promised', () => {
      return stage.steps('bank-a').join() === 'prepared,aborted';
    });
  },
};
