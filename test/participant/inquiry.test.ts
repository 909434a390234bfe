import t, { type Test } from 'tap';
import { TransportError } from '../../http/transport.ts';
import { coordinatorNode, lost, openAccount, participantNode, World } from '../fixtures/nodes.ts';
import { nothing } from '../fixtures/nothing.ts';

const id = 'k3f9q2ma-1-1';
const self = { store: 'k3f9q2ma', epoch: 1 };
const leg = { account: 'alice', amount: -60, currency: 'USD' };
const reply = (body: unknown, status = 200) => Promise.resolve({ status, body });

/** A participant with promises, one unless told; the test answers its inquiries. */
async function inDoubt(t: Test, promises = 1, peers: readonly string[] = []) {
  const world = new World();
  const node = await participantNode(t, world, 'bank-a');
  node.participant.confirm(0);
  await openAccount(node, 'alice', 100_000);
  const transfers = Array.from({ length: promises }, (_, n) => {
    return { id: `k3f9q2ma-1-${n + 1}`, legs: [leg], timeoutMs: 1_000, peers };
  });
  for (let first = 0; first < promises; first += 1_000) {
    const batch = transfers.slice(first, first + 1_000);
    const body = { coordinator: self, participant: { store: 'banka000' }, transfers: batch };
    await node.call('prepare', { body, key: 'coordinator' });
  }
  const state = () => node.participant.state.branches.get(id)?.state;
  const asked = () => world.count('coordinator', 'decisions');
  /** Answers inquiries like this; registrations hear nothing. */
  const answer = (make: (asked: string) => Promise<{ status: number; body: unknown }>) => {
    world.hook = (wire) => {
      const [, , asked = ''] = new URL(wire.request.url).pathname.split('/');
      return wire.kind === 'decisions' ? make(asked) : wire.forward();
    };
  };
  return { world, node, state, asked, answer };
}

void t.test('an answer that is not exactly a decision leaves the branch in doubt', async (t) => {
  const { world, node, state, asked, answer } = await inDoubt(t);
  const decision = { id, state: 'committed', timestamp: 7, coordinator: self };
  const answers: (() => Promise<{ status: number; body: unknown }>)[] = [
    () => Promise.reject(new TransportError('unreachable', 'nobody listens')),
    () => reply({ ...decision, state: 'pending' }),
    () => reply(decision, 500),
    () => reply({ code: 'wrong-store' }, 421),
    () => reply({ code: 'never-issued' }, 409),
    () => reply({ ...decision, id: 'k3f9q2ma-1-2' }),
    () => reply({ ...decision, coordinator: { ...self, store: 'zzzzzzzz' } }),
    () => reply({ ...decision, coordinator: undefined }),
    () => reply({ ...decision, timestamp: undefined }),
    () => reply({ ...decision, timestamp: 1.5 }),
    () => reply({ ...decision, state: 'resolved' }),
    () => reply({ ...decision, id: 7 }),
    () => reply('committed'),
    () => reply(null),
  ];
  const given = answers.length;
  answer(() => (answers.shift() ?? (() => reply(decision)))());
  await world.pass(1_900);
  t.equal(asked(), 0, 'it waits twice as long as its vote had');
  await world.until(() => answers.length === 0);
  t.equal(state(), 'prepared');
  t.strictSame(node.amounts('alice'), [100_000, 60]);
  t.equal(node.alarms.length, given - 3, 'each but silence, pending and a 500 is an alarm');
  await world.until(() => state() === 'committed');
  t.strictSame(node.amounts('alice'), [99_940, 0]);
  await world.pass(60_000);
  t.equal(asked(), given + 1, 'and then it asks no more');
});

void t.test('aborted and presumed aborted release the hold', async (t) => {
  for (const found of ['aborted', 'presumed-aborted']) {
    const { world, node, state, answer } = await inDoubt(t);
    answer((asked) => reply({ id: asked, state: found, coordinator: { ...self, epoch: 2 } }));
    await world.until(() => state() === 'aborted');
    t.strictSame(node.amounts('alice'), [100_000, 0], found);
  }
});

void t.test('a decision that comes while an inquiry is on its way goes first', async (t) => {
  const { world, node, state, asked, answer } = await inDoubt(t);
  let hear: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (hear = resolve));
  answer(async () => {
    await held;
    return reply({ id, state: 'presumed-aborted', coordinator: self });
  });
  await world.until(() => asked() === 1);
  const transfers = [{ id, timestamp: 3 }];
  const body = { coordinator: self, participant: { store: 'banka000' }, transfers };
  await node.call('commit', { body, key: 'coordinator' });
  hear();
  await world.pass(5_000);
  t.equal(state(), 'committed');
  t.strictSame(node.alarms, []);
  t.equal(asked(), 1);
});

void t.test('many doubts are asked about a few at a time, until all are resolved', async (t) => {
  const { world, node, answer } = await inDoubt(t, 40);
  let underWay = 0;
  let most = 0;
  answer(async (asked) => {
    underWay += 1;
    most = Math.max(most, underWay);
    await new Promise<void>((resolve) => {
      world.clock.after(10, () => resolve());
    });
    underWay -= 1;
    return reply({ id: asked, state: 'aborted', coordinator: self });
  });
  await world.until(() => node.participant.state.prepared.size === 0);
  t.equal(most, 16);
  t.strictSame(node.amounts('alice'), [100_000, 0]);
});

void t.test('a start asks about what it finds promised: at once, if it is little', async (t) => {
  for (const promises of [1, 300]) {
    const { world, node, asked, answer } = await inDoubt(t, promises);
    answer((id) => reply({ id, state: 'committed', timestamp: 9, coordinator: self }));
    const again = await participantNode(t, world, 'bank-a', { disk: node.crash() });
    // A tenth of a millisecond for each.
    await world.pass(promises / 10 - 0.05);
    t.equal(asked(), 0, `${promises} promises`);
    await world.pass(0.05);
    t.match(again.participant.state.branches.get(id), { state: 'committed', timestamp: 9 });
    await world.pass(0);
    t.equal(again.participant.state.prepared.size, 0);
  }
});

void t.test('however much a start finds promised, it asks after two seconds', async (t) => {
  const credit = { ...leg, amount: 1 };
  const { world, node, asked, answer } = await inDoubt(t, 0);
  const accounts = ['bob', 'carol', 'dave'];
  for (const account of accounts) await openAccount(node, account);
  let number = 0;
  for (let batch = 0; batch < 25; batch += 1) {
    const legs = [{ ...credit, account: accounts[batch % accounts.length] }];
    const transfers = Array.from({ length: 1_000 }, () => {
      number += 1;
      return { id: `k3f9q2ma-1-${number}`, legs, timeoutMs: 600_000 };
    });
    const body = { coordinator: self, participant: { store: 'banka000' }, transfers };
    await node.call('prepare', { body, key: 'coordinator' });
  }
  answer(() => lost());
  const again = await participantNode(t, world, 'bank-a', { disk: node.crash() });
  t.equal(again.participant.state.prepared.size, 25_000);
  await world.pass(1_999);
  t.equal(asked(), 0);
  await world.pass(1);
  t.ok(asked() > 0);
});

void t.test('while the coordinator is away, many in doubt ask like one', async (t) => {
  const away: (() => Promise<{ status: number; body: unknown }>)[] = [
    () => Promise.reject(new TransportError('unreachable', 'nobody listens')),
    () => reply({ code: 'shutting-down' }, 503),
  ];
  for (const fails of away) {
    const { world, node, asked, answer } = await inDoubt(t, 1_000);
    let [underWay, most] = [0, 0];
    answer(async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise<void>((resolve) => {
        world.clock.after(1, () => resolve());
      });
      underWay -= 1;
      return fails();
    });
    await world.until(() => asked() > 0);
    await world.pass(10);
    t.equal(asked(), 16, 'those that were asked at once, before it was known');
    [most] = [0];
    await world.pass(2_000);
    t.equal(most, 1, 'one at a time');
    t.ok(asked() > 30 && asked() <= 16 + 2_000 / 50, `${asked()} questions, each after 50 ms`);
    const said = node.notices.filter((one) => /doubt/.test(one));
    t.equal(said.length, 2, said.join());
    t.match(said[0], /^the coordinator is away: .*; 1000 in doubt here, and one question/);
    t.match(said[1], /^k3f9q2ma-1-\d+ and 999 others stay in doubt: .*; it has no peers$/);
    const before = asked();
    answer((asked) => reply({ id: asked, state: 'aborted', coordinator: self }));
    await world.until(() => node.participant.state.prepared.size === 0, 200);
    t.equal(asked(), before + 1_000, 'all of them as soon as it is back');
    t.strictSame(node.amounts('alice'), [100_000, 0]);
    const back = node.notices.filter((one) => /answers again/.test(one));
    t.equal(back.length, 1, back.join());
    await world.pass(60_000);
    t.equal(asked(), before + 1_000);
    t.strictSame([node.alarms, node.failures], [[], []]);
  }
});

void t.test('a coordinator that comes and goes is asked by all in the end', async (t) => {
  const { world, node, asked, answer } = await inDoubt(t, 100);
  let number = 0;
  answer((asked) => {
    number += 1;
    if (number % 3 !== 0) return lost();
    return reply({ id: asked, state: 'aborted', coordinator: self });
  });
  await world.until(() => node.participant.state.prepared.size === 0);
  t.ok(asked() >= 300, `${asked()} questions`);
  t.strictSame([node.alarms, node.failures], [[], []]);
});

void t.test('what waits for a peer that is not there hears so at once', async (t) => {
  const { world, node, answer } = await inDoubt(t, 1_600, ['bank-b']);
  const peers = [{ name: 'bank-b', store: 'bankb000', address: 'http://bank-b.test' }];
  await world.settle(node.participant.named({ name: 'bank-a', coordinator: self, peers }));
  answer(() => lost());
  const inquiries = () => world.count('bank-b', 'inquiry');
  await world.until(() => inquiries() > 0);
  t.equal(inquiries(), 1, 'one message for more than fit into one');
  await world.pass(1_000);
  t.ok(inquiries() < 25, `${inquiries()} after each further question`);
  const said = node.notices.filter((one) => /others stay in doubt/.test(one));
  t.match(said, [/and 1599 others stay in doubt: .*; bank-b: .*nobody listens$/]);
});

void t.test('a participant registers as soon as there is a coordinator', async (t) => {
  const world = new World();
  const node = await participantNode(t, world, 'bank-a');
  await world.pass(3_000);
  t.equal(node.registered, false);
  t.ok(world.count('coordinator', 'participants') > 10);
  const coordinator = await coordinatorNode(t, world);
  await world.until(() => node.registered, 2_000);
  t.match(coordinator.coordinator.directory.get('bank-a'), { store: 'banka000' });
  t.match(node.participant.membership, { name: 'bank-a', coordinator: self, peers: nothing });
  const again = await participantNode(t, world, 'moved', { disk: node.crash(), wanted: 'other' });
  t.equal(again.participant.membership?.name, 'bank-a', 'it keeps its name');
  t.strictSame(again.failures, []);
});

void t.test('an answer to a registration that is none is asked for again', async (t) => {
  const world = new World();
  const standing = { state: 'confirmed', timestamp: 0, sequence: 0 };
  const membership = { name: 'bank-a', coordinator: self, peers: [], ...standing };
  const answers = [
    { status: 500, body: {} },
    { status: 200, body: null },
    { status: 200, body: { ...membership, state: undefined } },
    { status: 200, body: { ...membership, timestamp: undefined } },
    { status: 200, body: { ...membership, name: 7 } },
    { status: 200, body: { ...membership, coordinator: { store: 'k3f9q2ma' } } },
    { status: 200, body: { ...membership, peers: undefined } },
  ];
  world.hook = () => {
    const next = answers.shift();
    return next ? Promise.resolve(next) : reply(membership, 201);
  };
  const node = await participantNode(t, world, 'bank-a');
  t.equal(node.registered, false);
  await world.until(() => node.registered);
  t.equal(answers.length, 0);
  t.strictSame(node.failures, []);
});

void t.test('what is answered after a participant has closed breaks nothing', async (t) => {
  const { world, node, state, asked, answer } = await inDoubt(t);
  let hear: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (hear = resolve));
  answer(async () => {
    await held;
    return reply({ id, state: 'committed', timestamp: 3, coordinator: self });
  });
  await world.until(() => asked() === 1);
  await node.close();
  hear();
  await world.pass(60_000);
  t.equal(state(), 'prepared', 'the next start asks again');
  t.equal(asked(), 1);
  t.strictSame(node.failures, []);
});

void t.test('a registration that is answered after the close breaks nothing', async (t) => {
  const world = new World();
  const node = await participantNode(t, world, 'bank-a');
  let hear: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (hear = resolve));
  world.hook = async () => {
    await held;
    return reply({ name: 'bank-a', coordinator: self, peers: [] }, 201);
  };
  await world.until(() => world.count('coordinator', 'participants') > 1);
  await node.close();
  hear();
  await world.pass(60_000);
  t.equal(node.participant.membership, undefined);
  t.equal(world.count('coordinator', 'participants'), 2);
  t.strictSame(node.failures, []);
});
