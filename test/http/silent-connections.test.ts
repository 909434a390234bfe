/** Connections on which nothing was said in time. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { SilentConnections } from '../../http/silent-connections.ts';

/** Opens connections; each time, gives both of its ends. */
async function opening(t: Test) {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const clients: Socket[] = [];
  t.teardown(() => {
    for (const client of clients) client.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return async () => {
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const client = connect(port, '127.0.0.1');
    clients.push(client);
    const [served] = await accepted;
    return { client, served };
  };
}

void t.test('the oldest are closed first, but who was answered meanwhile goes on', async (t) => {
  const open = await opening(t);
  const { client, served: heard } = await open();
  const answer = once(client, 'data');
  heard.write('HTTP/1.1 200 OK\r\n\r\n');
  await answer;
  const { client: mumbler, served: mumbling } = await open();
  const bytes = once(mumbling, 'data');
  mumbler.write('\n');
  await bytes;
  const { client: leaver, served: left } = await open();
  const end = once(left, 'close');
  left.resume();
  leaver.destroy();
  await end;

  const pairs: Awaited<ReturnType<typeof open>>[] = [];
  while (pairs.length < 25) pairs.push(await open());
  const silent = new SilentConnections();
  const closed: number[] = [];
  const ends = pairs.map(async ({ served }, at) => {
    await once(served, 'close');
    closed.push(at);
  });
  const mumbled = once(mumbling, 'close');
  for (const socket of [heard, left, mumbling, ...pairs.map(({ served }) => served)]) {
    silent.close(socket);
  }
  await Promise.all(ends);
  const batches = [closed.slice(0, 9), closed.slice(9, 19), closed.slice(19)];
  const inOrder = batches.map((batch) => batch.sort((a, b) => a - b));
  t.strictSame(inOrder.flat(), [...pairs.keys()], 'ten at once, and in any order those ten');
  await mumbled;
  t.notOk(heard.destroyed, 'who was answered meanwhile goes on');

  const { served: next } = await open();
  silent.close(next);
  await once(next, 'close');
});
