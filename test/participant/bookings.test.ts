import fc from 'fast-check';
import t from 'tap';
import type { Bookings, Hold } from '../../log/bookings.ts';
import { bookingsOf } from '../../participant/bookings.ts';
import type { Fact } from '../../participant/participant.ts';
import { at, coordinator, id, idOf, legs, machine, promise } from '../fixtures/machine.ts';
import { runs } from '../fixtures/property-runs.ts';

const numbered = (records: readonly Fact[], first = 1) =>
  records.map((record, index) => ({ sequence: first + index, record }));

void t.test('a promise that is decided at once never was a hold', (t) => {
  const { prepare, commit, log } = machine();
  prepare();
  commit();
  t.strictSame(bookingsOf(numbered(log)), {
    opened: [{ account: 'alice', currency: 'USD', minimum: 0, at }],
    released: [],
    entries: [
      { sequence: 1, line: 1, account: 'alice', kind: 'opening', amount: 100, balance: 100, at },
      {
        ...{ sequence: 3, line: 1, account: 'alice', kind: 'transfer', transfer: id },
        ...{ amount: -60, balance: 40, at, timestamp: 8 },
      },
    ],
    promised: [],
    changed: [{ account: 'alice', balance: 40 }],
  });
  const [, prepared, committed] = numbered(log);
  t.match(bookingsOf(prepared ? [prepared] : []), {
    promised: [{ transfer: id, leg: 1, account: 'alice', amount: -60, at }],
  });
  t.strictSame(bookingsOf(committed ? [committed] : []).released, [id]);
  t.end();
});

void t.test('records that are not about accounts change nothing', (t) => {
  const branch = { id, state: 'committed', ...promise } as const;
  const none = { opened: [], promised: [], released: [], entries: [], changed: [] };
  const records: Fact[] = [
    { type: 'named', at, name: 'bank-a', coordinator, peers: [] },
    { type: 'watermark', at, store: 'k3f9q2ma', watermark: { epoch: 1, seq: 9, except: [] } },
    { type: 'confirmed', at, id, state: 'committed', timestamp: 8 },
    { type: 'damaged', at, id, state: 'committed', timestamp: 8, damage: legs },
    { type: 'remembered', branch },
    { type: 'seen', store: 'k3f9q2ma', epoch: 1, timestamp: 8, committed: 8 },
  ];
  t.strictSame(bookingsOf(numbered(records)), none);
  t.end();
});

/** Tables that are changed as a database changes them. */
class Tables {
  readonly posted = new Map<string, number>();
  readonly frozen = new Map<string, boolean>();
  readonly holds = new Map<string, Hold>();

  book({ opened, promised, released, entries, changed }: Bookings): void {
    for (const { account } of opened) {
      this.posted.set(account, 0);
      this.frozen.set(account, false);
    }
    for (const [key, { transfer }] of this.holds) {
      if (released.includes(transfer)) this.holds.delete(key);
    }
    for (const hold of promised) this.holds.set(`${hold.transfer} ${hold.leg}`, hold);
    for (const { account, amount } of entries) {
      this.posted.set(account, (this.posted.get(account) ?? NaN) + amount);
    }
    for (const { account, balance, frozen } of changed) {
      if (frozen !== undefined) this.frozen.set(account, frozen);
      if (balance === undefined || this.posted.get(account) === balance) continue;
      throw new Error(`${account} has ${this.posted.get(account)}, not ${balance}`);
    }
  }

  held(account: string): number {
    const all = [...this.holds.values()].filter((hold) => hold.account === account);
    return all.reduce((sum, { amount }) => sum - Math.min(amount, 0), 0);
  }
}

const n = fc.integer({ min: 1, max: 5 });
const amount = fc.integer({ min: -60, max: 60 }).filter((value) => value !== 0);
const step = fc.oneof(
  fc.record({ type: fc.constant('prepare'), n, amount }),
  fc.record({ type: fc.constantFrom('commit', 'abort', 'resolve', 'dismiss', 'refuse'), n }),
  fc.record({ type: fc.constant('freeze'), n, frozen: fc.boolean() }),
);

void t.test('however records are cut into batches, they come to the same', (t) => {
  const story = fc.tuple(
    fc.array(step, { minLength: 5, maxLength: 40 }),
    fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 50, maxLength: 50 }),
  );
  const property = fc.property(story, ([steps, sizes]) => {
    const real = machine();
    for (const one of steps) {
      const of = idOf(one.n);
      if (one.type === 'freeze') {
        const type = 'frozen' in one && one.frozen ? 'frozen' : 'unfrozen';
        const record = real.ledger.freeze({ type, at, id: 'alice' });
        if (record) real.keep(record);
      } else if ('amount' in one) {
        const both = [one.amount, 1].map((value) => ({ ...legs[0], amount: value }));
        real.prepare({
          id: of,
          legs: both.map((leg) => ({ account: 'alice', currency: 'USD', ...leg })),
        });
      } else if (one.type === 'commit') real.commit({ id: of });
      else if (one.type === 'abort') real.abort({ id: of });
      else if (one.type === 'dismiss') real.dismiss(true, of);
      else real.resolve(one.type === 'resolve' ? 'committed' : 'aborted', of);
    }
    const tables = new Tables();
    const all = numbered(real.log);
    for (const size of sizes) tables.book(bookingsOf(all.splice(0, size)));
    const { posted, held, frozen } = real.ledger.account('alice') ?? {};
    const seen = [tables.posted.get('alice'), tables.held('alice'), tables.frozen.get('alice')];
    if (JSON.stringify(seen) !== JSON.stringify([posted, held, frozen])) {
      throw new Error(`the tables say ${seen.join()}, the ledger ${[posted, held, frozen].join()}`);
    }
    for (const { transfer } of tables.holds.values()) {
      if (real.branch(transfer)?.state !== 'prepared') throw new Error(`${transfer} is held`);
    }
  });
  fc.assert(property, runs(500));
  t.end();
});
