/** Every operation of the library against real nodes. */
import t from 'tap';
import { connect, connectParticipant } from '../../../client/sdk/index.ts';
import { thrown } from '../../fixtures/api-error.ts';
import { startCluster } from '../../fixtures/cluster.ts';

const cluster = await startCluster(t);
const payment = {
  from: 'bank-a/main',
  to: 'bank-b/main',
  amount: 2500,
  currency: 'USD',
} as const;

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
