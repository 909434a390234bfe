import t from 'tap';
import type { NodeRole } from '../../http/contract.ts';
import type { KeyRole } from '../../http/keys.ts';
import { checkReply, contracts } from '../fixtures/contract.ts';
import { fakeNode } from '../fixtures/fake-node.ts';

const client: readonly KeyRole[] = ['client', 'operator'];
const rules: Record<string, { roles: readonly KeyRole[]; open: boolean }> = {
  createTransfer: { roles: client, open: true },
  createTransfers: { roles: client, open: true },
  cancelTransfer: { roles: client, open: true },
  reverseTransfer: { roles: client, open: true },
  listTransfers: { roles: client, open: true },
  getTransfer: { roles: client, open: true },
  getTimeline: { roles: client, open: true },
  getTransferRecords: { roles: client, open: true },
  streamEvents: { roles: client, open: true },
  getSnapshot: { roles: client, open: true },
  listParticipants: { roles: client, open: true },
  getParticipant: { roles: client, open: true },
  listParticipantAccounts: { roles: client, open: true },
  getParticipantAccount: { roles: client, open: true },
  listParticipantEntries: { roles: client, open: true },
  listParticipantBranches: { roles: client, open: true },
  getParticipantBranch: { roles: client, open: true },
  getParticipantBranchRecords: { roles: client, open: true },
  resolveParticipantBranch: { roles: ['operator'], open: false },
  dismissParticipantBranch: { roles: ['operator'], open: false },
  registerParticipant: { roles: ['participant'], open: false },
  updateParticipant: { roles: ['participant'], open: false },
  getDecision: { roles: ['participant'], open: false },
  listDecisions: { roles: ['participant'], open: false },
  prepare: { roles: ['coordinator'], open: false },
  commit: { roles: ['coordinator'], open: false },
  abort: { roles: ['coordinator'], open: false },
  commitOnePhase: { roles: ['coordinator'], open: false },
  getBalances: { roles: ['coordinator'], open: false },
  inquire: { roles: ['participant'], open: false },
  listAccounts: { roles: client, open: true },
  openAccount: { roles: ['operator'], open: true },
  getAccount: { roles: client, open: true },
  listEntries: { roles: client, open: true },
  freezeAccount: { roles: ['operator'], open: true },
  unfreezeAccount: { roles: ['operator'], open: true },
  listBranches: { roles: client, open: true },
  getBranch: { roles: client, open: true },
  getBranchRecords: { roles: client, open: true },
  resolveBranch: { roles: ['operator'], open: false },
  dismissBranch: { roles: ['operator'], open: false },
  checkLive: { roles: [], open: false },
  checkReady: { roles: [], open: false },
  getProblem: { roles: [], open: false },
  getMetrics: { roles: client, open: true },
};
const offers = ['client', 'coordinator', 'participant', 'operator', 'none', 'wrong'] as const;

for (const role of ['coordinator', 'participant'] as NodeRole[]) {
  for (const loopback of [true, false]) {
    const where = loopback ? 'on loopback' : 'on the network';
    void t.test(`a ${role} ${where} lets in whom the contract names`, async (t) => {
      const { app, keys } = await fakeNode(t, role, { loopback });
      for (const { operationId, method, path } of contracts[role].operations.values()) {
        const rule = rules[operationId];
        for (const offer of offers) {
          const token = offer === 'wrong' ? 'x'.repeat(43) : offer === 'none' ? '' : keys[offer];
          const reply = await app.inject({
            method: method as 'GET',
            url: path.replace('{id}', 'k3f9q2ma-1-1').replace('{name}', 'b').replace('{code}', 'x'),
            headers: offer === 'none' ? {} : { authorization: `Bearer ${token}` },
          });
          const needed = rule && rule.roles.length > 0;
          const open = loopback && rule?.open;
          const title = `${operationId} with ${offer}`;
          if (!needed) t.notOk([401, 403].includes(reply.statusCode), title);
          else if (offer === 'wrong') t.equal(reply.statusCode, 401, title);
          else if (open) t.notOk([401, 403].includes(reply.statusCode), title);
          else if (offer === 'none') t.equal(reply.statusCode, 401, title);
          else if (rule.roles.includes(offer))
            t.notOk([401, 403].includes(reply.statusCode), title);
          else t.equal(reply.statusCode, 403, title);
          if ([401, 403].includes(reply.statusCode)) checkReply(t, role, operationId, reply);
        }
      }
    });
  }
}

void t.test('whoever has no key cannot make the node read a body', async (t) => {
  const { app, calls } = await fakeNode(t, 'coordinator', { loopback: false });
  for (const payload of ['{', '{}', 'x'.repeat(2 ** 21)]) {
    const headers = { 'content-type': 'application/json' };
    const reply = await app.inject({ method: 'POST', url: '/transfers', payload, headers });
    t.equal(reply.json().code, 'unauthenticated');
  }
  t.same(calls, []);
});

void t.test('the scheme is Bearer in any case, and nothing else', async (t) => {
  const { app, keys } = await fakeNode(t, 'coordinator', { loopback: false });
  const status = async (authorization: string) =>
    (await app.inject({ url: '/transfers', headers: { authorization } })).statusCode;
  t.equal(await status(`bearer ${keys.client}`), 200);
  t.equal(await status(`Basic ${keys.client}`), 401);
  t.equal(await status(keys.client), 401);
  t.equal(await status('Bearer '), 401);
  t.equal(await status(`Bearer ${keys.client} ${keys.client}`), 401);
});

void t.test('without keys everything is open', async (t) => {
  const { app } = await fakeNode(t, 'participant', { keys: null, loopback: false });
  t.equal((await app.inject('/accounts')).statusCode, 200);
  const headers = { authorization: 'Bearer whatever' };
  t.equal((await app.inject({ url: '/accounts', headers })).statusCode, 200);
});

void t.test('documents need no key', async (t) => {
  const { app } = await fakeNode(t, 'participant', { loopback: false });
  for (const url of ['/docs', '/openapi.json', '/health/live', '/problems/forbidden']) {
    t.equal((await app.inject(url)).statusCode, 200, url);
  }
});
