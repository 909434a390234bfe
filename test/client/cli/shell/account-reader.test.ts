import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { coordinatorOf, participantAt } from '../../../../client/cli/client-command.ts';
import { AccountReader } from '../../../../client/cli/shell/account-reader.ts';
import { eventually } from '../../../fixtures/cluster.ts';

/** One server as a coordinator and all its participants, and what reads from it. */
async function reading(t: Test, participants: Record<string, string>, accounts: () => unknown[]) {
  let breaks = false;
  const seen: string[] = [];
  const server = createServer((request, response) => {
    const { url = '' } = request;
    seen.push(url);
    const members = Object.entries(participants).map(([name, address]) => ({
      ...{ name, address: address || here, store: 'p81dz0qk', epoch: 1, health: 'up' },
      ...{ lastSeenAt: null, inDoubt: [] },
    }));
    const from = Number(/cursor=(\d+)/.exec(url)?.[1] ?? 0);
    const all = url.startsWith('/participants') ? members : accounts();
    const nextCursor = from + 100 < all.length ? String(from + 100) : null;
    const body = { data: all.slice(from, from + 100), page: { nextCursor } };
    if (breaks) request.socket.destroy();
    else response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const here = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const options = { coordinator: here, timeout: 2 };
  let turns = 0;
  const reader = new AccountReader(
    coordinatorOf(options),
    (participant) => participantAt(participant, options),
    () => (turns += 1),
  );
  t.teardown(() => {
    reader.close();
    server.closeAllConnections();
    server.close();
  });
  const setBroken = (broken: boolean) => (breaks = broken);
  return { reader, seen, setBroken, turns: () => turns };
}

const account = (id: string) => ({
  ...{ id, currency: 'USD', posted: 0, held: 0, available: 0, minimum: 0, frozen: false },
});

void t.test('all accounts are read, page by page', async (t) => {
  const all = Array.from({ length: 250 }, (_, at) => account(`a${at}`));
  const { reader, seen, turns } = await reading(t, { 'bank-b': '', 'bank-a': '' }, () => all);
  await reader.search();
  t.strictSame([...(reader.listings?.keys() ?? [])], ['bank-a', 'bank-b'], 'by name');
  t.equal(reader.listings?.get('bank-a')?.currencies.get('a249'), 'USD');
  t.equal(reader.listings?.get('bank-a')?.whole, true);
  t.equal(turns(), 1);
  const requests = seen.length;
  await reader.search();
  reader.refresh();
  t.equal(seen.length, requests, 'what is fresh is not read again');
});

void t.test('of very many accounts some are left out, and that is known', async (t) => {
  const all = Array.from({ length: 1_001 }, (_, at) => account(`a${at}`));
  const { reader } = await reading(t, { 'bank-a': '' }, () => all);
  await reader.search();
  const listing = reader.listings?.get('bank-a');
  t.strictSame([listing?.currencies.size, listing?.whole], [1_000, false]);
});

void t.test('names that the contract does not allow do not come further', async (t) => {
  const names = { 'bank-a': '', '\u001b[2J': '' };
  const { reader } = await reading(t, names, () => [account('x\u001b[2J'), account('alice')]);
  await reader.search();
  t.strictSame([...(reader.listings?.keys() ?? [])], ['bank-a']);
  t.strictSame([...(reader.listings?.get('bank-a')?.currencies.keys() ?? [])], ['alice']);
});

void t.test('a participant that cannot be read leaves the others as they are', async (t) => {
  const names = { 'bank-a': '', 'bank-b': 'http://user@127.0.0.1', 'bank-c': 'http://127.0.0.1:1' };
  const { reader } = await reading(t, names, () => [account('alice')]);
  await reader.search();
  const whole = [...(reader.listings ?? [])].map(([name, listing]) => [name, listing.whole]);
  t.strictSame(whole, [
    ['bank-a', true],
    ['bank-b', false],
    ['bank-c', false],
  ]);
});

void t.test('a coordinator that does not answer is tried until it does', async (t) => {
  const { reader, seen, turns, setBroken } = await reading(t, { 'bank-a': '' }, () => [
    account('alice'),
  ]);
  setBroken(true);
  await reader.search();
  t.match(reader.trouble, { code: 'unreachable' });
  t.equal(reader.listings, undefined);
  await eventually('it is tried again', () => seen.length >= 3);
  t.equal(turns(), 1, 'and is told once');
  setBroken(false);
  await eventually('it is read', () => turns() === 2);
  t.equal(reader.trouble, undefined);
  t.ok(reader.listings?.has('bank-a'));
});

void t.test('a closed reader reads no more, and is not troubled', async (t) => {
  const { reader, turns } = await reading(t, { 'bank-a': '' }, () => []);
  const search = reader.search();
  reader.close();
  await search;
  t.equal(turns(), 0);
  t.equal(reader.trouble, undefined);
});
