import t, { type Test } from 'tap';
import { audit } from '../../../client/audit/audit.ts';
import type { Rule } from '../../../client/audit/findings.ts';
import type { Report } from '../../../client/audit/report.ts';
import { money } from '../../../client/cli/amounts.ts';
import { auditStores, folderOf, nodeNames, storesOf, type NodeName } from '../../fixtures/audit.ts';
import {
  editDocument,
  recordsOf,
  writeRecords,
  type AnyRecord,
} from '../../fixtures/edit-store.ts';
import { folderSource } from '../../../log/read-store.ts';
import { MemoryDisk } from '../../fixtures/memory-disk.ts';
import { back, never, order, startCluster } from '../../fixtures/nodes.ts';
import { nothing } from '../../fixtures/nothing.ts';

const idOf = (number: number) => `k3f9q2ma-1-${number}`;

/**
 * What a cluster has written: 1 commits 25.00 from alice to bob, 2 is aborted (bob has not so
 * much), 3 commits 7.00 from bob to alice, 4 commits 25.00 from alice to bob again.
 */
async function cluster(t: Test): Promise<MemoryDisk> {
  const { world, coordinator, a, b } = await startCluster(t);
  const headers = { 'idempotency-key': 'one' };
  await coordinator.call('createTransfer', { body: order, headers });
  await coordinator.call('createTransfer', { body: { ...back, amount: 500_000 } });
  await coordinator.call('createTransfer', { body: back, headers: { 'idempotency-key': 'three' } });
  await coordinator.call('createTransfer', { body: order });
  await world.pass(1_000);
  return storesOf([coordinator, a, b]);
}

let stores = new MemoryDisk();

void t.test('a cluster has worked for a while', async (t) => {
  stores = await cluster(t);
});

function copy(): MemoryDisk {
  const disk = new MemoryDisk();
  for (const path of stores.paths) disk.put(path, stores.text(path));
  return disk;
}

type Edit = (records: AnyRecord[]) => AnyRecord[];

/** A copy of the stores in which these records are others. */
async function edited(edits: Partial<Record<NodeName, Edit>>): Promise<MemoryDisk> {
  const disk = copy();
  for (const name of nodeNames) {
    const edit = edits[name];
    if (!edit) continue;
    const before = recordsOf(disk, folderOf(name));
    const after = edit(structuredClone(before));
    if (JSON.stringify(after) === JSON.stringify(before)) throw new Error('nothing was edited');
    await writeRecords(disk, folderOf(name), after);
  }
  return disk;
}

const is = (record: AnyRecord, type: string, number?: number) =>
  record.type === type && (number === undefined || record['id'] === idOf(number));

/** Changes the records of one type about one transfer. */
const change =
  (type: string, number: number, fields: (record: AnyRecord) => object): Edit =>
  (records) =>
    records.map((one) => (is(one, type, number) ? { ...one, ...fields(one) } : one));

/** Leaves out all records about a transfer of these types. */
const drop =
  (number: number, ...types: string[]): Edit =>
  (records) =>
    records.filter((one) => !types.some((type) => is(one, type, number)));

/** Adds records after the first of one type about one transfer. */
const after =
  (type: string, number: number, ...more: AnyRecord[]): Edit =>
  (records) =>
    records.flatMap((one) => (is(one, type, number) ? [one, ...more] : [one]));

const both =
  (...edits: Edit[]): Edit =>
  (records) =>
    edits.reduce((all, edit) => edit(all), records);

const rulesOf = ({ violations }: Report): Rule[] => violations.map(({ rule }) => rule);

void t.test('the stores of a cluster that has worked are clean', async (t) => {
  const report = await auditStores(copy());
  t.strictSame(report.violations, []);
  t.strictSame(report.notChecked, []);
  t.strictSame(report.notices, []);
  t.match(report.transfers, { committed: 3, aborted: 1, undecided: 0 });
  t.strictSame(report.totals, [
    { currency: 'USD', accounts: 2, opened: 200_000n, posted: 200_000n, underWay: 0n, damage: 0n },
  ]);
  t.match(report.stores, [
    { name: 'bank-a', role: 'participant', epoch: 1 },
    { name: 'bank-b', role: 'participant', epoch: 1 },
    { role: 'coordinator', store: 'k3f9q2ma', epoch: 1 },
  ]);
});

void t.test('what is under way is no violation', async (t) => {
  for (const kind of ['prepare', 'commit']) {
    const { world, coordinator, a, b } = await startCluster(t);
    await coordinator.call('createTransfer', { body: order });
    world.hook = (wire) => {
      return wire.kind === kind && wire.to === 'bank-b' ? never() : wire.forward();
    };
    void coordinator.start('createTransfer', { body: order });
    await world.quiet();
    await world.pass(100);
    const report = await auditStores(storesOf([coordinator, a, b]));
    t.strictSame(report.violations, [], kind);
    const isDecided = kind === 'commit';
    t.match(report.transfers, { committed: isDecided ? 2 : 1, undecided: isDecided ? 0 : 1 });
    t.match(report.totals, [
      {
        opened: 200_000n,
        posted: isDecided ? 197_500n : 200_000n,
        underWay: isDecided ? 2_500n : 0n,
      },
    ]);
  }
});

void t.test('what happens while it is read is no violation', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  await coordinator.call('createTransfer', { body: order });
  const disk = storesOf([coordinator, a, b]);
  let reads = 0;
  const readFile = disk.read.bind(disk);
  const live = Object.assign(disk, {
    read: async (path: string) => {
      const bytes = await readFile(path);
      if (path.startsWith(folderOf('bank-b')) && path.includes('/log/') && (reads += 1) === 1) {
        await coordinator.call('createTransfer', { body: order });
        await world.pass(1_000);
        storesOf([coordinator, a, b], disk);
      }
      return bytes;
    },
  });
  const report = await auditStores(live);
  t.ok(reads > 1, 'its end was read again');
  t.strictSame(report.violations, []);
  t.match(report.transfers, { committed: 2 });
});

void t.test('without a coordinator, what needs it is not checked', async (t) => {
  const disk = copy();
  const alone = await auditStores(disk, ['bank-a', 'bank-b']);
  t.strictSame(alone.violations, []);
  t.match(alone.notChecked, [
    /of bank-a: give the coordinator's folder too \(the store k3f9q2ma\)$/,
    /of bank-b: give the coordinator's folder too/,
  ]);
  const half = await auditStores(disk, ['coordinator', 'bank-a']);
  t.strictSame(half.violations, []);
  t.match(half.notChecked, [/^what bank-b has done, and totals: give its folder too \(the store/]);
});

interface Case {
  readonly name: string;
  readonly edits: Partial<Record<NodeName, Edit>>;
  /** What is found, in order: usually one violation, and the totals where money is off. */
  readonly rules: readonly Rule[];
  readonly text: RegExp;
}

const book = (account: string, amount: number, balance: number) => ({ account, amount, balance });
const aborted = { vote: 'no' };
const watermark = (seq: number, except: string[] = []) => {
  return { type: 'watermark', store: 'k3f9q2ma', watermark: { epoch: 1, seq, except } };
};

const cases: Case[] = [
  {
    name: 'a participant has aborted what was committed',
    edits: {
      'bank-b': both(drop(4, 'committed'), after('prepared', 4, { type: 'aborted', id: idOf(4) })),
    },
    rules: ['outcome', 'totals'],
    text: /k3f9q2ma-1-4 has committed, and bank-b has aborted it: it lacks bob 25.00 USD$/,
  },
  {
    name: 'a participant has committed what was aborted',
    edits: {
      coordinator: change('decided', 4, () => ({
        state: 'aborted',
        reason: 'vote-timeout',
        votes: { 'bank-a': aborted, 'bank-b': aborted },
      })),
    },
    rules: ['outcome', 'outcome'],
    text: /k3f9q2ma-1-4 was aborted, and bank-a has committed it: alice -25.00 USD$/,
  },
  {
    name: 'a decision changes',
    edits: {
      coordinator: (records) =>
        after('decided', 4, {
          ...records.find((one) => is(one, 'decided', 4)),
          type: 'decided',
          state: 'aborted',
        })(records),
    },
    rules: ['outcome'],
    text: /k3f9q2ma-1-4 was decided twice: committed, then aborted$/,
  },
  {
    name: 'a commit without a decision',
    edits: { coordinator: drop(4, 'decided', 'ended') },
    rules: ['decision', 'decision'],
    text: /bank-a has committed k3f9q2ma-1-4, which its coordinator has not decided: alice -25.00/,
  },
  {
    name: 'a commit that the coordinator does not know',
    edits: { coordinator: drop(4, 'begun', 'decided', 'ended') },
    rules: ['decision', 'decision'],
    text: /bank-a has committed k3f9q2ma-1-4, and its coordinator has no record of it$/,
  },
  {
    name: 'a commit that was never prepared',
    edits: { 'bank-b': drop(4, 'prepared') },
    rules: ['vote'],
    text: /bank-b has committed k3f9q2ma-1-4 \(bob 25.00 USD\) without a yes/,
  },
  {
    name: 'a yes that was lost',
    edits: { 'bank-b': drop(4, 'prepared', 'committed') },
    rules: ['vote'],
    text: /-1-4 has committed, and bank-b has no record of its yes: it lacks bob 25.00 USD$/,
  },
  {
    name: 'a commit that was acknowledged and lost',
    edits: { 'bank-b': drop(4, 'committed') },
    rules: ['outcome'],
    text: /k3f9q2ma-1-4 has ended, and bank-b has still not carried out its commit$/,
  },
  {
    name: 'a commit against a no',
    edits: {
      coordinator: change('decided', 4, () => ({
        votes: { 'bank-a': { vote: 'yes' }, 'bank-b': aborted },
      })),
    },
    rules: ['vote'],
    text: /k3f9q2ma-1-4 has committed, and bank-b said no$/,
  },
  {
    name: 'other legs than were begun',
    edits: {
      'bank-b': both(
        change('prepared', 4, () => ({ legs: [{ ...order, account: 'bob', amount: 2_400 }] })),
        change('committed', 4, () => ({ entries: [book('bob', 2_400, 104_200)] })),
      ),
    },
    rules: ['legs', 'totals'],
    text: /k3f9q2ma-1-4 asked bank-b for bob 25.00 USD, and bank-b has bob 24.00 USD$/,
  },
  {
    name: 'other entries than were prepared',
    edits: { 'bank-b': change('committed', 4, () => ({ entries: [book('bob', 1, 101_801)] })) },
    rules: ['legs', 'totals'],
    text: /bank-b owes bob 25.00 USD to k3f9q2ma-1-4 and has booked bob 0.01 USD$/,
  },
  {
    name: 'a transfer that is applied twice',
    edits: {
      'bank-b': (records) =>
        after('committed', 4, {
          ...records.find((one) => is(one, 'committed', 4)),
          type: 'committed',
          entries: [book('bob', 2_500, 106_800)],
        })(records),
    },
    rules: ['once', 'totals'],
    text: /bank-b has committed k3f9q2ma-1-4 twice: bob 25.00 USD more$/,
  },
  {
    name: 'one key, two transfers',
    edits: { coordinator: change('begun', 4, () => ({ key: 'three', fingerprint: 'other' })) },
    rules: ['key'],
    text: /the key "three" has begun k3f9q2ma-1-3 and k3f9q2ma-1-4, with different bodies$/,
  },
  {
    name: 'a key that has outlived one hour of the one that it is known, and two transfers',
    edits: {
      coordinator: both(
        change('begun', 4, () => ({ key: 'three', fingerprint: 'other' })),
        after('begun', 3, { type: 'elapsed', at: '', hours: 1 }),
      ),
    },
    rules: ['key'],
    text: /the key "three" has begun k3f9q2ma-1-3 and k3f9q2ma-1-4, with different bodies$/,
  },
  {
    name: 'one timestamp, two commits',
    edits: {
      coordinator: change('decided', 4, () => ({ timestamp: 2 })),
      'bank-a': change('committed', 4, () => ({ timestamp: 2 })),
      'bank-b': both(
        change('committed', 4, () => ({ timestamp: 2 })),
        change('prepared', 4, () => ({ lowerTs: 1 })),
      ),
    },
    rules: ['timestamp', 'timestamp', 'timestamp'],
    text: /k3f9q2ma-1-3 and k3f9q2ma-1-4 have committed at one timestamp, 2$/,
  },
  {
    name: 'a timestamp that is not above lowerTs',
    edits: { coordinator: change('begun', 4, () => ({ lowerTs: 3 })) },
    rules: ['timestamp'],
    text: /k3f9q2ma-1-4 has committed at timestamp 3, not above its lowerTs 3$/,
  },
  {
    name: 'another timestamp than was decided',
    edits: { 'bank-b': change('committed', 4, () => ({ timestamp: 9 })) },
    rules: ['timestamp'],
    text: /k3f9q2ma-1-4 has committed at timestamp 3, and bank-b has recorded 9$/,
  },
  {
    name: 'an id that was issued twice',
    edits: {
      coordinator: (records) =>
        after('ended', 4, {
          ...records.find((one) => is(one, 'begun', 4)),
          type: 'begun',
        })(records),
    },
    rules: ['id'],
    text: /the coordinator has begun k3f9q2ma-1-4 after k3f9q2ma-1-4$/,
  },
  {
    name: 'a balance that does not follow',
    edits: { 'bank-b': change('committed', 4, () => ({ entries: [book('bob', 2_500, 104_301)] })) },
    rules: ['balance'],
    text: /bank-b\/bob had 1018.00 USD, and 25.00 USD came with .*-4: that is not 1043.01 USD$/,
  },
  {
    name: 'an account below its minimum',
    edits: {
      'bank-a': (records) =>
        records.map((one) => (is(one, 'opened') ? { ...one, minimum: 96_000 } : one)),
    },
    rules: ['minimum', 'minimum'],
    text: /bank-a\/alice had 957.00 USD available when .*-4 was prepared; its minimum is 960.00/,
  },
  {
    name: 'a watermark that has passed a commit that was not heard',
    edits: { 'bank-b': after('prepared', 4, watermark(5)) },
    rules: ['watermark'],
    text: /bank-b has committed k3f9q2ma-1-4 when the watermark had passed it already$/,
  },
  {
    name: 'a watermark above a transfer that has not ended',
    edits: {
      coordinator: drop(4, 'ended'),
      'bank-b': after('committed', 4, watermark(5)),
    },
    rules: ['watermark'],
    text: /the watermark k3f9q2ma-1-5 at bank-b has passed k3f9q2ma-1-4, which has not ended$/,
  },
  {
    name: 'a watermark that goes back',
    edits: {
      'bank-b': after('committed', 4, watermark(4), watermark(3)),
    },
    rules: ['watermark'],
    text: /the watermark of k3f9q2ma at bank-b went back to 1-3$/,
  },
  {
    name: 'an epoch that goes back',
    edits: {
      coordinator: (records) => [
        ...records,
        { ...records.find((one) => is(one, 'registered')), type: 'registered', epoch: 0 },
      ],
    },
    rules: ['epoch'],
    text: /bank-\w was registered with epoch 0 after epoch 1$/,
  },
  {
    name: 'an end without a decision',
    edits: {
      coordinator: (records) => [...records, { type: 'ended', id: idOf(4) }],
    },
    rules: ['decision'],
    text: /k3f9q2ma-1-4 has ended when it had ended, or was never begun$/,
  },
];

/** Adds records at the end. */
const append =
  (...more: AnyRecord[]): Edit =>
  (records) => [...records, ...more];

/** Records that no node writes, and that change nothing else. */
const strangers: [name: string, node: NodeName, edit: Edit, rule: Rule, text: RegExp][] = [
  [
    'other participants than the legs have',
    'coordinator',
    change('begun', 4, () => ({ participants: ['bank-a'] })),
    'legs',
    /-4 has legs at bank-a, bank-b, and its participants are bank-a$/,
  ],
  [
    'a transfer of another store',
    'coordinator',
    append({ type: 'begun', id: 'zzzzzzzz-1-1' }),
    'id',
    /the coordinator has begun zzzzzzzz-1-1, an id that is not of its store$/,
  ],
  [
    'a transfer of an earlier epoch',
    'coordinator',
    append({ type: 'begun', id: 'k3f9q2ma-0-9', legs: [], participants: [] }),
    'epoch',
    /the coordinator has begun k3f9q2ma-0-9 after k3f9q2ma-1-4$/,
  ],
  [
    'a decision on nothing',
    'coordinator',
    append({ type: 'decided', id: idOf(9), state: 'committed', votes: {} }),
    'decision',
    /k3f9q2ma-1-9 was decided \(committed\), and never begun$/,
  ],
  [
    'a name that goes to another store',
    'coordinator',
    append({ type: 'registered', name: 'bank-b', store: 'other000', epoch: 1 }),
    'id',
    /the name bank-b went from the store bankb000 to other000$/,
  ],
  [
    'an abort after the commit',
    'bank-b',
    append({ type: 'aborted', id: idOf(4) }),
    'outcome',
    /bank-b has aborted k3f9q2ma-1-4 when it was committed already$/,
  ],
  [
    'a resolution after the commit',
    'bank-b',
    append({ type: 'resolved', id: idOf(4), outcome: 'aborted', entries: [] }),
    'outcome',
    /an operator has resolved k3f9q2ma-1-4 at bank-b when it was committed$/,
  ],
  [
    'a second promise',
    'bank-b',
    after('prepared', 4, { type: 'prepared', id: idOf(4), legs: [], lowerTs: 0 }),
    'once',
    /bank-b has prepared k3f9q2ma-1-4 when it was prepared already$/,
  ],
  [
    'an account that is opened twice',
    'bank-b',
    append({ type: 'opened', id: 'bob', currency: 'USD', balance: 5, minimum: 0 }),
    'once',
    /bank-b has opened the account bob twice$/,
  ],
  [
    'a promise without an account',
    'bank-b',
    append({
      type: 'prepared',
      id: idOf(9),
      legs: [{ account: 'eve', amount: 5, currency: 'USD' }],
      lowerTs: 0,
    }),
    'legs',
    /bank-b has prepared eve 0.05 USD for k3f9q2ma-1-9, which is no account$/,
  ],
  [
    'a dismissal without damage',
    'bank-b',
    append({ type: 'dismissed', id: idOf(4), entries: [] }),
    'damage',
    /bank-b has dismissed k3f9q2ma-1-4, which has no damage$/,
  ],
  [
    'what has no id',
    'bank-b',
    append({ type: 'aborted', id: '../x' }),
    'id',
    /bank-b has a record of "..\/x", which is no transfer's id$/,
  ],
  [
    'an earlier epoch of the coordinator',
    'bank-b',
    append({ type: 'named', name: 'bank-b', coordinator: { store: 'k3f9q2ma', epoch: 0 } }),
    'epoch',
    /bank-b heard of epoch 0 of k3f9q2ma after epoch 1$/,
  ],
];
for (const [name, node, edit, rule, text] of strangers) {
  cases.push({ name, edits: { [node]: edit }, rules: [rule], text });
}

/** 5 gives back what 1 has moved, by two transfers that nobody may know but the coordinator. */
function reversal(...amounts: number[]): Edit {
  return (records) => [
    ...records,
    ...amounts.map((amount, index) => ({
      ...records.find((one) => is(one, 'begun', 3)),
      type: 'begun',
      id: idOf(5 + index),
      key: undefined,
      legs: [{ ...back, amount }],
      reverses: { id: idOf(1), legs: [{ leg: 0, amount }] },
    })),
  ];
}

cases.push({
  name: 'a transfer that is reversed by more than it moved',
  edits: { coordinator: reversal(1_500, 1_001) },
  rules: ['reversal'],
  text: /25.01 USD of leg 0 of k3f9q2ma-1-1 is reversed, and it has moved 25.00 USD$/,
});

cases.push({
  name: 'a reversal of what has not committed',
  edits: {
    coordinator: both(
      reversal(1),
      change('begun', 5, () => ({ reverses: { id: idOf(2), legs: [{ leg: 0, amount: 1 }] } })),
    ),
  },
  rules: ['reversal'],
  text: /k3f9q2ma-1-5 reverses k3f9q2ma-1-2, which has not committed$/,
});

for (const { name, edits, rules, text } of cases) {
  void t.test(`it is found: ${name}`, async (t) => {
    const report = await auditStores(await edited(edits));
    t.strictSame(rulesOf(report), rules);
    t.ok(
      report.violations.some((violation) => text.test(violation.text)),
      report.violations.map((violation) => violation.text).join('\n'),
    );
    t.equal(report.violationCount, rules.length);
  });
}

void t.test('a transfer that is reversed by no more than it moved is fine', async (t) => {
  const disk = await edited({ coordinator: reversal(1_500, 1_000) });
  t.strictSame((await auditStores(disk)).violations, []);
});

void t.test('a late watermark of an epoch that has ended is fine', async (t) => {
  const named = { type: 'named', name: 'bank-b', coordinator: { store: 'k3f9q2ma', epoch: 2 } };
  const disk = await edited({ 'bank-b': append(named, watermark(5)) });
  editDocument(disk, `${folderOf('coordinator')}/node.json`, (text) =>
    text.replace('"epoch":1', '"epoch":2'),
  );
  t.strictSame((await auditStores(disk)).violations, []);
});

void t.test('an epoch that a store does not know of itself went back', async (t) => {
  const disk = copy();
  editDocument(disk, `${folderOf('bank-a')}/node.json`, (text) =>
    text.replace('"epoch":1', '"epoch":0'),
  );
  const report = await auditStores(disk);
  t.strictSame(rulesOf(report), ['epoch']);
  t.match(report.violations[0]?.text, /bank-a is in epoch 0, and epoch 1 of it was seen$/);
});

void t.test('a checkpoint that has lost something is found', async (t) => {
  const at = async (name: NodeName, last: string, edit: Edit) => {
    const disk = copy();
    const records = recordsOf(disk, folderOf(name));
    const after = records.findIndex((one) => is(one, last, 4)) + 1;
    const state = edit(name === 'coordinator' ? records.slice(0, after) : [...summary(records)]);
    await writeRecords(disk, folderOf(name), records, { after, state });
    return (await auditStores(disk)).violations.map(({ rule, text }) => `${rule}: ${text}`);
  };
  /** alice after 1 and 3, while 4 is prepared. */
  function* summary(records: readonly AnyRecord[]) {
    for (const one of records) {
      if (is(one, 'opened')) yield { ...one, balance: 98_200 };
      if (is(one, 'prepared', 4)) yield one;
    }
  }
  t.strictSame(await at('bank-a', 'prepared', (records) => records), []);
  t.strictSame(await at('bank-a', 'prepared', drop(4, 'prepared')), [
    'vote: the checkpoint of bank-a has lost the prepared branch of k3f9q2ma-1-4',
  ]);
  const richer: Edit = (records) =>
    records.map((one) => (is(one, 'opened') ? { ...one, balance: 98_300 } : one));
  t.strictSame(await at('bank-a', 'prepared', richer), [
    'balance: the checkpoint of bank-a gives alice 983.00 USD; its records say: 982.00 USD',
  ]);
  t.strictSame(await at('coordinator', 'decided', (records) => records), []);
  t.strictSame(await at('coordinator', 'decided', drop(4, 'begun', 'decided')), [
    'decision: the checkpoint of the coordinator has lost k3f9q2ma-1-4, which had not ended',
  ]);
});

void t.test('a damaged store is named, and what depends on it is not checked', async (t) => {
  const disk = copy();
  const path = `${folderOf('bank-b')}/log/000001.json`;
  disk.flip(path, 8 * disk.text(path).indexOf('opened'));
  const report = await auditStores(disk);
  t.strictSame(rulesOf(report), ['store']);
  t.match(report.violations[0]?.text, /bank-b\/log\/000001.json is damaged: record \d+ cannot be/);
  t.match(report.notChecked, [/^what depends on .*bank-b/, /^what bank-b has done, and totals/]);
});

void t.test('a watermark may pass what was aborted and has not ended', async (t) => {
  const disk = await edited({
    coordinator: drop(2, 'ended'),
    'bank-b': after('committed', 4, watermark(5)),
  });
  t.strictSame((await auditStores(disk)).violations, []);
});

void t.test('a watermark that lists what has not ended is fine', async (t) => {
  const disk = await edited({
    coordinator: drop(4, 'ended'),
    'bank-b': after('prepared', 4, watermark(5, [idOf(4)])),
  });
  t.strictSame((await auditStores(disk)).violations, []);
});

void t.test('a record that nobody can understand is named', async (t) => {
  const broken = await auditStores(
    await edited({ 'bank-b': after('committed', 4, { type: 'prepared', id: idOf(9) }) }),
  );
  t.strictSame(rulesOf(broken), ['store']);
  t.match(broken.violations[0]?.text, /^record \d+ of .*bank-b \("prepared"\) does not have what/);
  const newer = await auditStores(
    await edited({ coordinator: after('ended', 4, { type: 'sung', id: idOf(4) }) }),
  );
  t.strictSame(newer.violations, []);
  t.match(newer.notices, [/coordinator has 1 records of the type "sung", which this program/]);
});

void t.test('a torn end is a notice', async (t) => {
  const disk = copy();
  const path = `${folderOf('coordinator')}/log/000001.json`;
  disk.truncate(path, disk.text(path).length - 10);
  const report = await auditStores(disk);
  t.strictSame(report.violations, []);
  t.match(report.notices, [/is torn: record \d+ cannot be read. A start cuts it off$/]);
});

void t.test('one store in two folders is refused', async (t) => {
  const disk = copy();
  const both = Object.assign(disk, {
    read: async (path: string) => {
      return MemoryDisk.prototype.read.call(disk, path.replace('/copy', folderOf('bank-a')));
    },
  });
  const twin = audit({
    sources: [folderOf('bank-a'), '/copy'].map((folder) => folderSource(folder, both)),
    money,
    onProgress: () => undefined,
  });
  await t.rejects(twin, { message: /both hold the store banka000: give one of them$/ });
});

const resolved = (outcome: string, ...entries: object[]) => ({
  type: 'resolved',
  id: idOf(4),
  outcome,
  reason: 'by hand',
  entries,
});
const damage = (amount: number) => [{ account: 'bob', currency: 'USD', amount }];

void t.test('what an operator has resolved is reported, and explains the totals', async (t) => {
  const at = (...records: AnyRecord[]): Edit =>
    both(drop(4, 'committed'), after('prepared', 4, ...records));
  const damaged = { type: 'damaged', id: idOf(4), state: 'committed', timestamp: 3 };

  const open = await auditStores(await edited({ 'bank-b': at(resolved('aborted')) }));
  t.strictSame(open.violations, []);
  t.match(open.damage, [
    { participant: 'bank-b', account: 'bob', amount: 2_500, state: 'unreported' },
  ]);
  t.match(open.totals, [{ posted: 197_500n, damage: 2_500n }]);

  const reported = at(resolved('aborted'), { ...damaged, damage: damage(2_500) });
  const wrong = await auditStores(await edited({ 'bank-b': reported }));
  t.strictSame(wrong.violations, []);
  t.match(wrong.damage, [{ state: 'reported', transferId: idOf(4) }]);
  t.match(wrong.totals, [{ posted: 197_500n, damage: 2_500n, underWay: 0n }]);

  const dismissal = { type: 'dismissed', id: idOf(4), reason: 'done' };
  const entries = [book('bob', 2_500, 104_300)];
  const records = [resolved('aborted'), { ...damaged, damage: damage(2_500) }];
  const made = at(...records, { ...dismissal, entries });
  const good = await auditStores(await edited({ 'bank-b': made }));
  t.strictSame(good.violations, []);
  t.match(good.damage, [{ state: 'compensated' }]);
  t.match(good.totals, [{ posted: 200_000n, damage: 0n }]);

  const left = at(...records, { ...dismissal, entries: [] });
  t.match(await auditStores(await edited({ 'bank-b': left })), {
    violations: nothing,
    damage: [{ state: 'dismissed' }],
    totals: [{ posted: 197_500n, damage: 2_500n }],
  });

  const confirmed = { type: 'confirmed', id: idOf(4), state: 'committed', timestamp: 3 };
  const right = at(resolved('committed', ...entries), confirmed);
  t.match(await auditStores(await edited({ 'bank-b': right })), {
    violations: nothing,
    damage: nothing,
    totals: [{ posted: 200_000n, damage: 0n }],
  });
});

void t.test('a resolution that is reported wrongly is a violation', async (t) => {
  const at = (...records: AnyRecord[]): Edit =>
    both(drop(4, 'committed'), after('prepared', 4, ...records));
  const damaged = { type: 'damaged', id: idOf(4), state: 'committed', timestamp: 3 };
  const found = async (...records: AnyRecord[]) => {
    const { violations } = await auditStores(await edited({ 'bank-b': at(...records) }));
    return violations.map(({ rule, text }) => `${rule}: ${text}`);
  };
  t.match(await found(resolved('aborted'), { ...damaged, damage: damage(2_400) }), [
    /^damage: bank-b .* its damage is bob 25.00 USD, and bob 24.00 USD is reported$/,
  ]);
  t.match(await found(resolved('aborted'), { ...damaged, type: 'confirmed', state: 'aborted' }), [
    /^outcome: bank-b has recorded that k3f9q2ma-1-4 is aborted, and it was committed$/,
  ]);
  t.match(await found(resolved('committed', book('bob', 1, 101_801))), [
    /^legs: bank-b owes bob 25.00 USD to k3f9q2ma-1-4 and has booked bob 0.01 USD$/,
    /^totals: 2000.00 USD was opened, and 1975.01 USD is there: -24.99 USD of the difference is/,
  ]);
  const dismissed = { type: 'dismissed', id: idOf(4), entries: [book('bob', 1, 101_801)] };
  t.match(await found(resolved('aborted'), { ...damaged, damage: damage(2_500) }, dismissed), [
    /^damage: bank-b owes bob 25.00 USD to k3f9q2ma-1-4 and has booked bob 0.01 USD$/,
    /^totals: /,
  ]);
  const ended = change('ended', 4, () => ({ damage: { 'bank-b': damage(2_500) } }));
  t.match(await auditStores(await edited({ coordinator: ended })), {
    violations: [{ rule: 'damage', text: /has ended with damage at bank-b: bob 25.00 USD; its/ }],
  });
});
