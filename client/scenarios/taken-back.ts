import { ApiError } from '../sdk/index.ts';
import { hold } from './faults.ts';
import { payment, type Scenario } from './scenario.ts';

export const takenBack: Scenario = {
  name: 'taken-back',
  about: 'a transfer is cancelled in time, another one taken back in two parts, never more',
  ends: {
    committed: 3,
    aborted: 1,
    balances: { 'bank-a/alice': 1_000_00, 'bank-b/bob': 1_000_00 },
  },
  async play(stage) {
    const prepares = stage.cause(hold('/prepare'), 'bank-b');
    stage.tell('a client asks to move 25.00 USD from bank-a/alice to bank-b/bob');
    const waiting = stage.transfer(payment);
    await stage.until('it is begun, on disk; the prepare to bank-b is held on its way', () => {
      return stage.steps('coordinator').includes('begun') && prepares.count === 1;
    });
    const [begun] = stage.records('coordinator');
    stage.tell('the client thinks better of it, and cancels');
    await stage.turn();
    const cancelled = await stage.unanimous.cancel(begun?.id ?? '');
    stage.prove('it is aborted, while bank-b had not voted', cancelled.state === 'aborted');
    prepares.release();
    stage.heard('aborted', await waiting);

    const paid = stage.heard('committed', await stage.transfer(payment));
    const late = await codeOf(stage.unanimous.cancel(paid.id));
    stage.check('what is committed cannot be cancelled', late === 'already-decided');
    stage.tell('10.00 USD of it go back, then the rest');
    stage.heard('committed', await stage.reverse(paid.id, { amount: 10_00 }));
    stage.heard('committed', await stage.reverse(paid.id));
    const more = await codeOf(stage.reverse(paid.id, { amount: 1 }));
    stage.check('nothing is left to go back', more === 'reversal-limit-exceeded');
    const { reversals = [] } = await stage.unanimous.getTransfer(paid.id);
    stage.check('the transfer names both ways back', reversals.length === 2);
  },
};

/** Why a request was refused; undefined if it was not. */
const codeOf = (answer: Promise<unknown>): Promise<string | undefined> =>
  answer.then(
    () => undefined,
    (error: unknown) => (error instanceof ApiError ? error.problem?.code : String(error)),
  );
