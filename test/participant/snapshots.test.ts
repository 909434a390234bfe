import t from 'tap';
import { Snapshots, type Reading } from '../../participant/snapshots.ts';
import { at, coordinator, id, idOf, machine, type Fact } from '../fixtures/machine.ts';
import { settled, VirtualClock } from '../fixtures/virtual-clock.ts';

const store = coordinator.store;
const take = (amount: number) => [{ account: 'alice', amount, currency: 'USD' }];

/** A machine whose balances can be read as of a timestamp; alice has 100 USD. */
function reader(past: readonly Fact[] = []) {
  const node = machine(past, { preparedPerAccount: 100 });
  const clock = new VirtualClock();
  const snapshots = new Snapshots(node.state, node.ledger, clock);
  snapshots.begin();
  node.follow((record, before) => {
    snapshots.observe(record, before);
  });
  /** Prepares and commits, at once. */
  const move = (number: number, timestamp: number, amount: number) => {
    node.prepare({ id: idOf(number), legs: take(amount), lowerTs: timestamp - 1 });
    node.commit({ id: idOf(number), timestamp });
  };
  const read = (timestamp: number) => snapshots.read(store, timestamp, 1_000);
  /** What alice has in a reading, or why it is none. */
  const alice = async (reading: Promise<Reading>) => {
    const given = await reading;
    return 'accounts' in given
      ? given.accounts.find((one) => one.account === 'alice')?.posted
      : given;
  };
  return { ...node, clock, snapshots, move, read, posted: alice };
}

/** Whether a promise is settled when everything that can go on has gone on. */
async function isOpen(reading: Promise<Reading>): Promise<boolean> {
  let open = true;
  void reading.then(() => (open = false));
  await settled();
  return open;
}

void t.test('a reading takes back what was committed above its timestamp', async (t) => {
  const { move, read, posted } = reader();
  move(1, 5, -10);
  move(2, 6, -20);
  move(3, 8, 1);
  t.equal(await posted(read(4)), 100);
  t.equal(await posted(read(5)), 90);
  t.equal(await posted(read(7)), 70);
  t.strictSame(await read(8), {
    timestamp: 8,
    accounts: [{ account: 'alice', currency: 'USD', posted: 71 }],
    damage: [],
  });
});

void t.test('a reading waits for what could still commit below its timestamp', async (t) => {
  const { prepare, commit, abort, resolve, read, posted, clock } = reader();
  for (const n of [1, 2, 3, 4]) prepare({ id: idOf(n), legs: take(-n), lowerTs: 7 });
  const reading = read(8);
  commit({ id: idOf(1), timestamp: 8 });
  commit({ id: idOf(2), timestamp: 9 });
  abort({ id: idOf(3) });
  prepare({ id: idOf(5), legs: take(-50), lowerTs: 8 });
  commit({ id: idOf(5), timestamp: 10 });
  t.ok(await isOpen(reading), 'one is in doubt');
  resolve('committed', idOf(4));
  t.ok(await isOpen(reading), 'an operator may be wrong');
  commit({ id: idOf(4), timestamp: 7 });
  t.equal(await posted(reading), 95, 'the first and the resolved one');
  t.equal(clock.waiting, 0, 'no timer is left');
});

void t.test('a reading does not wait for what can only commit above its timestamp', async (t) => {
  const { prepare, read, posted } = reader();
  prepare({ lowerTs: 8, legs: take(-1) });
  const foreign = { id: 'zzzzzzzz-1-1', coordinator: { store: 'zzzzzzzz', epoch: 1 } };
  prepare({ ...foreign, legs: take(-1), lowerTs: 0 });
  t.equal(await posted(read(8)), 100, 'nor for other stores');
  const reading = read(9);
  prepare({ id: idOf(3), legs: take(-1), lowerTs: 0 });
  t.ok(await isOpen(reading));
});

void t.test('a promise of which nothing more is known is waited for', async (t) => {
  const { state, read } = reader();
  state.branches.set(id, { id, state: 'prepared', coordinator, peers: [], legs: [] });
  state.prepared.add(id).add('gone');
  t.ok(await isOpen(read(1)));
});

void t.test('a reading that stays in doubt names the transfers and never guesses', async (t) => {
  const { prepare, commit, read, clock, posted } = reader();
  for (const n of [1, 2]) prepare({ id: idOf(n), legs: take(-n), lowerTs: 7 });
  const reading = read(8);
  commit({ id: idOf(1), timestamp: 8 });
  clock.advance(999);
  t.ok(await isOpen(reading));
  clock.advance(1);
  t.strictSame(await reading, { inDoubt: [idOf(2)] });
  commit({ id: idOf(2), timestamp: 9 });
  t.equal(await posted(read(8)), 99);
});

void t.test('commits of another coordinator are always shown', async (t) => {
  const { prepare, commit, read, posted } = reader();
  const foreign = { id: 'zzzzzzzz-1-1', coordinator: { store: 'zzzzzzzz', epoch: 1 } };
  prepare({ ...foreign, legs: take(-1) });
  commit({ ...foreign, timestamp: 50 });
  t.equal(await posted(read(8)), 99);
});

void t.test('what was committed before the start cannot be taken back', async (t) => {
  const before = reader();
  before.move(1, 5, -10);
  before.move(2, 6, -20);
  for (const past of [before.log, before.summary()]) {
    const { read, posted, move } = reader(past);
    t.strictSame(await read(5), { expired: 6 });
    t.equal(await posted(read(6)), 70);
    move(3, 7, -1);
    t.equal(await posted(read(6)), 70);
    t.equal(await posted(read(7)), 69);
  }
});

void t.test('the newest 10 000 commits can be taken back', async (t) => {
  const { snapshots, read, posted } = reader();
  const entries = [{ account: 'alice', amount: -1, balance: 0 }];
  const commit = (timestamp: number) =>
    snapshots.observe({ type: 'committed', at, id, timestamp, entries }, undefined);
  for (let timestamp = 10_000; timestamp >= 1; timestamp -= 1) commit(timestamp);
  t.equal(await posted(read(0)), 10_100);
  commit(10_001);
  t.strictSame(await read(9_999), { expired: 10_000 }, 'the oldest was not the lowest');
  t.equal(await posted(read(10_000)), 101);
  commit(10_002);
  t.equal(await posted(read(10_000)), 102);
  t.strictSame(await read(9_999), { expired: 10_000 }, 'the floor never falls');
});

void t.test('the highest timestamp that was served is known', async (t) => {
  const { read, snapshots } = reader();
  t.equal(snapshots.served, 0);
  void read(8);
  t.equal(snapshots.served, 8, 'as soon as the reading arrives');
  void read(5);
  snapshots.serve(3);
  t.equal(snapshots.served, 8);
  snapshots.serve(9);
  t.equal(snapshots.served, 9);
});

void t.test('a reading shows damage, from the timestamp of what is missing on', async (t) => {
  const { prepare, resolve, commit, dismiss, read, posted } = reader();
  const damage = async (timestamp: number) => {
    const reading = await read(timestamp);
    return 'damage' in reading ? reading.damage : reading;
  };
  prepare({ legs: take(-60) });
  resolve('aborted');
  commit({ timestamp: 8 });
  const lack = { id, account: 'alice', currency: 'USD', amount: -60 };
  t.strictSame([await damage(7), await damage(8)], [[], [lack]]);
  t.equal(await posted(read(8)), 100);
  dismiss();
  t.strictSame(await damage(8), []);
  t.equal(await posted(read(8)), 40, 'the compensation is shown where the commit should be');
  t.equal(await posted(read(7)), 100);
});

void t.test('damage of a wrong commit is shown at any timestamp', async (t) => {
  const { prepare, resolve, abort, dismiss, read, posted, state } = reader();
  prepare({ legs: take(-60) });
  resolve('committed');
  abort();
  t.match(await read(1), { damage: [{ id, amount: 60 }], accounts: [{ posted: 40 }] });
  dismiss();
  t.equal(await posted(read(1)), 100);
  state.damaged.add('gone');
  const last = await read(1);
  t.strictSame('damage' in last && last.damage, []);
});

void t.test('a confirmed resolution has its timestamp from then on', async (t) => {
  const { prepare, resolve, commit, abort, read, posted } = reader();
  prepare({ legs: take(-60) });
  resolve('committed');
  t.equal(await posted(read(7)), 100, 'it can only commit above 7');
  t.equal(await posted(read(6)), 100);
  commit({ timestamp: 8 });
  t.strictSame([await posted(read(7)), await posted(read(8))], [100, 40]);
  prepare({ id: idOf(2), legs: take(-1) });
  resolve('aborted', idOf(2));
  abort({ id: idOf(2) });
  t.equal(await posted(read(8)), 40);
});

void t.test('damage that is found while a reading waits is shown in it', async (t) => {
  const { prepare, resolve, commit, abort, heed, read } = reader();
  for (const n of [1, 2, 3]) prepare({ id: idOf(n), legs: take(-n), lowerTs: 7 });
  resolve('aborted', idOf(2));
  resolve('aborted', idOf(3));
  const reading = read(8);
  commit({ id: idOf(2), timestamp: 8 });
  commit({ id: idOf(3), timestamp: 9 });
  heed(1, 1);
  abort({ id: idOf(1) });
  t.strictSame(await reading, {
    timestamp: 8,
    accounts: [{ account: 'alice', currency: 'USD', posted: 100 }],
    damage: [{ id: idOf(2), account: 'alice', currency: 'USD', amount: -2 }],
  });
});

void t.test(
  'what an operator has booked is not there before it can have been decided',
  async (t) => {
    const { prepare, resolve, abort, commit, read, posted } = reader();
    prepare({ legs: take(-1), lowerTs: 7 });
    const reading = read(10);
    prepare({ id: idOf(2), legs: take(-60), lowerTs: 10 });
    resolve('committed', idOf(2));
    t.strictSame([await posted(read(7)), await isOpen(read(10))], [100, true]);
    const later = read(10);
    abort({ id: idOf(2) });
    commit({ timestamp: 10 });
    for (const one of [reading, later]) {
      const accounts = [{ account: 'alice', currency: 'USD', posted: 99 }];
      t.strictSame(await one, { timestamp: 10, accounts, damage: [] }, 'neither it nor its damage');
    }
    t.match(await read(10), { accounts: [{ posted: 39 }], damage: [{ amount: 60 }] }, 'now both');
  },
);

void t.test('records of a checkpoint move nothing', async (t) => {
  const { snapshots, read, posted, move } = reader();
  move(1, 5, -10);
  const seen = { epoch: 1, timestamp: 5, committed: 5 };
  snapshots.observe({ type: 'seen', store, ...seen }, undefined);
  t.equal(await posted(read(5)), 90);
});

void t.test('what is resolved is waited for, until its decision is heard', async (t) => {
  const { prepare, commit, abort, resolve, read, posted } = reader();
  for (const n of [1, 2, 3, 4, 5]) prepare({ id: idOf(n), legs: take(-n), lowerTs: 0 });
  resolve('committed', idOf(1));
  resolve('committed', idOf(2));
  resolve('aborted', idOf(3));
  resolve('aborted', idOf(5));
  const reading = read(5);
  resolve('committed', idOf(4));
  commit({ id: idOf(1), timestamp: 6 });
  commit({ id: idOf(2), timestamp: 5 });
  commit({ id: idOf(3), timestamp: 4 });
  abort({ id: idOf(5) });
  t.ok(await isOpen(reading));
  abort({ id: idOf(4) });
  const lacks = { account: 'alice', currency: 'USD' };
  t.match(await reading, {
    accounts: [{ posted: 100 - 2 - 4 }],
    damage: [
      { id: idOf(3), ...lacks, amount: -3 },
      { id: idOf(4), ...lacks, amount: 4 },
    ],
  });
  t.equal(await posted(read(6)), 100 - 1 - 2 - 4);
});
