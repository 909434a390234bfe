import t, { type Test } from 'tap';
import type { Span } from '../../http/spans.ts';
import type { Transfer } from '../../coordinator/protocol.ts';
import { KeptSpans } from '../fixtures/kept-spans.ts';
import {
  coordinatorNode,
  id,
  lost,
  never,
  openAccount,
  order,
  settleAll,
  startCluster,
  transfersOf,
  World,
} from '../fixtures/nodes.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const clientSpan = '00f067aa0ba902b7';
const traceparent = `00-${traceId}-${clientSpan}-01`;
const headers = { traceparent };

/** A cluster whose spans are kept. */
async function traced(t: Test) {
  const world = new World();
  const spans = new KeptSpans(world.clock);
  world.spans = spans;
  const cluster = await startCluster(t, {}, world);
  return { spans, ...cluster };
}

/** The `traceparent` of each item that is sent, by node and message. */
function noteItems(world: World) {
  const items = new Map<string, (string | undefined)[]>();
  const { hook } = world;
  world.hook = (wire) => {
    const { transfers = [] } = (wire.request.body ?? {}) as Batch;
    const known = items.get(`${wire.to} ${wire.kind}`) ?? [];
    known.push(...transfers.map((item) => item.traceparent));
    if (transfers.length > 0) items.set(`${wire.to} ${wire.kind}`, known);
    return hook(wire);
  };
  return items;
}

interface Batch {
  transfers?: { traceparent?: string }[];
}

/** Each span lies in the one that it is a part of. */
function checkNesting(t: Test, all: readonly Span[]) {
  for (const span of all) {
    t.ok(span.startMs <= span.endMs, `${span.name} ends after it starts`);
    t.equal(span.context.traceId, all[0]?.context.traceId, `${span.name} is of the same trace`);
    const parent = all.find(({ context }) => context.spanId === span.parentId);
    if (!parent) continue;
    t.ok(parent.startMs <= span.startMs, `${span.name} starts in ${parent.name}`);
    t.ok(parent.endMs >= span.endMs, `${span.name} ends in ${parent.name}`);
  }
}

void t.test('a committed transfer is one tree under the span of its client', async (t) => {
  const { world, spans, coordinator, a, b } = await traced(t);
  world.hook = async (wire) => {
    await new Promise<void>((resolve) => world.clock.after(3, resolve));
    return wire.forward();
  };
  const body = { ...order, reference: 'invoice-7', metadata: { order: 'number-1009' } };
  const key = 'key-of-the-client';
  await coordinator.call('createTransfer', {
    body,
    headers: { ...headers, 'idempotency-key': key },
  });
  await settleAll(t, world, coordinator, [a, b]);
  t.strictSame(spans.lineages, [
    'commit < commit bank-a < transfer < client',
    'commit < commit bank-b < transfer < client',
    'commit bank-a < transfer < client',
    'commit bank-b < transfer < client',
    'committed < commit < commit bank-a < transfer < client',
    'committed < commit < commit bank-b < transfer < client',
    'decide < transfer < client',
    'prepare bank-a < transfer < client',
    'prepare bank-b < transfer < client',
    'prepared < vote < prepare bank-a < transfer < client',
    'prepared < vote < prepare bank-b < transfer < client',
    'transfer < client',
    'vote < prepare bank-a < transfer < client',
    'vote < prepare bank-b < transfer < client',
  ]);
  checkNesting(t, spans.all);
  const root = spans.one('transfer');
  t.match(root, { kind: 'server', parentId: clientSpan, context: { traceId, sampled: true } });
  t.strictSame(root.attributes, {
    'unanimous.transfer.id': id,
    'unanimous.outcome': 'committed',
  });
  t.equal(root.error, undefined);
  t.match(spans.one('prepare bank-a'), {
    kind: 'client',
    attributes: { 'unanimous.participant': 'bank-a', 'unanimous.vote': 'yes' },
  });
  t.equal(spans.one('prepare bank-a').endMs - spans.one('prepare bank-a').startMs, 3);
  t.equal(new Set(spans.all.map(({ context }) => context.spanId)).size, spans.all.length);
  const said = JSON.stringify(spans.all);
  for (const secret of ['alice', 'bob', 'invoice-7', '1009', key, '2500', 'USD']) {
    t.notMatch(said, secret, `no span tells ${secret}`);
  }
});

void t.test('nothing of a trace is on record, or tells one request from another', async (t) => {
  const { world, coordinator, a, b } = await traced(t);
  const keyed = (more: object) =>
    coordinator.call('createTransfer', {
      body: order,
      headers: { 'idempotency-key': 'once', ...more },
    });
  t.equal((await keyed(headers)).statusCode, 201);
  const again = await keyed({ traceparent: traceparent.replace('4bf', '4bc') });
  t.match(again.headers, { 'idempotent-replayed': 'true' });
  await settleAll(t, world, coordinator, [a, b]);
  const transfers: Transfer[] = [...(await transfersOf(coordinator)).values()];
  const branches = await Promise.all([a, b].map(({ participant }) => participant.branch(id)));
  t.ok(transfers.length === 1 && branches.every((branch) => branch));
  const kept = JSON.stringify([transfers, branches]);
  t.notMatch(kept, /traceparent|4bf92f35|00f067aa/);
});

void t.test('an abort is an outcome, and no error', async (t) => {
  const { world, spans, coordinator, a, b } = await traced(t);
  const body = { ...order, amount: 999_999_999 };
  t.equal((await coordinator.call('createTransfer', { body, headers })).statusCode, 422);
  await settleAll(t, world, coordinator, [a, b]);
  checkNesting(t, spans.all);
  t.strictSame(spans.lineages, [
    'abort < abort bank-b < transfer < client',
    'abort bank-b < transfer < client',
    'decide < transfer < client',
    'prepare bank-a < transfer < client',
    'prepare bank-b < transfer < client',
    'prepared < vote < prepare bank-b < transfer < client',
    'transfer < client',
    'vote < prepare bank-a < transfer < client',
    'vote < prepare bank-b < transfer < client',
  ]);
  t.strictSame(spans.one('transfer').attributes, {
    'unanimous.transfer.id': id,
    'unanimous.outcome': 'aborted',
    'unanimous.reason': 'insufficient-funds',
  });
  t.match(spans.one('prepare bank-a').attributes, { 'unanimous.vote': 'no' });
  t.ok(spans.all.every(({ error }) => error === undefined));
  t.notMatch(JSON.stringify(spans.all), 'alice', 'nor whose account was the reason');
});

void t.test('a vote that never came is an error, and all attempts are one span', async (t) => {
  const { world, spans, coordinator, a, b } = await traced(t);
  world.hook = (wire) => (wire.to === 'bank-b' ? lost() : wire.forward());
  const items = noteItems(world);
  const { statusCode } = await coordinator.call('createTransfer', { body: order, headers });
  t.equal(statusCode, 422);
  const late = spans.one('prepare bank-b');
  t.match(late, { error: 'no vote in time', attributes: { 'unanimous.vote': 'none' } });
  t.ok(Number(late.attributes['unanimous.attempts']) > 1);
  t.equal(new Set(items.get('bank-b prepare')).size, 1, 'each attempt says the same');
  t.equal(late.endMs - late.startMs, 5_000);
  t.equal(spans.one('prepare bank-a').error, undefined);
  t.ok(spans.one('decide'), 'what is decided is shown before everyone has heard it');
  t.throws(() => spans.one('transfer'), 'it has not ended');
  await settleAll(t, world, coordinator, [a, b]);
  t.match(spans.one('transfer'), {
    error: 'vote-timeout',
    attributes: { 'unanimous.reason': 'vote-timeout' },
  });
  checkNesting(t, spans.all);
});

void t.test('a transfer inside one participant has one exchange', async (t) => {
  const { world, spans, coordinator, a, b } = await traced(t);
  await openAccount(a, 'carol');
  const body = { ...order, to: 'bank-a/carol' };
  t.equal((await coordinator.call('createTransfer', { body, headers })).statusCode, 201);
  await settleAll(t, world, coordinator, [a, b]);
  t.strictSame(spans.lineages, [
    'commit-one-phase < commit-one-phase bank-a < transfer < client',
    'commit-one-phase bank-a < transfer < client',
    'committed < commit-one-phase < commit-one-phase bank-a < transfer < client',
    'decide < transfer < client',
    'transfer < client',
  ]);
  checkNesting(t, spans.all);
});

void t.test('the abort that asks what became of a transfer is a part of it', async (t) => {
  const { world, spans, coordinator, a, b } = await traced(t);
  await openAccount(a, 'carol');
  world.hook = (wire) => (wire.kind === 'commit-one-phase' ? never() : wire.forward());
  const body = { ...order, to: 'bank-a/carol' };
  t.equal((await coordinator.call('createTransfer', { body, headers })).statusCode, 422);
  await settleAll(t, world, coordinator, [a, b]);
  t.strictSame(spans.lineages, [
    'abort < transfer < client',
    'aborted < abort < transfer < client',
    'commit-one-phase bank-a < transfer < client',
    'decide < transfer < client',
    'transfer < client',
  ]);
  checkNesting(t, spans.all);
});

void t.test('every way to ask for a transfer takes the trace', async (t) => {
  const { world, spans, coordinator, a, b } = await traced(t);
  const transfers = [order, order, { ...order, amount: 999_999_999 }];
  await coordinator.call('createTransfers', { body: { transfers }, headers });
  await coordinator.call('reverseTransfer', { params: { id }, body: {}, headers });
  await settleAll(t, world, coordinator, [a, b]);
  const roots = spans.all.filter(({ name }) => name === 'transfer');
  t.equal(roots.length, 4);
  for (const { parentId, context } of roots) {
    t.strictSame([parentId, context.traceId], [clientSpan, traceId]);
  }
});

void t.test('without a trace, or with a malformed one, a new one begins', async (t) => {
  const { world, spans, coordinator, a, b } = await traced(t);
  for (const more of [{}, { traceparent: `${traceparent}-more` }, { traceparent: 'garbage' }]) {
    const reply = await coordinator.call('createTransfer', { body: order, headers: more });
    t.equal(reply.statusCode, 201);
  }
  await settleAll(t, world, coordinator, [a, b]);
  const roots = spans.all.filter(({ name }) => name === 'transfer');
  t.strictSame(
    roots.map(({ parentId }) => parentId),
    [undefined, undefined, undefined],
  );
  t.equal(new Set([traceId, ...roots.map(({ context }) => context.traceId)]).size, 4);
});

void t.test('what is not sampled has no spans anywhere', async (t) => {
  const { world, spans, coordinator, a, b } = await traced(t);
  const items = noteItems(world);
  const unsampled = traceparent.replace(/01$/, '00');
  await coordinator.call('createTransfer', {
    body: order,
    headers: { traceparent: unsampled },
  });
  t.strictSame(items.get('bank-a prepare'), [unsampled], 'the participants are told so');
  spans.sampled = false;
  await coordinator.call('createTransfer', { body: order });
  t.strictSame(items.get('bank-a prepare'), [unsampled, undefined]);
  await settleAll(t, world, coordinator, [a, b]);
  t.strictSame(spans.all, []);
});

void t.test('a coordinator without spans passes a trace on, and only what is one', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  await openAccount(a, 'carol');
  const items = noteItems(world);
  await coordinator.call('createTransfer', { body: order, headers });
  const refused = { ...order, amount: 999_999_999 };
  await coordinator.call('createTransfer', { body: refused, headers });
  const inside = { ...order, to: 'bank-a/carol' };
  await coordinator.call('createTransfer', { body: inside, headers });
  await coordinator.call('createTransfer', { body: order, headers: { traceparent: 'garbage' } });
  await settleAll(t, world, coordinator, [a, b]);
  t.strictSame(Object.fromEntries(items), {
    'bank-a prepare': [traceparent, traceparent, undefined],
    'bank-b prepare': [traceparent, traceparent, undefined],
    'bank-a commit': [traceparent, undefined],
    'bank-b commit': [traceparent, undefined],
    'bank-b abort': [traceparent],
    'bank-a commit-one-phase': [traceparent],
  });
});

void t.test('the trace of a transfer ends with the run that has begun it', async (t) => {
  const { world, spans, coordinator, a, b } = await traced(t);
  world.hook = (wire) => (wire.kind === 'commit' ? never() : wire.forward());
  void coordinator.start('createTransfer', { body: order, headers });
  await world.pass(100);
  t.ok(spans.one('decide'));
  const before = spans.all.length;
  const later = await coordinatorNode(t, world, { disk: coordinator.crash() });
  world.hook = (wire) => wire.forward();
  const items = noteItems(world);
  await world.until(() => later.coordinator.state.active.size === 0);
  t.strictSame(items.get('bank-a commit'), [undefined]);
  t.equal(spans.all.length, before);
  await settleAll(t, world, later, [a, b]);
  t.equal((await later.coordinator.find(id))?.decided?.state, 'committed');
});
