import t, { type Test } from 'tap';
import {
  coordinatorNode,
  id,
  lost,
  openAccount,
  participantNode,
  settleAll,
  stateAt,
  World,
  type Wire,
} from '../fixtures/nodes.ts';

const legs = [
  { from: 'bank-a/main', to: 'bank-b/main', amount: 2_500, currency: 'USD' },
  { from: 'bank-a/main', to: 'bank-c/main', amount: 500, currency: 'USD' },
];

/** A coordinator and three banks, each with an account `main` of 1 000.00 USD. */
async function threeBanks(t: Test, { acquainted = true } = {}) {
  const world = new World();
  const coordinator = await coordinatorNode(t, world);
  const banks = [];
  for (const name of ['bank-a', 'bank-b', 'bank-c']) {
    const bank = await participantNode(t, world, name);
    await openAccount(bank, 'main');
    banks.push(bank);
  }
  // Each of them registers again meanwhile, and hears of those that came after it.
  await world.pass(acquainted ? 10_100 : 50);
  /** Begins a transfer over all three, and lets time pass until it holds. */
  const transfer = async (reached: () => boolean) => {
    void coordinator.start('createTransfer', { body: { legs, timeoutMs: 500 } });
    await world.until(reached);
  };
  return { world, coordinator, banks, transfer };
}

const isDecision = ({ kind }: Wire) => kind === 'commit' || kind === 'abort';

void t.test('with the coordinator gone, whoever is in doubt hears it from a peer', async (t) => {
  const { world, coordinator, banks, transfer } = await threeBanks(t);
  const [a, b, c] = banks;
  world.hook = (wire) => (isDecision(wire) && wire.to !== 'bank-c' ? lost() : wire.forward());
  if (!a || !b || !c) throw new Error('there are three');
  await transfer(() => stateAt(c) === 'committed');
  const disk = coordinator.crash();
  t.strictSame([stateAt(a), stateAt(b)], ['prepared', 'prepared']);
  await world.until(() => stateAt(a) === 'committed' && stateAt(b) === 'committed', 5_000);
  t.equal(a.participant.state.branches.get(id)?.timestamp, 1);
  t.strictSame(
    banks.map((bank) => bank.amounts('main')),
    [
      [97_000, 0],
      [102_500, 0],
      [100_500, 0],
    ],
  );
  t.match(a.notices.at(-1), /resolved by its peer bank-c: committed/);
  t.ok(world.count('bank-c', 'inquiry') > 0);
  await settleAll(t, world, await coordinatorNode(t, world, { disk }), banks);
});

void t.test('when no peer knows, all stay in doubt until the coordinator is back', async (t) => {
  const { world, coordinator, banks, transfer } = await threeBanks(t);
  world.hook = (wire) => (isDecision(wire) ? lost() : wire.forward());
  await transfer(() => coordinator.coordinator.transfer(id)?.decided !== undefined);
  const disk = coordinator.crash();
  for (let hours = 0; hours < 3; hours += 1) {
    world.clock.advance(3_600_000);
    await world.pass(10_000);
    for (const bank of banks) t.equal(stateAt(bank), 'prepared');
  }
  t.ok(world.count('bank-b', 'inquiry') > 5, 'the peers were asked');
  t.strictSame(
    banks.map((bank) => bank.amounts('main')),
    [
      [100_000, 3_000],
      [100_000, 0],
      [100_000, 0],
    ],
    'no balance has changed',
  );
  t.match(banks[0]?.notices.at(-1), /stays in doubt: .*bank-b: does not know; bank-c: does not/);
  await settleAll(t, world, await coordinatorNode(t, world, { disk }), banks);
  t.equal(banks[0]?.amounts('main')[0], 97_000, 'it had committed');
});

void t.test('a peer that has not voted makes the transfer impossible, on disk', async (t) => {
  const { world, coordinator, banks, transfer } = await threeBanks(t);
  const [a, b, c] = banks;
  if (!a || !b || !c) throw new Error('there are three');
  world.hook = (wire) => (wire.to === 'bank-c' ? lost() : wire.forward());
  await transfer(() => stateAt(a) === 'prepared' && stateAt(b) === 'prepared');
  const disk = coordinator.crash();
  world.hook = (wire) => wire.forward();
  await world.until(() => stateAt(a) === 'aborted' && stateAt(b) === 'aborted', 5_000);
  t.strictSame(a.amounts('main'), [100_000, 0]);
  const later = await participantNode(t, world, 'bank-c', { disk: c.crash() });
  t.equal(stateAt(later), 'aborted', 'its tombstone was forced before it answered');
  await settleAll(t, world, await coordinatorNode(t, world, { disk }), [a, b, later]);
});

void t.test('a peer that is not confirmed since its start promises nothing', async (t) => {
  const { world, coordinator, banks, transfer } = await threeBanks(t);
  const [a, b, c] = banks;
  if (!a || !b || !c) throw new Error('there are three');
  world.hook = (wire) => (wire.to === 'bank-c' ? lost() : wire.forward());
  await transfer(() => stateAt(a) === 'prepared' && stateAt(b) === 'prepared');
  const disk = coordinator.crash();
  const later = await participantNode(t, world, 'bank-c', { disk: c.crash() });
  world.hook = (wire) => wire.forward();
  await world.pass(60_000);
  t.equal(later.registered, false);
  t.strictSame([stateAt(a), stateAt(b), stateAt(later)], ['prepared', 'prepared', undefined]);
  await settleAll(t, world, await coordinatorNode(t, world, { disk }), [a, b, later]);
});

void t.test(
  'a question that is not for this store, or contradicts itself, is not answered',
  async (t) => {
    const { banks } = await threeBanks(t);
    const [a] = banks;
    const coordinator = { store: 'k3f9q2ma', epoch: 1 };
    const ask = (store: string, transfer: object) => {
      const body = { participant: { store }, transfers: [transfer] };
      return a?.call('inquire', { body, key: 'participant' });
    };
    t.equal((await ask('zzzzzzzz', { id, coordinator }))?.statusCode, 421);
    const other = await ask('banka000', { id: 'zzzzzzzz-1-1', coordinator });
    t.match(other?.json(), { outcomes: [{ id: 'zzzzzzzz-1-1', state: 'unknown' }] });
    t.equal(a?.participant.state.branches.size, 0);
    const none = await ask('banka000', { id, coordinator });
    t.match(none?.json(), {
      outcomes: [{ id, state: 'aborted' }],
      participant: { name: 'bank-a' },
    });
  },
);

void t.test('what is in doubt with one peer goes to it in one message', async (t) => {
  const world = new World();
  const coordinator = await coordinatorNode(t, world);
  const a = await participantNode(t, world, 'bank-a');
  const b = await participantNode(t, world, 'bank-b');
  await openAccount(a, 'main');
  await openAccount(b, 'main');
  await world.pass(10_100);
  world.hook = (wire) => (isDecision(wire) ? lost() : wire.forward());
  const [leg] = legs;
  for (let n = 0; n < 40; n += 1) {
    void coordinator.start('createTransfer', { body: { ...leg, amount: 1, timeoutMs: 500 } });
  }
  await world.until(() => a.participant.state.prepared.size === 40);
  const disk = coordinator.crash();
  let most = 0;
  world.hook = (wire) => {
    const { transfers = [] } = (wire.request.body ?? {}) as { transfers?: unknown[] };
    if (wire.kind === 'inquiry') most = Math.max(most, transfers.length);
    return wire.forward();
  };
  await world.pass(4_000);
  t.ok(most >= 16, `${most} in one`);
  await settleAll(t, world, await coordinatorNode(t, world, { disk }), [a, b]);
});

void t.test('while the coordinator is away, all that is in doubt goes to the peers', async (t) => {
  const { world, coordinator, banks } = await threeBanks(t);
  const [a] = banks;
  if (!a) throw new Error('there are three');
  world.hook = (wire) => (isDecision(wire) && wire.to === 'bank-a' ? lost() : wire.forward());
  for (let n = 0; n < 200; n += 1) {
    const body = { legs: legs.map((leg) => ({ ...leg, amount: 1 })), timeoutMs: 500 };
    void coordinator.start('createTransfer', { body });
  }
  const isElsewhere = () => banks.slice(1).every((one) => stateAt(one, lastId) === 'committed');
  const lastId = 'k3f9q2ma-1-200';
  await world.until(isElsewhere);
  const disk = coordinator.crash();
  t.equal(a.participant.state.prepared.size, 200);
  const asked = world.count('coordinator', 'decisions');
  await world.until(() => a.participant.state.prepared.size === 0, 5_000);
  const questions = world.count('coordinator', 'decisions') - asked;
  t.ok(questions < 30, `${questions} questions to the coordinator`);
  t.ok(world.count('bank-b', 'inquiry') < 15, 'and few messages to each peer');
  t.strictSame(a.amounts('main'), [100_000 - 400, 0]);
  await settleAll(t, world, await coordinatorNode(t, world, { disk }), banks);
});

void t.test('an answer of a peer that is not exactly one leaves the branch in doubt', async (t) => {
  const { world, coordinator, banks, transfer } = await threeBanks(t);
  const [a, b] = banks;
  if (!a || !b) throw new Error('there are three');
  world.hook = (wire) => (isDecision(wire) ? lost() : wire.forward());
  await transfer(() => coordinator.coordinator.transfer(id)?.decided !== undefined);
  const disk = coordinator.crash();
  const participant = { name: 'bank-b', store: 'bankb000', sequence: 1 };
  const committed = { id, state: 'committed', timestamp: 1 };
  const lies = [
    { status: 500, body: { participant, outcomes: [committed] } },
    { status: 200, body: { participant: { ...participant, store: 'z' }, outcomes: [committed] } },
    { status: 200, body: { participant, outcomes: [{ ...committed, id: 'k3f9q2ma-1-2' }] } },
    { status: 200, body: { participant, outcomes: [{ ...committed, timestamp: undefined }] } },
    {
      status: 200,
      body: {
        participant,
        outcomes: [
          { ...committed, id: 7 },
          { ...committed, state: 1 },
        ],
      },
    },
    { status: 200, body: { participant, outcomes: committed } },
    { status: 200, body: null },
  ];
  let told = 0;
  world.hook = (wire) => {
    if (wire.kind !== 'inquiry') return wire.forward();
    const lie = lies[told % lies.length];
    told += 1;
    return Promise.resolve(lie ?? { status: 500, body: null });
  };
  await world.until(() => told > 3 * lies.length, 600_000);
  for (const bank of banks) t.equal(stateAt(bank), 'prepared');
  await settleAll(t, world, await coordinatorNode(t, world, { disk }), banks);
});

void t.test('a prepare that names a stranger makes a participant ask who that is', async (t) => {
  const { world, banks, transfer } = await threeBanks(t, { acquainted: false });
  const [a] = banks;
  const peers = () => a?.participant.membership?.peers.map(({ name }) => name);
  t.strictSame(peers(), [], 'it was the first to register');
  await transfer(() => peers()?.length === 2);
  t.strictSame(peers(), ['bank-b', 'bank-c']);
  t.ok(world.clock.now() < 5_000, 'long before the next registration that comes anyway');
});
