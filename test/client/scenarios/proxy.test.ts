import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import {
  type Fault,
  hold,
  holdReplies,
  loseReplies,
  loseRequests,
  repeat,
} from '../../../client/scenarios/faults.ts';
import { Proxy } from '../../../client/scenarios/proxy.ts';
import { until } from '../../../client/scenarios/until.ts';

/** A node that counts what reaches it, and a proxy before it. */
async function behindProxy(t: Test) {
  const node = { reached: 0, bodies: [] as string[], key: '' };
  const server: Server = createServer((request, response) => {
    node.reached += 1;
    node.key = String(request.headers['idempotency-key'] ?? '');
    let body = '';
    request.on('data', (bytes: Buffer) => (body += bytes.toString()));
    request.on('end', () => {
      node.bodies.push(body);
      response.writeHead(201, { 'content-type': 'application/json', 'retry-after': '7' });
      response.end(JSON.stringify({ number: node.reached }));
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const proxy = new Proxy();
  await proxy.listen();
  proxy.target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  t.teardown(() => {
    proxy.close();
    server.close();
  });
  const send = async (path = '/commit') => {
    const headers = { 'idempotency-key': 'k', 'content-type': 'application/json' };
    const reply = await fetch(proxy.address + path, { method: 'POST', headers, body: '{"a":1}' });
    return { status: reply.status, headers: reply.headers, body: await reply.json() };
  };
  const cause = <F extends Fault>(fault: F): F => {
    proxy.faults.push(fault);
    return fault;
  };
  return { node, proxy, send, cause };
}

void t.test('a proxy passes messages and replies on as they are, and counts them', async (t) => {
  const { node, proxy, send } = await behindProxy(t);
  const { status, headers, body } = await send();
  t.equal(status, 201);
  t.strictSame(body, { number: 1 });
  t.equal(headers.get('retry-after'), '7');
  t.equal(node.key, 'k');
  t.strictSame(node.bodies, ['{"a":1}']);
  await send('/decisions/a-1-1');
  t.equal(proxy.count('/commit'), 1);
  t.equal(proxy.count('/decisions'), 1);
  t.equal(proxy.count('/abort'), 0);
});

void t.test('a lost message does not arrive, and its sender hears nothing', async (t) => {
  const { node, send, cause } = await behindProxy(t);
  const lost = cause(loseRequests('/commit'));
  await t.rejects(send());
  t.equal((await send('/abort')).status, 201, 'another message passes');
  t.match({ lost: lost.count, reached: node.reached }, { lost: 1, reached: 1 });
  lost.heal();
  t.equal((await send()).status, 201, 'healed, it passes as well');
});

void t.test('a lost reply belongs to a message that has arrived', async (t) => {
  const { node, send, cause } = await behindProxy(t);
  const lost = cause(loseReplies('/commit', 1));
  await t.rejects(send());
  t.match({ lost: lost.count, reached: node.reached }, { lost: 1, reached: 1 });
  t.equal((await send()).status, 201, 'only one is lost');
});

void t.test('a repeated message arrives twice', async (t) => {
  const { node, send, cause } = await behindProxy(t);
  const twice = cause(repeat('/commit'));
  t.strictSame((await send()).body, { number: 2 }, 'the second reply counts');
  t.match({ twice: twice.count, reached: node.reached }, { twice: 1, reached: 2 });
});

void t.test('a held message arrives when it is released, or never', async (t) => {
  const { node, send, cause } = await behindProxy(t);
  const first = cause(hold('/commit'));
  const late = send();
  await until('it is held', () => first.count === 1);
  t.equal(node.reached, 0);
  first.release();
  t.equal((await late).status, 201);
  t.equal(first.replied, 1);
  const second = cause(hold('/commit'));
  const never = t.rejects(send());
  await until('it is held', () => second.count === 1);
  second.lose();
  await never;
  t.match({ reached: node.reached, replied: second.replied }, { reached: 1, replied: 0 });
});

void t.test('the reply to a message can be held, too', async (t) => {
  const { node, send, cause } = await behindProxy(t);
  const held = cause(holdReplies('/commit'));
  const late = send();
  await until('it is held', () => held.count === 1);
  t.equal(node.reached, 1, 'the message itself has arrived');
  held.release();
  t.strictSame((await late).body, { number: 1 });
  t.equal(node.reached, 1, 'once');
});

void t.test('nothing reaches a node that is not there', async (t) => {
  const { proxy, send } = await behindProxy(t);
  proxy.target = '';
  await t.rejects(send());
});

void t.test('a proxy that moves listens at the new port alone', async (t) => {
  const { proxy, send } = await behindProxy(t);
  const before = proxy.address;
  await proxy.listen();
  t.not(proxy.address, before);
  await t.rejects(fetch(before));
  t.equal((await send()).status, 201);
});
