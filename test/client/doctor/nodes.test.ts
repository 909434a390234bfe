import { createServer, type AddressInfo } from 'node:net';
import t from 'tap';
import type { Check } from '../../../client/doctor/check.ts';
import {
  checkCoordinators,
  checkParticipants,
  checkPort,
  checkSkew,
} from '../../../client/doctor/network.ts';
import { checkStore } from '../../../client/doctor/store.ts';
import { deadAddress, fakeCoordinator, hang, html, json } from '../../fixtures/fake-coordinator.ts';
import { MemoryDisk } from '../../fixtures/memory-disk.ts';
import { FOLDER, initTally, openTally } from '../../fixtures/tally.ts';

async function all(checks: AsyncIterable<Check>): Promise<Check[]> {
  const found = [];
  for await (const check of checks) found.push(check);
  return found;
}

const ready = { status: 'ready', role: 'coordinator', store: 'k3f9q2ma', epoch: 1 };
const document = { info: { version: '0.1.0' } };

void t.test('a coordinator is asked how it is, what its time is, and its version', async (t) => {
  const look = async (...answers: Parameters<typeof fakeCoordinator>[1][]) => {
    const { url } = await fakeCoordinator(t, ...answers);
    return all(checkCoordinators([url], '0.1.0'));
  };
  t.match(await look(json(200, ready), json(200, document)), [
    { name: 'coordinator', state: 'ok', found: /is ready, with the store k3f9q2ma/ },
    { name: 'clock skew', state: 'ok' },
    { name: 'version', state: 'ok' },
  ]);
  const unready = json(503, { code: 'not-ready', detail: 'bank-b cannot be reached' });
  const old = json(200, { info: { version: '0.0.9' } });
  t.match(await look(unready, old), [
    { state: 'warn', found: /live, not ready: bank-b cannot be reached/ },
    { state: 'ok' },
    { state: 'warn', found: /the coordinator has 0\.0\.9/ },
  ]);
  const late = json(200, ready, { date: new Date(Date.now() - 60_000).toUTCString() });
  t.match(await look(late, html(200)), [
    { state: 'ok' },
    { name: 'clock skew', state: 'warn', found: /(59|60|61) s behind/ },
    { name: 'version', state: 'warn', found: /is no JSON/ },
  ]);
});

void t.test('an address that is none of a coordinator is a failure', async (t) => {
  const [gone] = await all(checkCoordinators([await deadAddress()], '0.1.0'));
  t.match(gone, { state: 'fail', found: /does not answer: .*ECONNREFUSED/, advice: /start it/ });
  const bank = await fakeCoordinator(t, json(200, { ...ready, role: 'participant' }));
  const wrong = await all(checkCoordinators([bank.url], '0.1.0'));
  t.match(wrong, [{ state: 'fail', found: /is a participant/ }]);
  t.equal(wrong.length, 1);
  const stranger = await fakeCoordinator(t, json(404, {}));
  t.match(await all(checkCoordinators([stranger.url], '0.1.0')), [{ found: /answers 404/ }]);
  const silent = await fakeCoordinator(t, hang);
  const [slow] = await all(checkCoordinators([silent.url], '0.1.0'));
  t.match(slow, { state: 'fail', found: /no answer within 3000 ms/ });
  t.match(checkSkew(undefined), { state: 'ok', found: /does not say/ });
});

void t.test('each address of a coordinator is asked, and one that answers is enough', async (t) => {
  const looked = async (...addresses: string[]) => all(checkCoordinators(addresses, '0.1.0'));
  const dead = await deadAddress();
  const one = await fakeCoordinator(t, json(200, ready), json(200, document));
  t.match(await looked(dead, `${one.url}/`), [
    { name: 'coordinator', state: 'warn', found: new RegExp(`^${dead} does not answer`) },
    { name: 'coordinator', state: 'ok', found: new RegExp(`^${one.url} is ready`) },
    { name: 'clock skew' },
    { name: 'version', state: 'ok' },
  ]);
  t.match(await looked(dead, dead), [{ state: 'fail' }, { state: 'fail' }]);
  const bank = await fakeCoordinator(t, json(200, { ...ready, role: 'participant' }));
  const again = await fakeCoordinator(t, json(200, ready), json(200, document));
  const besides = await looked(again.url, bank.url);
  t.match(besides.at(-1), { state: 'fail', found: /is a participant/ }, 'it would be asked');
});

void t.test('addresses of two coordinators are not those of one', async (t) => {
  const one = await fakeCoordinator(t, json(200, ready), json(200, document));
  const other = { ...ready, store: 'zzzzzzzz' };
  const two = await fakeCoordinator(t, json(200, other), json(200, document));
  const found = (await all(checkCoordinators([one.url, two.url], '0.1.0'))).at(-1);
  const theirs = `${one.url} has the store k3f9q2ma, and ${two.url} has zzzzzzzz`;
  t.match(found, { state: 'fail', found: theirs, advice: /only addresses that lead to one store/ });
});

void t.test('participants are asked where they have registered', async (t) => {
  t.match(await all(checkParticipants(new Map())), [{ state: 'ok', found: /none has registered/ }]);
  const bank = { ...ready, role: 'participant', name: 'bank-a' };
  const there = await fakeCoordinator(t, json(200, bank));
  const unready = await fakeCoordinator(t, json(503, { detail: 'not confirmed' }));
  const members = new Map([
    ['bank-a', there.url],
    ['bank-b', there.url],
    ['bank-c', unready.url],
    ['bank-d', await deadAddress()],
  ]);
  t.match(await all(checkParticipants(members)), [
    { state: 'ok', found: /^bank-a at .* is ready/ },
    { state: 'warn', found: /somebody else answers/ },
    { state: 'warn', found: /is not ready: not confirmed/ },
    { state: 'warn', found: /does not answer/, advice: /start it/ },
  ]);
});

void t.test('a port that is taken is no trouble while the node itself runs', async (t) => {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  t.match(await checkPort('127.0.0.1', port, undefined), { state: 'fail', found: /is taken/ });
  t.match(await checkPort('127.0.0.1', port, 'process 42'), {
    state: 'ok',
    found: /while process 42 runs/,
  });
  t.match(await checkPort('127.0.0.1', 0, undefined), { state: 'ok' });
  t.match(await checkPort('203.0.113.1', 0, undefined), { state: 'fail', advice: /this machine/ });
});

void t.test('a store is looked at as a start finds it, or whole', async (t) => {
  const disk = new MemoryDisk();
  const look = (full = false, alive = false, role: 'participant' | 'coordinator' = 'participant') =>
    checkStore({ folder: FOLDER, role, disk, full, isAlive: (pid) => alive && pid === 4711 });
  t.match((await look()).checks, [{ state: 'fail', advice: /unanimous init --role participant/ }]);
  await initTally(disk);
  const tally = await openTally(disk, { segmentBytes: 1024 });
  for (let n = 0; n < 40; n++) {
    tally.count('x'.repeat(50));
    await tally.log.durable();
  }
  await tally.log.close();
  disk.put(`${FOLDER}/lock`, '4711\n');
  const files = disk.paths.map((name) => disk.text(name));
  t.match((await look()).checks, [
    { name: 'store', state: 'ok', found: /^k3f9q2ma of a participant, format 1, epoch 1$/ },
    { name: 'log', state: 'ok', found: /^\d+ records in \d+ segments; proved from the check/ },
    { name: 'lock', found: 'no process runs on it' },
  ]);
  t.match(await look(true, true), { holder: 4711, checks: [{}, { found: /every one is proved/ }] });
  t.match((await look(false, false, 'coordinator')).checks, [
    { state: 'fail', advice: /folder of/ },
  ]);
  t.strictSame(
    disk.paths.map((name) => disk.text(name)),
    files,
    'nothing is changed',
  );

  const text = disk.text(`${FOLDER}/log/000002.json`);
  disk.flip(`${FOLDER}/log/000002.json`, 8 * text.indexOf('xxx'));
  t.match((await look()).checks, [{}, { name: 'log', state: 'ok' }], 'a start does not read it');
  const damaged = { name: 'log', state: 'fail', found: /000002\.json is damaged/, advice: /OPERA/ };
  t.match((await look(true)).checks, [{}, damaged]);
});

void t.test('a torn end is no failure, and of a node that runs not even strange', async (t) => {
  const disk = new MemoryDisk();
  await initTally(disk);
  const tally = await openTally(disk);
  tally.count();
  tally.count();
  await tally.log.close();
  const log = `${FOLDER}/log/000001.json`;
  disk.truncate(log, disk.text(log).length - 20);
  disk.put(`${FOLDER}/lock`, '4711\n');
  const look = (alive: boolean) =>
    checkStore({
      ...{ folder: FOLDER, role: 'participant', disk, full: false },
      isAlive: () => alive,
    });
  t.match((await look(false)).checks, [{}, { state: 'warn', found: /is torn: record 2/ }]);
  t.match((await look(true)).checks, [{}, { state: 'ok' }]);
});
