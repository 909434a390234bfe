/** What a node does when it refuses somebody for a key, besides answering. */
import { pino } from 'pino';
import { PassThrough } from 'node:stream';
import t from 'tap';
import { KeyRing } from '../../http/key-ring.ts';
import { keySetOf, makeKeys } from '../../http/keys.ts';
import { RefusalLog } from '../../http/refusal-log.ts';
import { contracts } from '../fixtures/contract.ts';
import { fakeNode } from '../fixtures/fake-node.ts';

void t.test('the log tells of a refused request, and never its key', async (t) => {
  let lines = '';
  const logger = pino({ level: 'warn' }, { write: (line) => void (lines += line) });
  const { app, keys } = await fakeNode(t, 'participant', { logger, loopback: false });
  const bearing = (key: string) => ({ authorization: `Bearer ${key}`, 'request-id': 'r1' });
  await app.inject({ url: '/accounts', headers: bearing(keys.client) });
  t.equal(lines, '', 'whoever is let in is no line');
  await app.inject({ method: 'POST', url: '/accounts', headers: bearing(keys.client) });
  const [line] = lines.trim().split('\n');
  t.match(JSON.parse(line ?? ''), {
    level: 40,
    requestId: 'r1',
    operation: 'openAccount',
    status: 403,
    ip: '127.0.0.1',
    others: 0,
    msg: 'a request was refused for its key or certificate: openAccount, 403',
  });
  for (let n = 0; n < 200; n += 1) {
    await app.inject({ url: '/accounts', headers: bearing('x'.repeat(43)) });
  }
  t.ok(lines.split('\n').length < 20, 'a flood is few lines');
  t.notOk(lines.includes(keys.client) || lines.includes('x'.repeat(43)));
});

void t.test('there is a line a second at most, which counts those between', async (t) => {
  const told: object[] = [];
  let now = 0;
  const log = new RefusalLog({ warn: (details) => void told.push(details) }, () => now);
  const { requests, app } = await fakeNode(t, 'participant');
  await app.inject('/accounts');
  const [request] = requests;
  const operation = contracts.participant.operations.get('listAccounts');
  if (!request || !operation) throw new Error('the fixture has called listAccounts');
  const refuse = () => {
    log.tell(request, operation, { status: 401, body: {} });
  };
  for (const at of [0, 1, 999]) {
    now = at;
    refuse();
  }
  t.match(told, [{ others: 0, status: 401, operation: 'listAccounts' }]);
  t.equal(told.length, 1);
  now = 1_000;
  refuse();
  t.match(told[1], { others: 2 });
  now = 5_000;
  refuse();
  t.match(told[2], { others: 0 });
});

void t.test('a stream is cut when its key is revoked, and no other one', async (t) => {
  const [first, second] = [makeKeys(), makeKeys()];
  const ring = new KeyRing({ ...keySetOf(first), client: [second.client, first.client] });
  const streams: PassThrough[] = [];
  const streamEvents = () => {
    const body = new PassThrough();
    body.write(':\n\n');
    streams.push(body);
    return Promise.resolve({ status: 200, body });
  };
  const { app } = await fakeNode(t, 'coordinator', {
    keys: ring,
    loopback: false,
    handlers: { streamEvents },
  });
  const address = await app.listen({ port: 0, host: '127.0.0.1' });
  const open = async (key: string) => {
    const { body } = await fetch(`${address}/events`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const reader = body?.getReader();
    const read = async () => Buffer.from((await reader?.read())?.value ?? []).toString();
    await read();
    return read;
  };
  const [old, current] = [await open(first.client), await open(second.client)];
  ring.replace({ ...keySetOf(first), client: [second.client] });
  await t.rejects(old(), 'the old key');
  streams[1]?.end('data\n\n');
  t.equal(await current(), 'data\n\n', 'the new key');
});
