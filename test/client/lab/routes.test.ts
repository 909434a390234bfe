import type { InjectOptions } from 'fastify';
import t, { type Test } from 'tap';
import { scenarios } from '../../../client/scenarios/index.ts';
import { checkReply, contracts } from '../../fixtures/contract.ts';
import { fakeLab, type FakeLab } from '../../fixtures/lab.ts';

const whole = { delayMs: 0, drop: 'nothing', duplicate: false, cut: false };

/** Asks, and sees that the answer is one of the contract. */
async function ask(
  t: Test,
  { app }: FakeLab,
  operationId: string,
  { url, ...more }: { url: string; payload?: object; headers?: Record<string, string> },
) {
  const { method } = contracts.lab.operations.get(operationId) ?? { method: '' };
  const reply = await app.inject({ method, url, ...more } as InjectOptions);
  checkReply(t, 'lab', operationId, reply);
  return { status: reply.statusCode, body: reply.json() };
}

void t.test('a lab shows its nodes, links and load', async (t) => {
  const fake = await fakeLab(t);
  const { body } = await ask(t, fake, 'getLab', { url: '/lab' });
  t.match(body.nodes, [
    { name: 'coordinator', role: 'coordinator', state: 'running', pid: 4711, restarts: 0 },
    { name: 'bank-a', role: 'participant' },
    { name: 'bank-b', role: 'participant' },
  ]);
  t.strictSame(
    body.links.map(({ from, to }: { from: string; to: string }) => `${from} ${to}`),
    [
      'client coordinator',
      'coordinator bank-a',
      'coordinator bank-b',
      'bank-a coordinator',
      'bank-b coordinator',
    ],
  );
  t.match(body.load, { transfersPerSecond: 0, sent: 0, p99Ms: null });
  t.equal(body.play, null);
});

void t.test('what is done to a node is done once, and to a process only', async (t) => {
  const fake = await fakeLab(t);
  const { done } = fake.nodes['bank-b'];
  const node = fake.nodes['bank-b'];
  const act = async (action: string) => {
    const request = { url: '/lab/nodes/bank-b', payload: { action } };
    const { status, body } = await ask(t, fake, 'actOnNode', request);
    return status === 200 ? body.state : `${body.code}: ${body.detail}`;
  };
  const absent = { url: '/lab/nodes/coordinator-2', payload: { action: 'kill' } };
  t.match(await ask(t, fake, 'actOnNode', absent), { status: 404, body: { code: 'not-found' } });
  t.equal(await act('pause'), 'paused');
  t.equal(await act('resume'), 'running');
  t.equal(await act('start'), 'running', 'it runs already');
  t.equal(await act('kill'), 'starting');
  const nothing = 'node-not-running: bank-b is starting: there is nothing to';
  for (const action of ['pause', 'resume', 'kill'])
    t.equal(await act(action), `${nothing} ${action}`);
  node.become('running', 4712);
  t.equal(await act('stop'), 'stopped');
  t.equal(await act('stop'), 'stopped', 'it is stopped already');
  t.equal(await act('start'), 'starting');
  node.become('running', 4713);
  t.equal(await act('restart'), 'starting');
  const all = ['pause', 'resume', 'kill', 'stop', 'stopped', 'start', 'stop', 'stopped', 'start'];
  t.strictSame(done, all);
});

void t.test('what is done to one node is done in turn', async (t) => {
  const fake = await fakeLab(t);
  const node = fake.nodes['bank-a'];
  node.isSlow = true;
  const act = (action: string) =>
    ask(t, fake, 'actOnNode', { url: '/lab/nodes/bank-a', payload: { action } });
  const stopping = act('stop');
  const starting = act('start');
  const other = { url: '/lab/nodes/bank-b', payload: { action: 'pause' } };
  t.equal(
    (await ask(t, fake, 'actOnNode', other)).body.state,
    'paused',
    'another one need not wait',
  );
  t.strictSame(node.done, ['stop'], 'its start waits for its end');
  node.ending.emit('end');
  await Promise.all([stopping, starting]);
  t.strictSame(node.done, ['stop', 'stopped', 'start']);
});

void t.test('a link has the faults that it was given last, and no others', async (t) => {
  const fake = await fakeLab(t);
  const url = '/lab/links/coordinator/bank-b';
  const slow = { ...whole, delayMs: 800, drop: 'replies' };
  const ends = { from: 'coordinator', to: 'bank-b' };
  const put = (payload: object) => ask(t, fake, 'setLink', { url, payload });
  t.strictSame((await put(slow)).body, { ...ends, ...slow });
  t.strictSame((await put({ ...whole, cut: true })).body, { ...ends, ...whole, cut: true });
  const { body } = await ask(t, fake, 'getLab', { url: '/lab' });
  t.match(body.links[2], { ...ends, cut: true, delayMs: 0, drop: 'nothing' });
  t.match(body.links[1], whole, 'the others are whole');
  t.strictSame((await put(whole)).body, { ...ends, ...whole });
  const none = { url: '/lab/links/client/bank-b', payload: whole };
  t.match(await ask(t, fake, 'setLink', none), { status: 404, body: { code: 'not-found' } });
  const bad = [{}, { ...whole, delayMs: 5_001 }, { ...whole, drop: 'all' }, { ...whole, more: 1 }];
  for (const payload of bad) t.equal((await put(payload)).status, 400, JSON.stringify(payload));
});

void t.test('the scenarios are listed, the original four first', async (t) => {
  const fake = await fakeLab(t);
  const { body } = await ask(t, fake, 'listScenarios', { url: '/lab/scenarios' });
  t.equal(body.data.length, scenarios.length);
  const originals = body.data.filter(({ original }: { original: boolean }) => original);
  t.strictSame(originals, body.data.slice(0, 4));
  t.strictSame(
    originals.map(({ name }: { name: string }) => name),
    [
      'coordinator-fails-before-prepare',
      'participant-fails-to-vote',
      'participant-votes-no',
      'all-vote-yes',
    ],
  );
});

void t.test('where nothing plays there is nothing to follow, step or end', async (t) => {
  const fake = await fakeLab(t);
  for (const [operationId, url] of [
    ['getPlay', '/lab/play'],
    ['endPlay', '/lab/play'],
  ] as const) {
    t.match(await ask(t, fake, operationId, { url }), { status: 404, body: { code: 'not-found' } });
  }
  const step = { url: '/lab/play/step', payload: {} };
  t.equal((await ask(t, fake, 'stepPlay', step)).status, 404);
  const unknown = { url: '/lab/play', payload: { scenario: 'no-such', stepped: true } };
  t.match(await ask(t, fake, 'playScenario', unknown), {
    status: 404,
    body: { detail: 'there is no scenario no-such' },
  });
});

void t.test('a load has at most 2 000 transfers a second', async (t) => {
  const fake = await fakeLab(t);
  const put = (transfersPerSecond: number) =>
    ask(t, fake, 'setLoad', { url: '/lab/load', payload: { transfersPerSecond } });
  t.equal((await put(2_001)).status, 400);
  t.match((await put(2_000)).body, { transfersPerSecond: 2_000 });
});

/** Requests that would change something, as a page of another origin has a browser send them. */
const changing = [
  { method: 'POST', url: '/lab/nodes/bank-a', payload: '{"action":"kill"}' },
  { method: 'PUT', url: '/lab/links/coordinator/bank-a', payload: JSON.stringify(whole) },
  { method: 'PUT', url: '/lab/load', payload: '{"transfersPerSecond":1}' },
  { method: 'POST', url: '/lab/play', payload: '{"scenario":"all-vote-yes","stepped":true}' },
  { method: 'POST', url: '/lab/play/step', payload: '{}' },
  { method: 'DELETE', url: '/lab/play' },
] as const;

void t.test('only this machine, and no page of another origin, makes faults', async (t) => {
  const { app, lab, nodes, sent } = await fakeLab(t);
  const json = { 'content-type': 'application/json' };
  const code = async (options: InjectOptions) => (await app.inject(options)).json().code;
  for (const request of changing) {
    const { method, url } = request;
    const title = `${method} ${url}`;
    const from = (headers: object) => code({ ...request, headers: { ...json, ...headers } });
    t.equal(await from({ 'sec-fetch-site': 'cross-site' }), 'cross-site', title);
    t.equal(await from({ 'sec-fetch-site': 'same-site' }), 'cross-site', `${title}, other port`);
    t.equal(await from({ origin: 'http://evil.example' }), 'cross-site', `${title}, old browser`);
    t.equal(await from({ host: 'evil.example' }), 'wrong-host', `${title}, rebound name`);
    t.equal(await from({ host: '192.168.0.7' }), 'wrong-host', `${title}, no loopback`);
    if (method === 'DELETE') continue;
    const type = await code({ ...request, headers: { 'content-type': 'text/plain' } });
    t.equal(type, 'unsupported-media-type', `${title}, as a form may`);
    t.equal(await code({ method, url }), 'invalid-request', `${title}, without a body`);
  }
  t.strictSame(nodes['bank-a'].done, []);
  t.notOk(lab.play);
  t.equal(sent.length, 0);
  t.match(lab.view().links[1], whole);
});
