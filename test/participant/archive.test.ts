import t, { type Test } from 'tap';
import { Archive } from '../../participant/archive.ts';
import type { Fact } from '../../participant/participant.ts';
import { openLog, type Log } from '../../log/log.ts';
import { initStore, openStore } from '../../log/store.ts';
import { at, id, idOf, machine } from '../fixtures/machine.ts';
import { MemoryDisk } from '../fixtures/memory-disk.ts';
import { VirtualClock } from '../fixtures/virtual-clock.ts';

const give = (amount: number) => [{ account: 'alice', amount, currency: 'USD' }];

/** A log that holds what a machine has lived through, in segments of `segmentBytes`. */
async function archive(t: Test, records: readonly Fact[], segmentBytes = 1024 * 1024) {
  const disk = new MemoryDisk();
  const folder = '/data';
  await initStore({ folder, role: 'participant', store: 'banka000', disk });
  const store = await openStore({ folder, role: 'participant', disk, pid: 1 });
  const log: Log<Fact> = await openLog<Fact>({
    store,
    clock: new VirtualClock(),
    segmentBytes,
    apply: () => undefined,
    summarise: () => [],
    keyOf: (record) => {
      if (record.type !== 'prepared' && record.type !== 'aborted') return undefined;
      const [, epoch, number] = record.id.split('-').map(Number);
      return [epoch ?? 0, number ?? 0];
    },
    onFailure: (error) => t.fail(error.message),
  });
  t.teardown(() => log.close());
  for (const record of records) log.append(record);
  await log.durable();
  return new Archive(log);
}

/** Every way in which a branch may be decided. */
function lives() {
  const node = machine([], { preparedPerAccount: 100 });
  const { prepare, commit, abort, resolve, dismiss, catchUp, commitOnePhase } = node;
  for (const n of [1, 2, 4, 5, 6, 7]) prepare({ id: idOf(n), legs: give(-n) });
  prepare({ id: idOf(3), legs: give(-1_000) });
  commit({ id: idOf(1) });
  abort({ id: idOf(2) });
  resolve('committed', idOf(4));
  commit({ id: idOf(4), timestamp: 9 });
  resolve('aborted', idOf(5));
  abort({ id: idOf(5) });
  resolve('aborted', idOf(6));
  commit({ id: idOf(6), timestamp: 10 });
  dismiss(true, idOf(6));
  resolve('committed', idOf(7));
  abort({ id: idOf(7) });
  dismiss(false, idOf(7));
  abort({ id: idOf(8) });
  commitOnePhase({ id: idOf(9), legs: give(1), timestamp: 11 });
  const nobody = [{ account: 'nobody', amount: 1, currency: 'USD' }];
  catchUp({ id: idOf(10), legs: nobody, timestamp: 12 });
  dismiss(false, idOf(10));
  return node;
}

void t.test('a branch is read from the log as it was in memory', async (t) => {
  const { log, branch } = lives();
  for (const segmentBytes of [1024 * 1024, 300]) {
    const past = await archive(t, log, segmentBytes);
    for (let n = 1; n <= 10; n += 1) {
      const known = branch(idOf(n));
      t.ok(known, `${n} is remembered`);
      t.strictSame(await past.branch(idOf(n)), known, `${n} in ${segmentBytes} bytes`);
    }
    t.equal(await past.branch(idOf(11)), undefined);
  }
});

void t.test('a branch that stands before its neighbours is found', async (t) => {
  const { prepare, commit, abort, log, branch } = machine([], { preparedPerAccount: 1_000 });
  prepare({ id: idOf(90), legs: give(-1) });
  prepare({ id: idOf(91), legs: give(-2) });
  prepare({ id: idOf(92), legs: give(-3) });
  commit({ id: idOf(92), timestamp: 92 });
  for (let n = 1; n < 50; n += 1) {
    prepare({ id: idOf(n), legs: give(1) });
    commit({ id: idOf(n), timestamp: n });
  }
  commit({ id: idOf(90), timestamp: 90 });
  abort({ id: idOf(91) });
  const past = await archive(t, log, 1_000);
  for (const n of [90, 91, 92]) t.strictSame(await past.branch(idOf(n)), branch(idOf(n)), `${n}`);
  t.strictSame(await past.branch(idOf(25)), branch(idOf(25)));
});

void t.test('an account that is called like a transfer is none', async (t) => {
  const opened = { type: 'opened', at, id, currency: 'USD', balance: 1, minimum: 0 } as const;
  const past = await archive(t, [opened, { type: 'frozen', at, id }]);
  t.equal(await past.branch(id), undefined);
  const { lines } = await past.statement(id, 9);
  t.strictSame(lines, [{ kind: 'opening', at, amount: 1, balance: 1 }]);
});

void t.test('a statement has every booking on an account, newest first', async (t) => {
  const { log, prepare, commit } = lives();
  prepare({ id: idOf(20), legs: [...give(-1), ...give(5)] });
  commit({ id: idOf(20), timestamp: 20 });
  const past = await archive(t, log, 300);
  const of = (n: number) => ({ at, transferId: idOf(n) });
  t.strictSame(await past.statement('alice', 99), {
    lines: [
      { kind: 'transfer', amount: 5, balance: 87, ...of(20), timestamp: 20 },
      { kind: 'transfer', amount: -1, balance: 82, ...of(20), timestamp: 20 },
      { kind: 'transfer', amount: 1, balance: 83, ...of(9), timestamp: 11 },
      { kind: 'resolution', amount: -7, balance: 82, ...of(7) },
      { kind: 'compensation', amount: -6, balance: 89, ...of(6) },
      { kind: 'resolution', amount: -4, balance: 95, ...of(4) },
      { kind: 'transfer', amount: -1, balance: 99, ...of(1), timestamp: 8 },
      { kind: 'opening', at, amount: 100, balance: 100 },
    ],
    next: null,
  });
  for (const other of ['bob', 'USD']) {
    t.strictSame(await past.statement(other, 99), { lines: [], next: null }, other);
  }
});

void t.test('a statement goes on where the last page ended, also within a record', async (t) => {
  const { log, prepare, commit } = machine();
  prepare({ id: idOf(1), legs: [...give(-1), ...give(5), ...give(-2)] });
  commit({ id: idOf(1) });
  const past = await archive(t, log, 300);
  const whole = await past.statement('alice', 99);
  for (const most of [1, 2, 3]) {
    let page = await past.statement('alice', most);
    const lines = [...page.lines];
    for (let pages = 0; page.next && pages < 9; pages += 1) {
      page = await past.statement('alice', most, page.next);
      lines.push(...page.lines);
    }
    t.strictSame(lines, whole.lines, `by ${most}`);
    t.ok(page.lines.length > 0, 'no page is empty');
  }
});
