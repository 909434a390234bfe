/** `unanimous up`, and what its lab does to it from outside. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect as openSocket } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import {
  ApiError,
  connect,
  connectLab,
  connectParticipant,
  type Lab,
  type LabNode,
  type LabView,
  type Unanimous,
} from '../../../client/sdk/index.ts';
import { eventually } from '../../fixtures/cluster.ts';
import { browser, pathWith } from '../../fixtures/fake-browser.ts';
import { end, introduced, labOf, startUp } from '../../fixtures/up.ts';
import { isRunning } from '../../fixtures/processes.ts';

const whole = { delayMs: 0, drop: 'nothing', duplicate: false, cut: false } as const;
const request = {
  from: 'bank-a/alice',
  to: 'bank-b/bob',
  amount: 100,
  currency: 'USD',
} as const;
const toB = { from: 'coordinator', to: 'bank-b' } as const;
const fromClients = { from: 'client', to: 'coordinator' } as const;

interface Running {
  lab: Lab;
  /** The coordinator, by the port of the lab. */
  client: Unanimous;
  address: string;
  said: { text: string };
}

async function nodeIn(lab: Lab, name: string): Promise<LabNode> {
  const found = (await lab.look()).nodes.find((node) => node.name === name);
  if (!found) throw new Error(`the lab has no ${name}`);
  return found;
}

const untilIt = (lab: Lab, name: LabNode['name'], state: LabNode['state']) =>
  eventually(
    `${name} is ${state}`,
    async () => {
      const node = await nodeIn(lab, name);
      return node.state === state && node;
    },
    60_000,
  );

/** Makes transfers until one is committed: a participant may still count as down. */
const untilCommitted = (client: Unanimous) =>
  eventually('a transfer commits', async () => {
    const outcome = await client.transfer(request).catch((error: unknown) => {
      if (!(error instanceof ApiError)) throw error;
      return undefined;
    });
    return outcome?.state === 'committed' && outcome;
  });

/** What everybody has together; a snapshot waits until nothing of it is in doubt. */
const total = (client: Unanimous) =>
  eventually('all balances are known', async () => {
    const { totals } = await client.snapshot().catch(() => ({ totals: [] }));
    return totals[0]?.posted;
  });

async function kills(t: Test, { lab, client, said }: Running): Promise<void> {
  for (const name of ['bank-a', 'coordinator'] as const) {
    const before = await nodeIn(lab, name);
    const killed = await lab.act(name, 'kill');
    t.notOk(isRunning(before.pid), `${name} is dead when the answer comes`);
    t.match(killed, { state: 'starting', pid: null });
    const after = await untilIt(lab, name, 'running');
    t.match(after, { address: before.address, restarts: before.restarts + 1 });
    t.not(after.pid, before.pid);
    t.match(said.text, new RegExp(`${name} died \\(SIGKILL\\); starting it again`));
    await untilCommitted(client);
  }
}

async function stops(t: Test, { lab, client }: Running): Promise<void> {
  const { pid, address, restarts } = await nodeIn(lab, 'bank-b');
  t.match(await lab.act('bank-b', 'stop'), { state: 'stopped', pid: null, restarts });
  t.notOk(isRunning(pid));
  // Longer than a node that has died stays away.
  await lab.act('bank-a', 'kill');
  await untilIt(lab, 'bank-a', 'running');
  t.match(await nodeIn(lab, 'bank-b'), { state: 'stopped', pid: null }, 'it stays so');
  await t.rejects(lab.act('bank-b', 'pause'), { code: 'node-not-running', status: 409 });
  t.equal((await lab.act('bank-b', 'start')).state, 'starting');
  t.match(await untilIt(lab, 'bank-b', 'running'), { address, restarts: restarts + 1 });
  await untilCommitted(client);
  t.equal((await lab.act('bank-b', 'restart')).state, 'starting');
  t.match(await untilIt(lab, 'bank-b', 'running'), { restarts: restarts + 2 });
  await untilCommitted(client);
}

async function pauses(t: Test, { lab, client }: Running): Promise<void> {
  const bank = connectParticipant((await nodeIn(lab, 'bank-b')).address);
  // So that it has voted yes, there and back within the deadline of 5 s, and is paused before it
  // hears of the decision, that long after its vote again.
  await lab.setLink(toB, { ...whole, delayMs: 1_500 });
  const outcome = client.transfer(request, { waitSeconds: 0 });
  const branch = await eventually('bank-b has promised', async () => {
    for await (const one of bank.branches({ state: 'prepared' })) return one;
    return undefined;
  });
  t.equal((await lab.act('bank-b', 'pause')).state, 'paused');
  t.match(await outcome, { state: 'committed', applied: false, id: branch.id });
  await lab.setLink(toB, whole);
  const asked = bank.live({ signal: AbortSignal.timeout(300) });
  await t.rejects(asked, 'it does nothing: it is in doubt as long as it is paused');
  t.match((await client.getTransfer(branch.id)).participants[1], { state: 'prepared' });
  t.equal((await lab.act('bank-b', 'resume')).state, 'running');
  await eventually('it hears the decision', async () => {
    return (await bank.branch(branch.id)).state === 'committed';
  });
}

async function cuts(t: Test, { lab, client }: Running): Promise<void> {
  await lab.setLink(toB, { ...whole, cut: true });
  const outcome = await client.transfer({ ...request, timeoutMs: 500 });
  t.match(outcome, { state: 'aborted', code: 'vote-timeout' });
  t.match((await lab.look()).links[2], { ...toB, cut: true });
  await lab.setLink(toB, whole);
  await untilCommitted(client);
  await lab.setLink({ from: 'bank-b', to: 'coordinator' }, { ...whole, cut: true });
  await untilCommitted(client);
  await lab.setLink({ from: 'bank-b', to: 'coordinator' }, whole);
}

async function repeats(t: Test, { lab, client }: Running): Promise<void> {
  const before = await total(client);
  for (const to of ['bank-a', 'bank-b'] as const) {
    await lab.setLink({ from: 'coordinator', to }, { ...whole, duplicate: true });
    await lab.setLink({ from: to, to: 'coordinator' }, { ...whole, duplicate: true });
  }
  await lab.setLink(fromClients, { ...whole, duplicate: true });
  const balance = async () => {
    const { accounts } = await client.snapshot();
    return accounts.find(({ account }) => account === 'bob')?.posted ?? 0;
  };
  const bob = await balance();
  for (let n = 0; n < 5; n += 1) t.equal((await client.transfer(request)).state, 'committed');
  t.equal(await balance(), bob + 5 * request.amount, 'each moved once');
  t.equal(await total(client), before);
  for (const { from, to } of (await lab.look()).links) await lab.setLink({ from, to }, whole);
}

async function clientsAreCutOff(t: Test, { lab, client, address }: Running): Promise<void> {
  const events = client.events()[Symbol.asyncIterator]();
  t.match((await events.next()).value, { type: 'connected' });
  await lab.setLink(fromClients, { ...whole, cut: true });
  await t.rejects(client.live(), { code: 'unreachable' }, 'a cut is an error, at once');
  t.equal((await lab.look()).links[0]?.cut, true, 'and the lab answers all the same');
  await lab.setLink(fromClients, whole);
  t.match((await events.next()).value, { type: 'connected' }, 'the stream comes back by itself');
  await events.return?.();
  const { address: own } = await nodeIn(lab, 'coordinator');
  t.not(own, address);
  t.match(await connect(own).live(), { status: 'live' });
  await lab.act('coordinator', 'stop');
  await t.rejects(client.live(), { code: 'unreachable' }, 'so is a coordinator that is not there');
  await lab.act('coordinator', 'start');
  await untilIt(lab, 'coordinator', 'running');
  await untilCommitted(client);
}

async function loads(t: Test, { lab, client }: Running): Promise<void> {
  const before = await total(client);
  t.match(await lab.setLoad(100), { transfersPerSecond: 100 });
  await eventually('many are committed', async () => (await lab.look()).load.committed >= 100);
  await lab.act('bank-a', 'kill');
  await untilIt(lab, 'bank-a', 'running');
  const { committed } = (await lab.look()).load;
  await eventually('it goes on', async () => (await lab.look()).load.committed > committed + 50);
  await lab.setLoad(0);
  const last = await eventually('every one has an outcome', async () => {
    const { load } = await lab.look();
    return load.sent === load.committed + load.aborted + load.failed && load;
  });
  t.ok((last.p99Ms ?? 0) > 0);
  t.equal(await total(client), before, 'the total stays');
}

/** Whether something listens there. */
const answers = (address: string) =>
  new Promise<boolean>((resolve) => {
    const { port, hostname } = new URL(address);
    const socket = openSocket(Number(port), hostname);
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => {
      resolve(false);
    });
  });

async function leavesNothing(
  t: Test,
  { lab, client, address }: Running,
  stop: () => Promise<void>,
) {
  await lab.play({ scenario: 'participant-fails-to-vote', stepped: true });
  await eventually('it waits', async () => (await lab.followPlay()).state === 'waiting', 60_000);
  await lab.step();
  const paused = await eventually('a node of it is paused', async () => {
    const { lines, state } = await lab.followPlay();
    const said = lines.find(({ text }) => text.startsWith('kill -STOP'))?.text ?? '';
    return state === 'waiting' && lines.length > 2 && Number(/process (\d+)/.exec(said)?.[1]);
  });
  await lab.setLoad(50);
  await lab.setLink(toB, { ...whole, delayMs: 5_000 });
  await lab.act('bank-a', 'pause');
  const { nodes }: LabView = await lab.look();
  const registered = [];
  for await (const participant of client.participants()) registered.push(participant.address);
  const places = [address, ...registered, ...nodes.map((node) => node.address)];
  for (const place of places) if (place !== nodes[1]?.address) t.ok(await answers(place), place);
  await stop();
  for (const pid of [paused, ...nodes.map((node) => node.pid)]) {
    t.notOk(isRunning(pid), `process ${pid ?? ''} is gone`);
  }
  for (const place of places) t.notOk(await answers(place), `nothing listens at ${place}`);
}

void t.test('the lab of up', async (t) => {
  const folder = t.testdir({ tmp: {}, ...browser });
  const tmp = join(folder, 'tmp');
  const opened = join(folder, 'opened');
  const env = { TMPDIR: tmp, PATH: pathWith(folder), OPENED: opened };
  const { child, said } = startUp(t, join(folder, 'data'), env, ['--open']);
  const address = await labOf(said);
  const running = { lab: connectLab(address), client: connect(address), address, said };
  t.match((await introduced(said)).size, 3);
  const { client, lab } = running;

  await t.test('has a page, which is opened', async (t) => {
    const text = await eventually('the browser was told', () => {
      return existsSync(opened) && readFileSync(opened, 'utf8');
    });
    t.equal(text, `${address}/console\n`);
  });
  await t.test('passes on to the coordinator what is not its own', async (t) => {
    t.match(await client.ready(), { role: 'coordinator' });
    t.equal((await client.transfer(request)).state, 'committed');
    const page = { headers: { 'sec-fetch-site': 'same-origin', origin: address } };
    t.equal((await fetch(`${address}/transfers`, page)).status, 200, 'for its own page, too');
    const strange = { headers: { origin: 'http://evil.example' }, method: 'POST' };
    t.equal((await fetch(`${address}/transfers`, strange)).status, 403);
    await t.rejects(connectLab((await nodeIn(lab, 'coordinator')).address).look(), {
      code: 'not-found',
    });
  });
  await t.test('a node that is killed comes back', (t) => kills(t, running));
  await t.test('a node that is stopped stays so until it is started', (t) => stops(t, running));
  await t.test('a node that is paused in doubt commits when it goes on', (t) => pauses(t, running));
  await t.test('a cut link has transfers aborted for want of a vote', (t) => cuts(t, running));
  await t.test('requests that come twice do no harm', (t) => repeats(t, running));
  await t.test('clients that are cut off hear of it at once', (t) => clientsAreCutOff(t, running));
  await t.test('a load runs, also over a crash, and totals stay', (t) => loads(t, running));
  await t.test('nothing of it is left when up ends', async (t) => {
    await leavesNothing(t, running, async () => {
      t.equal(await end(child, 'SIGINT'), 0);
    });
    t.strictSame(readdirSync(tmp), []);
  });
});
