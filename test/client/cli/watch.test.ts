import { spawn } from 'node:child_process';
import { once } from 'node:events';
import t, { type Test } from 'tap';
import { describeEvent } from '../../../client/cli/watch.ts';
import { call, eventually, plainEnv, program } from '../../fixtures/cluster.ts';
import { introduced, startUp } from '../../fixtures/up.ts';

const at = '2026-11-23T10:00:00.000Z';
const id = 'k3f9q2ma-1-42';
const eventId = 'k3f9q2ma-7';
const order = { from: 'bank-a/alice', to: 'bank-b/bob', amount: 2_500, currency: 'USD' } as const;

void t.test('each event is one line that says what happened to whom', (t) => {
  const vote = 'yes' as const;
  const votes = [
    { name: 'bank-a', vote: 'no' as const, account: 'alice' },
    { name: 'bank-b', vote },
  ];
  t.equal(
    [
      describeEvent({
        ...{ eventId, type: 'begun', id, at, participants: ['bank-a', 'bank-b'] },
        ...{ legs: [order], reference: 'invoice 7' },
      }),
      describeEvent({ eventId, type: 'decided', id, at, state: 'committed', participants: [] }),
      describeEvent({
        ...{ eventId, type: 'decided', id, at, state: 'aborted', reason: 'insufficient-funds' },
        participants: votes,
      }),
      describeEvent({
        ...{ eventId, type: 'begun', id, at, participants: ['bank-a', 'bank-b'] },
        ...{ legs: [order], reverses: 'k3f9q2ma-1-41' },
      }),
      describeEvent({ eventId, type: 'ended', id, at }),
      describeEvent({
        ...{ eventId, type: 'ended', id, at },
        damage: { 'bank-a': [{ account: 'alice', currency: 'USD', amount: -2_500 }] },
      }),
      describeEvent({
        ...{ eventId, type: 'registered', at, name: 'bank-a', store: 'p81dz0qk', epoch: 2 },
        address: 'http://127.0.0.1:7711',
      }),
    ].join('\n'),
    `
10:00:00.000  k3f9q2ma-1-42  begun      25.00 USD bank-a/alice → bank-b/bob (invoice 7)
10:00:00.000  k3f9q2ma-1-42  committed
10:00:00.000  k3f9q2ma-1-42  aborted    insufficient-funds (bank-a/alice)
10:00:00.000  k3f9q2ma-1-42  begun      25.00 USD bank-a/alice → bank-b/bob, reverses k3f9q2ma-1-41
10:00:00.000  k3f9q2ma-1-42  ended      confirmed by everyone
10:00:00.000  k3f9q2ma-1-42  ended      confirmed by everyone; damage at bank-a
10:00:00.000  bank-a  registered at http://127.0.0.1:7711
`.slice(1, -1),
  );
  t.end();
});

/** `unanimous watch` as a process. */
function watching(t: Test, coordinator: string, ...args: string[]) {
  const child = spawn(process.execPath, [program, 'watch', '--coordinator', coordinator, ...args], {
    env: plainEnv,
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (bytes: Buffer) => (said.out += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (said.err += bytes.toString()));
  const ended = once(child, 'exit') as Promise<[number | null]>;
  t.teardown(() => child.kill('SIGKILL'));
  return { child, said, ended };
}

void t.test(
  'it follows over a crash of the coordinator, misses nothing, and ends by Ctrl-C',
  async (t) => {
    const up = startUp(t, t.testdir());
    const { address = '', pid = 0 } = (await introduced(up.said)).get('coordinator') ?? {};
    const { child, said, ended } = watching(t, address, '--json');
    await eventually('it follows', () => said.err.includes('following coordinator'));
    const transfer = () => call('POST', `${address}/transfers`, order);
    await transfer();
    process.kill(pid, 'SIGKILL');
    await eventually('it is back', () => up.said.text.includes('coordinator is back'), 60_000);
    await eventually('a transfer is taken again', async () => (await transfer()).status === 201);
    const types = () =>
      said.out
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line).type as string);
    await eventually(
      'it has heard of both',
      () => types().filter((type) => type === 'ended').length === 2,
    );
    t.match(said.err, /following again \(the coordinator was restarted\); nothing was missed/);
    t.strictSame(types().filter((type) => type === 'decided').length, 2);
    child.kill('SIGINT');
    t.strictSame((await ended)[0], 0);
  },
);
