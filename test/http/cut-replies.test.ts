import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { Delivery, type DeliveryEvents } from '../../coordinator/delivery.ts';
import type { Begun } from '../../coordinator/protocol.ts';
import { openTransport, TransportError } from '../../http/transport.ts';
import { anyAddress } from '../fixtures/any-address.ts';
import { contracts } from '../fixtures/contract.ts';
import { coordinatorLimits } from '../fixtures/nodes.ts';
import { VirtualClock } from '../fixtures/virtual-clock.ts';

/* Replies that break off, or are damaged, at every byte, over real sockets (fault 50). */

const id = 'k3f9q2ma-1-1';
const to = 'bank-b';
const participant = { name: 'bank-b', store: 'bankb000', sequence: 12 };
const voteOf = (vote: string) => JSON.stringify({ participant, votes: [{ id, vote }] });

async function listening(t: Test, server: Server): Promise<string> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    // Whoever asked may be gone before it hears the end.
    socket.on('error', () => undefined);
    socket.on('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(async () => {
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The bytes that a real server of HTTP answers with. */
async function bytesOf(t: Test, body: string, chunked: boolean): Promise<Buffer> {
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  const length = chunked ? {} : { 'content-length': Buffer.byteLength(body) };
  const url = await listening(
    t,
    createHttpServer((_request, response) => {
      response.writeHead(200, { ...headers, ...length }).end(body);
    }),
  );
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const parts: Buffer[] = [];
  socket.write('POST /prepare HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  for await (const part of socket) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** Answers each request with the next of these bytes, and then closes or stays silent. */
async function raw(t: Test, replies: readonly Uint8Array[], then: 'close' | 'silence' = 'close') {
  let asked = 0;
  const server = createServer((socket) => {
    socket.once('data', () => {
      const reply = replies[asked] ?? Buffer.alloc(0);
      asked += 1;
      if (then === 'close') socket.end(reply);
      else socket.write(reply);
    });
  });
  return { url: await listening(t, server), asked: () => asked };
}

function openOne(t: Test) {
  const transport = openTransport(anyAddress);
  t.teardown(() => transport.close());
  return transport;
}

for (const chunked of [false, true]) {
  const how = chunked ? 'in chunks' : 'with its length';
  void t.test(`a reply ${how} that breaks off at any byte is no reply`, async (t) => {
    const whole = await bytesOf(t, voteOf('yes'), chunked);
    const cuts = Array.from(whole, (_, at) => whole.subarray(0, at));
    const { url, asked } = await raw(t, [...cuts, whole]);
    const transport = openOne(t);
    const send = () => transport.send({ to, method: 'POST', url, body: {}, timeoutMs: 5_000 });
    for (const [at] of cuts.entries()) {
      const reply: unknown = await send().catch((error: unknown) => error);
      if (!(reply instanceof TransportError)) t.fail(`cut at ${at}: ${JSON.stringify(reply)}`);
      else if (!['unreachable', 'garbage'].includes(reply.kind))
        t.fail(`cut at ${at}: ${reply.kind}`);
    }
    t.match((await send()).body, { votes: [{ id, vote: 'yes' }] }, 'the whole one is');
    t.equal(asked(), cuts.length + 1, 'nothing was sent twice');
  });
}

/** A coordinator's delivery to one participant, and what it has understood. */
function deliveryTo(t: Test, address: string) {
  const heard = { votes: [] as string[], alarms: 0 };
  const nothing = () => undefined;
  const legs = [{ from: 'bank-a/alice', to: 'bank-b/bob', amount: 1, currency: 'USD' }];
  const begun: Begun = {
    ...{ type: 'begun', at: '', id, participants: ['bank-a', 'bank-b'] },
    ...{ lowerTs: 0, legs, timeoutMs: 5_000 },
  };
  const events: DeliveryEvents = {
    sent: nothing,
    voted: (_id, _name, { vote }) => void heard.votes.push(vote),
    acknowledged: () => void heard.votes.push('acknowledged'),
    settled: () => void heard.votes.push('settled'),
    committedBefore: () => true,
    unanswered: nothing,
    heard: nothing,
    alarm: () => void (heard.alarms += 1),
  };
  const clock = new VirtualClock();
  const transport = openOne(t);
  let settle: () => void = nothing;
  const delivery = new Delivery({
    self: { store: 'k3f9q2ma', epoch: 1 },
    contract: contracts.participant,
    // What the reply to a message has come to is known once the transport has settled.
    transport: {
      ...transport,
      send: (request) => transport.send(request).finally(() => setImmediate(() => settle())),
    },
    keys: () => [],
    clock,
    random: () => 0,
    limits: coordinatorLimits,
    events,
    member: (name) => {
      return { name, store: 'bankb000', address, epoch: 1, seen: 0, quarantined: false };
    },
    begun: () => begun,
    commitTimestamp: () => 1,
    traceparent: () => undefined,
    watermark: () => ({ epoch: 1, seq: 1, except: [] }),
    isOwed: () => true,
    remainingMs: () => 5_000,
    onFailure: (error) => t.fail(String(error)),
  });
  const ask = async () => {
    const answered = new Promise<void>((resolve) => (settle = resolve));
    delivery.deliver({ type: 'prepare', to: 'bank-b', id });
    await answered;
    delivery.stop();
  };
  return { ask, heard };
}

void t.test('a reply that breaks off is never heard as a vote', async (t) => {
  const whole = await bytesOf(t, voteOf('no'), true);
  const cuts = Array.from(whole, (_, at) => whole.subarray(0, at)).filter((_, at) => at % 16 === 0);
  for (const cut of cuts) {
    const { url } = await raw(t, [cut]);
    const { ask, heard } = deliveryTo(t, url);
    await ask();
    t.strictSame(heard.votes, [], `cut after ${cut.length} bytes`);
  }
  const { url } = await raw(t, [whole]);
  const { ask, heard } = deliveryTo(t, url);
  await ask();
  t.strictSame(heard.votes, ['no'], 'the whole one is a vote');
});

void t.test('a damaged byte turns no vote into another, and none into one', async (t) => {
  const whole = await bytesOf(t, voteOf('yes'), false);
  const places = Array.from(whole, (_, at) => at).filter((at) => at % 5 === 0);
  let votes = 0;
  for (const at of places) {
    for (const mask of [0x01, 0x80]) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ mask;
      const { url } = await raw(t, [damaged]);
      const { ask, heard } = deliveryTo(t, url);
      await ask();
      if (heard.votes.some((vote) => vote !== 'yes')) t.fail(`byte ${at}: ${heard.votes.join()}`);
      votes += heard.votes.length;
    }
  }
  t.ok(votes > 0 && votes < 2 * places.length, `${votes} of ${2 * places.length} were readable`);
});

void t.test(
  'a reply that stops, or comes byte by byte for ever, ends by the timeout',
  async (t) => {
    const whole = await bytesOf(t, voteOf('yes'), false);
    const body = whole.indexOf('{');
    const text = whole
      .toString('latin1')
      .replace(/content-length: \d+/i, 'content-length: 9999999');
    const endless = Buffer.from(text.slice(0, text.indexOf('{')), 'latin1');
    const silent = await raw(t, [whole.subarray(0, 0)], 'silence');
    const headers = await raw(t, [whole.subarray(0, body)], 'silence');
    const most = await raw(t, [whole.subarray(0, -1)], 'silence');
    const drops = createServer((socket) => {
      let at = 0;
      const drop = () => {
        if (socket.destroyed) return;
        socket.write(at < endless.length ? endless.subarray(at, at + 1) : ' ');
        at += 1;
        setImmediate(drop);
      };
      socket.once('data', drop);
    });
    const urls = [silent.url, headers.url, most.url, await listening(t, drops)];
    const transport = openOne(t);
    for (const url of urls) {
      const sent = transport.send({ to, method: 'POST', url, body: {}, timeoutMs: 100 });
      await t.rejects(sent, { name: 'TransportError', kind: 'timeout' }, url);
    }
  },
);
