/** Real processes that stand still (SIGSTOP) for longer than every timeout, and go on. */
import t from 'tap';
import { hold } from '../../client/scenarios/faults.ts';
import { call, eventually, settled, startCluster, transfer } from '../fixtures/cluster.ts';

const payment = { from: 'bank-a/main', to: 'bank-b/main', amount: 2_500, currency: 'USD' };

void t.test(
  'a coordinator that stood still past its deadline follows what it decided',
  async (t) => {
    const cluster = await startCluster(t, { coordinatorFlags: ['--vote-timeout-ms', '2000'] });
    const prepare = hold('/prepare');
    cluster.node('bank-b').proxy.faults.push(prepare);
    const answer = transfer(cluster, payment);
    await eventually('the prepare to bank-b is on its way', () => prepare.count === 1);
    cluster.coordinator.signal('SIGSTOP');
    prepare.release();
    await eventually('bank-b has promised', async () => {
      const { body } = await call(
        'GET',
        `${cluster.node('bank-b').address}/branches?state=prepared`,
      );
      return body.data.length === 1;
    });
    // Past its deadline, and past the time after which participants inquire.
    await eventually('bank-b has asked, and heard nothing', () => {
      return cluster.coordinator.proxy.count('/decisions') > 0;
    });
    cluster.coordinator.signal('SIGCONT');
    const { status, body } = await answer;
    const committed = status === 201;
    t.ok(committed || body.state === 'aborted', `it is decided: ${status}`);
    const moved = committed ? 2_500 : 0;
    t.strictSame([...(await settled(cluster)).values()], [100_000 - moved, 100_000 + moved]);
  },
);

void t.test('while a participant stands still in a commit, others go on', async (t) => {
  const cluster = await startCluster(t, { participants: ['bank-a', 'bank-b', 'bank-c'] });
  const commit = hold('/commit');
  cluster.node('bank-b').proxy.faults.push(commit);
  const answer = transfer(cluster, payment, { prefer: 'wait=0' });
  await eventually('the commit to bank-b is on its way', () => commit.count === 1);
  cluster.node('bank-b').signal('SIGSTOP');
  commit.release();
  t.equal((await answer).status, 201, 'it is committed');
  const others = await transfer(cluster, { ...payment, to: 'bank-c/main' });
  t.equal(others.status, 201, 'a transfer between the others is');
  t.equal(others.body.applied, true, 'and applied');
  cluster.node('bank-b').signal('SIGCONT');
  t.strictSame([...(await settled(cluster)).values()], [95_000, 102_500, 102_500]);
});
