/** What clients ask of a participant by the coordinator. */
import t, { type Test } from 'tap';
import { connectParticipant } from '../../client/sdk/index.ts';
import { TransportError } from '../../http/transport.ts';
import { thrown } from '../fixtures/api-error.ts';
import { contracts } from '../fixtures/contract.ts';
import {
  id,
  lost,
  never,
  order,
  settleAll,
  startCluster,
  type Call,
  type CoordinatorNode,
  type Hook,
  type Wire,
} from '../fixtures/nodes.ts';

const name = 'bank-a';

/** The coordinator's operation, and the participant's that answers it. */
const pairs = {
  listParticipantAccounts: 'listAccounts',
  getParticipantAccount: 'getAccount',
  listParticipantEntries: 'listEntries',
  listParticipantBranches: 'listBranches',
  getParticipantBranch: 'getBranch',
  getParticipantBranchRecords: 'getBranchRecords',
  resolveParticipantBranch: 'resolveBranch',
  dismissParticipantBranch: 'dismissBranch',
};

const abort = { outcome: 'aborted', reason: 'the coordinator is lost' };

/** A cluster whose bank-a has promised its part of a transfer, and not heard the decision. */
async function doubtfulCluster(t: Test) {
  const cluster = await startCluster(t);
  const { world, coordinator } = cluster;
  const isHeld = (wire: Wire) => wire.kind === 'commit' && wire.to === name;
  world.hook = (wire) => (isHeld(wire) ? lost() : wire.forward());
  await coordinator.call('createTransfer', { body: order, headers: { prefer: 'wait=0' } });
  return cluster;
}

/** The messages that the coordinator has sent on from now on. */
function watch({ world }: CoordinatorNode): Wire[] {
  const seen: Wire[] = [];
  const { hook } = world;
  world.hook = (wire) => {
    if (wire.from === 'coordinator' && wire.request.requestId !== undefined) seen.push(wire);
    return hook(wire);
  };
  return seen;
}

void t.test('what a participant answers comes back as it is', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  for (let n = 0; n < 3; n += 1) await coordinator.call('createTransfer', { body: order });
  await settleAll(t, world, coordinator, [a, b]);
  const alice = { id: 'alice' };
  const branch = { id };
  const reads: [keyof typeof pairs, Call][] = [
    ['listParticipantAccounts', {}],
    ['listParticipantAccounts', { query: { currency: 'USD', frozen: 'false', limit: '1' } }],
    ['listParticipantAccounts', { query: { cursor: 'made-up' } }],
    ['getParticipantAccount', { params: alice }],
    ['getParticipantAccount', { params: { id: 'nobody' } }],
    ['listParticipantEntries', { params: alice, query: { limit: '2' } }],
    ['listParticipantBranches', { query: { state: 'committed', account: 'alice', limit: '2' } }],
    ['getParticipantBranch', { params: branch }],
    ['getParticipantBranch', { params: { id: 'k3f9q2ma-1-99' } }],
    ['getParticipantBranchRecords', { params: branch }],
    ['resolveParticipantBranch', { params: branch, body: abort, key: 'operator' }],
    ['dismissParticipantBranch', { params: branch, body: { reason: 'x' }, key: 'operator' }],
  ];
  const headers = { 'request-id': 'r1' };
  for (const [operationId, call] of reads) {
    const own = await a.call(pairs[operationId], { ...call, headers });
    const params = { ...call.params, name };
    const relayed = await coordinator.call(operationId, { ...call, params, headers });
    t.equal(relayed.statusCode, own.statusCode, operationId);
    t.strictSame(relayed.json(), own.json(), operationId);
  }
  const first = await coordinator.call('listParticipantEntries', {
    params: { ...alice, name },
    query: { limit: '2' },
  });
  const { nextCursor: cursor } = first.json().page;
  const rest = await coordinator.call('listParticipantEntries', {
    params: { ...alice, name },
    query: { limit: '2', cursor },
  });
  t.match(rest.json(), { data: [{ kind: 'transfer' }, { kind: 'opening' }] }, 'and goes on');
});

void t.test('it is sent with the key and the name that the caller has given it', async (t) => {
  const { coordinator, world } = await startCluster(t);
  const seen = watch(coordinator);
  const params = { name };
  const headers = { 'request-id': 'r7' };
  await coordinator.call('listParticipantAccounts', { params, headers, key: 'client' });
  await coordinator.call('listParticipantAccounts', { params });
  t.match(
    seen.map(({ request }) => request),
    [
      { to: name, keys: [world.keys.client], requestId: 'r7', timeoutMs: 8_000 },
      { to: name, requestId: /^[0-9a-f-]{36}$/ },
    ],
  );
  t.strictSame(seen[1]?.request.keys, [], "never the coordinator's own");
});

void t.test('an operator settles by it what is in doubt, and a client does not', async (t) => {
  const { world, coordinator, a } = await doubtfulCluster(t);
  const params = { name, id };
  const listed = await coordinator.call('listParticipantBranches', {
    params,
    query: { state: 'prepared' },
  });
  t.match(listed.json().data, [{ id, state: 'prepared' }]);
  const seen = watch(coordinator);
  for (const key of ['client', 'participant', undefined] as const) {
    const call = { params, body: abort, ...(key && { key }) };
    const refused = await coordinator.call('resolveParticipantBranch', call);
    t.equal(refused.statusCode, key === undefined ? 401 : 403);
  }
  t.strictSame(seen, [], 'nothing is sent on');
  const resolve = (outcome: string) => {
    const body = { ...abort, outcome };
    return coordinator.call('resolveParticipantBranch', { params, body, key: 'operator' });
  };
  t.match((await resolve('aborted')).json(), { id, state: 'resolved', resolution: abort });
  t.match((await resolve('aborted')).json(), { state: 'resolved' }, 'once more');
  t.match((await resolve('committed')).json(), { code: 'branch-decided', status: 409 });
  world.hook = (wire) => wire.forward();
  await world.until(() => a.participant.state.damaged.size === 1);
  const body = { reason: 'booked after all' };
  const dismiss = { params, body, key: 'operator' } as const;
  const dismissed = await coordinator.call('dismissParticipantBranch', dismiss);
  t.match(dismissed.json(), { state: 'committed', dismissal: { ...body, compensated: true } });
  t.strictSame(a.amounts('alice'), [97_500, 0]);
});

void t.test('nobody is asked for whoever is not registered', async (t) => {
  const { coordinator, world } = await startCluster(t);
  const { length } = world.sent;
  for (const operationId of Object.keys(pairs)) {
    const body = operationId.startsWith('dismiss') ? { reason: 'x' } : abort;
    const isRead = /^(get|list)/.test(operationId);
    const call = { params: { name: 'bank-x', id }, ...(!isRead && { body }) };
    const reply = await coordinator.call(operationId, { ...call, key: 'operator' });
    t.match(reply.json(), { code: 'participant-not-found', detail: 'no participant bank-x' });
  }
  t.equal(world.sent.length, length);
});

void t.test('a reply that is none is said so: of a read 503, else 504', async (t) => {
  const { coordinator, world } = await startCluster(t);
  const account = { data: [{ id: 'alice' }], page: { nextCursor: null } };
  const problem = (code: string, status: number) => ({
    ...{ type: `/problems/${code}`, title: 'x', status, code, definite: true, retryable: false },
    requestId: 'r',
  });
  const garbage: Hook[] = [
    lost,
    never,
    () => Promise.reject(new TransportError('garbage', 'redirect 302 is not followed')),
    () => Promise.resolve({ status: 200, body: account }),
    () => Promise.resolve({ status: 204, body: {} }),
    () => Promise.resolve({ status: 404, body: { code: 'branch-not-found' } }),
    () => Promise.resolve({ status: 404, body: problem('not-found', 404) }),
    () => Promise.resolve({ status: 404, body: problem('branch-not-found', 200) }),
    () => Promise.resolve({ status: 503, body: problem('overloaded', 503) }),
    () => Promise.resolve({ status: 401, body: problem('unauthenticated', 401) }),
  ];
  const read = () => coordinator.call('getParticipantBranch', { params: { name, id } });
  const resolve = () => {
    const call = { params: { name, id }, body: abort, key: 'operator' } as const;
    return coordinator.call('resolveParticipantBranch', call);
  };
  for (const hook of garbage) {
    world.hook = hook;
    const unavailable = { code: 'participant-unavailable', definite: true, detail: /^bank-a/ };
    t.match((await read()).json(), unavailable, hook.toString());
    const unknown = { code: 'no-answer', definite: false, detail: /^bank-a/ };
    t.match((await resolve()).json(), unknown, hook.toString());
  }
  world.hook = () => Promise.reject(new TransportError('refused', 'the address is refused'));
  for (const reply of [await read(), await resolve()]) {
    t.match(reply.json(), { code: 'participant-unavailable', definite: true }, 'it never leaves');
  }
  const headers = { 'retry-after': '7' };
  world.hook = () => Promise.resolve({ status: 503, body: problem('overloaded', 503), headers });
  const busy = await read();
  t.match(busy.json(), { status: 503, code: 'overloaded' });
  t.equal(busy.headers['retry-after'], '7', 'what the participant says itself');
});

void t.test('eight requests to one participant are under way at most', async (t) => {
  const { coordinator, world } = await startCluster(t);
  const ask = (to: string) =>
    coordinator.start('listParticipantAccounts', { params: { name: to } });
  world.hook = (wire) => (wire.to === name ? never() : wire.forward());
  const waiting = Array.from({ length: 8 }, () => ask(name));
  await world.quiet();
  t.match((await ask(name)).json(), { code: 'overloaded', detail: /8 requests to bank-a/ });
  t.equal((await world.settle(ask('bank-b'))).statusCode, 200, 'others have their own');
  for (const reply of await world.settle(Promise.all(waiting))) {
    t.match(reply.json(), { code: 'participant-unavailable' }, 'they are given up');
  }
  world.hook = (wire) => wire.forward();
  t.equal((await world.settle(ask(name))).statusCode, 200);
});

void t.test('what a participant may answer, the coordinator may', (t) => {
  const { coordinator, participant } = contracts;
  for (const [relayed, own] of Object.entries(pairs)) {
    const [one, other] = [coordinator.operations.get(relayed), participant.operations.get(own)];
    t.strictSame(one?.roles, other?.roles, relayed);
    t.equal(one?.openOnLoopback, other?.openOnLoopback);
    t.equal(one?.path, `/participants/{name}${other?.path}`);
    t.strictSame(one?.schemas.body, other?.schemas.body);
    t.strictSame(one?.schemas.querystring, other?.schemas.querystring);
    for (let status = 200; status < 600; status += 1) {
      const codes = coordinator.reply(relayed, status)?.examples ?? [];
      for (const code of participant.reply(own, status)?.examples ?? []) {
        t.ok(codes.includes(code), `${relayed} ${status} ${code}`);
      }
    }
  }
  t.end();
});

void t.test('the client library reads a participant by its coordinator', async (t) => {
  const { world, coordinator } = await doubtfulCluster(t);
  const viaCoordinator: typeof fetch = async (input) => {
    const request = new Request(input);
    const { pathname, search } = new URL(request.url);
    const payload = await request.text();
    const reply = await coordinator.app.inject({
      method: request.method as 'GET',
      url: pathname + search,
      headers: Object.fromEntries(request.headers),
      ...(payload !== '' && { payload }),
    });
    const headers = { 'content-type': String(reply.headers['content-type']) };
    return new Response(reply.body, { status: reply.statusCode, headers });
  };
  const url = 'http://127.0.0.1:7700/participants/bank-a';
  const bank = connectParticipant(url, { key: world.keys.operator, fetch: viaCoordinator });
  t.match(await bank.account('alice'), { id: 'alice', posted: 100_000, held: 2_500 });
  for await (const account of bank.accounts({ currency: 'USD' })) t.match(account, { id: 'alice' });
  for await (const entry of bank.entries('alice')) t.match(entry, { kind: 'opening' });
  const doubtful: string[] = [];
  for await (const branch of bank.branches({ state: 'prepared' })) doubtful.push(branch.id);
  t.strictSame(doubtful, [id]);
  t.match(await bank.branch(id), { id, state: 'prepared' });
  t.match(await bank.records(id), { id, node: name, records: [{ type: 'prepared', id }] });
  const how = { outcome: 'aborted', reason: 'the coordinator is lost' } as const;
  t.match(await bank.resolve(id, how), { state: 'resolved' });
  t.match(await thrown(bank.dismiss(id, { reason: 'x' })), { code: 'no-damage' });
  t.match(await thrown(bank.live()), { code: 'not-found' }, 'its health is not asked by it');
});
