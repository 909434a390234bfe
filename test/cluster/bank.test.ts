/**
 * The bank: 50 customers move money at random between 8 accounts at 3 participants, while nodes
 * are killed and a reader takes snapshots. `UNANIMOUS_BANK_SECONDS=60` makes it last longer.
 */
import { randomInt } from 'node:crypto';
import t from 'tap';
import type { Cluster } from '../../client/scenarios/cluster.ts';
import {
  call,
  eventually,
  settled,
  startCluster,
  transfer,
  type Parsed,
} from '../fixtures/cluster.ts';
import { runProgram } from '../fixtures/run-program.ts';

const seconds = Number(process.env['UNANIMOUS_BANK_SECONDS'] ?? 8);
const opening = 100_000;
const paths = ['main', 'alice', 'bob']
  .flatMap((id) => ['bank-a', 'bank-b', 'bank-c'].map((bank) => `${bank}/${id}`))
  .slice(0, 8);

interface Settled {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly amount: number;
  /** Of a commit. */
  readonly timestamp: number | undefined;
}

interface Taken {
  /** The highest commit timestamp that any customer had been told before it was asked for. */
  readonly atLeast: number;
  readonly snapshot: Parsed;
}

/** Sends transfers under keys of its own until `done`, and asks again until each is definite. */
async function customer(
  cluster: Cluster,
  name: string,
  { done, told }: { done: () => boolean; told: (one: Settled) => void },
): Promise<void> {
  for (let n = 0; !done(); n += 1) {
    const from = paths[randomInt(paths.length)] ?? '';
    const others = paths.filter((path) => path !== from);
    const to = others[randomInt(others.length)] ?? '';
    const amount = randomInt(1, 20_000);
    const headers = { 'idempotency-key': `${name}-${n}` };
    const body = { from, to, amount, currency: 'USD' };
    const answer = await eventually(
      `${name}-${n} has an outcome`,
      () =>
        transfer(cluster, body, headers).then(
          (reply) => (reply.status === 201 || reply.body.state === 'aborted') && reply,
          () => false as const,
        ),
      60_000,
    );
    const { id = answer.body.transferId, timestamp } = answer.body;
    told({ id, from, to, amount, timestamp });
  }
}

async function killNodes(cluster: Cluster, done: () => boolean): Promise<string[]> {
  const kills: string[] = [];
  while (!done()) {
    const next = Date.now() + 1_000;
    const victim = cluster.nodes[randomInt(cluster.nodes.length)];
    if (!victim) throw new Error('a cluster has nodes');
    await victim.end('SIGKILL');
    kills.push(victim.name);
    await (kills.length % 3 === 0 && victim.role === 'participant'
      ? victim.rejoin()
      : victim.start());
    await victim.ready();
    await eventually('the next second begins', () => Date.now() >= next || done());
  }
  return kills;
}

void t.test(
  'every snapshot adds up and has what was acknowledged, whoever is killed',
  async (t) => {
    const cluster = await startCluster(t, {
      participants: ['bank-a', 'bank-b', 'bank-c'],
      coordinatorFlags: ['--vote-timeout-ms', '1000', '--segment-bytes', '262144'],
      participantFlags: ['--segment-bytes', '262144'],
    });
    for (const path of paths.filter((one) => !one.endsWith('/main'))) {
      const [bank = '', id = ''] = path.split('/');
      const account = { id, currency: 'USD', balance: opening };
      const key = { authorization: `Bearer ${cluster.keys.operator}` };
      await call('POST', `${cluster.node(bank).address}/accounts`, account, key);
    }
    const least = Date.now() + seconds * 1_000;
    const outcomes: Settled[] = [];
    const taken: Taken[] = [];
    // A busy machine gets the time that it needs to prove something.
    const proven = () => outcomes.length > 100 && taken.length > 5;
    const done = () => Date.now() >= (proven() ? least : least + 120_000);
    let acknowledged = 0;
    const told = (one: Settled) => {
      outcomes.push(one);
      acknowledged = Math.max(acknowledged, one.timestamp ?? 0);
    };
    const customers = Array.from({ length: 50 }, (_, n) =>
      customer(cluster, `customer-${n}`, { done, told }),
    );
    const refused = new Map<string, number>();
    const readSnapshots = async () => {
      while (!done()) {
        const atLeast = acknowledged;
        try {
          const { status, body } = await call('GET', `${cluster.coordinator.address}/snapshot`);
          if (status === 200) taken.push({ atLeast, snapshot: body });
          else refused.set(body.code, (refused.get(body.code) ?? 0) + 1);
        } catch {
          refused.set('no answer', (refused.get('no answer') ?? 0) + 1);
        }
      }
    };
    const [kills] = await Promise.all([killNodes(cluster, done), readSnapshots(), ...customers]);
    await settled(cluster);

    const commits = outcomes.filter(({ timestamp }) => timestamp !== undefined);
    const figures = { kills: kills.length, commits: commits.length, snapshots: taken.length };
    t.comment(
      JSON.stringify({
        ...figures,
        others: outcomes.length - commits.length,
        refused: [...refused],
      }),
    );
    t.ok(kills.length > 1, 'nodes were killed');
    t.ok(commits.length > 50 && taken.length > 5, 'transfers were made, and snapshots taken');
    const wrong = taken.flatMap(({ atLeast, snapshot }) => flawsOf(snapshot, atLeast, commits));
    t.strictSame(wrong, [], 'every snapshot is exactly what had committed by its timestamp');
    await cluster.stop();
    const folders = cluster.nodes.map(({ data }) => data);
    const audit = await runProgram(['audit', ...folders]);
    t.equal(audit.code, 0, `the audit is clean: ${audit.out} ${audit.err}`);
  },
);

/** What is wrong with a snapshot, given all commits of the whole run. */
function flawsOf(snapshot: Parsed, atLeast: number, commits: readonly Settled[]): string[] {
  const { timestamp, accounts, totals } = snapshot;
  const expected = new Map(paths.map((path) => [path, opening]));
  for (const { from, to, amount, timestamp: at = Infinity } of commits) {
    if (at > timestamp) continue;
    expected.set(from, (expected.get(from) ?? 0) - amount);
    expected.set(to, (expected.get(to) ?? 0) + amount);
  }
  const flaws: string[] = [];
  if (timestamp < atLeast) flaws.push(`${timestamp} is before ${atLeast}, which was acknowledged`);
  for (const { participant, account, posted } of accounts) {
    const path = `${participant}/${account}`;
    const known = expected.get(path) ?? (account === 'main' ? opening : undefined);
    if (posted !== known) flaws.push(`${path} has ${posted}, not ${known}, at ${timestamp}`);
    if (posted < 0) flaws.push(`${path} has ${posted} at ${timestamp}`);
  }
  const total = accounts.reduce((sum: number, one: { posted: number }) => sum + one.posted, 0);
  const all = accounts.length * opening;
  if (total !== all || totals[0]?.posted !== all) flaws.push(`the total is ${total}, not ${all}`);
  return flaws;
}
