import t, { type Test } from 'tap';
import { TransportError, type Reply, type TransportFailure } from '../../http/transport.ts';
import { Uplink } from '../../participant/uplink.ts';
import {
  back,
  lost,
  never,
  openAccount,
  participantNode,
  startCluster,
  World,
} from '../fixtures/nodes.ts';
import { settled, VirtualClock } from '../fixtures/virtual-clock.ts';

/** What an address does with a question, and after how many milliseconds. */
type Conduct = readonly [does: number | TransportFailure, afterMs?: number];

/** The way to `http://a`, `http://b`…, each of which does what it is told. */
function uplinkTo(...conducts: Conduct[]) {
  const clock = new VirtualClock();
  const told: string[] = [];
  const asked: string[] = [];
  const say = (_: object, message: string) => void told.push(message);
  const origins = conducts.map((_, index) => `http://${String.fromCharCode(97 + index)}`);
  const conduct = new Map(conducts.map((one, index) => [origins[index], one]));
  const uplink = new Uplink({
    coordinators: origins,
    clock,
    logger: { info: say, warn: say, error: say },
    transport: {
      close: () => Promise.resolve(),
      async send({ url, timeoutMs, to }) {
        t.equal(to, 'coordinator');
        const { origin } = new URL(url);
        asked.push(`${origin.slice(-1)} ${timeoutMs}`);
        const [does, afterMs = 0] = conduct.get(origin) ?? [404];
        await new Promise<void>((resolve) => {
          clock.after(Math.min(afterMs, timeoutMs), resolve);
        });
        if (afterMs > timeoutMs) throw new TransportError('timeout', `${url} is late`);
        if (typeof does === 'string') throw new TransportError(does, `${url} is ${does}`);
        return { status: does, body: url };
      },
    },
  });
  /** What comes of one question, and who was asked for it, with how much time. */
  const ask = async () => {
    asked.length = 0;
    let end: Reply | TransportError | undefined;
    const answer = uplink.ask('/x?y=1', { method: 'GET', timeoutMs: 2_000 });
    answer.then(
      (reply) => (end = reply),
      (error: unknown) => {
        if (!(error instanceof TransportError)) throw error;
        end = error;
      },
    );
    for (await settled(); end === undefined; await settled()) {
      clock.advance((clock.nextDue ?? Infinity) - clock.now());
    }
    return { end, asked: [...asked] };
  };
  return { uplink, ask, told, conduct };
}

void t.test('one address is asked, and what comes of it is given as it is', async (t) => {
  for (const does of [200, 404, 503, 500]) {
    const { ask } = uplinkTo([does]);
    const end = { status: does, body: 'http://a/x?y=1', from: 'http://a' };
    t.strictSame(await ask(), { end, asked: ['a 2000'] });
  }
  const { ask, told, uplink } = uplinkTo(['unreachable']);
  for (let n = 0; n < 3; n += 1) {
    const { end, asked } = await ask();
    t.match(end, { kind: 'unreachable', message: 'http://a/x?y=1 is unreachable' });
    t.strictSame(asked, ['a 2000']);
  }
  t.equal(uplink.name, 'http://a');
  t.strictSame(told, []);
});

void t.test('the address that has answered is asked until it fails', async (t) => {
  const { ask, told, conduct, uplink } = uplinkTo(['unreachable'], [503], [200], [200]);
  t.equal(uplink.name, 'http://a, http://b, http://c, http://d');
  t.match(await ask(), { end: { from: 'http://c' }, asked: ['a 2000', 'b 2000', 'c 2000'] });
  conduct.set('http://a', [200]);
  t.match(await ask(), { end: { from: 'http://c' }, asked: ['c 2000'] });
  for (const status of [200, 400, 404, 409, 429, 500]) {
    conduct.set('http://c', [status]);
    t.match(await ask(), { end: { status, from: 'http://c' } }, 'it has answered');
  }
  const kinds = ['unreachable', 'untrusted', 'timeout', 'too-large', 'garbage', 'refused'] as const;
  for (const kind of kinds) {
    conduct.set('http://c', [200]).set('http://d', ['unreachable']);
    conduct.set('http://a', ['unreachable']);
    await ask();
    conduct.set('http://c', [kind]).set('http://d', [200]);
    t.match(await ask(), { end: { from: 'http://d' }, asked: ['c 2000', 'd 2000'] }, kind);
  }
  t.match(told.slice(0, 2), [
    'the coordinator answers at http://c, and not at http://a',
    'the coordinator answers at http://d, and not at http://c',
  ]);
});

void t.test('when nobody answers, each was asked once, and each says why', async (t) => {
  const { ask, told, conduct } = uplinkTo(['unreachable'], ['garbage']);
  const { end, asked } = await ask();
  t.strictSame(asked, ['a 2000', 'b 2000']);
  const message = 'http://a/x?y=1 is unreachable; http://b/x?y=1 is garbage';
  t.match(end, { kind: 'unreachable', message });
  t.strictSame((await ask()).asked, ['b 2000', 'a 2000'], 'it begins with the next one');
  conduct.set('http://b', [503]);
  t.match(await ask(), { end: { status: 503, from: 'http://b' }, asked: ['a 2000', 'b 2000'] });
  t.match(await ask(), { end: { status: 503, from: 'http://b' }, asked: ['b 2000', 'a 2000'] });
  t.strictSame(told, []);
});

void t.test('all of a question is over within its time', async (t) => {
  const { ask, conduct } = uplinkTo(['unreachable', 1_000], ['unreachable', 400.4], [200, 700]);
  t.match(await ask(), { end: { kind: 'unreachable' }, asked: ['a 2000', 'b 1000', 'c 599'] });
  conduct.set('http://b', ['unreachable']);
  t.match(await ask(), { end: { from: 'http://c' }, asked: ['b 2000', 'c 2000'] });
});

void t.test('who is silent until the time is over, or nearly, hides nobody else', async (t) => {
  for (const [silent, ...others] of [[[200, Infinity]], [[503, 1_999], 'b 1']] as const) {
    const { ask, told } = uplinkTo(silent, silent, [200, 50]);
    t.strictSame((await ask()).asked, ['a 2000', ...others]);
    t.match((await ask()).asked[0], 'b 2000');
    t.match(await ask(), { end: { from: 'http://c' }, asked: ['c 2000'] });
    t.match(await ask(), { end: { from: 'http://c' }, asked: ['c 2000'] });
    t.strictSame(told, ['the coordinator answers at http://c, and not at http://a']);
  }
});

void t.test('of several questions that fail at once, the first leaves an address', async (t) => {
  const request = { method: 'GET', timeoutMs: 2_000 } as const;
  const { uplink, ask } = uplinkTo(['unreachable'], ['unreachable'], [200]);
  const others = Promise.all([1, 2, 3].map(() => uplink.ask('/z', request)));
  t.match(await ask(), { end: { from: 'http://c' } });
  t.match(await others, [{ from: 'http://c' }, { from: 'http://c' }, { from: 'http://c' }]);
  t.strictSame((await ask()).asked, ['c 2000']);
  const away = uplinkTo(['unreachable'], ['unreachable']);
  await Promise.all([away.ask(), t.rejects(away.uplink.ask('/z', request))]);
  t.strictSame((await away.ask()).asked, ['b 2000', 'a 2000']);
});

void t.test('who closes the transport asks nobody any more', async (t) => {
  const { ask } = uplinkTo(['cancelled'], [200]);
  t.match(await ask(), { end: { kind: 'cancelled' }, asked: ['a 2000'] });
});

void t.test('a way that leads nowhere is a mistake of whoever makes it', async (t) => {
  const { uplink } = uplinkTo();
  await t.rejects(uplink.ask('/x', { method: 'GET', timeoutMs: 1 }), /needs an address/);
});

const coordinators = ['c1', 'c2'];

/** A cluster whose coordinator is also at c2, and a participant that knows it as c1 and c2. */
async function twoAddresses(t: Test) {
  const { world, coordinator, a, b } = await startCluster(t);
  world.nodes.set('c2', coordinator);
  const asked = (kind: string) => coordinators.map((one) => world.count(one, kind));
  return { world, coordinator, a, b, asked };
}

void t.test('a participant registers at the address that answers, at once', async (t) => {
  const { world, asked } = await twoAddresses(t);
  const node = await participantNode(t, world, 'bank-c', { coordinators });
  await world.quiet();
  t.ok(node.registered);
  await world.pass(30_000);
  t.strictSame(asked('participants'), [1, 4], 'and stays with it');
  t.strictSame(node.notices, [
    'the coordinator answers at http://c2.test, and not at http://c1.test',
  ]);
  t.strictSame([node.alarms, node.failures], [[], []]);
});

void t.test('all addresses together are one attempt to register', async (t) => {
  const attempts = async (hosts: readonly string[]) => {
    const world = new World();
    const node = await participantNode(t, world, 'bank-c', { coordinators: hosts });
    await world.pass(3_000);
    const said = node.notices.filter((one) => one.startsWith('not registered yet at '));
    return { counts: hosts.map((host) => world.count(host, 'participants')), said };
  };
  const { counts: alone, said } = await attempts(['c1']);
  t.strictSame(said, [
    'not registered yet at http://c1.test: http://c1.test/participants: ' + 'nobody listens',
  ]);
  const both = await attempts(coordinators);
  t.strictSame(both.counts, [...alone, ...alone]);
  t.match(both.said, [/^not registered yet at http:\/\/c1\.test, http:\/\/c2\.test: .*; http/]);
});

void t.test('while no address answers, one question at a time goes to all of them', async (t) => {
  const { world, asked } = await twoAddresses(t);
  const node = await participantNode(t, world, 'bank-c', { coordinators });
  await openAccount(node, 'carol');
  await world.pass(50);
  const self = { store: 'k3f9q2ma', epoch: 1 };
  const legs = [{ account: 'carol', amount: -60, currency: 'USD' }];
  const transfers = Array.from({ length: 40 }, (_, n) => {
    return { id: `k3f9q2ma-1-${n + 1}`, legs, timeoutMs: 1_000 };
  });
  let [underWay, most] = [0, 0];
  world.hook = async (wire) => {
    underWay += 1;
    most = Math.max(most, underWay);
    await new Promise<void>((resolve) => {
      world.clock.after(1, () => resolve());
    });
    underWay -= 1;
    return wire.to === 'c1' ? lost() : { status: 503, body: { code: 'shutting-down' } };
  };
  const body = { coordinator: self, participant: { store: 'bankc000' }, transfers };
  await node.call('prepare', { body, key: 'coordinator' });
  t.equal(node.participant.state.prepared.size, 40);
  await world.until(() => asked('decisions').some((count) => count > 0));
  await world.pass(20);
  const before = asked('decisions');
  [most] = [0];
  await world.pass(2_000);
  t.equal(most, 1, 'one at a time');
  const [c1 = NaN, c2 = NaN] = asked('decisions').map((count, at) => count - (before[at] ?? 0));
  t.ok(Math.abs(c1 - c2) <= 1, `${c1} at c1, ${c2} at c2`);
  t.ok(c1 > 10 && c1 <= 2_000 / 50, `${c1} rounds, each after 50 ms`);
  const said = () =>
    node.notices.filter((one) => /the coordinator (is away|answers again)/.test(one));
  t.match(said(), [/^the coordinator is away: .*; 40 in doubt here, and one question at a time/]);
  world.hook = ({ to, request: { url } }) => {
    if (to === 'c1') return never();
    const [, , id] = new URL(url).pathname.split('/');
    return Promise.resolve({ status: 200, body: { id, state: 'aborted', coordinator: self } });
  };
  await world.until(() => node.participant.state.prepared.size === 0, 5_000);
  t.strictSame(node.amounts('carol'), [100_000, 0]);
  t.match(said(), [/is away/, /answers again/]);
  t.strictSame([node.alarms, node.failures], [[], []]);
});

void t.test('an old copy catches up at the address that answers', async (t) => {
  const { world, coordinator, b } = await twoAddresses(t);
  const backup = b.disk.copy();
  await coordinator.call('createTransfer', { body: back });
  b.die();
  const restored = await participantNode(t, world, 'bank-b', { disk: backup, coordinators });
  await world.until(() => restored.registered, 5_000);
  t.strictSame(restored.amounts('bob'), [99_300, 0]);
});
