/**
 * Real nodes die at every forced write of a transfer, right before the force and right after it;
 * and the disk of each fails at one. Whoever dies: the customer hears one answer, and all agree.
 *
 * Who dies before a force loses what was written since the one before, as in a power cut: so that
 * an answer which has not waited for its force is found out.
 */
import t from 'tap';
import { audit } from '../../client/audit/audit.ts';
import { money } from '../../client/cli/amounts.ts';
import type { Cluster, ClusterNode } from '../../client/scenarios/cluster.ts';
import { Fault } from '../../client/scenarios/faults.ts';
import { systemDisk } from '../../log/disk.ts';
import { folderSource } from '../../log/read-store.ts';
import {
  call,
  eventually,
  settled,
  startCluster,
  transfer,
  type Reply,
} from '../fixtures/cluster.ts';
import {
  forcesOf,
  forgetPlan,
  planForce,
  plannedProgram,
  type Accident,
} from '../fixtures/force-plan.ts';

type Way = 'two phases' | 'one phase';

interface Course {
  readonly body: {
    readonly from: string;
    readonly to: string;
    readonly amount: number;
    readonly currency: string;
  };
  readonly forces: Readonly<Record<string, number>>;
}

/** The ways of a transfer, and the least forced writes that each node makes for it. */
const ways: Readonly<Record<Way, Course>> = {
  'two phases': {
    body: { from: 'bank-a/main', to: 'bank-b/main', amount: 100, currency: 'USD' },
    forces: { coordinator: 3, 'bank-a': 2, 'bank-b': 2 },
  },
  'one phase': {
    body: { from: 'bank-a/main', to: 'bank-a/spare', amount: 10, currency: 'USD' },
    forces: { coordinator: 2, 'bank-a': 1, 'bank-b': 0 },
  },
};

const outcomeOf = ({ status, body }: Reply) =>
  status === 201 ? 'committed' : status === 422 && body.state === 'aborted' ? 'aborted' : undefined;

/** The bank, and what its only customer has heard. */
class Bank {
  readonly cluster: Cluster;
  readonly #heard: { readonly way: Way; readonly id: string; readonly outcome: string }[] = [];
  readonly #balances = new Map([
    ['bank-a/main', 100_000],
    ['bank-a/spare', 0],
    ['bank-b/main', 100_000],
  ]);
  #keys = 0;

  constructor(cluster: Cluster) {
    this.cluster = cluster;
  }

  /** Asks until it is begun; the answer may be lost. `settle` asks until it is definite. */
  begin(
    way: Way,
    timeoutMs = 1_000,
  ): { first: Promise<Reply | undefined>; settle: () => Promise<string> } {
    this.#keys += 1;
    const key = { 'idempotency-key': `transfer-${this.#keys}` };
    const body = { ...ways[way].body, timeoutMs };
    const ask = () => transfer(this.cluster, body, key).catch(() => undefined);
    // Nothing is begun while the coordinator takes a node that has just come back to be down.
    const first = eventually(`${way} is begun`, async () => {
      const reply = await ask();
      return reply?.status === 503 ? undefined : { reply };
    }).then(({ reply }) => reply);
    const settle = async () => {
      const before = await first;
      const last = await eventually(
        `${way} has an outcome`,
        async () => {
          const reply = await ask();
          return reply && outcomeOf(reply) ? reply : undefined;
        },
        60_000,
      );
      const outcome = outcomeOf(last) ?? '';
      const told = before && outcomeOf(before);
      if (told && told !== outcome) throw new Error(`told ${told}, and then ${outcome}`);
      this.#note(way, last.body.id ?? last.body.transferId, outcome);
      return outcome;
    };
    return { first, settle };
  }

  #note(way: Way, id: string, outcome: string): void {
    this.#heard.push({ way, id, outcome });
    if (outcome !== 'committed') return;
    const { from, to, amount } = ways[way].body;
    this.#balances.set(from, (this.#balances.get(from) ?? 0) - amount);
    this.#balances.set(to, (this.#balances.get(to) ?? 0) + amount);
  }

  /** What is not as the customer was told, on any node and in any store. */
  async flaws(): Promise<string[]> {
    const { cluster } = this;
    const balances = await settled(cluster);
    const flaws: string[] = [];
    for (const [path, amount] of this.#balances) {
      if (balances.get(path) === amount) continue;
      flaws.push(`${path} has ${balances.get(path)}, not ${amount}`);
    }
    const last = this.#heard.at(-1);
    if (last) {
      const { id, way, outcome } = last;
      const { body } = await call('GET', `${cluster.coordinator.address}/transfers/${id}`);
      if (body.state !== outcome) flaws.push(`the coordinator says ${body.state}, not ${outcome}`);
      for (const { name, address } of cluster.participants) {
        if (ways[way].forces[name] === 0) continue;
        const branch = await call('GET', `${address}/branches/${id}`);
        const isUnknown = branch.status === 404 && outcome === 'aborted';
        if (isUnknown || branch.body.state === outcome) continue;
        flaws.push(`${name} says ${branch.body.state}, not ${outcome}`);
      }
    }
    const sources = cluster.nodes.map(({ data }) => folderSource(data, systemDisk));
    const report = await audit({ sources, money, onProgress: () => undefined });
    return [...flaws, ...report.violations.map(({ text }) => text)];
  }
}

/** Until everybody has acknowledged, and that is on disk. */
const isApplied = (cluster: Cluster, id: string) =>
  eventually('it is applied everywhere', async () => {
    const { body } = await call('GET', `${cluster.coordinator.address}/transfers/${id}`);
    return body.applied === true;
  });

/** Prepares wait for the forced write of `begun`: else it is made together with the decision. */
function holdPrepares({ coordinator, participants }: Cluster): () => void {
  const begunFirst = new Fault('/prepare', async ({ forward }, happened) => {
    happened();
    await eventually(
      'begun is forced, or the coordinator dead',
      () => forcesOf(coordinator).length > 0 || !coordinator.isRunning,
    );
    return forward();
  });
  for (const { proxy } of participants) proxy.faults.push(begunFirst);
  return () => {
    for (const { proxy } of participants) proxy.faults.splice(proxy.faults.indexOf(begunFirst), 1);
  };
}

/** Transfers until the accident has ended the node; mostly that is the first one. */
async function untilEnded(bank: Bank, node: ClusterNode, way: Way, what: Accident) {
  const asked = [];
  const hasHappened = () => forcesOf(node).includes(what);
  while (asked.length < 3 && !hasHappened()) {
    const one = bank.begin(way);
    asked.push(one);
    let isOver = false;
    const end = async () => {
      const reply = await one.first;
      // A force that comes after the answer may be the one.
      if (reply?.status === 201) await isApplied(bank.cluster, reply.body.id);
    };
    const noted = () => {
      isOver = true;
    };
    end().then(noted, noted);
    await eventually('the accident, or the end of the transfer', () => hasHappened() || isOver);
  }
  await eventually('it has ended', () => !node.isRunning);
  return asked;
}

void t.test('a node that ends at any forced write: one answer, and all agree', async (t) => {
  const cluster = await startCluster(t, { program: plannedProgram });
  const spare = { id: 'spare', currency: 'USD', balance: 0 };
  const operator = { authorization: `Bearer ${cluster.keys.operator}` };
  await call('POST', `${cluster.node('bank-a').address}/accounts`, spare, operator);
  const bank = new Bank(cluster);
  const ends = new Map<string, number>();

  const check = async (node: ClusterNode, way: Way, at: number, what: Accident) => {
    const named = `${way}: ${node.name} at force ${at}: ${what}`;
    planForce(node, at, what);
    const release = node.role === 'coordinator' ? holdPrepares(cluster) : () => undefined;
    const asked = await untilEnded(bank, node, way, what);
    release();
    t.equal(forcesOf(node)[at - 1], what, `${named} has happened`);
    forgetPlan(node);
    const { signal, code, said } = await node.end('SIGKILL');
    if (what === 'fail') t.match([code, said], [1, /EIO/], `${node.name} says why it stops`);
    else t.equal(signal, 'SIGKILL', `${node.name} was killed`);
    await node.start();
    await node.ready();
    const outcomes = [];
    for (const { settle } of asked) outcomes.push(await settle());
    t.strictSame(await bank.flaws(), [], `${named}: ${outcomes.join()}`);
    ends.set(outcomes[0] ?? '', (ends.get(outcomes[0] ?? '') ?? 0) + 1);
  };

  for (const way of ['two phases', 'one phase'] as const) {
    for (const node of cluster.nodes) planForce(node);
    const release = holdPrepares(cluster);
    const { first, settle } = bank.begin(way, 5_000);
    const reply = await first;
    t.equal(reply?.status, 201, 'a transfer whose forces are counted is committed');
    await isApplied(cluster, reply?.body.id);
    release();
    const counts = new Map(cluster.nodes.map((node) => [node, forcesOf(node).length]));
    for (const node of cluster.nodes) forgetPlan(node);
    await settle();
    const listed = [...counts].map(([{ name }, count]) => `${name} ${count}`).join(', ');
    t.comment(`forced writes of a transfer in ${way}: ${listed}`);
    for (const [node, count] of counts) {
      const least = ways[way].forces[node.name] ?? 0;
      t.ok(count >= least, `${way}: ${node.name} forces ${count} times`);
      for (let at = 1; at <= count; at += 1) {
        await check(node, way, at, 'die before');
        await check(node, way, at, 'die after');
      }
    }
  }
  for (const node of cluster.nodes) await check(node, 'two phases', 1, 'fail');
  t.comment([...ends].map(([outcome, count]) => `${outcome}: ${count}`).join(', '));
  t.ok(ends.get('committed'), 'some were committed');
  t.ok(ends.get('aborted'), 'some were aborted');
});
