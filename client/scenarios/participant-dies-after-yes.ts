import { hold } from './faults.ts';
import { paid, payment, type Scenario } from './scenario.ts';

export const participantDiesAfterYes: Scenario = {
  name: 'participant-dies-after-yes',
  about: 'a participant dies after its yes and rejoins at a new port: committed, once',
  ends: paid,
  async play(stage) {
    const commit = stage.cause(hold('/commit'), 'bank-b');
    stage.tell('a client asks to move 25.00 USD from bank-a/alice to bank-b/bob');
    const answer = stage.transfer(payment, { waitSeconds: 0 });
    await stage.until('all have voted yes; the commit to bank-b is held on its way', () => {
      return commit.count === 1;
    });
    await stage.kill('bank-b');
    commit.lose();
    stage.prove(
      'its log ends with its promise, "prepared"',
      stage.steps('bank-b').join() === 'prepared',
    );
    const outcome = stage.heard('committed', await answer);
    stage.check('not everybody has confirmed it yet', !outcome.applied);
    await stage.restart('bank-b', 'elsewhere');
    await stage.until('it hears the decision, and keeps its promise', () => {
      return stage.steps('bank-b').join() === 'prepared,committed';
    });
  },
};
