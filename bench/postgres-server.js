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
const pools = ports.map(
  (port) =>
    new pg.Pool({
      ...{ host: '127.0.0.1', port: Number(port), user: 'postgres', password: 'password' },
      ...{ database: 'postgres', max: 50 },
    }),
);
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
  await pools[0].query(`BEGIN; ${updates}; INSERT INTO transfers VALUES ('${id}'); COMMIT`);
}

async function inTwo(payer, payee, amount, id) {
  const parts = [
    [pools['ab'.indexOf(payer[5])], payer, -amount],
    [pools['ab'.indexOf(payee[5])], payee, amount],
  ];
  await Promise.all(
    parts.map(([pool, account, change]) =>
      pool.query(`BEGIN; ${move(account, change)}; PREPARE TRANSACTION '${id}'`),
    ),
  );
  await Promise.all(parts.map(([pool]) => pool.query(`COMMIT PREPARED '${id}'`)));
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
