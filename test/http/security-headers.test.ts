import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import t from 'tap';
import { fakeNode } from '../fixtures/fake-node.ts';

const expected = {
  'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
};

void t.test('every answer has the security headers, whatever it is', async (t) => {
  const { app } = await fakeNode(t, 'coordinator', {
    handlers: { getSnapshot: () => Promise.reject(new Error('unforeseen')) },
  });
  const urls = ['/transfers', '/health/live', '/openapi.json', '/nothing', '/transfers/%zz'];
  for (const url of [...urls, '/transfers?x=1', '/snapshot', '/transfers/42']) {
    const { headers } = await app.inject(url);
    t.match(headers, expected, url);
    t.notOk(headers['strict-transport-security'], 'which is for whoever ends TLS to promise');
    t.notOk(headers['x-powered-by'] ?? headers['server']);
  }
  const host = { host: 'shop.example' };
  t.match((await app.inject({ url: '/transfers', headers: host })).headers, expected);
});

void t.test('the documents have a policy of their own, and the other headers', async (t) => {
  const { app } = await fakeNode(t, 'participant');
  for (const url of ['/docs', '/docs/static/swagger-ui-bundle.js']) {
    const { headers } = await app.inject(url);
    t.match(headers, { ...expected, 'content-security-policy': /default-src 'self';/ }, url);
  }
});

void t.test('what never became a request is told with the same headers', async (t) => {
  const { app } = await fakeNode(t, 'participant');
  await app.listen({ port: 0, host: '127.0.0.1' });
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  let said = '';
  socket.on('data', (bytes: Buffer) => (said += bytes.toString()));
  socket.write('NONSENSE\r\n\r\n');
  await once(socket, 'close');
  for (const [name, value] of Object.entries(expected)) {
    t.ok(said.includes(`\r\n${name}: ${value}\r\n`), name);
  }
});
