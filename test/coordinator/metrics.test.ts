import t from 'tap';
import {
  back,
  lost,
  never,
  order,
  settleAll,
  startCluster,
  stateAt,
  type TestNode,
} from '../fixtures/nodes.ts';
import { Scrape } from '../fixtures/scrape.ts';

async function scrape(node: TestNode): Promise<Scrape> {
  const reply = await node.call('getMetrics');
  node.t.equal(reply.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  return new Scrape(reply.body);
}

const tooMuch = { ...order, amount: 99_999_999 };

void t.test('transfers are counted by outcome and reason, votes by kind and code', async (t) => {
  const { coordinator, a, b } = await startCluster(t);
  for (let made = 0; made < 3; made += 1) await coordinator.call('createTransfer', { body: order });
  await coordinator.call('createTransfer', { body: tooMuch });
  const seen = await scrape(coordinator);
  t.strictSame(seen.counts('unanimous_transfers_total'), {
    committed: 3,
    'aborted insufficient-funds': 1,
  });
  t.equal(seen.value('unanimous_transfers_total', { reason: 'vote-timeout' }), 0, 'from the start');
  t.strictSame((await scrape(a)).counts('unanimous_votes_total'), {
    yes: 3,
    'no insufficient-funds': 1,
  });
  t.strictSame((await scrape(b)).counts('unanimous_votes_total'), { yes: 4 });
  for (const node of [a, b]) {
    const outcomes = (await scrape(node)).counts('unanimous_outcomes_total');
    t.strictSame(outcomes, { committed: 3, aborted: 1 });
  }
});

void t.test('each phase is measured once for each transfer that goes through it', async (t) => {
  const { world, coordinator } = await startCluster(t);
  world.hook = async (wire) => {
    const ms = { prepare: 20, commit: 300 }[wire.kind];
    if (ms !== undefined) await new Promise<void>((resolve) => world.clock.after(ms, resolve));
    return wire.forward();
  };
  await coordinator.call('createTransfer', { body: order });
  const { from, amount, currency } = order;
  const inside = { from, to: 'bank-a/alice-2', amount, currency };
  await coordinator.call('createTransfer', { body: inside });
  const seen = await scrape(coordinator);
  const phases = ['votes_', 'decision_', 'acknowledgement_', ''];
  const of = (what: 'count' | 'sum', outcome: string) =>
    phases.map((phase) => {
      return seen.value(`unanimous_transfer_${phase}duration_seconds_${what}`, { outcome });
    });
  t.strictSame(of('count', 'committed'), [1, 1, 1, 1]);
  t.strictSame(of('sum', 'committed'), [0.02, 0, 0.3, 0.32], 'in seconds');
  const alone = 'whoever decides alone has nothing to acknowledge';
  t.strictSame(of('count', 'aborted'), [1, 1, 0, 1], alone);
});

void t.test('what is in doubt is there while it is, with its age', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  world.hook = (wire) => {
    return wire.kind === 'commit' && wire.to === 'bank-b' ? never() : wire.forward();
  };
  const made = coordinator.start('createTransfer', { body: back, headers: { prefer: 'wait=0' } });
  await world.until(() => stateAt(a) === 'committed');
  await world.pass(90_000);
  await made;
  const seen = await scrape(coordinator);
  t.strictSame(seen.counts('unanimous_participant_in_doubt_transfers'), { 'bank-b': 1 });
  const oldest = 'unanimous_participant_in_doubt_oldest_seconds';
  t.ok(seen.value(oldest, { participant: 'bank-b' }) >= 90);
  t.equal(seen.value(oldest, { participant: 'bank-a' }), 0);
  t.equal(seen.value('unanimous_transfers_active'), 1);
  t.equal(seen.value('unanimous_transfers_undecided'), 0);
  await settleAll(t, world, coordinator, [a, b]);
  const after = await scrape(coordinator);
  t.strictSame(after.counts('unanimous_participant_in_doubt_transfers'), {});
  t.strictSame(after.counts(oldest), {});
  t.equal(after.value('unanimous_transfers_active'), 0);
});

void t.test('a participant that is away is down, and messages to it are retried', async (t) => {
  const { world, coordinator } = await startCluster(t);
  const up = async () => (await scrape(coordinator)).values('unanimous_participant_up');
  t.strictSame(await up(), [1, 1]);
  world.hook = (wire) => (wire.to === 'bank-b' ? lost() : wire.forward());
  const body = { ...order, timeoutMs: 300 };
  t.match((await coordinator.call('createTransfer', { body })).json(), { code: 'vote-timeout' });
  t.strictSame(await up(), [1, 0]);
  const refused = await coordinator.call('createTransfer', { body: order });
  t.match(refused.json(), { code: 'participant-unavailable' });
  const seen = await scrape(coordinator);
  t.strictSame(seen.counts('unanimous_transfers_total'), { 'aborted vote-timeout': 1 });
  t.match(Object.keys(seen.counts('unanimous_retries_total')), ['bank-b']);
  const code = 'participant-unavailable';
  t.strictSame(seen.counts('unanimous_transfers_refused_total'), { [code]: 1 });
  t.equal(seen.value('unanimous_http_refusals_total', { code }), 1);
  t.ok(seen.value('unanimous_batch_transfers_count', { message: 'prepare' }) >= 2);
});

void t.test('transfers of a bulk request that are refused count like others', async (t) => {
  const { coordinator } = await startCluster(t, { transfersUndecided: 1 });
  const transfers = [order, { ...order, to: 'bank-x/bob' }];
  await coordinator.call('createTransfers', { body: { transfers } });
  const seen = await scrape(coordinator);
  t.strictSame(seen.counts('unanimous_transfers_refused_total'), { 'unknown-participant': 1 });
});

void t.test('a transfer that is refused before its body is read counts as well', async (t) => {
  const { world, coordinator } = await startCluster(t, { transfersUndecided: 1 });
  world.hook = () => never();
  void coordinator.start('createTransfer', { body: order });
  await world.quiet();
  t.equal((await coordinator.call('createTransfer', { body: order })).statusCode, 503);
  const seen = await scrape(coordinator);
  t.strictSame(seen.counts('unanimous_transfers_refused_total'), { overloaded: 1 });
  t.equal(seen.value('unanimous_transfers_undecided'), 1);
  await world.pass(10_000);
});

void t.test('keys and streams are counted beside their limits', async (t) => {
  const { world, coordinator } = await startCluster(t, { idempotencyKeys: 4 });
  for (const key of ['one', 'two']) {
    await coordinator.call('createTransfer', { body: order, headers: { 'idempotency-key': key } });
  }
  const stream = coordinator.app.inject({ url: '/events', headers: { prefer: 'wait=5' } });
  await world.quiet();
  const seen = await scrape(coordinator);
  t.equal(seen.value('unanimous_idempotency_keys'), 2);
  t.equal(seen.value('unanimous_idempotency_keys_limit'), 4);
  t.equal(seen.value('unanimous_event_streams'), 1);
  await world.pass(6_000);
  await stream;
  t.equal((await scrape(coordinator)).value('unanimous_event_streams'), 0);
});
