/** Connections on which nothing was said yet. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { SilentConnections } from '../../http/silent-connections.ts';

const request = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';

/** A server that says hello, behind what is tested; `open` gives both ends of a connection. */
async function guarded(t: Test, ms: number) {
  const server = createServer((_request, response) => response.end('hello'));
  new SilentConnections(ms).guard(server, 'connection');
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const clients: Socket[] = [];
  t.teardown(() => {
    for (const client of clients) client.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const open = async () => {
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const client = connect(port, '127.0.0.1');
    clients.push(client);
    const [served] = await accepted;
    return { client, served };
  };
  return { server, open };
}

async function heardBy(client: Socket): Promise<string> {
  const [bytes] = (await once(client, 'data')) as [Buffer];
  return bytes.toString();
}

void t.test('the oldest are closed first, a few at once, and who has spoken goes on', async (t) => {
  const { open } = await guarded(t, 2_000);
  const { client: speaker, served: heard } = await open();
  const pairs: Awaited<ReturnType<typeof open>>[] = [];
  while (pairs.length < 25) pairs.push(await open());
  const closed: number[] = [];
  const ends = pairs.map(async ({ client, served }, at) => {
    client.on('data', () => t.fail('it is told nothing'));
    await once(served, 'close');
    closed.push(at);
  });
  speaker.write(request);
  t.match(await heardBy(speaker), /^HTTP\/1\.1 200 OK[^]*hello$/);
  const allAreLate = performance.now() + 2_000;
  while (performance.now() < allAreLate);
  await Promise.all(ends);
  const batches = [closed.slice(0, 10), closed.slice(10, 20), closed.slice(20)];
  const inOrder = batches.map((batch) => batch.sort((a, b) => a - b));
  t.strictSame(inOrder.flat(), [...pairs.keys()], 'ten at once, and in any order those ten');
  t.notOk(heard.destroyed, 'who has spoken goes on');
  speaker.write(request);
  t.match(await heardBy(speaker), /hello$/, 'and is heard again');
});

void t.test('a request in pieces is heard whole', async (t) => {
  const { open } = await guarded(t, 60_000);
  const { client, served } = await open();
  client.write(request.slice(0, 1));
  await once(served, 'data');
  client.write(request.slice(1));
  t.match(await heardBy(client), /hello$/);
});

void t.test('who leaves, or breaks, without a word is forgotten', async (t) => {
  const { open } = await guarded(t, 60_000);
  const [leaver, breaker] = [await open(), await open()];
  // Not `once`: that would hear of errors in their place.
  const ends = [leaver, breaker].map(({ served }) => {
    return new Promise((resolve) => served.on('close', resolve));
  });
  leaver.client.end();
  breaker.client.resetAndDestroy();
  await Promise.all(ends);
  const { client } = await open();
  client.write(request);
  t.match(await heardBy(client), /hello$/, 'and others are heard');
});

void t.test('what closes the idle waits a moment for what is on its way', async (t) => {
  const { server, open } = await guarded(t, 60_000);
  const [late, silent] = [await open(), await open()];
  const closed = once(server, 'close');
  const since = performance.now();
  server.close();
  late.client.write(request);
  t.match(await heardBy(late.client), /hello$/);
  await once(silent.client, 'close');
  t.ok(performance.now() - since < 30_000, 'but not as long as otherwise');
  late.client.destroy();
  await closed;
});

void t.test('a server that closes all connections closes them at once', async (t) => {
  const { server, open } = await guarded(t, 60_000);
  const { client, served } = await open();
  server.closeAllConnections();
  t.ok(served.destroyed);
  await once(client, 'close');
});
