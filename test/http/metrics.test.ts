import t from 'tap';
import { NodeMetrics } from '../../http/metrics.ts';
import { problem, type Answer } from '../../http/problems.ts';
import { checkReply } from '../fixtures/contract.ts';
import { fakeNode } from '../fixtures/fake-node.ts';
import { Scrape } from '../fixtures/scrape.ts';

const requests = 'unanimous_http_requests_total';

void t.test('requests are counted by operation and status, whatever answers them', async (t) => {
  const { app, keys } = await fakeNode(t, 'participant', {
    loopback: false,
    handlers: { listBranches: () => Promise.resolve(problem('not-ready')) },
  });
  const headers = { authorization: `Bearer ${keys.client}` };
  await app.inject({ url: '/accounts', headers });
  await app.inject({ url: '/accounts?limit=0', headers });
  await app.inject({ url: '/accounts' });
  await app.inject({ method: 'HEAD', url: '/accounts', headers });
  await app.inject({ url: '/branches', headers });
  await app.inject('/health/live');
  await app.inject('/nothing');
  await app.inject('/openapi.json');
  const reply = await app.inject({ url: '/metrics', headers });
  checkReply(t, 'participant', 'getMetrics', reply);
  const seen = new Scrape(reply.body);
  t.strictSame(seen.counts(requests), {
    'listAccounts 200': 2,
    'listAccounts 400': 1,
    'listAccounts 401': 1,
    'listBranches 503': 1,
    'checkLive 200': 1,
    'none 404': 1,
    'none 200': 1,
  });
  const durations = 'unanimous_http_request_duration_seconds_count';
  t.equal(seen.value(durations, { operation: 'listAccounts' }), 4);
  t.strictSame(seen.counts('unanimous_http_refusals_total'), { 'not-ready': 1 });
  const again = new Scrape((await app.inject({ url: '/metrics', headers })).body);
  t.equal(again.value(requests, { operation: 'getMetrics', status: '200' }), 1);
});

void t.test('a path or code from outside makes no series of its own', async (t) => {
  const { app } = await fakeNode(t, 'coordinator');
  const series = async () => new Scrape((await app.inject('/metrics')).body).samples.length;
  await app.inject('/transfers/a-1-1');
  await app.inject('/nothing/1');
  await series();
  const before = await series();
  for (let number = 2; number < 50; number += 1) {
    await app.inject(`/transfers/a-1-${number}`);
    await app.inject(`/nothing/${number}`);
  }
  t.equal(await series(), before);
});

void t.test('a node is as ready as it says, and one that cannot say is not', async (t) => {
  let answer: () => Promise<Answer> = () => Promise.resolve({ status: 200, body: {} });
  const { app } = await fakeNode(t, 'participant', { handlers: { checkReady: () => answer() } });
  const ready = async () => {
    return new Scrape((await app.inject('/metrics')).body).value('unanimous_ready');
  };
  t.equal(await ready(), 1);
  answer = () => Promise.resolve(problem('not-ready'));
  t.equal(await ready(), 0);
  answer = () => new Promise(() => undefined);
  t.equal(await ready(), 0, 'and nobody waits for it for long');
});

void t.test('two nodes in a process count each for itself', async (t) => {
  const [one, other] = [new NodeMetrics(), new NodeMetrics()];
  one.answered('checkLive', 200, 5);
  const seen = new Scrape(await one.registry.metrics());
  t.strictSame(seen.counts(requests), { 'checkLive 200': 1 });
  t.strictSame(new Scrape(await other.registry.metrics()).counts(requests), {});
});

void t.test('a node tells what runs in it, and how its process does', async (t) => {
  const metrics = new NodeMetrics();
  metrics.watchProcess('participant', 'v20.19.0');
  const seen = new Scrape(await metrics.registry.metrics());
  t.equal(seen.value('unanimous_build_info', { role: 'participant', node_version: 'v20.19.0' }), 1);
  for (const name of ['process_cpu_seconds_total', 'nodejs_heap_size_used_bytes']) {
    t.ok(seen.value(name) > 0, name);
  }
  t.ok(seen.types.has('nodejs_eventloop_lag_p99_seconds'));
  t.ok(seen.types.has('nodejs_gc_duration_seconds'));
});

void t.test('names keep the conventions: our prefix, base units, words of help', async (t) => {
  const { app } = await fakeNode(t, 'coordinator');
  const { types, help } = new Scrape((await app.inject('/metrics')).body);
  t.ok(types.size > 0);
  for (const [name, type] of types) {
    t.match(name, /^unanimous_[a-z_]+$/);
    t.equal(name.endsWith('_total'), type === 'counter', `${name} is a ${type}`);
    t.notMatch(name, /_(ms|milliseconds|kb|minutes)$/);
    t.match(help.get(name), /\.$/, `${name} is explained`);
  }
});
