/** What a coordinator that does not lead passes on, over real HTTP, and what comes back. */
import { lookup } from 'node:dns';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import t, { type Test } from 'tap';
import { notLeadingAnswer, passOnBy, type NotPassed } from '../../coordinator/pass-on.ts';
import { AddressRules } from '../../http/addresses.ts';
import { clientOf } from '../../http/client-of.ts';
import { KeyRing } from '../../http/key-ring.ts';
import { makeKeys } from '../../http/keys.ts';
import { certifiedName } from '../../http/peer.ts';
import { problem, type Answer } from '../../http/problems.ts';
import type { Handler } from '../../http/server.ts';
import type { Tls } from '../../http/tls.ts';
import { defaultTransportLimits, openTransport } from '../../http/transport.ts';
import { callAs, makeSet, tlsOf } from '../fixtures/certificates.ts';
import { contracts } from '../fixtures/contract.ts';
import { exampleRequest } from '../fixtures/example-request.ts';
import { fakeNode } from '../fixtures/fake-node.ts';

interface Setup {
  readonly handlers?: Record<string, Handler>;
  readonly tls?: Tls;
}

const limits = { ...defaultTransportLimits, replyBytes: -1 };

/** A leader that takes one request in a second from each address, and a follower. */
async function aPair(t: Test, { handlers = {}, tls }: Setup = {}) {
  const keys = makeKeys();
  const ring = new KeyRing(keys);
  const common = { keys: ring, ...(tls && { tls }) };
  const rates = { keyRequestsPerSecond: 0, addressRequestsPerSecond: 1, wrongKeysPerMinute: 0 };
  const leader = await fakeNode(t, 'coordinator', { ...common, rates, handlers });
  const leading = await listen(leader.app, tls);
  const rules = new AddressRules({ loopback: true, resolve: lookup });
  const transport = openTransport(rules, limits, tls ?? null);
  t.teardown(() => transport.close());
  // While they are rotated, there is one that the leader does not know yet.
  const sent = () => ['n'.repeat(43), ...ring.sent('coordinator')];
  const passOn = passOnBy({ transport, keys: sent, timeoutMs: 5_000 });
  const failures: NotPassed[] = [];
  const gone = new AbortController();
  const passing = [...contracts.coordinator.operations].map(([operationId, operation]) => {
    const handler: Handler = async (request) => {
      const passed = await passOn(leading, operation, request, gone.signal);
      if ('status' in passed) return passed;
      failures.push(passed);
      return problem('internal-error');
    };
    return [operationId, handler] as const;
  });
  const follower = await fakeNode(t, 'coordinator', {
    ...common,
    handlers: Object.fromEntries(passing),
  });
  const following = await listen(follower.app, tls);
  return { keys, leader, follower, leading, following, failures, gone };
}

async function listen(app: FastifyInstance, tls?: Tls): Promise<string> {
  await app.listen({ port: 0, host: '127.0.0.1' });
  return `${tls ? 'https' : 'http'}://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

void t.test('every operation comes to the leader as it was asked', async (t) => {
  const { keys, leader, follower } = await aPair(t);
  for (const [operationId, { roles }] of contracts.coordinator.operations) {
    if (['checkLive', 'getProblem', 'getMetrics'].includes(operationId)) continue;
    const request = exampleRequest('coordinator', operationId);
    const key = roles.includes('participant') ? keys.participant : keys.operator;
    const own = { 'request-id': 'r1', prefer: 'wait=2', 'idempotency-key': 'k1' };
    const headers = { ...request.headers, ...bearer(key), ...own };
    const reply = await follower.app.inject({ ...request, headers });
    t.equal(reply.statusCode, 200, `${operationId}: ${reply.body}`);
    t.strictSame(reply.json(), { answered: true });
    t.equal(leader.calls.at(-1), operationId);
    const heard = leader.requests.at(-1);
    const asked = follower.requests.at(-1);
    const seen = (one: typeof heard) =>
      JSON.stringify([one?.params, one?.query, one?.body, one?.id]);
    t.equal(seen(heard), seen(asked));
    t.match(heard?.headers, { ...own, ...bearer(key) });
  }
});

void t.test('the answer comes back with its headers', async (t) => {
  const headers = {
    ...{ location: '/transfers/k3f9q2ma-1-1', 'idempotent-replayed': 'true' },
    'preference-applied': 'wait=2',
  };
  const createTransfer = () => Promise.resolve({ status: 201, body: { id: 'x' }, headers });
  const snapshot: Answer = problem('in-doubt', { transfers: ['k3f9q2ma-1-1'] });
  const getSnapshot = () => Promise.resolve(snapshot);
  const { follower } = await aPair(t, { handlers: { createTransfer, getSnapshot } });
  const made = await follower.app.inject(exampleRequest('coordinator', 'createTransfer'));
  t.equal(made.statusCode, 201);
  t.match(made.headers, headers);
  const refused = await follower.app.inject({ url: '/snapshot' });
  t.match(refused.json(), snapshot.body);
  t.equal(refused.headers['retry-after'], '1');
});

void t.test('the leader sees who has asked, and counts nothing twice', async (t) => {
  const { leader, leading, follower, keys } = await aPair(t);
  const ask = () =>
    follower.app.inject({
      ...{ url: '/transfers', remoteAddress: '10.0.0.7', headers: bearer(keys.client) },
    });
  for (let n = 0; n < 3; n++) t.equal((await ask()).statusCode, 200);
  t.equal(clientOf(leader.requests[0] as never), `10.0.0.7 ${keys.client}`);
  const forged = { 'unanimous-passed-on': keys.client, 'unanimous-client-address': '10.0.0.7' };
  const headers = { ...bearer(keys.client), ...forged };
  const statuses = [];
  for (let n = 0; n < 2; n++) {
    const reply = await fetch(`${leading}/transfers`, { headers });
    statuses.push(reply.status);
  }
  t.strictSame(statuses, [200, 429], 'without the key of coordinators nobody speaks for others');
  t.equal(clientOf(leader.requests.at(-1) as never), `127.0.0.1 ${keys.client}`);
});

void t.test('certificates: a participant is who the follower has seen', async (t) => {
  const folder = await makeSet(join(t.testdir(), 'set'));
  const tls = tlsOf(folder, 'coordinator');
  const { leader, leading, following, keys } = await aPair(t, { tls });
  const { cert, key } = tlsOf(folder, 'bank-a');
  const { payload: body } = exampleRequest('coordinator', 'registerParticipant');
  const own = { key: keys.participant, body: body as object };
  const reply = await callAs({ cert, key }, 'POST', `${following}/participants`, own);
  t.equal(reply.statusCode, 200);
  const [heard] = leader.requests;
  t.equal(heard && certifiedName(heard), 'bank-a');
  const forged = {
    ...{ 'unanimous-passed-on': keys.coordinator, 'unanimous-certified-name': 'bank-b' },
  };
  const stolen = await callAs({ cert, key }, 'POST', `${leading}/participants`, {
    ...own,
    headers: forged,
  });
  t.match(JSON.parse(stolen.body), { code: 'wrong-certificate', detail: /for a coordinator$/ });
  t.equal(leader.requests.length, 1);
});

void t.test('a stream of events comes as it is sent, until the leader is gone', async (t) => {
  const events = new Readable({ read: () => undefined });
  const streamEvents = () => Promise.resolve({ status: 200, body: events });
  const { following, gone } = await aPair(t, { handlers: { streamEvents } });
  events.push('id: k3f9q2ma-1\n\n');
  const reply = await fetch(`${following}/events`);
  t.equal(reply.headers.get('content-type'), 'text/event-stream');
  const reader = reply.body?.getReader();
  const read = async () => new TextDecoder().decode((await reader?.read())?.value);
  t.equal(await read(), 'id: k3f9q2ma-1\n\n');
  events.push('id: k3f9q2ma-2\n\n');
  t.equal(await read(), 'id: k3f9q2ma-2\n\n');
  gone.abort();
  await t.rejects(read());
});

void t.test('a stream that is refused says why', async (t) => {
  const refusal = { detail: 'many are open' };
  const streamEvents = () => Promise.resolve(problem('overloaded', refusal));
  const { follower, failures } = await aPair(t, { handlers: { streamEvents } });
  const listen = () => follower.app.inject({ url: '/events' });
  t.match((await listen()).json(), { code: 'overloaded', detail: 'many are open' });
  refusal.detail = 'x'.repeat(70_000);
  await listen();
  t.match(failures, [{ begun: false, failure: /it is too long/ }]);
});

void t.test('without an answer it is said what may have happened', async (t) => {
  const cut: Handler = (request) => {
    request.raw.socket.destroy();
    return Promise.resolve(problem('internal-error'));
  };
  const handlers = { createTransfer: cut, listTransfers: cut };
  const { leader, follower, failures, gone } = await aPair(t, { handlers });
  const make = () => follower.app.inject(exampleRequest('coordinator', 'createTransfer'));
  const list = () => follower.app.inject({ url: '/transfers' });
  const listen = () => follower.app.inject({ url: '/events' });
  for (const ask of [make, list]) await ask();
  t.match(failures, [{ begun: true }, { begun: false }], 'what only reads has no effect');
  await leader.app.close();
  for (const ask of [make, list, listen]) await ask();
  t.match(failures.slice(2), Array(3).fill({ begun: false, failure: /ECONNREFUSED/ }));
  gone.abort();
  for (const ask of [make, listen]) await ask();
  t.match(failures.slice(5), [
    { begun: true, failure: /cancelled/ },
    { begun: false, failure: /cancelled/ },
  ]);
});

void t.test('whoever does not lead says so, and whether anything has begun', async (t) => {
  const answers = [notLeadingAnswer(true, 'it has'), notLeadingAnswer(false, 'it has not')];
  const createTransfer = () => Promise.resolve(answers.shift() ?? problem('overloaded'));
  const { leader, follower, failures } = await aPair(t, { handlers: { createTransfer } });
  const make = () => follower.app.inject(exampleRequest('coordinator', 'createTransfer'));
  for (let n = 0; n < 2; n++) await make();
  t.match(failures, [{ begun: true }, { begun: false }]);
  t.match((await make()).json(), { code: 'overloaded' });
  const stopping = leader.app.close();
  await make();
  t.match(failures[2], { begun: false });
  await stopping;
});
