/**
 * What one would write in an afternoon: the same Fastify and undici, and neither a log, nor
 * validation, nor batches. It loses money as soon as anything fails.
 *
 *   node naive.js participant
 *   node naive.js coordinator http://127.0.0.1:1111 http://127.0.0.1:2222
 */
import fastify from 'fastify';
import process from 'node:process';
import { Agent, request } from 'undici';

const [role, ...participants] = process.argv.slice(2);
const app = fastify();

function participate() {
  const accounts = new Map();
  const prepared = new Map();
  app.post('/accounts', ({ body }) => {
    for (const { id, balance } of body) accounts.set(id, balance);
    return {};
  });
  app.post('/prepare', ({ body: { id, account, amount } }) => {
    const balance = accounts.get(account);
    if (balance === undefined || balance + amount < 0) return { vote: 'no' };
    // A debit is taken at once, and given back by an abort.
    if (amount < 0) accounts.set(account, balance + amount);
    prepared.set(id, { account, amount });
    return { vote: 'yes' };
  });
  app.post('/commit', ({ body: { id } }) => {
    const { account, amount } = prepared.get(id) ?? {};
    if (amount > 0) accounts.set(account, accounts.get(account) + amount);
    prepared.delete(id);
    return { state: 'committed' };
  });
  app.post('/abort', ({ body: { id } }) => {
    const { account, amount } = prepared.get(id) ?? {};
    if (amount < 0) accounts.set(account, accounts.get(account) - amount);
    prepared.delete(id);
    return { state: 'aborted' };
  });
  app.get('/total', () => {
    let total = 0;
    for (const balance of accounts.values()) total += balance;
    return { total };
  });
}

function coordinate() {
  const dispatcher = new Agent({ pipelining: 1 });
  const urls = new Map(participants.map((url, index) => [`bank-${'ab'[index]}`, url]));
  let last = 0;
  const post = async (name, operation, body) => {
    const reply = await request(`${urls.get(name)}/${operation}`, {
      method: 'POST',
      dispatcher,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return reply.body.json();
  };
  app.post('/transfers', async ({ body: { from, to, amount } }, reply) => {
    const id = `t-${++last}`;
    const [payer, payee] = [from.split('/'), to.split('/')];
    const votes = await Promise.all([
      post(payer[0], 'prepare', { id, account: payer[1], amount: -amount }),
      post(payee[0], 'prepare', { id, account: payee[1], amount }),
    ]);
    const decision = votes.every(({ vote }) => vote === 'yes') ? 'commit' : 'abort';
    await Promise.all([post(payer[0], decision, { id }), post(payee[0], decision, { id })]);
    reply.code(decision === 'commit' ? 201 : 422);
    return { id, state: decision === 'commit' ? 'committed' : 'aborted' };
  });
}

if (role === 'participant') participate();
else coordinate();
process.send?.(await app.listen({ host: '127.0.0.1', port: 0 }));
process.once('disconnect', () => process.exit());
