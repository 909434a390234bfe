import { hold, loseRequests } from './faults.ts';
import { paid, payment, type Scenario } from './scenario.ts';

export const oneWayPartition: Scenario = {
  name: 'one-way-partition',
  about: 'after its yes nothing reaches a participant any more: it asks, and commits',
  ends: paid,
  async play(stage) {
    const commit = stage.cause(hold('/commit'), 'bank-b');
    stage.tell('a client asks to move 25.00 USD, and gives the votes 2 s');
    const answer = stage.transfer({ ...payment, timeoutMs: 2_000 }, { waitSeconds: 0 });
    await stage.until('all have voted yes; the commit to bank-b is held on its way', () => {
      return commit.count === 1;
    });
    stage.tell('nothing reaches bank-b from here on; what bank-b sends gets through');
    const cut = stage.cause(loseRequests('/'), 'bank-b');
    commit.lose();
    stage.heard('committed', await answer);
    stage.prove(
      'bank-b is in doubt: its log ends with "prepared"',
      stage.steps('bank-b').join() === 'prepared',
    );
    await stage.until('it waits twice the time of its vote, then asks, and commits', () => {
      return stage.steps('bank-b').join() === 'prepared,committed';
    });
    stage.prove('it has asked', stage.sent('/decisions', 'coordinator') > 0);
    stage.prove(`${cut.count} messages to it were lost`, cut.count > 0);
    stage.tell('the line is whole again');
    await stage.turn();
    cut.heal();
  },
};
