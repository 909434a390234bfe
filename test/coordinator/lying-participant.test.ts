import fc from 'fast-check';
import t, { type Test } from 'tap';
import { branchOf, type Transfer } from '../../coordinator/protocol.ts';
import { anyLie, Liar, type Lie } from '../fixtures/lies.ts';
import {
  checkInvariants,
  coordinatorNode,
  openAccount,
  participantNode,
  transfersOf,
  World,
  type CoordinatorNode,
  type ParticipantNode,
} from '../fixtures/nodes.ts';
import { runs } from '../fixtures/property-runs.ts';
import { withThrowingTest } from '../fixtures/throwing-test.ts';

/*
 * One of three participants lies (fault 50). What it has promised falsely is its own loss; what is
 * asked for here is that the lie harms nobody else.
 */

const opening = 100_000;
const usd = (from: string, to: string, amount: number) => ({ from, to, amount, currency: 'USD' });
const [alice, bob, carol] = ['bank-a/alice', 'bank-b/bob', 'bank-c/carol'];

/** By who takes part: what is moved. */
const routes = {
  honest: (n: number) => usd(alice, bob, n),
  'one honest': (n: number) => usd(alice, 'bank-a/anna', n),
  'to the liar': (n: number) => usd(alice, carol, n),
  'from the liar': (n: number) => usd(carol, bob, n),
  'all three': (n: number) => ({ legs: [usd(alice, carol, n), usd(carol, bob, n)] }),
  'the liar alone': (n: number) => usd(carol, 'bank-c/chris', n),
};
type Route = keyof typeof routes;

interface Step {
  readonly route: Route | 'snapshot';
  readonly amount: number;
  readonly timeoutMs: number;
  /** Until the next step. */
  readonly pauseMs: number;
}

const names = Object.keys(routes) as Route[];
const step: fc.Arbitrary<Step> = fc.record({
  route: fc.constantFrom(...names, 'snapshot' as const),
  amount: fc.integer({ min: 1, max: 999 }),
  timeoutMs: fc.constantFrom(50, 500, 5_000),
  pauseMs: fc.constantFrom(0, 0, 20, 700),
});

const seen = { transfers: 0, lies: 0, stops: 0, stuck: 0, snapshots: 0 };

void t.test('a participant that lies harms nobody but itself', async (t) => {
  const lies = fc.array(anyLie, { minLength: 1, maxLength: 40, size: 'max' });
  const steps = fc.array(step, { minLength: 2, maxLength: 24, size: 'max' });
  await fc.assert(
    fc.asyncProperty(steps, lies, (steps, lies) =>
      withThrowingTest(t, (t) => playWithLiar(t, steps, lies)),
    ),
    runs(6),
  );
  t.comment(JSON.stringify(seen));
  t.ok(seen.lies > 0, 'lies were told');
  t.ok(seen.transfers > 0, 'transfers were made meanwhile');
});

async function playWithLiar(t: Test, steps: readonly Step[], lies: readonly Lie[]): Promise<void> {
  const cluster = await startThree(t);
  const { world, c } = cluster;
  const liar = new Liar('bankc000', world.clock);
  const left = [...lies];
  world.hook = (wire) => {
    const lie = wire.to === 'bank-c' ? left.shift() : undefined;
    return lie ? liar.answer(wire, lie) : wire.forward();
  };
  const answers: Promise<Answered>[] = [];
  for (const step of steps) {
    const { coordinator } = cluster;
    if (step.route === 'snapshot') await checkSnapshot(t, coordinator);
    else answers.push(makeTransfer(t, world, coordinator, { ...step, route: step.route }));
    await world.pass(step.pauseMs);
  }
  const answered: Answered[] = [];
  const progress = { isOver: false };
  const all = Promise.all(answers.map(async (answer) => answered.push(await answer)));
  const over = () => void (progress.isOver = true);
  all.then(over, over);
  // A coordinator that stops, as its store seems to be an old copy, answers nobody any more.
  await world.until(() => progress.isOver || cluster.coordinator.failures.length > 0);
  if (progress.isOver) await all;
  await world.pass(5_000);
  seen.lies += lies.length - left.length;
  left.length = 0;
  const coordinator = await afterAll(t, world, cluster.coordinator);
  const isSettled = () =>
    [...coordinator.coordinator.state.transfers.values()].every((one) => isLoss(one, c)) &&
    [cluster.a, cluster.b].every(({ participant }) => participant.state.prepared.size === 0);
  await world.until(isSettled);
  seen.stuck += coordinator.coordinator.state.transfers.size;
  await checkHonest(t, coordinator, [cluster.a, cluster.b]);
  const transfers = await transfersOf(coordinator);
  for (const { status, id } of answered) {
    const decided = transfers.get(id)?.decided?.state;
    if (status === 201) t.equal(decided, 'committed', `${id} stays committed`);
    if (status === 422) t.equal(decided, 'aborted', `${id} stays aborted`);
  }
  seen.transfers += answered.length;
}

async function startThree(t: Test) {
  const world = new World();
  const coordinator = await coordinatorNode(t, world);
  const a = await participantNode(t, world, 'bank-a');
  const b = await participantNode(t, world, 'bank-b');
  const c = await participantNode(t, world, 'bank-c');
  for (const id of ['alice', 'anna']) await openAccount(a, id);
  await openAccount(b, 'bob');
  for (const id of ['carol', 'chris']) await openAccount(c, id);
  await world.pass(50);
  return { world, coordinator, a, b, c };
}

interface Answered {
  readonly status: number;
  readonly id: string;
}

/** Whoever has nothing to do with the liar is served as if there were none. */
async function makeTransfer(
  t: Test,
  world: World,
  coordinator: CoordinatorNode,
  { route, amount, timeoutMs }: Step & { readonly route: Route },
): Promise<Answered> {
  const since = world.clock.now();
  const body = { ...routes[route](amount), timeoutMs };
  const reply = await coordinator.start('createTransfer', { body });
  const said = reply.json<{
    id?: string;
    transferId?: string;
    state?: string;
    applied?: boolean;
  }>();
  const isHonest = route === 'honest' || route === 'one honest';
  if (isHonest && coordinator.failures.length === 0 && !coordinator.coordinator.stopping) {
    t.equal(reply.statusCode, 201, `a transfer without the liar is made: ${reply.body}`);
    t.equal(said.applied, true, 'it is confirmed');
    t.ok(world.clock.now() - since <= 100, 'it does not wait for the liar');
  }
  return { status: reply.statusCode, id: said.id ?? said.transferId ?? '' };
}

/** What a snapshot says of the honest is what the coordinator had decided by then. */
async function checkSnapshot(t: Test, coordinator: CoordinatorNode): Promise<void> {
  if (coordinator.coordinator.stopping) return;
  const reply = await coordinator.call('getSnapshot');
  if (reply.statusCode !== 200) return;
  seen.snapshots += 1;
  const { timestamp, accounts } = reply.json<{
    timestamp: number;
    accounts: { participant: string; account: string; posted: number }[];
  }>();
  const transfers = await transfersOf(coordinator);
  const early = [...transfers.values()].filter(({ decided }) => {
    return decided?.state === 'committed' && decided.timestamp <= timestamp;
  });
  const shown = new Map<string, number>();
  for (const { participant, account, posted } of accounts) {
    if (participant !== 'bank-c') shown.set(`${participant}/${account}`, posted);
  }
  t.strictSame([...shown], [...balancesAfter(early)], `the snapshot at ${timestamp} is true`);
}

/** The balances of the honest once these transfers are booked. */
function balancesAfter(transfers: readonly Transfer[]): Map<string, number> {
  const posted = new Map([alice, 'bank-a/anna', bob].map((account) => [account, opening]));
  for (const { begun } of transfers) {
    for (const name of begun.participants) {
      for (const { account, amount } of branchOf(begun, name)) {
        const path = `${name}/${account}`;
        const before = posted.get(path);
        if (before !== undefined) posted.set(path, before + amount);
      }
    }
  }
  return posted;
}

/**
 * The one stop that a participant can cause (PROTOCOL.md, restored and lost stores): it claims to
 * have committed what was never decided, so the coordinator takes its own store for an old copy.
 */
async function afterAll(
  t: Test,
  world: World,
  coordinator: CoordinatorNode,
): Promise<CoordinatorNode> {
  const { failures } = coordinator;
  if (failures.length === 0) return coordinator;
  seen.stops += 1;
  for (const { message } of failures)
    t.ok(/is an old copy: bank-c has seen/.test(message), message);
  return coordinatorNode(t, world, { disk: coordinator.crash() });
}

/** A commit that rests on a yes that the liar had never promised: it is never applied there. */
function isLoss({ begun, decided, ended }: Transfer, liar: ParticipantNode): boolean {
  if (ended) return true;
  const branch = liar.participant.state.branches.get(begun.id);
  return decided?.state === 'committed' && branch?.state !== 'prepared' && branch !== undefined
    ? branch.state === 'aborted' || branch.timestamp !== decided.timestamp
    : decided?.state === 'committed' && branch === undefined;
}

/** The honest have done what the coordinator has decided, all of it and nothing else. */
async function checkHonest(
  t: Test,
  coordinator: CoordinatorNode,
  honest: readonly ParticipantNode[],
): Promise<void> {
  await checkInvariants(t, coordinator, honest, { settled: false });
  const transfers = [...(await transfersOf(coordinator)).values()];
  for (const { begun, decided } of transfers) {
    t.ok(decided, `${begun.id} is decided`);
    for (const { name, participant, failures } of honest) {
      t.strictSame(failures, [], `${name} goes on`);
      if (!begun.participants.includes(name)) continue;
      const branch = await participant.branch(begun.id);
      if (decided?.state !== 'committed') {
        t.ok(branch?.state !== 'committed' && branch?.state !== 'prepared', begun.id);
        continue;
      }
      t.equal(branch?.state, 'committed', `${begun.id} is committed at ${name}`);
      t.equal(branch?.timestamp, decided.timestamp, `${begun.id} has its timestamp at ${name}`);
    }
  }
  const committed = transfers.filter(({ decided }) => decided?.state === 'committed');
  const posted = honest.flatMap(({ name, participant }) =>
    [...participant.ledger.accounts()].map(({ id, posted }) => [`${name}/${id}`, posted]),
  );
  t.strictSame(posted, [...balancesAfter(committed)], 'their money is what was decided');
}
