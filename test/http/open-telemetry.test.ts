import t from 'tap';
import { nodeSettings } from '../../http/node-settings.ts';
import { readSettings, type SettingsSchema } from '../../http/settings.ts';
import { openSpans, type Span, type Spans, type SpansOptions } from '../../http/spans.ts';
import { systemClock } from '../../log/clock.ts';
import { startCollector } from '../fixtures/collector.ts';
import { deadAddress } from '../fixtures/fake-coordinator.ts';
import { VirtualClock } from '../fixtures/virtual-clock.ts';

const service = 'unanimous-test';

async function open(endpoint: string, more: Partial<SpansOptions> = {}) {
  const warnings: { details: object; message: string }[] = [];
  const spans = await openSpans({
    ...{ endpoint, sample: 1, service, instance: 'k3f9q2ma', clock: systemClock },
    logger: { warn: (details, message) => void warnings.push({ details, message }) },
    ...more,
  });
  if (!spans) throw new Error('there is an endpoint');
  return { spans, warnings };
}

const spanOf = (spans: Spans, more: Partial<Span> = {}): Span => ({
  ...{ name: 'decide', kind: 'internal', context: spans.begin(undefined), parentId: undefined },
  ...{ startMs: spans.now(), endMs: spans.now() + 1.5, attributes: {}, ...more },
});

/** As many as go into one request. */
const batch = 512;

void t.test('without an endpoint there are no spans', async (t) => {
  const logger = { warn: () => undefined };
  const options = { sample: 1, service, instance: '', clock: systemClock, logger };
  t.equal(await openSpans({ endpoint: undefined, ...options }), undefined);
});

void t.test('an endpoint has a host, and neither user, query nor fragment', async (t) => {
  const { otlpEndpoint } = nodeSettings;
  const schema: SettingsSchema<{ otlpEndpoint: string }> = { properties: { otlpEndpoint } };
  const read = (text: string) => readSettings(schema, { otlpEndpoint: text }, {});
  for (const text of ['http://127.0.0.1:4318', 'https://otlp.example/a/', 'http://[::1]:4318']) {
    t.strictSame(read(text), { settings: { otlpEndpoint: text } });
  }
  const bad = ['', 'http://', '127.0.0.1:4318', 'ftp://a', 'http://u:p@a', 'http://a/u:p@b'];
  for (const text of [...bad, 'http://a?b', 'http://a/?b', 'http://a/#b', 'http://a/ b']) {
    t.match(read(text), {
      errors: [/^--otlp-endpoint: ".*" must be an http or https URL without/],
    });
  }
});

void t.test('an endpoint that is no URL is refused by its name', async (t) => {
  const message = /--otlp-endpoint: "http:\/\/a:99999" must be a URL, such as http:/;
  await t.rejects(open('http://a:99999'), { name: 'SettingsError', message });
});

void t.test('a span arrives as it was, at the time of the wall clock', async (t) => {
  const collector = await startCollector(t);
  const { spans, warnings } = await open(`${collector.endpoint}/`);
  const parent = spans.begin(undefined);
  const context = spans.begin(parent);
  t.equal(context.traceId, parent.traceId);
  const said = { attributes: { 'unanimous.vote': 'no', 'unanimous.attempts': 2 } };
  spans.add(spanOf(spans, { context, parentId: parent.spanId, kind: 'client', ...said }));
  spans.add(spanOf(spans, { name: 'transfer', context: parent, error: 'vote-timeout' }));
  await spans.close();
  t.strictSame(collector.requests, ['POST /v1/traces'], 'in one request');
  const [one, root] = collector.spans;
  const { traceId, spanId } = context;
  t.match(one, { service, name: 'decide', kind: 3, traceId, spanId, parentSpanId: parent.spanId });
  t.strictSame(one?.attributes, [
    { key: 'unanimous.vote', value: { stringValue: 'no' } },
    { key: 'unanimous.attempts', value: { intValue: 2 } },
  ]);
  t.strictSame(one?.status, { code: 0 });
  t.match(root, { name: 'transfer', status: { code: 2, message: 'vote-timeout' } });
  t.notOk(root && 'parentSpanId' in root, 'it begins its trace');
  const [start, end] = [Number(one?.startTimeUnixNano), Number(one?.endTimeUnixNano)];
  t.ok(Math.abs(start / 1e6 - Date.now()) < 60_000, 'now');
  t.ok(Math.abs((end - start) / 1e6 - 1.5) < 0.1, 'for 1.5 ms');
  t.strictSame(warnings, []);
});

void t.test('a wall clock that is set is followed', async (t) => {
  const collector = await startCollector(t);
  const clock = new VirtualClock();
  const { spans } = await open(collector.endpoint, { clock });
  spans.add(spanOf(spans));
  clock.jumpWall(3_600_000);
  spans.add(spanOf(spans));
  await spans.close();
  const starts = collector.spans.map(({ startTimeUnixNano }) => Number(startTimeUnixNano) / 1e6);
  const first = Date.UTC(2026, 0, 1);
  t.strictSame(starts, [first, first + 3_600_000]);
});

void t.test('traces that begin here are sampled, others as their parents', async (t) => {
  const collector = await startCollector(t);
  const { spans } = await open(collector.endpoint, { sample: 0 });
  const own = spans.begin(undefined);
  t.equal(own.sampled, false);
  t.equal(spans.begin({ ...own, sampled: true }).sampled, true);
  await spans.close();
  const half = await open(collector.endpoint, { sample: 0.5 });
  const kept = Array.from({ length: 400 }, () => half.spans.begin(undefined)).filter(
    ({ sampled }) => sampled,
  );
  t.ok(kept.length > 100 && kept.length < 300, `${kept.length} of 400`);
  t.equal(new Set(kept.map(({ traceId }) => traceId)).size, kept.length, 'ids of their own');
  await half.spans.close();
});

void t.test('a collector that refuses is told of once, until it takes spans again', async (t) => {
  const collector = await startCollector(t);
  const { spans, warnings } = await open(collector.endpoint);
  /** Adds a whole batch, which is sent at once. */
  const sendBatch = async (status: number) => {
    const answered = new Promise<void>((resolve) => {
      collector.answer = () => {
        setImmediate(resolve);
        return Promise.resolve(status);
      };
    });
    for (let n = 0; n < batch; n += 1) spans.add(spanOf(spans));
    await answered;
  };
  await sendBatch(400);
  await sendBatch(400);
  await sendBatch(400);
  await sendBatch(200);
  await sendBatch(400);
  await spans.close();
  t.equal(collector.requests.length, 5);
  t.equal(warnings.length, 2);
  for (const { details, message } of warnings) {
    t.match(details, { endpoint: collector.endpoint, reason: 'Bad Request' });
    t.match(message, 'spans are lost, and this is said once');
  }
});

void t.test('without a collector, spans are lost, once said and within limits', async (t) => {
  const { spans, warnings } = await open(await deadAddress());
  for (let n = 0; n < 3 * batch; n += 1) spans.add(spanOf(spans));
  await spans.close();
  t.equal(warnings.length, 1);
  t.match(warnings[0]?.details, { reason: /ECONNREFUSED/ });
});

void t.test('what a slow collector cannot keep up with is dropped', async (t) => {
  const collector = await startCollector(t);
  let release: (status: number) => void = () => undefined;
  collector.answer = () => new Promise((resolve) => (release = resolve));
  const { spans } = await open(collector.endpoint, { clock: new VirtualClock() });
  const one = spanOf(spans);
  for (let n = 0; n < 12_000; n += 1) spans.add(one);
  // The first batch is with the collector; the queue is full behind it.
  while (collector.requests.length === 0) await new Promise((next) => setImmediate(next));
  collector.answer = () => Promise.resolve(200);
  release(200);
  await spans.close();
  t.ok(collector.spans.length <= batch + 8_192, `${collector.spans.length} of 12 000`);
  t.ok(collector.spans.length > batch, 'the queue is sent');
});

void t.test('a collector that never answers does not keep a node from stopping', async (t) => {
  const collector = await startCollector(t);
  collector.answer = () => new Promise(() => undefined);
  const clock = new VirtualClock();
  const { spans } = await open(collector.endpoint, { clock });
  spans.add(spanOf(spans));
  const closed = spans.close();
  while (collector.requests.length === 0) await new Promise((next) => setImmediate(next));
  t.equal(clock.nextDue, 2_500);
  clock.advance(2_500);
  await closed;
  t.equal(clock.waiting, 0);
});
