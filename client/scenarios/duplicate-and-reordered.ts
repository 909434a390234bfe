import { hold, repeat } from './faults.ts';
import { paid, payment, type Scenario } from './scenario.ts';

export const duplicateAndReordered: Scenario = {
  name: 'duplicate-and-reordered',
  about: 'every message comes twice, and an abort overtakes its prepare: one effect, or none',
  ends: { ...paid, aborted: 1 },
  async play(stage) {
    stage.tell('a client asks to move 25.00 USD; every message will come twice');
    const twice = [repeat('/prepare'), repeat('/commit')];
    for (const fault of twice) stage.cause(fault, 'bank-a', 'bank-b');
    stage.heard('committed', await stage.transfer(payment));
    await stage.until('each had one effect', () => {
      const steps = [...stage.steps('bank-a'), ...stage.steps('bank-b')];
      return steps.join() === 'prepared,committed,prepared,committed';
    });
    stage.prove(
      'two prepares and two commits came twice',
      twice.every(({ count }) => count >= 2),
    );
    for (const fault of twice) fault.heal();

    stage.tell('a client asks once more, with 500 ms for the votes; a prepare is held on its way');
    const prepare = stage.cause(hold('/prepare'), 'bank-b');
    stage.heard('aborted', await stage.transfer({ ...payment, timeoutMs: 500 }));
    await stage.until('the abort has come to bank-b first', () => {
      return stage.steps('bank-b').at(-1) === 'aborted';
    });
    prepare.release();
    await stage.until('the prepare comes after it, and is answered', () => prepare.replied === 1);
    stage.prove('a prepare was overtaken', prepare.count === 1);
    stage.check('bank-b promises nothing any more', stage.steps('bank-b').at(-1) === 'aborted');
  },
};
