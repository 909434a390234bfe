import type { Leg } from '../sdk/index.ts';
import type { Scenario } from './scenario.ts';

const ring = [
  'bank-a/alice',
  'bank-b/bob',
  'bank-c/carol',
  'bank-a/anna',
  'bank-b/ben',
  'bank-c/chris',
];

/** Six legs: each account pays the next one, twice as much as the one before. */
const legs = ring.map((from, at): Leg => {
  const to = ring[(at + 1) % ring.length] ?? '';
  return { from, to, amount: 10_00 * 2 ** at, currency: 'USD' };
});

export const manyLegs: Scenario = {
  name: 'many-legs',
  about: 'three participants and many legs: all move together, or none does',
  ends: {
    committed: 1,
    aborted: 1,
    balances: {
      'bank-a/alice': 1_310_00,
      'bank-b/bob': 990_00,
      'bank-c/carol': 980_00,
      'bank-a/anna': 960_00,
      'bank-b/ben': 920_00,
      'bank-c/chris': 840_00,
    },
  },
  async play(stage) {
    stage.tell('six accounts pay each other in a ring; a seventh leg takes more than carol has');
    const tooMuch: Leg = {
      from: 'bank-c/carol',
      to: 'bank-a/alice',
      amount: 960_01,
      currency: 'USD',
    };
    const refused = stage.heard('aborted', await stage.transfer({ legs: [...legs, tooMuch] }));
    const votes = refused.participants.map(({ name, vote }) => `${name} ${vote}`).sort();
    stage.prove('two have voted yes, one no', votes.join() === 'bank-a yes,bank-b yes,bank-c no');
    stage.check(
      'none of the seven legs is booked',
      ['bank-a', 'bank-b', 'bank-c'].every((name) => !stage.steps(name).includes('committed')),
    );
    stage.tell('the same ring without the seventh leg');
    const outcome = stage.heard('committed', await stage.transfer({ legs }));
    stage.prove(
      'all three have taken part',
      outcome.participants.length === 3 &&
        outcome.participants.every(({ state }) => state === 'committed'),
    );
  },
};
