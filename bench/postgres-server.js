/**
 * What one would write on a database: the same Fastify, and the driver `pg`.
 *
 *   node postgres-server.js one 5432          an ordinary transaction in one database
 *   node postgres-server.js two 5432 5433     PREPARE TRANSACTION and COMMIT PREPARED in two
 */
import fastify from 'fastify';
import process from 'node:process';
import pg from 'pg';

const [mode, ...ports] = process.argv.slice(2);
const poolOf = (port, max) =>
  new pg.Pool({
    ...{ host: '127.0.0.1', port: Number(port), user: 'postgres', password: 'password' },
    ...{ database: 'postgres', max, options: mode === 'two' ? '-c lock_timeout=1000' : '' },
  });
// What frees locks never queues behind what waits for them.
const databases = ports.map((port) => ({ work: poolOf(port, 50), ends: poolOf(port, 30) }));
const app = fastify();
let last = 0;
const run = Date.now();

/** Ids and amounts are this benchmark's own: nothing here comes from anybody else. */
const move = (account, amount) =>
  `UPDATE accounts SET balance = balance + ${amount} WHERE id = '${account}'`;

async function inOne(payer, payee, amount, id) {
  // Always in one order, or two transfers could wait for each other.
  const moves = [
    [payer, -amount],
    [payee, amount],
  ].sort(([a], [b]) => (a < b ? -1 : 1));
  const updates = moves.map(([account, change]) => move(account, change)).join('; ');
  const sql = `BEGIN; ${updates}; INSERT INTO transfers VALUES ('${id}'); COMMIT`;
  await databases[0].work.query(sql);
}

/** Two transfers may wait for each other in two databases, where neither of these can see it. */
const lockTimeout = '55P03';

async function prepare({ work }, sql) {
  const client = await work.connect();
  try {
    await client.query(sql);
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

async function inTwo(payer, payee, amount, id, triesLeft = 10) {
  const parts = [
    [databases['ab'.indexOf(payer[5])], payer, -amount],
    [databases['ab'.indexOf(payee[5])], payee, amount],
  ];
  const votes = await Promise.allSettled(
    parts.map(([database, account, change]) =>
      prepare(database, `BEGIN; ${move(account, change)}; PREPARE TRANSACTION '${id}'`),
    ),
  );
  const refused = votes.filter(({ status }) => status === 'rejected');
  if (refused.length === 0) {
    await Promise.all(parts.map(([{ ends }]) => ends.query(`COMMIT PREPARED '${id}'`)));
    return;
  }
  const promised = parts.filter((_, at) => votes[at].status === 'fulfilled');
  await Promise.all(promised.map(([{ ends }]) => ends.query(`ROLLBACK PREPARED '${id}'`)));
  const failure = refused.find(({ reason }) => reason.code !== lockTimeout || triesLeft === 0);
  if (failure) throw failure.reason;
  await inTwo(payer, payee, amount, `${id}-again`, triesLeft - 1);
}

const transfer = mode === 'one' ? inOne : inTwo;
app.post('/transfers', async ({ body: { from, to, amount } }, reply) => {
  const id = `t-${run}-${++last}`;
  await transfer(from, to, amount, id);
  reply.code(201);
  return { id, state: 'committed' };
});
process.send?.(await app.listen({ host: '127.0.0.1', port: 0 }));
process.once('disconnect', () => process.exit());
