import fc from 'fast-check';
import t, { type Test } from 'tap';
import type { BranchLeg } from '../../participant/records.ts';
import { Acknowledged, type Item, type Mark, type Said } from '../fixtures/acknowledged.ts';
import { confirm, loneParticipant } from '../fixtures/lone-participant.ts';
import { participantNode, type ParticipantNode } from '../fixtures/nodes.ts';
import { runs } from '../fixtures/property-runs.ts';
import { withThrowingTest } from '../fixtures/throwing-test.ts';

/*
 * A coordinator with a valid key that contradicts itself (fault 50, the other way round, and fault
 * 40). It may ruin its own transfers; the accounts keep their rules whatever it says.
 */

const opening = { alice: 100, bert: 50 };
const minimum = { alice: 0, bert: -30 };
const most = Number.MAX_SAFE_INTEGER;

const leg = (account: string, amount: number, currency = 'USD'): BranchLeg => ({
  account,
  amount,
  currency,
});
const anyLegs: fc.Arbitrary<BranchLeg[]> = fc.constantFrom(
  [leg('alice', -10)],
  [leg('alice', -60)],
  [leg('bert', -70)],
  [leg('alice', -1)],
  [leg('bert', 1), leg('alice', -2)],
  [leg('alice', 30)],
  [leg('alice', most - 100)],
  [leg('bert', most), leg('bert', most)],
  [leg('alice', -most), leg('alice', most)],
  [leg('alice', -60), leg('alice', 60)],
  [leg('alice', -20), leg('bert', 20)],
  Array.from({ length: 3 }, () => leg('bert', -1)),
  [leg('nobody', -1)],
  [leg('alice', -1, 'EUR')],
);

const anyStore = fc.oneof(
  { weight: 14, arbitrary: fc.constant('k3f9q2ma') },
  { weight: 1, arbitrary: fc.constant('zzzzzzzz') },
);
const anyId = fc
  .tuple(anyStore, fc.constantFrom(1, 1, 1, 1, 2), fc.constantFrom(1, 2, 3, 4, 5, 6, 7, 8, 150))
  .map((parts) => parts.join('-'));
const anyItem = fc.record({
  id: anyId,
  legs: anyLegs,
  timestamp: fc.constantFrom(1, 1, 1, 2),
  lowerTs: fc.constantFrom(0, 2, most),
  timeoutMs: fc.constantFrom(1, 500),
  peers: fc.constantFrom([], ['bank-b'], ['bank-a']),
});

const kinds = ['prepare', 'commit', 'abort', 'commitOnePhase'] as const;

interface Batch {
  readonly kind: (typeof kinds)[number];
  readonly store: string;
  readonly epoch: number;
  readonly to: string;
  readonly watermark: Mark | undefined;
  readonly items: readonly Record<string, unknown>[];
  /** Sent so often in one message. */
  readonly times: number;
}

const anyBatch: fc.Arbitrary<Batch> = fc.record({
  kind: fc.constantFrom(...kinds, ...kinds.slice(0, 2), ...kinds.slice(0, 2)),
  store: anyStore,
  epoch: fc.oneof(
    { weight: 14, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.constant(2) },
  ),
  to: fc.oneof(
    { weight: 14, arbitrary: fc.constant('banka000') },
    { weight: 1, arbitrary: fc.constant('zzzzzzzz') },
  ),
  watermark: fc.oneof(
    { weight: 7, arbitrary: fc.constant(undefined) },
    {
      weight: 3,
      arbitrary: fc.record({
        epoch: fc.constantFrom(1, 1, 2),
        seq: fc.constantFrom(1, 4, 120, 300, 700),
        except: fc.uniqueArray(anyId, { maxLength: 4 }),
      }),
    },
  ),
  items: fc.array(anyItem, { minLength: 1, maxLength: 4 }),
  times: fc.constantFrom(1, 1, 1, 1, 1, 1, 1, 1, 250),
});

/** What an item of each kind carries. */
const fields: Readonly<Record<Batch['kind'], readonly string[]>> = {
  prepare: ['id', 'legs', 'timeoutMs', 'lowerTs', 'peers'],
  commit: ['id', 'timestamp'],
  abort: ['id'],
  commitOnePhase: ['id', 'legs', 'timeoutMs', 'lowerTs', 'timestamp'],
};

const seen = { items: 0, committed: 0, aborted: 0, refused: 0, wholes: 0, settled: 0 };

void t.test('whatever a coordinator says, the accounts keep their rules', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyBatch, { minLength: 20, maxLength: 60, size: 'max' }), (batches) =>
      withThrowingTest(t, (t) => playWithLiar(t, batches)),
    ),
    runs(6),
  );
  t.comment(JSON.stringify(seen));
  for (const [what, count] of Object.entries(seen)) t.ok(count > 0, `${what} were seen`);
});

async function playWithLiar(t: Test, batches: readonly Batch[]): Promise<void> {
  const { world, node } = await loneParticipant(t);
  const bert = { id: 'bert', currency: 'USD', balance: opening.bert, minimum: minimum.bert };
  await node.call('openAccount', { body: bert });
  const known = new Acknowledged();
  for (const batch of batches) {
    await send(t, node, batch, known);
    checkAccounts(t, node, known);
  }
  for (const id of [...known.committed.keys(), ...known.aborted]) {
    await checkAnswersStay(t, node, known, id);
  }
  checkAccounts(t, node, known);
  seen.committed += known.committed.size;
  seen.aborted += known.aborted.size;
  seen.settled += known.settled;
  t.strictSame(node.failures, [], 'the node goes on');
  const next = await participantNode(t, world, 'bank-a', { disk: node.crash() });
  await confirm(next);
  // An abort that nobody had to wait for may be lost: then it is asked for, or told, again.
  for (const id of known.aborted) await next.start('abort', messageOf('abort', idBatch(id)));
  checkAccounts(t, next, known);
}

/** One message, and what its answer must be. */
async function send(
  t: Test,
  node: ParticipantNode,
  batch: Batch,
  known: Acknowledged,
): Promise<void> {
  const { kind, store, watermark } = batch;
  const items = Array.from({ length: batch.times }, () => batch.items).flat();
  const before = node.alarms.length;
  const reply = await node.call(kind, messageOf(kind, { ...batch, items }));
  if (reply.statusCode !== 200) {
    seen.wholes += 1;
    const { code } = reply.json<{ code: string }>();
    t.ok(['wrong-store', 'stale-epoch'].includes(code), `${kind} is refused whole: ${code}`);
    t.equal(code === 'wrong-store' || kind === 'prepare' || kind === 'commitOnePhase', true, code);
    return;
  }
  const { votes, outcomes } = reply.json<{ votes?: Said[]; outcomes?: Said[] }>();
  const said = votes ?? outcomes ?? [];
  t.strictSame(
    said.map(({ id }) => id),
    items.map(({ id }) => id),
    'every item is answered, in its order',
  );
  for (const [at, answer] of said.entries()) {
    const { id, legs, timestamp } = items[at] as unknown as Item;
    const carries = fields[kind].includes('legs') && legs ? { legs } : {};
    known.hear({ id, ...carries, ...(timestamp !== undefined && { timestamp }) }, answer);
  }
  if (watermark) known.mark(store, watermark);
  const isRefused = ({ vote, state }: Said) => vote === 'refused' || state === 'refused';
  const refused = said.filter(isRefused);
  const silent = refused.filter(({ code }) => isOrdinary(kind, code));
  const alarms = node.alarms.slice(before).filter((text) => text.startsWith('refused to'));
  t.ok(alarms.length <= refused.length, 'nothing else is an alarm');
  t.ok(alarms.length >= refused.length - silent.length, 'what is refused is an alarm');
  seen.items += said.length;
  seen.refused += refused.length;
}

/** What also a coordinator that tells the truth is refused: nobody is called for. */
function isOrdinary(kind: Batch['kind'], code: string | undefined): boolean {
  switch (kind) {
    case 'abort':
      // That a transfer of this node alone was committed is no contradiction, but the answer.
      return code === 'already-committed';
    case 'prepare':
      return code === 'already-committed' || code === 'forgotten';
    case 'commitOnePhase':
      return code === 'forgotten';
    default:
      return false;
  }
}

function messageOf(kind: Batch['kind'], batch: Omit<Batch, 'kind' | 'times'>) {
  const { store, epoch, to, watermark, items } = batch;
  const transfers = items.map((item) =>
    Object.fromEntries(Object.entries(item).filter(([name]) => fields[kind].includes(name))),
  );
  const body = {
    coordinator: { store, epoch },
    participant: { store: to },
    ...(watermark && { watermark }),
    transfers,
  };
  return { body, key: 'coordinator' as const };
}

const idBatch = (id: string, timestamp = 1) => ({
  ...{ store: id.split('-')[0] ?? '', epoch: 9, to: 'banka000', watermark: undefined },
  items: [{ id, timestamp }],
});

function checkAccounts(t: Test, node: ParticipantNode, known: Acknowledged): void {
  for (const [account, amounts] of known.balances(opening)) {
    t.strictSame(node.amounts(account), amounts, `${account} shows what was acknowledged`);
  }
  for (const [id, least] of Object.entries(minimum)) {
    const { available = NaN, posted = NaN } = node.participant.ledger.account(id) ?? {};
    t.ok(available >= least, `${id} keeps its minimum`);
    t.ok(posted <= most, `${id} keeps its maximum`);
  }
}

/** What was acknowledged is acknowledged again, and its opposite never. */
async function checkAnswersStay(
  t: Test,
  node: ParticipantNode,
  known: Acknowledged,
  id: string,
): Promise<void> {
  const { timestamp } = known.committed.get(id) ?? {};
  const ask = async (kind: 'commit' | 'abort') => {
    const reply = await node.call(kind, messageOf(kind, idBatch(id, timestamp)));
    return reply.json<{ outcomes: Said[] }>().outcomes[0]?.state;
  };
  const [same, other] = known.committed.has(id)
    ? (['commit', 'abort'] as const)
    : (['abort', 'commit'] as const);
  t.equal(await ask(same), same === 'commit' ? 'committed' : 'aborted', `${id}: ${same} again`);
  if (known.isForgettable(id)) return;
  t.equal(await ask(other), 'refused', `${id}: ${other} contradicts it`);
}
