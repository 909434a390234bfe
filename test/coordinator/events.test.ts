import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import t, { type Test } from 'tap';
import { eventually } from '../fixtures/cluster.ts';
import { eventStream } from '../../coordinator/events.ts';
import { contracts } from '../fixtures/contract.ts';
import {
  coordinatorNode,
  id,
  order,
  participantNode,
  settleAll,
  startCluster,
  type CoordinatorNode,
} from '../fixtures/nodes.ts';

interface Event {
  id: string;
  type: string;
  data: Record<string, unknown>;
}

/** A client that follows a coordinator, and collects. */
class Follower {
  readonly stream: Readable;
  text = '';

  constructor(stream: Readable) {
    this.stream = stream;
    stream.setEncoding('utf8').on('data', (text: string) => (this.text += text));
  }

  get events(): Event[] {
    return this.text
      .split('\n\n')
      .slice(0, -1)
      .filter((block) => block.includes('data: '))
      .map((block) => {
        const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
        return { id: field('id'), type: field('event'), data: JSON.parse(field('data')) };
      });
  }

  get types(): string[] {
    return this.events.map(({ type }) => type);
  }
}

async function follow(t: Test, { app }: CoordinatorNode, lastEventId?: string, prefer?: string) {
  const headers = {
    ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    ...(prefer !== undefined && { prefer }),
  };
  const reply = await app.inject({ method: 'GET', url: '/events', headers, payloadAsStream: true });
  t.equal(reply.statusCode, 200);
  t.equal(reply.headers['content-type'], 'text/event-stream');
  t.equal(reply.headers['cache-control'], 'no-store');
  const follower = new Follower(reply.stream());
  t.teardown(() => follower.stream.destroy());
  return follower;
}

void t.test('each record is an event as soon as it is on disk, in order', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  const follower = await follow(t, coordinator);
  await coordinator.call('createTransfer', { body: { ...order, reference: 'invoice 7' } });
  await settleAll(t, world, coordinator, [a, b]);
  await world.pass(50);
  t.strictSame(follower.types, ['connected', 'begun', 'decided', 'ended']);
  const [connected, begun, decided, ended] = follower.events;
  t.match(connected?.data, { type: 'connected', store: 'k3f9q2ma', epoch: 1 });
  t.match(begun?.data, { type: 'begun', id, legs: [order], reference: 'invoice 7' });
  const votes = ['bank-a', 'bank-b'].map((name) => ({ name, vote: 'yes' }));
  t.match(decided?.data, { id, state: 'committed', timestamp: 1, participants: votes });
  t.match(ended?.data, { id });
  for (const { id: eventId, data } of follower.events) {
    t.match(eventId, /^k3f9q2ma-\d+$/);
    t.equal(contracts.coordinator.replyErrors('streamEvents', 200, data), null);
  }
});

void t.test('nothing is shown that a power cut could take back', async (t) => {
  const { world, coordinator } = await startCluster(t);
  const follower = await follow(t, coordinator);
  await world.quiet();
  coordinator.disk.stopAt(coordinator.disk.operations);
  void coordinator.start('createTransfer', { body: order });
  await world.pass(100);
  t.ok(coordinator.coordinator.transfer(id), 'it has begun');
  t.strictSame(follower.types, ['connected']);
});

void t.test(
  'a client that comes back misses nothing, over a restart and full segments',
  async (t) => {
    const limits = { segmentBytes: 4 * 1024 };
    const { world, coordinator, a, b } = await startCluster(t, limits);
    const whole = await follow(t, coordinator, '0');
    const early = await follow(t, coordinator);
    await coordinator.call('createTransfer', { body: order });
    await world.pass(50);
    early.stream.destroy();
    const last = early.events.at(-1)?.id ?? '';
    for (let n = 0; n < 20; n++) await coordinator.call('createTransfer', { body: order });
    await settleAll(t, world, coordinator, [a, b]);
    await world.pass(50);
    t.ok(coordinator.disk.paths.includes('/data/log/000003.json'), 'there are several segments');
    const later = await coordinatorNode(t, world, { disk: coordinator.crash(), limits });
    const back = await follow(t, later, last);
    const again = await follow(t, later, '0');
    await later.call('createTransfer', { body: order });
    await settleAll(t, world, later, [a, b]);
    await world.pass(50);
    t.match(again.events.find(({ type }) => type === 'connected')?.data, { epoch: 2 });
    const without = (events: Event[]) => events.filter(({ type }) => type !== 'connected');
    const all = without(again.events);
    t.equal(all.filter(({ type }) => type === 'ended').length, 22, 'of every transfer');
    t.strictSame(without(whole.events), all.slice(0, without(whole.events).length));
    t.strictSame(
      [...without(early.events), ...without(back.events)],
      all.slice(all.findIndex((event) => event.id === early.events[1]?.id)),
      'before and after are the whole',
    );
    const ids = all.map((event) => event.id);
    t.equal(new Set(ids).size, ids.length, 'nothing twice');
  },
);

void t.test('silence is broken by a comment, and a stop ends the stream', async (t) => {
  const { world, coordinator } = await startCluster(t);
  const follower = await follow(t, coordinator);
  await world.pass(31_000);
  t.equal(follower.text.split('\n').filter((line) => line === ':').length, 2);
  const ended = once(follower.stream, 'end');
  coordinator.coordinator.release();
  await ended;
});

void t.test('a stream lasts as long as its reader prefers', async (t) => {
  const { world, coordinator } = await startCluster(t);
  const follower = await follow(t, coordinator, undefined, 'wait=2');
  let over = false;
  follower.stream.once('end', () => (over = true));
  await world.pass(1_900);
  t.notOk(over);
  await coordinator.call('createTransfer', { body: order });
  await world.pass(100);
  await world.quiet();
  t.ok(over);
  t.strictSame(follower.types.slice(0, 2), ['connected', 'begun']);
});

void t.test('an id of another store, or of an event that never was, is refused', async (t) => {
  const { coordinator } = await startCluster(t);
  for (const lastEventId of ['othersto-1', 'k3f9q2ma-999999', 'seven']) {
    const reply = await coordinator.call('streamEvents', {
      headers: { 'last-event-id': lastEventId },
    });
    t.match(reply.json(), { code: 'invalid-request', errors: [{ pointer: '/Last-Event-ID' }] });
  }
});

void t.test('no more streams than allowed are open, and a closed one makes room', async (t) => {
  const { coordinator } = await startCluster(t);
  const address = await coordinator.app.listen({ port: 0, host: '127.0.0.1' });
  const open = async () => {
    const request = get(`${address}/events`, { agent: false });
    t.teardown(() => request.destroy());
    const [{ statusCode }] = (await once(request, 'response')) as [IncomingMessage];
    return { statusCode, request };
  };
  const first = await open();
  t.strictSame([first.statusCode, (await open()).statusCode], [200, 200]);
  const refused = await coordinator.call('streamEvents');
  t.match(refused.json(), { code: 'overloaded' });
  first.request.destroy();
  await eventually('there is room', async () => (await open()).statusCode === 200);
});

void t.test('a HEAD of the stream has no body and leaves no stream open', async (t) => {
  const { coordinator } = await startCluster(t);
  for (let n = 0; n < 3; n++) {
    const reply = await coordinator.app.inject({ method: 'HEAD', url: '/events' });
    t.equal(reply.statusCode, 200);
    t.equal(reply.body, '');
  }
});

void t.test('registrations are events, too', async (t) => {
  const { world, coordinator } = await startCluster(t);
  const follower = await follow(t, coordinator);
  await participantNode(t, world, 'bank-c');
  await world.pass(50);
  t.match(follower.events.at(-1), { type: 'registered', data: { name: 'bank-c', epoch: 1 } });
});

void t.test('a seal, which is no event, does not keep a stream from waiting', async (t) => {
  let reads = 0;
  const source = {
    state: { store: 'k3f9q2ma', epoch: 1 },
    position: 8,
    stopping: false,
    async read() {
      reads += 1;
      if (reads > 9) throw new Error('it reads for ever');
      return [];
    },
    async news() {
      source.stopping = true;
    },
    now: () => 0,
  };
  const follower = new Follower(eventStream(source, 7));
  await once(follower.stream, 'end');
  t.strictSame(follower.types, ['connected']);
  t.equal(reads, 1, 'record 8 is a seal: it waits for news');
});
