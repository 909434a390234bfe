import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { Link } from '../../../client/lab/link.ts';
import { eventually } from '../../fixtures/cluster.ts';

const whole = { delayMs: 0, drop: 'nothing', duplicate: false, cut: false } as const;

/** A node that remembers what reached it, and a link to it. */
async function linked(t: Test) {
  const reached: string[] = [];
  const streams: ServerResponse[] = [];
  const node = createServer((incoming, outgoing) => {
    const path = incoming.url ?? '';
    reached.push(path);
    if (path.startsWith('/events')) {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
      outgoing.write('data: 1\n\n');
      streams.push(outgoing);
    } else void text(incoming).then((body) => outgoing.end(`${body} ${reached.length}`));
  });
  await new Promise<void>((listening) => node.listen(0, '127.0.0.1', listening));
  const link = new Link('coordinator', 'bank-b');
  await link.proxy.listen();
  link.proxy.target = `http://127.0.0.1:${(node.address() as AddressInfo).port}`;
  t.teardown(() => {
    link.close();
    node.closeAllConnections();
    node.close();
  });
  const send = async (path = '/prepare') =>
    (await fetch(link.proxy.address + path, { method: 'POST', body: 'hello' })).text();
  const follow = async () => {
    const { body } = await fetch(`${link.proxy.address}/events`);
    const reader = body?.getReader();
    if (!reader) throw new Error('a stream has a body');
    await reader.read();
    return reader;
  };
  return { link, reached, streams, send, follow };
}

void t.test('a whole link passes everything on, streams as they come', async (t) => {
  const { link, send, follow, streams } = await linked(t);
  t.equal(await send(), 'hello 1');
  const reader = await follow();
  streams[0]?.write('data: 2\n\n');
  t.equal(new TextDecoder().decode((await reader.read()).value), 'data: 2\n\n');
  t.strictSame(link.view(), { from: 'coordinator', to: 'bank-b', ...whole });
});

void t.test('a request takes as long as the link is told', async (t) => {
  const { link, send } = await linked(t);
  link.set({ ...whole, delayMs: 150 });
  const since = performance.now();
  t.equal(await send(), 'hello 1');
  t.ok(performance.now() - since >= 149);
});

void t.test('what is late when a link is cut never arrives', async (t) => {
  const { link, send, reached } = await linked(t);
  link.set({ ...whole, delayMs: 100 });
  const late = t.rejects(send());
  await eventually('it has come to the link', () => link.proxy.count('/prepare') === 1);
  link.set({ ...whole, cut: true });
  await late;
  link.set({ ...whole, delayMs: 200 });
  t.equal(await send(), 'hello 1', 'the next one, which is later still, is the first');
  t.equal(reached.length, 1);
});

void t.test('requests that are dropped do not arrive; with their replies they do', async (t) => {
  const { link, send, reached } = await linked(t);
  link.set({ ...whole, drop: 'requests' });
  await t.rejects(send());
  t.equal(reached.length, 0);
  link.set({ ...whole, drop: 'replies' });
  await t.rejects(send());
  t.equal(reached.length, 1);
});

void t.test('a request that is repeated arrives twice, and gets the second reply', async (t) => {
  const { link, send, reached } = await linked(t);
  link.set({ ...whole, duplicate: true });
  t.equal(await send(), 'hello 2');
  t.strictSame(reached, ['/prepare', '/prepare']);
});

void t.test('a cut breaks what is under way, and lets nothing in until it is healed', async (t) => {
  const { link, send, follow, reached } = await linked(t);
  const reader = await follow();
  link.set({ ...whole, cut: true });
  await t.rejects(reader.read(), 'the stream has broken');
  await t.rejects(send());
  await t.rejects(follow());
  t.strictSame(reached, ['/events']);
  link.set(whole);
  t.equal(await send(), 'hello 2');
});

void t.test('a stream is neither late nor doubled, but can be dropped', async (t) => {
  const { link, follow, reached } = await linked(t);
  link.set({ ...whole, delayMs: 5_000, duplicate: true });
  const reader = await follow();
  t.strictSame(reached, ['/events']);
  await reader.cancel();
  for (const drop of ['requests', 'replies'] as const) {
    link.set({ ...whole, drop });
    await t.rejects(follow(), drop);
  }
});

void t.test('what participants ask each other goes another way', async (t) => {
  const { link, send } = await linked(t);
  link.set({ ...whole, cut: true });
  t.equal(await send('/inquiry'), 'hello 1');
});

void t.test('a path that names another host leads nowhere else', async (t) => {
  const { link, reached } = await linked(t);
  const other = createServer((_, outgoing) => outgoing.end('stolen'));
  await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening));
  t.teardown(() => other.close());
  const there = `127.0.0.1:${(other.address() as AddressInfo).port}`;
  for (const path of [`//${there}/x`, `http://${there}/x`]) {
    const answer = await new Promise<string>((resolve, reject) => {
      const asked = request(link.proxy.address, { path, agent: false }, (reply) => {
        void text(reply).then(resolve);
      });
      asked.on('error', reject).end();
    });
    t.notMatch(answer, 'stolen', path);
  }
  t.equal(reached.length, 2);
});

void t.test('a closed link lets nothing wait', async (t) => {
  const { link, send, reached } = await linked(t);
  link.set({ ...whole, delayMs: 100 });
  const waiting = t.rejects(send());
  await eventually('it waits', () => link.proxy.count('/prepare') === 1);
  link.close();
  await waiting;
  const since = performance.now();
  await eventually('it would have arrived', () => performance.now() > since + 200);
  t.strictSame(reached, []);
});
