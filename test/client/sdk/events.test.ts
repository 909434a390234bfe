/** Events over connections that end, break, fall silent or are none. */
import { mock } from 'node:test';
import t from 'tap';
import { connect, type Event } from '../../../client/sdk/index.ts';
import { thrown } from '../../fixtures/api-error.ts';
import {
  committed,
  deadAddress,
  fakeCoordinator,
  hang,
  html,
  json,
  problem,
  reset,
  type Answerer,
} from '../../fixtures/fake-coordinator.ts';

/** Never waits longer than it must. */
const random = () => 0;

const block = (id: string, data: object) => `id: ${id}\ndata: ${JSON.stringify(data)}\n\n`;

const connected = (id: string) => block(id, { type: 'connected', store: 'k3f9q2ma', epoch: 1 });

const ended = (n: number) =>
  block(`k3f9q2ma-${n}`, { type: 'ended', id: `k3f9q2ma-1-${n}`, at: committed.createdAt });

/** Streams these texts, and then ends, or goes on for ever. */
const stream =
  (texts: readonly string[], end = true): Answerer =>
  (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    for (const text of texts) response.write(text);
    if (end) response.end();
  };

/** Streams one event and breaks the connection. */
const torn =
  (text: string): Answerer =>
  (request, response) => {
    stream([text, 'id: k3f9q2ma-9\ndata: {"ty'], false)(request, response);
    setImmediate(() => request.socket.destroy());
  };

/** Reads so many events, then breaks off. */
async function first(count: number, events: AsyncIterable<Event>): Promise<Event[]> {
  const found: Event[] = [];
  for await (const event of events) if (found.push(event) === count) break;
  return found;
}

const ids = (events: Event[]) => events.map(({ type, eventId }) => `${type} ${eventId}`);

void t.test('events come each once, over as many connections as it takes', async (t) => {
  const busy = problem('overloaded', 'Overloaded', { retryable: true });
  const { url, seen } = await fakeCoordinator(
    t,
    stream([connected('k3f9q2ma-0'), ':\n\n', ended(1)]),
    torn(connected('k3f9q2ma-1') + ended(2)),
    reset,
    json(503, busy),
    html(502),
    stream([connected('k3f9q2ma-2'), ended(3)], false),
  );
  const events = await first(6, connect(url, { key: 'secret', random }).events());
  t.strictSame(ids(events), [
    'connected k3f9q2ma-0',
    'ended k3f9q2ma-1',
    'connected k3f9q2ma-1',
    'ended k3f9q2ma-2',
    'connected k3f9q2ma-2',
    'ended k3f9q2ma-3',
  ]);
  t.match(seen[0], { url: '/events', authorization: 'Bearer secret' });
  t.strictSame(
    seen.map(({ lastEventId }) => lastEventId),
    ['', 'k3f9q2ma-1', 'k3f9q2ma-2', 'k3f9q2ma-2', 'k3f9q2ma-2', 'k3f9q2ma-2'],
  );
});

void t.test('a client that comes back says where it was', async (t) => {
  const { url, seen } = await fakeCoordinator(t, stream([ended(8)], false));
  t.strictSame(ids(await first(1, connect(url).events({ after: 'k3f9q2ma-7' }))), [
    'ended k3f9q2ma-8',
  ]);
  t.equal(seen[0]?.lastEventId, 'k3f9q2ma-7');
});

void t.test('events of types that are not known yet are passed over', async (t) => {
  const unknown = block('k3f9q2ma-1', { type: 'cancelled', id: 'x' });
  const { url } = await fakeCoordinator(t, stream([unknown, ended(2)], false));
  t.strictSame(ids(await first(1, connect(url).events())), ['ended k3f9q2ma-2']);
});

void t.test('a first connection that fails is an error, at once', async (t) => {
  const wrongKey = problem('unauthenticated', 'Unauthenticated', { status: 401 });
  const stopping = problem('shutting-down', 'Shutting down', { retryable: true });
  const cases = [
    [json(401, wrongKey), 'unauthenticated'],
    [json(503, stopping), 'shutting-down'],
    [html(200), 'not-unanimous'],
    [html(404), 'not-unanimous'],
    [json(200, committed), 'not-unanimous'],
    [reset, 'unreachable'],
  ] as const;
  for (const [answer, code] of cases) {
    const { url, seen } = await fakeCoordinator(t, answer);
    t.match(await thrown(first(1, connect(url).events())), { code });
    t.equal(seen.length, 1);
  }
  const nobody = await deadAddress();
  t.match(await thrown(first(1, connect(nobody).events())), { code: 'unreachable' });
  const silent = await fakeCoordinator(t, hang);
  const late = connect(silent.url, { timeoutMs: 50 }).events();
  t.match(await thrown(first(1, late)), { code: 'timeout' });
});

void t.test('a later connection that says trying is no use ends it', async (t) => {
  const wrongKey = problem('unauthenticated', 'Unauthenticated', { status: 401 });
  const cases = [
    [json(401, wrongKey), 'unauthenticated'],
    [html(404), 'not-unanimous'],
    [stream([block('k3f9q2ma-1', { type: 'ended' })]), 'not-unanimous'],
    [stream([block('k3f9q2ma-1', ['ended'])]), 'not-unanimous'],
    [stream(['data: {"type":"ended","id":"x","at":"y"}\n\n']), 'not-unanimous'],
  ] as const;
  const check = async ([answer, code]: (typeof cases)[number]) => {
    const { url } = await fakeCoordinator(t, stream([connected('k3f9q2ma-0')]), answer);
    const events = connect(url, { random }).events();
    t.match(await thrown(first(2, events)), { code });
  };
  await Promise.all(cases.map(check));
});

void t.test('an event without an end is cut off', async (t) => {
  const { url } = await fakeCoordinator(t, (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: ');
    const pour = () => {
      while (!response.destroyed && response.write('x'.repeat(1024 * 1024)));
    };
    response.on('drain', pour);
    pour();
  });
  const error = await thrown(first(1, connect(url).events()));
  t.match(error, { code: 'not-unanimous', message: /an event without an end/ });
});

void t.test('a connection that says nothing for 45 s is dead; a heartbeat is enough', async (t) => {
  const controllers: ReadableStreamDefaultController<Uint8Array>[] = [];
  const requests: Request[] = [];
  const say = (text: string) => controllers.at(-1)?.enqueue(new TextEncoder().encode(text));
  const silent: typeof fetch = (request) => {
    requests.push(request as Request);
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => void controllers.push(controller),
    });
    const headers = { 'content-type': 'text/event-stream' };
    return Promise.resolve(new Response(body, { headers }));
  };
  const quiet = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
  const pass = async (ms: number) => {
    mock.timers.tick(ms);
    await quiet();
  };
  const events = connect('http://coordinator.test', { fetch: silent, random }).events();
  const reading = events[Symbol.asyncIterator]();
  const opening = reading.next();
  await quiet();
  say(connected('k3f9q2ma-4'));
  t.match(await opening, { value: { type: 'connected' } });
  const next = reading.next();
  await quiet();
  await pass(44_000);
  say(':\n\n');
  await quiet();
  await pass(44_000);
  t.equal(requests.length, 1, 'the heartbeat was heard');
  await pass(1_000);
  await pass(1_000);
  t.equal(requests.length, 2, 'it is dead, and there is a new one');
  t.equal(requests[1]?.headers.get('last-event-id'), 'k3f9q2ma-4');
  say(ended(5));
  t.match(await next, { value: { type: 'ended' } });
});

void t.test('an abort ends it with its reason, wherever it comes', async (t) => {
  const reason = new Error('enough');
  const early = await fakeCoordinator(t, hang);
  const aborted = AbortSignal.abort(reason);
  await t.rejects(first(1, connect(early.url).events({ signal: aborted })), reason);
  t.equal(early.seen.length, 0);
  const opening = new AbortController();
  const silent = await fakeCoordinator(t, () => {
    opening.abort(reason);
  });
  await t.rejects(first(1, connect(silent.url).events(opening)), reason);
  for (const end of [true, false]) {
    const { url, seen } = await fakeCoordinator(t, stream([connected('k3f9q2ma-0')], end));
    const ending = new AbortController();
    const events = connect(url, { random }).events(ending)[Symbol.asyncIterator]();
    await events.next();
    const next = events.next();
    setImmediate(() => {
      ending.abort(reason);
    });
    await t.rejects(next, reason, end ? 'between two connections' : 'while it waits for news');
    t.equal(seen.length, 1);
  }
  const busy = new AbortController();
  const { url } = await fakeCoordinator(t, stream([connected('k3f9q2ma-0') + ended(1)], false));
  const handling = async () => {
    for await (const { type } of connect(url).events(busy)) {
      t.equal(type, 'connected', 'what is buffered does not come any more');
      busy.abort(reason);
    }
  };
  await t.rejects(handling(), reason);
});

void t.test('whoever stops reading leaves no connection behind', async (t) => {
  let closed: () => void = () => undefined;
  const closing = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const { url } = await fakeCoordinator(t, (request, response) => {
    response.on('close', closed);
    stream([connected('k3f9q2ma-0')], false)(request, response);
  });
  await first(1, connect(url).events());
  await closing;
  t.pass('the node was told');
});
