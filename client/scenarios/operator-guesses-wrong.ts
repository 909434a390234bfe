import { hold } from './faults.ts';
import { paid, payment, type Scenario } from './scenario.ts';

export const operatorGuessesWrong: Scenario = {
  name: 'operator-guesses-wrong',
  about: 'an operator aborts what was committed: the damage is told, and made good',
  ends: { ...paid, alarmed: true },
  async play(stage) {
    const commits = stage.cause(hold('/commit'), 'bank-b');
    stage.tell('a client asks to move 25.00 USD from bank-a/alice to bank-b/bob');
    const answer = stage.transfer(payment, { waitSeconds: 0 });
    await stage.until('all have voted yes; the commit to bank-b is held on its way', () => {
      return commits.count === 1;
    });
    const { id } = stage.heard('committed', await answer);
    stage.tell('at bank-b an operator cannot wait, and resolves: abort');
    await stage.turn();
    const bank = stage.operator('bank-b');
    const how = { outcome: 'aborted', reason: 'the coordinator does not answer' } as const;
    const resolved = await bank.resolve(id, how);
    stage.prove('the branch is resolved, against the decision', resolved.state === 'resolved');
    commits.release();
    await stage.until('the decision arrives, and differs: the branch is damaged', async () => {
      return (await bank.branch(id)).state === 'damaged';
    });
    const { totals, damage } = await stage.unanimous.snapshot();
    const [one] = damage;
    stage.check(
      'a snapshot says what the totals are off by: 25.00 are missing at bank-b/bob',
      totals[0]?.posted === 1_975_00 && one?.account === 'bob' && one.amount === 25_00,
    );
    stage.tell('the operator books the 25.00 USD, and dismisses the report');
    await stage.turn();
    await bank.dismiss(id, { reason: 'booked after a call with bank-a' });
    const after = await stage.unanimous.snapshot();
    const sound = after.totals[0]?.posted === 2_000_00 && after.damage.length === 0;
    stage.check('the totals are right again', sound);
  },
};
