import fc from 'fast-check';
import t from 'tap';
import { Snapshots, type Reading } from '../../participant/snapshots.ts';
import { coordinator, idOf, machine } from '../fixtures/machine.ts';
import { runs } from '../fixtures/property-runs.ts';
import { VirtualClock } from '../fixtures/virtual-clock.ts';

/** What alice has at first (`machine`). */
const opening = 100;

const outcome = fc.constantFrom('committed' as const, 'aborted' as const);
const nth = fc.nat(30);
const step = fc.oneof(
  fc.record({ what: fc.constant('begin' as const), amount: fc.integer({ min: -30, max: 30 }) }),
  fc.record({ what: fc.constant('decide' as const), nth, outcome }),
  fc.record({ what: fc.constant('force' as const) }),
  fc.record({ what: fc.constant('hear' as const), nth }),
  fc.record({ what: fc.constant('resolve' as const), nth, outcome }),
  fc.record({ what: fc.constant('dismiss' as const), nth }),
  fc.record({ what: fc.constant('read' as const), late: fc.nat(2) }),
);

interface Transfer {
  readonly id: string;
  readonly amount: number;
  /** Of the commit; 0: it is aborted. Undefined: it is not decided. */
  timestamp?: number;
}

/** One coordinator and what it has decided, one participant, and an operator who often errs. */
class Play {
  readonly #machine = machine([], { preparedPerAccount: 100 });
  readonly #snapshots = new Snapshots(
    this.#machine.state,
    this.#machine.ledger,
    new VirtualClock(),
  );
  readonly #transfers: Transfer[] = [];
  readonly #readings: { readonly at: number; readonly reading: Promise<Reading> }[] = [];
  #issued = 0;
  #durable = 0;

  constructor() {
    this.#snapshots.begin();
    this.#machine.follow((record, before) => {
      this.#snapshots.observe(record, before);
    });
  }

  begin(amount: number): void {
    if (amount === 0) return;
    const id = idOf(this.#transfers.length + 1);
    const legs = [{ account: 'alice', amount, currency: 'USD' }];
    const { reply } = this.#machine.prepare({ id, legs, lowerTs: this.#durable });
    const isPromised = 'vote' in reply && reply.vote === 'yes';
    this.#transfers.push({ id, amount, ...(!isPromised && { timestamp: 0 }) });
  }

  decide(nth: number, state: 'committed' | 'aborted'): void {
    const open = this.#transfers.filter(({ timestamp }) => timestamp === undefined);
    const transfer = open[nth % open.length];
    if (!transfer) return;
    if (state === 'committed') this.#issued += 1;
    transfer.timestamp = state === 'committed' ? this.#issued : 0;
  }

  force(): void {
    this.#durable = this.#issued;
  }

  /** The participant hears a decision that is forced. */
  hear(nth: number): void {
    const told = this.#transfers.filter(({ timestamp = Infinity }) => timestamp <= this.#durable);
    const { id, timestamp = 0 } = told[nth % told.length] ?? {};
    if (id === undefined) return;
    if (timestamp > 0) this.#machine.commit({ id, timestamp });
    else this.#machine.abort({ id });
  }

  resolve(nth: number, state: 'committed' | 'aborted'): void {
    const prepared = [...this.#machine.state.prepared];
    const id = prepared[nth % prepared.length];
    if (id !== undefined) this.#machine.resolve(state, id);
  }

  dismiss(nth: number): void {
    const damaged = [...this.#machine.state.damaged];
    const id = damaged[nth % damaged.length];
    if (id !== undefined) this.#machine.dismiss(true, id);
  }

  read(late: number): void {
    const at = Math.max(0, this.#durable - late);
    this.#readings.push({ at, reading: this.#snapshots.read(coordinator.store, at, 1_000) });
  }

  /** Everything is decided and heard: then each reading must be what was decided by its time. */
  async check(): Promise<void> {
    while (this.#transfers.some((one) => one.timestamp === undefined)) this.decide(0, 'aborted');
    this.force();
    for (const nth of this.#transfers.keys()) this.hear(nth);
    this.read(0);
    for (const { at, reading } of this.#readings) {
      const given = await reading;
      if (!('accounts' in given)) throw new Error(`no balances at ${at}`);
      const expected = this.#transfers
        .filter(({ timestamp = 0 }) => timestamp > 0 && timestamp <= at)
        .reduce((sum, { amount }) => sum + amount, opening);
      const [{ posted } = { posted: NaN }] = given.accounts;
      const shown = given.damage.reduce((sum, { amount }) => sum + amount, posted);
      if (shown !== expected) {
        const said = JSON.stringify(given);
        throw new Error(`at ${at} alice had ${expected}, and is shown as ${shown}: ${said}`);
      }
    }
  }
}

void t.test('balances and damage of any moment add up to what was decided by then', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (steps) => {
      const play = new Play();
      for (const one of steps) {
        if (one.what === 'begin') play.begin(one.amount);
        else if (one.what === 'decide') play.decide(one.nth, one.outcome);
        else if (one.what === 'force') play.force();
        else if (one.what === 'hear') play.hear(one.nth);
        else if (one.what === 'resolve') play.resolve(one.nth, one.outcome);
        else if (one.what === 'dismiss') play.dismiss(one.nth);
        else play.read(one.late);
      }
      await play.check();
    }),
    runs(3_000),
  );
  t.pass('of every play');
});
