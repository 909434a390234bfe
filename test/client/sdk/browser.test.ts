/** The library as built, in a real browser, without a bundler. */
import { readFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { noBrowser, openBrowser, openPage } from '../../fixtures/browser.ts';
import { startCluster } from '../../fixtures/cluster.ts';

const dist = fileURLToPath(new URL('../../../dist/', import.meta.url));

/** A site that has the library under `/client/sdk/`, and the coordinator behind it. */
async function openSite(t: Test, coordinator: string): Promise<string> {
  const server = createServer((incoming, outgoing) => {
    const { url = '/', method, headers } = incoming;
    if (url === '/') {
      outgoing.setHeader('content-type', 'text/html').end('<!doctype html><title>shop</title>');
    } else if (url.startsWith('/client/sdk/')) {
      outgoing.setHeader('content-type', 'text/javascript');
      void readFile(join(dist, url)).then((file) => outgoing.end(file));
    } else {
      const onward = request(new URL(url, coordinator), { method, headers }, (reply) => {
        outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(outgoing);
      });
      outgoing.on('close', () => onward.destroy());
      incoming.pipe(onward);
    }
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What the page does; it runs there, as text. */
const shop = `(async () => {
  const { ApiError, connect } = await import('/client/sdk/index.js');
  const unanimous = connect(location.origin);
  const payment = { from: 'bank-a/main', to: 'bank-b/main', amount: 2500, currency: 'USD' };
  const told = [];
  const outcome = await unanimous.transfer(payment);
  told.push(outcome.state);
  for await (const { state } of unanimous.transfers()) told.push(state);
  for await (const { type } of unanimous.events({ after: '0' })) {
    told.push(type);
    if (type === 'decided') break;
  }
  await unanimous.getTransfer('x').catch((error) => {
    told.push(error instanceof ApiError && error.code);
  });
  const elsewhere = connect('http://127.0.0.1:9');
  await elsewhere.ready().catch(({ code, definite }) => told.push(code, definite));
  return told;
})()`;

void t.test('the library runs in a browser', { skip: noBrowser }, async (t) => {
  const cluster = await startCluster(t);
  const site = await openSite(t, cluster.coordinator.address);
  const { page } = await openPage(await openBrowser(t), site);
  t.strictSame(await page.evaluate(shop), [
    'committed',
    'committed',
    'connected',
    'registered',
    'registered',
    'begun',
    'decided',
    'invalid-request',
    'unreachable',
    false,
  ]);
});
