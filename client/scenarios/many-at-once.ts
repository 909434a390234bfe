import { payment, type Scenario } from './scenario.ts';

const good = 99;

export const manyAtOnce: Scenario = {
  name: 'many-at-once',
  about: 'a hundred transfers in one request, one of them bad: it harms no other',
  ends: {
    committed: good,
    balances: {
      'bank-a/alice': 1_000_00 - good * 1_00,
      'bank-b/bob': 1_000_00 + good * 1_00,
    },
  },
  async play(stage) {
    stage.tell('a client sends 100 transfers of 1.00 USD at once; the 50th names no such bank');
    const requests = Array.from({ length: good + 1 }, (_, n) => {
      return { ...payment, amount: 1_00, ...(n === 49 && { to: 'bank-z/bob' }) };
    });
    const results = await stage.transferMany(requests);
    const committed = results.filter(({ state }) => state === 'committed');
    const refused = results.flatMap((one, n) => (one.state === 'refused' ? [n] : []));
    stage.prove('the 50th was refused, and nothing else', refused.join() === '49');
    stage.check(`the other ${good} are committed`, committed.length === good);
  },
};
