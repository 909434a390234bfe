/** Runs the collection that is checked in against a real cluster. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import newman, { type NewmanRunSummary } from 'newman';
import t, { type Test } from 'tap';
import { readKeyFile } from '../../../http/key-file.ts';
import { sentKeys, type Keys } from '../../../http/keys.ts';
import { call } from '../../fixtures/cluster.ts';
import { collection, environment, items, script } from '../../fixtures/postman.ts';
import { introduced, startUp } from '../../fixtures/up.ts';

interface Places {
  coordinator: string;
  participant: string;
  peer: string;
}

/** Longer than any answer takes. Milliseconds. */
const timeoutMs = 120_000;

function runCollection(places: Places, keys: Partial<Keys>): Promise<NewmanRunSummary> {
  const named = Object.entries(keys).map(([role, key]) => [`${role}Key`, key] as const);
  const envVar = [...Object.entries(places), ...named].map(([key, value]) => ({ key, value }));
  return new Promise((resolve, reject) => {
    newman.run({ collection, environment, envVar, timeout: timeoutMs }, (error, summary) => {
      if (error) reject(error);
      else resolve(summary);
    });
  });
}

const failuresOf = ({ run }: NewmanRunSummary) =>
  run.failures.map(({ source, error }) => `${source?.name}: ${error.test}: ${error.message}`);

const namesOf = ({ run }: NewmanRunSummary) => run.executions.map(({ item }) => item.name);

async function startCluster(t: Test) {
  const data = join(t.testdir(), 'data');
  const nodes = await introduced(startUp(t, data).said);
  const file = join(data, 'keys.json');
  const address = (name: string) => nodes.get(name)?.address ?? '';
  return {
    keys: sentKeys(readKeyFile(file)),
    places: {
      coordinator: address('coordinator'),
      participant: address('bank-a'),
      peer: address('bank-b'),
    },
  };
}

void t.test('the collection and a fresh cluster', async (t) => {
  const { keys, places } = await startCluster(t);
  const balances = async () => [
    (await call('GET', `${places.participant}/accounts/alice`)).body.posted,
    (await call('GET', `${places.peer}/accounts/bob`)).body.posted,
  ];

  await t.test('every request is sent and every assertion passes, time and again', async (t) => {
    for (const time of ['first', 'second']) {
      const summary = await runCollection(places, keys);
      t.strictSame(failuresOf(summary), [], `the ${time} run`);
      t.strictSame(
        namesOf(summary),
        items.map(({ name }) => name),
        'from top to bottom',
      );
      t.ok((summary.run.stats.assertions.total ?? 0) > 3 * items.length, 'each asserts something');
      t.strictSame(await balances(), [100_000, 100_000], 'what went out came back');
    }
  });

  await t.test('without keys, what needs one is not sent, and the rest passes', async (t) => {
    const summary = await runCollection(places, {});
    t.strictSame(failuresOf(summary), []);
    const open = items.filter((item) => !script(item, 'prerequest').includes('skipRequest'));
    t.strictSame(
      namesOf(summary),
      open.map(({ name }) => name),
    );
    t.ok(open.length < items.length, 'something needs a key');
  });

  await t.test('an answer that breaks the contract fails at each request', async (t) => {
    const summary = await runCollection(
      {
        coordinator: await startDamage(t, places.coordinator),
        participant: await startDamage(t, places.participant),
        peer: await startDamage(t, places.peer),
      },
      keys,
    );
    t.equal(summary.run.executions.length, items.length);
    for (const { item, assertions } of summary.run.executions) {
      const failed = (name: RegExp) => assertions.find((one) => name.test(one.assertion))?.error;
      const isText = item.name.startsWith('Read the metrics');
      const schema = failed(/^the body keeps/)?.message ?? '';
      t.equal(/should have required property/.test(schema), !isText, `${item.name}: ${schema}`);
      t.match(failed(/^Request-Id/)?.message, /expected .* to be a string/, item.name);
      t.notOk(failed(/^the status/), `${item.name} still has its status`);
    }
  });
});

/** Fields that no later request lives on; every body has one of them, and must have it. */
const damaged = [
  'createdAt',
  'title',
  'data',
  'inDoubt',
  'frozen',
  'peers',
  'participant',
  'totals',
  'results',
  'status',
  'id',
];

/** A proxy that takes a field out of each body, and the Request-Id out of the headers. */
async function startDamage(t: Test, target: string): Promise<string> {
  const server = createServer((incoming, outgoing) => {
    void damage(target, incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function damage(target: string, incoming: IncomingMessage, outgoing: ServerResponse) {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const { host, connection, 'content-length': _, ...headers } = incoming.headers;
  const sent = Buffer.concat(chunks).toString();
  const body = sent === '' ? undefined : JSON.parse(sent);
  const path = `${target}${incoming.url ?? '/'}`;
  if (incoming.url === '/metrics') {
    const reply = await fetch(path, { headers: headers as Record<string, string> });
    const type = reply.headers.get('content-type') ?? '';
    outgoing.writeHead(reply.status, { 'content-type': type }).end(await reply.text());
    return;
  }
  const reply = await call(incoming.method ?? 'GET', path, body, headers as Record<string, string>);
  const field = damaged.find((name) => name in reply.body) ?? '';
  const { [field]: taken, ...rest } = reply.body;
  const type = reply.headers.get('content-type') ?? '';
  outgoing.writeHead(reply.status, { 'content-type': type }).end(JSON.stringify(rest));
}
