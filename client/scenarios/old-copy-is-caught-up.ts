import { cpSync, rmSync } from 'node:fs';
import { payment, type Scenario } from './scenario.ts';

export const oldCopyIsCaughtUp: Scenario = {
  name: 'old-copy-is-caught-up',
  about: 'a bank comes back with an old copy of its store: it is noticed, and caught up',
  ends: {
    committed: 3,
    balances: { 'bank-a/alice': 925_00, 'bank-b/bob': 1_075_00 },
    alarmed: true,
  },
  async play(stage) {
    stage.heard('committed', await stage.transfer(payment));
    const { data } = stage.cluster.node('bank-b');
    const copy = `${data}.copy`;
    await stage.kill('bank-b');
    stage.tell('a copy of its store is made');
    await stage.turn();
    cpSync(data, copy, { recursive: true });
    await stage.restart('bank-b');
    stage.tell('two more transfers are made');
    stage.heard('committed', await stage.transfer(payment));
    stage.heard('committed', await stage.transfer(payment));
    await stage.kill('bank-b');
    const lost = stage.steps('bank-b').length;
    stage.tell('its disk is lost, and the copy is put in its place');
    await stage.turn();
    rmSync(data, { recursive: true });
    cpSync(copy, data, { recursive: true });
    rmSync(copy, { recursive: true });
    const left = stage.steps('bank-b').length;
    stage.prove(`${lost - left} records are missing`, left < lost);
    stage.tell('start bank-b again');
    await stage.turn();
    await stage.cluster.node('bank-b').start();
    // Until it is caught up it refuses to say what it has.
    await stage.until('it has what it had lost', () =>
      stage
        .participant('bank-b')
        .account('bob')
        .then(
          ({ posted }) => posted === 1_075_00,
          () => false,
        ),
    );
  },
};
