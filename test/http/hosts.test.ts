import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import t from 'tap';
import { checkReply } from '../fixtures/contract.ts';
import { fakeNode, type FakeNode } from '../fixtures/fake-node.ts';

/** What is answered to a request that is the last of its connection. */
async function exchange(port: number, head: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let said = '';
  socket.on('data', (bytes: Buffer) => (said += bytes.toString()));
  socket.write(`${head}\r\nConnection: close\r\n\r\n`);
  await once(socket, 'close');
  return said;
}

const ask = ({ app }: FakeNode, host: string) =>
  app.inject({ url: '/accounts', headers: { host } });

void t.test('on loopback a node answers to its own addresses and names only', async (t) => {
  const node = await fakeNode(t, 'participant', { hosts: ['127.0.0.1', 'Bank.example'] });
  const own = ['localhost', 'localhost:1', 'LOCALHOST:7701', '127.0.0.1:7701', '127.9.9.9'];
  for (const host of [...own, '[::1]', '[::1]:7701', 'bank.example', 'BANK.example:443']) {
    t.equal((await ask(node, host)).statusCode, 200, host);
  }
  node.calls.length = 0;
  const others = ['shop.example', 'shop.example:7701', 'localhost.shop.example', '10.0.0.1:7701'];
  const odd = ['localhost:', 'localhost:7701:1', '[localhost]', '::1', 'x@localhost', 'a b', '0'];
  for (const host of [...others, ...odd, '127.0.0.1.nip.io', 'x'.repeat(300), '[::2]']) {
    const reply = await ask(node, host);
    t.match(reply.json(), { code: 'wrong-host', status: 421, definite: true }, host);
    t.ok(reply.json().detail.length < 200);
    checkReply(t, 'participant', 'listAccounts', reply);
  }
  t.same(node.calls, [], 'no handler has heard of them');
});

void t.test('elsewhere any address is fine: none can be pointed here later', async (t) => {
  const node = await fakeNode(t, 'participant', { loopback: false, keys: null, hosts: ['bank'] });
  for (const host of ['10.0.0.1:7701', '[2001:db8::1]:7701', 'bank:7701', 'localhost']) {
    t.equal((await ask(node, host)).statusCode, 200, host);
  }
  for (const host of ['shop.example', 'bank.shop.example', '10.0.0.1.shop.example']) {
    t.equal((await ask(node, host)).statusCode, 421, host);
  }
});

void t.test('the name is asked for on every path, documents and health included', async (t) => {
  const { app } = await fakeNode(t, 'coordinator');
  for (const url of ['/docs', '/openapi.json', '/health/live', '/health/ready', '/', '/nothing']) {
    const reply = await app.inject({ url, headers: { host: 'shop.example' } });
    t.equal(reply.json().code, 'wrong-host', url);
  }
});

void t.test('the host of a whole URL counts, not the one beside it', async (t) => {
  const { app, calls } = await fakeNode(t, 'participant');
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const targets = { 'http://shop.example/accounts': 421, 'HTTP://localhost:1/accounts': 200 };
  for (const [target, status] of Object.entries(targets)) {
    const said = await exchange(port, `GET ${target} HTTP/1.1\r\nHost: localhost`);
    t.match(said, new RegExp(`^HTTP/1.1 ${status} `), target);
  }
  t.same(calls, ['listAccounts']);
});

void t.test('a request without a Host is not answered', async (t) => {
  const { app, calls } = await fakeNode(t, 'participant');
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  for (const version of ['1.0', '1.1']) {
    const said = await exchange(port, `GET /accounts HTTP/${version}`);
    t.match(said, /^HTTP\/1\.1 400 .*"code":"invalid-request".*no Host header/s, version);
  }
  t.same(calls, []);
});
