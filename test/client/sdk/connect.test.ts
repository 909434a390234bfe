/** Every operation of the library against real nodes. */
import t from 'tap';
import { connect, connectParticipant } from '../../../client/sdk/index.ts';
import { thrown } from '../../fixtures/api-error.ts';
import { eventually, startCluster } from '../../fixtures/cluster.ts';

const cluster = await startCluster(t);
const payment = {
  from: 'bank-a/main',
  to: 'bank-b/main',
  amount: 2500,
  currency: 'USD',
} as const;

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

void t.test('an application makes transfers and reads all that they did', async (t) => {
  const unanimous = connect(cluster.coordinator.address, { key: cluster.keys.client });
  t.match(await unanimous.live(), { status: 'live' });
  t.match(await unanimous.ready(), { status: 'ready', role: 'coordinator' });
  t.match(await unanimous.problem('vote-timeout'), { code: 'vote-timeout', status: 422 });
  const back = { ...payment, from: payment.to, to: payment.from };

  const first = await unanimous.transfer({ ...payment, reference: 'r1', metadata: { order: '7' } });
  if (first.state !== 'committed') throw new Error(`it is ${first.state}`);
  t.match(first, { applied: true, replayed: false, reference: 'r1', metadata: { order: '7' } });
  const { idempotencyKey, replayed, ...transfer } = first;
  t.equal(replayed, false);
  t.strictSame(await unanimous.getTransfer(first.id), transfer);
  const again = { ...payment, reference: 'r1', metadata: { order: '7' } };
  t.match(await unanimous.transfer(again, { idempotencyKey }), { id: first.id, replayed: true });

  const legs = [payment, { ...back, amount: 25 }];
  const multi = await unanimous.transfer({ legs }, { waitSeconds: 5 });
  t.match(multi, { state: 'committed', legs, applied: true });

  const tooMuch = await unanimous.transfer({ ...payment, amount: 10_000_000 });
  t.match(tooMuch, {
    state: 'aborted',
    code: 'insufficient-funds',
    title: 'Insufficient funds',
    retryable: false,
    participants: [{ name: 'bank-a', vote: 'no' }, { name: 'bank-b' }],
    errors: [{ pointer: '/from' }],
  });

  const early = await unanimous.transfer(back, { respondAsync: true });
  if (early.state === 'aborted' || early.state === 'unknown') throw new Error(early.state);
  const settled = await unanimous.getTransfer(early.id, { waitSeconds: 10 });
  t.equal(settled.state, 'committed');

  const ids: string[] = [];
  for await (const { id } of unanimous.transfers({ pageSize: 1 })) ids.push(id);
  t.equal(ids.length, 4, 'over four pages');
  t.equal(ids.at(-1), first.id, 'newest first');
  for await (const one of unanimous.transfers({ reference: 'r1' })) t.equal(one.id, first.id);

  const names: string[] = [];
  for await (const { name, health } of unanimous.participants()) names.push(`${name} ${health}`);
  t.strictSame(names.sort(), ['bank-a up', 'bank-b up']);
  const { address } = await unanimous.participant('bank-b');

  const bank = connectParticipant(address, { key: cluster.keys.operator });
  t.match(await bank.live(), { status: 'live' });
  t.match(await bank.ready(), { role: 'participant', name: 'bank-b' });
  const opening = { id: 'carol', currency: 'JPY', balance: 500, minimum: -5 } as const;
  t.match(await bank.openAccount(opening), { id: 'carol', posted: 500, minimum: -5 });
  const accounts: string[] = [];
  for await (const { id } of bank.accounts()) accounts.push(id);
  t.strictSame(accounts.sort(), ['carol', 'main']);
  t.match(await bank.account('main'), { posted: 102_475, held: 0 });
  t.match(await bank.branch(first.id), { id: first.id, state: 'committed' });
  const branches: string[] = [];
  for await (const { id } of bank.branches({ state: 'aborted' })) branches.push(id);
  t.strictSame(branches, tooMuch.state === 'aborted' ? [tooMuch.id] : []);
});

void t.test('many transfers are made at once, and moved back', async (t) => {
  const unanimous = connect(cluster.coordinator.address);
  const requests = [
    { ...payment, idempotencyKey: 'first' },
    { ...payment, amount: 10_000_000 },
    { ...payment, amount: 0 },
    { ...payment, idempotencyKey: 'first' },
  ];
  const [first, second, third, again] = await unanimous.transferMany(requests, { waitSeconds: 5 });
  t.match(first, { state: 'committed', applied: true, idempotencyKey: 'first', replayed: false });
  t.match(second, { state: 'aborted', code: 'insufficient-funds' });
  const error = { code: 'invalid-request', problem: { errors: [{ pointer: '/amount' }] } };
  t.match(third, { state: 'refused', error });
  if (first?.state !== 'committed') throw new Error('it has not committed');
  t.match(again, { state: 'committed', id: first.id, replayed: true });
  const { id } = first;

  const part = { amount: 100, reference: 'r2' };
  const back = await unanimous.reverse(id, part, { idempotencyKey: 'back', waitSeconds: 5 });
  t.match(back, { state: 'committed', reverses: id, reference: 'r2', legs: [{ amount: 100 }] });
  const same = await unanimous.reverse(id, part, { idempotencyKey: 'back' });
  t.match(same, { id: back.state === 'committed' && back.id, replayed: true });
  const limit = await thrown(unanimous.reverse(id, { amount: 2401 }));
  t.match(limit, { code: 'reversal-limit-exceeded', definite: true });
  const rest = await unanimous.reverse(id, {}, { waitSeconds: 5 });
  t.match(rest, { state: 'committed', legs: [{ from: payment.to, amount: 2400 }] });
  const { reversals = [] } = await unanimous.getTransfer(id);
  t.equal(reversals.length, 2);
  t.match(await thrown(unanimous.cancel(id)), { code: 'already-decided', status: 409 });

  const { accounts, totals, damage } = await unanimous.snapshot();
  t.ok(accounts.some((one) => one.participant === 'bank-a' && one.account === 'main'));
  t.equal(totals.find(({ currency }) => currency === 'USD')?.posted, 200_000);
  t.strictSame(damage, []);
});

void t.test('a transfer that waits for a vote is cancelled', async (t) => {
  const unanimous = connect(cluster.coordinator.address);
  const paused = cluster.node('bank-b');
  paused.signal('SIGSTOP');
  const early = await unanimous.transfer(payment, { respondAsync: true });
  if (early.state !== 'preparing') throw new Error(`it is ${early.state}`);
  const cancelled = await unanimous.cancel(early.id);
  t.match(cancelled, { state: 'aborted', reason: 'cancelled' });
  t.strictSame(await unanimous.cancel(early.id), cancelled, 'also the second time');
  paused.signal('SIGCONT');
});

void t.test('an account is frozen, and its statement read', async (t) => {
  const unanimous = connect(cluster.coordinator.address);
  const bank = connectParticipant(cluster.node('bank-a').address);
  t.match(await bank.freeze('main', { reason: 'stolen' }), { id: 'main', frozen: true });
  const frozen: string[] = [];
  for await (const { id } of bank.accounts({ frozen: true, currency: 'USD' })) frozen.push(id);
  t.strictSame(frozen, ['main']);
  t.match(await unanimous.transfer(payment), { state: 'aborted', code: 'account-frozen' });
  t.match(await bank.unfreeze('main'), { frozen: false });
  const made = await unanimous.transfer(payment, { waitSeconds: 5 });
  const { posted } = await bank.account('main');
  const [newest, ...others] = await all(bank.entries('main'));
  const transferId = made.state === 'committed' ? made.id : '';
  t.match(newest, { kind: 'transfer', amount: -2500, balance: posted, transferId });
  t.match(others.at(-1), { kind: 'opening', amount: 100_000, balance: 100_000 });
  const branches = await all(bank.branches({ account: 'main', state: 'committed' }));
  t.equal(branches[0]?.id, transferId);
});

void t.test('an operator settles what is in doubt, and makes it right', async (t) => {
  const key = cluster.keys.operator;
  const unanimous = connect(cluster.coordinator.address);
  const bank = connectParticipant(cluster.node('bank-a').address, { key });
  cluster.node('bank-b').signal('SIGSTOP');
  const early = await unanimous.transfer(payment, { respondAsync: true });
  if (early.state !== 'preparing') throw new Error(`it is ${early.state}`);
  const { id } = early;
  await eventually('bank-a has promised', async () => {
    const [branch] = await all(bank.branches({ state: 'prepared' }));
    return branch?.id === id;
  });
  const how = { outcome: 'aborted', reason: 'it takes too long' } as const;
  const noKey = connectParticipant(cluster.node('bank-a').address);
  t.match(await thrown(noKey.resolve(id, how)), { code: 'unauthenticated' });
  t.match(await bank.resolve(id, how), { state: 'resolved', resolution: how });
  const other = await thrown(bank.resolve(id, { ...how, outcome: 'committed' }));
  t.match(other, { code: 'branch-decided' });
  cluster.node('bank-b').signal('SIGCONT');
  t.match(await unanimous.getTransfer(id, { waitSeconds: 20 }), { state: 'committed' });
  await eventually('the damage is known', async () => {
    return (await bank.branch(id)).state === 'damaged';
  });
  const entries = [{ account: 'main', currency: 'USD', amount: -2500 }];
  t.match(await bank.branch(id), { damage: { state: 'committed', entries } });
  t.match((await unanimous.snapshot()).damage, [{ participant: 'bank-a', transferId: id }]);
  const shown = await eventually('everybody has confirmed', async () => {
    const transfer = await unanimous.getTransfer(id);
    return transfer.applied ? transfer : undefined;
  });
  t.match(shown.participants, [{ name: 'bank-a', state: 'damaged', damage: entries }, {}]);
  const dismissed = await bank.dismiss(id, { reason: 'booked after all' });
  t.match(dismissed, { state: 'committed', dismissal: { compensated: true } });
  t.match(await thrown(bank.dismiss('coordina-1-1', { reason: 'x' })), { code: 'no-damage' });
  t.match((await all(bank.entries('main')))[0], { kind: 'compensation', transferId: id });
  t.strictSame((await unanimous.snapshot()).damage, []);
});

void t.test('a transfer is told step by step, and followed as it happens', async (t) => {
  const unanimous = connect(cluster.coordinator.address);
  const events = unanimous.events()[Symbol.asyncIterator]();
  t.match(await events.next(), { value: { type: 'connected', store: 'coordina' } });
  const made = await unanimous.transfer(payment);
  if (made.state !== 'committed') throw new Error(`it is ${made.state}`);
  const { id } = made;
  // The end of an earlier transfer may be heard first: nothing waits for it.
  const ofThis = async () => {
    for (;;) {
      const { value } = await events.next();
      if ('id' in value && value.id === id) return value;
    }
  };
  const begun = await ofThis();
  t.match(begun, { type: 'begun', id, legs: [payment] });
  t.match(await ofThis(), { type: 'decided', id, state: 'committed' });
  t.match(await ofThis(), { type: 'ended', id });
  await events.return?.();
  const after = begun.eventId;
  for await (const event of unanimous.events({ after })) {
    if (event.type === 'connected') continue;
    t.match(event, { type: 'decided', id }, 'from where it was left');
    break;
  }
  for await (const { type } of unanimous.events({ after: '0' })) {
    if (type === 'connected') continue;
    t.equal(type, 'registered', 'from the beginning');
    break;
  }
  const foreign = unanimous.events({ after: 'ffffffff-1' })[Symbol.asyncIterator]();
  t.match(await thrown(foreign.next()), { code: 'invalid-request', status: 400 });

  const { nodes, steps, state } = await unanimous.timeline(id);
  t.equal(state, 'committed');
  t.strictSame(nodes, ['coordinator', 'bank-a', 'bank-b']);
  t.match(steps[0], { type: 'begun', node: 'coordinator', afterMs: 0 });
  t.ok(steps.some(({ type, forced }) => type === 'decided' && forced));
  const unknown = unanimous.timeline('coordina-1-999');
  t.match(await thrown(unknown), { code: 'transfer-not-found' });
});

void t.test('what the nodes refuse is an ApiError with their code', async (t) => {
  const { coordinator } = cluster;
  const unanimous = connect(coordinator.address);
  const bank = connectParticipant(cluster.node('bank-a').address);
  const lost = { from: 'bank-a/main', to: 'bank-z/main', amount: 1, currency: 'USD' } as const;
  const refusals: [() => Promise<unknown>, string, number][] = [
    [() => unanimous.transfer(lost), 'unknown-participant', 422],
    [() => unanimous.transfer({ ...lost, amount: 0.5 }), 'invalid-request', 400],
    [() => unanimous.getTransfer('coordina-1-999'), 'transfer-not-found', 404],
    [() => unanimous.getTransfer('x'), 'invalid-request', 400],
    [() => unanimous.participant('bank-z'), 'participant-not-found', 404],
    [() => bank.account('nobody'), 'account-not-found', 404],
    [() => bank.branch('coordina-1-999'), 'branch-not-found', 404],
    [() => bank.openAccount({ id: 'main', currency: 'USD', balance: 0 }), 'account-exists', 409],
    [() => connect(coordinator.address, { key: 'wrong' }).participant('x'), 'unauthenticated', 401],
  ];
  for (const [refused, code, status] of refusals) {
    const error = await thrown(refused());
    t.match(error, { code, status, definite: true, problem: { code, status } }, error.message);
  }
  const shorter = { ...lost, to: 'bank-a/other', amount: 1 } as const;
  await unanimous.transfer(shorter, { idempotencyKey: 'k' });
  const reused = unanimous.transfer({ ...shorter, amount: 2 }, { idempotencyKey: 'k' });
  t.match(await thrown(reused), { code: 'idempotency-key-reused', status: 422 });
});
