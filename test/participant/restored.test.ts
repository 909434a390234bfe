import { randomInt } from 'node:crypto';
import t from 'tap';
import { random } from '../fixtures/memory-disk.ts';
import {
  back,
  coordinatorNode,
  id,
  lost,
  openAccount,
  order,
  participantNode,
  settleAll,
  startCluster,
  stateAt,
  World,
  type CoordinatorNode,
  type Hook,
} from '../fixtures/nodes.ts';

const total = 100_000;

const empty = { currency: 'USD', balance: 0, minimum: 0 };

/** 7.00 USD from bank-b to bank-a, so many times; each is durable everywhere. */
async function pay(coordinator: CoordinatorNode, times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) {
    await coordinator.call('createTransfer', { body: back });
  }
}

/** Pages of decisions have two items at the most. */
const short: Hook = (wire) => {
  wire.request.url = wire.request.url.replace(/limit=\d+/, 'limit=2');
  return wire.forward();
};

const quarantined = ({ coordinator }: CoordinatorNode, name: string) =>
  coordinator.directory.get(name)?.quarantined;

void t.test('an old copy takes no part until it has caught up', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  await pay(coordinator, 2);
  const backup = a.disk.copy();
  await pay(coordinator, 3);
  await world.pass(50);
  a.die();
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  world.hook = async (wire) => {
    if (wire.kind === 'decisions') await held;
    return wire.forward();
  };
  const restored = await participantNode(t, world, 'bank-a', { disk: backup });
  await world.pass(1_000);
  t.strictSame(restored.amounts('alice'), [total + 1_400, 0], 'it has lost three');
  t.equal(quarantined(coordinator, 'bank-a'), true);
  t.match(restored.alarms, [
    /the log ends at \d+, and was at \d+ before: bank-a runs on an old copy/,
  ]);
  t.match((await restored.call('checkReady')).json(), {
    detail: /is an old copy, which catches up/,
  });
  const account = await world.settle(restored.app.inject('/accounts/alice'));
  t.match(account.json(), { code: 'not-ready' }, 'nor shows its balances');
  const batch = {
    coordinator: { store: 'k3f9q2ma', epoch: 1 },
    participant: { store: 'banka000' },
  };
  const legs = [{ account: 'alice', amount: -1, currency: 'USD' }];
  const prepare = { ...batch, transfers: [{ id: 'k3f9q2ma-1-99', legs, timeoutMs: 1_000 }] };
  const vote = await restored.call('prepare', { body: prepare, key: 'coordinator' });
  t.match(vote.json(), { code: 'not-ready' }, 'it does not vote');
  const refused = await coordinator.call('createTransfer', { body: back });
  t.match(
    refused.json(),
    { status: 503, code: 'participant-unavailable', detail: /bank-a has an old copy of its store/ },
    'nor is anything begun that it would have to vote on',
  );
  const commit = { ...batch, transfers: [{ id, timestamp: 1 }] };
  const acknowledged = await restored.call('commit', { body: commit, key: 'coordinator' });
  t.equal(acknowledged.statusCode, 503);
  const question = [{ id: 'k3f9q2ma-1-4', coordinator: batch.coordinator }];
  const inquiry = { participant: batch.participant, transfers: question };
  const said = await restored.call('inquire', { body: inquiry, key: 'participant' });
  t.match(said.json(), { outcomes: [{ state: 'unknown' }] }, 'nor promises anything to a peer');
  release();
  await world.until(() => restored.registered, 5_000);
  t.strictSame(restored.amounts('alice'), [total + 3_500, 0]);
  t.equal(quarantined(coordinator, 'bank-a'), false);
  await pay(coordinator, 1);
  await settleAll(t, world, coordinator, [restored, b]);
  t.strictSame(restored.amounts('alice'), [total + 4_200, 0]);
});

void t.test('a late message of the store that was lost does not end the copy of it', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  const backup = a.disk.copy();
  let late: unknown;
  world.hook = (wire) => {
    if (wire.from === 'bank-a' && wire.kind === 'participants') late ??= wire.request.body;
    return wire.forward();
  };
  const lost = await participantNode(t, world, 'bank-a', { disk: a.crash() });
  t.match(late, { epoch: 2, sequence: /\d/ });
  await pay(coordinator, 1);
  lost.die();
  const restored = await participantNode(t, world, 'bank-a', { disk: backup });
  await world.until(() => restored.registered, 5_000);
  const reply = await coordinator.call('registerParticipant', {
    body: late,
    key: 'participant',
  });
  t.match(reply.json(), { code: 'stale-epoch' }, 'although the copy began in the same epoch');
  await world.pass(15_000);
  t.strictSame(restored.failures, []);
  await settleAll(t, world, coordinator, [restored, b]);
});

void t.test('what the store that was lost has refused stays refused by a copy of it', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  await openAccount(a, 'carol', 0);
  const backup = a.disk.copy();
  let late: unknown;
  world.hook = (wire) => {
    if (wire.kind === 'commit-one-phase') late ??= wire.request.body;
    return wire.forward();
  };
  const body = { from: 'bank-a/carol', to: 'bank-a/alice', amount: 500, currency: 'USD' };
  const refused = await coordinator.call('createTransfer', { body });
  t.match(refused.json(), { code: 'insufficient-funds', transferId: id });
  const credit = { from: 'bank-b/bob', to: 'bank-a/carol', amount: 500, currency: 'USD' };
  t.equal((await coordinator.call('createTransfer', { body: credit })).statusCode, 201);
  await world.pass(50);
  a.die();
  const restored = await participantNode(t, world, 'bank-a', { disk: backup });
  await world.until(() => restored.registered, 5_000);
  t.strictSame(restored.amounts('carol'), [500, 0], 'now it could pay');
  const again = await restored.call('commitOnePhase', { body: late, key: 'coordinator' });
  t.match(again.json(), { outcomes: [{ id, state: 'refused', code: 'forgotten' }] });
  t.strictSame(restored.amounts('carol'), [500, 0]);
  t.strictSame(b.failures, []);
});

void t.test('money is found again that came with a later timestamp than it went', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  for (const id of ['carol', 'dave']) await openAccount(a, id, 0);
  const backup = a.disk.copy();
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  let isFirst = true;
  world.hook = async (wire) => {
    if (wire.kind !== 'commit-one-phase' || !isFirst) return wire.forward();
    isFirst = false;
    await held;
    // About another one: what began first is asked for again, after the one behind it.
    const participant = { name: 'bank-a', store: 'banka000', sequence: 1 };
    const outcomes = [{ id: 'k3f9q2ma-1-99', state: 'committed' }];
    return { status: 200, body: { participant, outcomes } };
  };
  const usd = { amount: 500, currency: 'USD' };
  const [alice, carol, dave] = ['bank-a/alice', 'bank-a/carol', 'bank-a/dave'];
  const move = (from: string, to: string) => {
    return coordinator.start('createTransfer', { body: { from, to, ...usd } });
  };
  const last = move(dave, alice);
  await world.pass(10);
  const second = move(carol, dave);
  await world.pass(10);
  t.match((await world.settle(move('bank-b/bob', carol))).json(), { timestamp: 3 });
  release();
  t.match((await world.settle(second)).json(), { timestamp: 2 }, 'it was spent before it came');
  t.match((await world.settle(last)).json(), { timestamp: 1 }, 'and spent again before that');
  await world.pass(50);
  a.die();
  const restored = await participantNode(t, world, 'bank-a', { disk: backup });
  await world.until(() => restored.registered, 5_000);
  t.strictSame(restored.amounts('alice'), [total + 500, 0]);
  for (const id of ['carol', 'dave']) t.strictSame(restored.amounts(id), [0, 0]);
  t.equal(restored.participant.state.damaged.size, 0, 'and nothing is damaged');
  const { coordinator: live } = coordinator;
  await world.until(() => live.state.active.size === 0);
  t.equal(b.participant.state.prepared.size, 0);
});

void t.test('a store that has only stopped is confirmed at once', async (t) => {
  const { world, coordinator, a } = await startCluster(t);
  await pay(coordinator, 3);
  const again = await participantNode(t, world, 'bank-a', { disk: a.crash() });
  t.equal(again.registered, true);
  t.equal(quarantined(coordinator, 'bank-a'), false);
  t.strictSame(again.alarms, []);
  await world.pass(35_000);
  t.equal(again.registered, true, 'and stays so');
  t.equal(coordinator.coordinator.directory.get('bank-a')?.epoch, 2);
});

void t.test('a yes that a restored store has forgotten is kept all the same', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  const backup = a.disk.copy();
  let vote: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (vote = resolve));
  world.hook = async (wire) => {
    if (wire.to === 'bank-b' && wire.kind === 'prepare') await held;
    return wire.forward();
  };
  const body = { ...order, timeoutMs: 5_000 };
  const answer = coordinator.start('createTransfer', { body, headers: { prefer: 'wait=0' } });
  await world.until(() => coordinator.coordinator.transfer(id)?.votes.has('bank-a') ?? false);
  a.die();
  const restored = await participantNode(t, world, 'bank-a', { disk: backup });
  t.equal(stateAt(restored), undefined);
  await world.until(() => restored.registered, 2_000);
  t.equal(stateAt(restored), 'prepared');
  t.strictSame(restored.amounts('alice'), [total, 2_500]);
  vote();
  t.equal((await world.settle(answer)).statusCode, 201);
  await settleAll(t, world, coordinator, [restored, b]);
  t.strictSame(restored.amounts('alice'), [total - 2_500, 0]);
});

void t.test('a yes that arrives when a copy has taken over counts for nothing', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  const backup = a.disk.copy();
  let arrive: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (arrive = resolve));
  let asked = 0;
  world.hook = async (wire) => {
    if (wire.to !== 'bank-a' || wire.kind !== 'prepare') return wire.forward();
    asked += 1;
    if (asked > 1) return lost();
    const reply = await wire.forward();
    await held;
    return reply;
  };
  const answer = coordinator.start('createTransfer', { body: { ...order, timeoutMs: 2_000 } });
  await world.until(() => stateAt(a) === 'prepared');
  a.die();
  const restored = await participantNode(t, world, 'bank-a', { disk: backup });
  t.equal(restored.registered, true, 'nobody has seen yet that it has lost its promise');
  arrive();
  t.match((await world.settle(answer)).json(), { code: 'vote-timeout', transferId: id });
  t.ok(asked > 1, 'the copy is asked for its own vote');
  await settleAll(t, world, coordinator, [restored, b]);
  t.strictSame(restored.amounts('alice'), [total, 0]);
});

void t.test('what an old copy holds in doubt is asked about first', async (t) => {
  for (const outcome of ['committed', 'aborted'] as const) {
    const { world, coordinator, a, b } = await startCluster(t);
    world.hook = (wire) => {
      if (wire.to === 'bank-b' && outcome === 'aborted') return lost();
      return wire.kind === 'commit' ? lost() : wire.forward();
    };
    const body = { ...order, amount: 60_000, timeoutMs: 200 };
    const answer = coordinator.start('createTransfer', { body, headers: { prefer: 'wait=0' } });
    await world.until(() => stateAt(a) === 'prepared');
    const backup = a.disk.copy();
    await world.settle(answer);
    world.hook = (wire) => wire.forward();
    await world.until(() => stateAt(a) === outcome);
    await world.until(() => coordinator.coordinator.health('bank-b').health === 'up');
    if (outcome === 'aborted') {
      await coordinator.call('createTransfer', { body: { ...order, amount: 70_000 } });
    }
    await world.pass(100);
    const { posted } = a.participant.ledger.account('alice') ?? {};
    a.die();
    const restored = await participantNode(t, world, 'bank-a', { disk: backup });
    await world.until(() => restored.registered, 5_000);
    t.equal((await restored.participant.branch(id))?.state, outcome);
    t.strictSame(restored.amounts('alice'), [posted, 0], `${outcome}, and what came after`);
    await settleAll(t, world, coordinator, [restored, b]);
  }
});

void t.test('an old copy that cannot promise again waits for the decision', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  const backup = a.disk.copy();
  await openAccount(a, 'carol');
  const votes: (() => void)[] = [];
  world.hook = async (wire) => {
    const reply = await wire.forward();
    const isLate = wire.to === 'bank-b' && wire.kind === 'prepare';
    if (isLate) await new Promise<void>((resolve) => votes.push(resolve));
    return reply;
  };
  const body = { ...order, from: 'bank-a/carol' };
  const underWay = coordinator.start('createTransfer', { body, headers: { prefer: 'wait=0' } });
  await world.quiet();
  t.equal(stateAt(a), 'prepared', 'it has promised, on an account that the copy lacks');
  a.die();
  const restored = await participantNode(t, world, 'bank-a', { disk: backup });
  await world.pass(2_000);
  t.equal(restored.registered, false, 'while the transfer is under way it takes no part');
  for (const vote of votes) vote();
  t.equal((await world.settle(underWay)).statusCode, 201);
  await world.until(() => restored.registered, 5_000);
  t.match(restored.participant.state.branches.get(id), {
    state: 'damaged',
    damage: { entries: [{ account: 'carol', amount: -order.amount }] },
  });
  t.strictSame(b.amounts('bob'), [total + order.amount, 0]);
  await world.until(() => coordinator.coordinator.state.active.size === 0);
});

void t.test('catching up that is broken off begins again, however long the log is', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  const backup = a.disk.copy();
  await pay(coordinator, 8);
  await world.pass(50);
  a.die();
  let pages = 0;
  world.hook = (wire) => {
    if (!wire.request.url.includes('/decisions?')) return wire.forward();
    pages += 1;
    return pages > 3 ? lost() : short(wire);
  };
  const restored = await participantNode(t, world, 'bank-a', { disk: backup });
  await world.until(() => restored.amounts('alice')[0] > total, 5_000);
  await world.pass(1_000);
  t.equal(restored.registered, false);
  // Its log grows past what was seen of it, and still nothing shows that it is whole.
  for (let n = 0; n < 20; n += 1) {
    await world.settle(restored.participant.openAccount({ ...empty, id: `more-${n}` }));
  }
  const later = await participantNode(t, world, 'bank-a', { disk: restored.crash() });
  t.equal(later.registered, false, 'it is quarantined still');
  world.hook = (wire) => wire.forward();
  await world.until(() => later.registered, 5_000);
  t.strictSame(later.amounts('alice'), [total + 5_600, 0]);
  t.ok(pages > 3);
  await coordinator.call('createTransfer', { body: order });
  t.strictSame([later.amounts('alice')[0], b.amounts('bob')[0]], [total + 3_100, total - 3_100]);
});

void t.test('a coordinator that restarts meanwhile knows that it is quarantined', async (t) => {
  const { world, coordinator, a } = await startCluster(t);
  const backup = a.disk.copy();
  await pay(coordinator, 2);
  await world.pass(50);
  a.die();
  world.hook = (wire) => (wire.kind === 'decisions' ? lost() : wire.forward());
  const restored = await participantNode(t, world, 'bank-a', { disk: backup });
  await world.pass(500);
  const again = await coordinatorNode(t, world, { disk: coordinator.crash() });
  t.equal(quarantined(again, 'bank-a'), true);
  world.hook = (wire) => wire.forward();
  await world.until(() => restored.registered, 5_000);
  t.strictSame(restored.amounts('alice'), [total + 1_400, 0]);
});

void t.test('a copy from many starts ago raises its epoch until it is the newest', async (t) => {
  const { world, coordinator, a } = await startCluster(t);
  const backup = a.disk.copy();
  let current = a;
  for (let n = 0; n < 9; n += 1) {
    current = await participantNode(t, world, 'bank-a', { disk: current.crash() });
  }
  await pay(coordinator, 1);
  await world.pass(50);
  current.die();
  const restored = await participantNode(t, world, 'bank-a', { disk: backup });
  await world.until(() => restored.registered, 5_000);
  t.ok((coordinator.coordinator.directory.get('bank-a')?.epoch ?? 0) > 10);
  t.strictSame(restored.amounts('alice'), [total + 700, 0]);
  t.strictSame(restored.failures, []);
});

void t.test('of two processes on copies of one store the later one goes on', async (t) => {
  const { world, coordinator, a } = await startCluster(t);
  await pay(coordinator, 1);
  await world.pass(50);
  const copy = await participantNode(t, world, 'copy', { disk: a.disk.copy() });
  t.equal(copy.registered, true);
  await world.until(() => a.failures.length > 0, 11_000);
  t.match(a.failures, [{ message: /stale-epoch/ }]);
});

void t.test('what the accounts cannot take any more is damage, and shown', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  const backup = a.disk.copy();
  await openAccount(a, 'late');
  const paid = { ...back, to: 'bank-a/late' };
  t.equal((await coordinator.call('createTransfer', { body: paid })).statusCode, 201);
  await pay(coordinator, 1);
  await world.pass(50);
  a.die();
  const restored = await participantNode(t, world, 'bank-a', { disk: backup });
  await world.until(() => restored.registered, 5_000);
  t.strictSame(restored.amounts('alice'), [total + 700, 0]);
  t.equal(stateAt(restored), 'damaged');
  t.ok(restored.alarms.some((said) => /1-1 was committed, and cannot be booked/.test(said)));
  t.strictSame(b.amounts('bob'), [total - 1_400, 0]);
});

void t.test('what an old copy has forgotten is not asked for, nor booked again', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  await pay(coordinator, 3);
  await world.pass(50); // Their ends are on disk.
  const again = await coordinatorNode(t, world, { disk: coordinator.crash() });
  await pay(again, 2);
  await world.pass(50);
  const mark = a.participant.state.watermarks.get('k3f9q2ma');
  t.match(mark, { epoch: 2 });
  t.equal(stateAt(a), undefined, 'it has forgotten the first');
  const backup = a.disk.copy();
  await pay(again, 2);
  await world.pass(50);
  a.die();
  const asked: string[] = [];
  world.hook = (wire) => {
    if (wire.request.url.includes('/decisions?')) asked.push(wire.request.url);
    return wire.forward();
  };
  const restored = await participantNode(t, world, 'bank-a', { disk: backup });
  await world.until(() => restored.registered, 5_000);
  t.match(asked, [/after=k3f9q2ma-(1-9{15}|2-1)/]);
  t.strictSame(restored.amounts('alice'), [total + 4_900, 0]);
  await pay(again, 1);
  await settleAll(t, world, again, [restored, b]);
});

void t.test('what was committed first is applied first, whatever began first', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  const backup = a.disk.copy();
  const second = 'k3f9q2ma-1-2';
  world.hook = (wire) => {
    if (wire.to !== 'bank-a' || wire.kind !== 'prepare') return wire.forward();
    if (stateAt(a, second) === 'committed') return wire.forward();
    const body = wire.request.body as { transfers: { id: string }[] };
    const transfers = body.transfers.filter((one) => one.id === second);
    if (transfers.length === 0) return Promise.resolve({ status: 500, body: {} });
    return wire.forward({ ...body, transfers });
  };
  // More than alice has, until the second transfer pays her.
  const large = { ...order, amount: total + 500 };
  const answer = coordinator.start('createTransfer', { body: large });
  await world.quiet();
  await pay(coordinator, 1);
  t.equal((await world.settle(answer)).statusCode, 201);
  await world.pass(50);
  t.strictSame(a.amounts('alice'), [200, 0]);
  a.die();
  world.hook = (wire) => {
    wire.request.url = wire.request.url.replace(/limit=\d+/, 'limit=1');
    return wire.forward();
  };
  const restored = await participantNode(t, world, 'bank-a', { disk: backup });
  await world.until(() => restored.registered, 5_000);
  t.strictSame(restored.amounts('alice'), [200, 0]);
  await settleAll(t, world, coordinator, [restored, b]);
});

void t.test('a second copy, of the time before the first, is noticed as well', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  const first = a.disk.copy();
  await pay(coordinator, 6);
  // What it refuses makes its log longer, and is nothing to catch up.
  for (let n = 0; n < 10; n += 1) {
    await coordinator.call('createTransfer', { body: { ...order, amount: 999_999 } });
  }
  await world.pass(50);
  const second = a.disk.copy();
  await pay(coordinator, 2);
  await world.pass(50);
  a.die();
  const restored = await participantNode(t, world, 'bank-a', { disk: first });
  await world.until(() => restored.registered, 5_000);
  t.ok(restored.participant.signature.sequence > 1_000_000, 'far above what any copy has');
  await pay(coordinator, 1);
  await world.pass(50);
  restored.die();
  const again = await participantNode(t, world, 'bank-a', { disk: second });
  t.equal(again.registered, false, 'its log is longer than that of the first when it caught up');
  await world.until(() => again.registered, 5_000);
  t.strictSame(again.amounts('alice'), [total + 6_300, 0]);
  await settleAll(t, world, coordinator, [again, b]);
});

void t.test(
  'whichever copy of a history is restored, the balances are those of the original',
  async (t) => {
    for (let history = 0; history < 3; history += 1) {
      const seed = randomInt(2 ** 31);
      t.comment(`seed ${seed}`);
      const draw = random(seed);
      const chance = (of: number) => draw() < of;
      const world = new World();
      const coordinator = await coordinatorNode(t, world);
      const segmentBytes = 2_048;
      const b = await participantNode(t, world, 'bank-b');
      let a = await participantNode(t, world, 'bank-a', { segmentBytes });
      await openAccount(a, 'alice');
      await openAccount(b, 'bob');
      const copies = [a.disk.copy()];
      for (let step = 0; step < 10; step += 1) {
        const [loseVotes, loseCommits] = [chance(0.15), chance(0.3)];
        world.hook = (wire) => {
          const isLost =
            (loseVotes && wire.to === 'bank-b' && wire.kind === 'prepare') ||
            (loseCommits && wire.to === 'bank-a' && wire.kind === 'commit');
          return isLost ? lost() : wire.forward();
        };
        const leg = chance(0.5) ? order : back;
        const body = { ...leg, amount: 1 + Math.floor(draw() * 50_000), timeoutMs: 200 };
        await coordinator.call('createTransfer', { body, headers: { prefer: 'wait=0' } });
        if (chance(0.2))
          a = await participantNode(t, world, 'bank-a', { disk: a.crash(), segmentBytes });
        if (chance(0.5)) await world.pass(draw() * 2_000);
        copies.push(a.disk.copy());
      }
      await settleAll(t, world, coordinator, [a, b]);
      const [posted] = a.amounts('alice');
      let paid = 0;
      while (copies.length > 0) {
        const [disk] = copies.splice(Math.floor(draw() * copies.length), 1);
        if (!disk) throw new Error('a copy is left');
        a.die();
        a = await participantNode(t, world, 'bank-a', { disk, segmentBytes });
        await world.until(() => a.registered, 20_000);
        await world.until(() => coordinator.coordinator.health('bank-a').health === 'up');
        t.strictSame(a.amounts('alice'), [posted + paid, 0]);
        const reply = await coordinator.call('createTransfer', { body: { ...back, amount: 1 } });
        if (reply.statusCode === 201) paid += 1;
      }
      t.ok(paid > 0);
      await settleAll(t, world, coordinator, [a, b]);
    }
  },
);
