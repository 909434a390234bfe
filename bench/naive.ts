import { accountIds, balance, type Contender } from './contender.ts';
import { startServer } from './server-process.ts';

/** No log, no validation, no batches: the same libraries, three processes. */
export async function startNaive(): Promise<Contender> {
  const banks = [
    await startServer('naive.js', 'participant'),
    await startServer('naive.js', 'participant'),
  ];
  const coordinator = await startServer(
    'naive.js',
    'coordinator',
    ...banks.map((bank) => bank.address),
  );
  for (const { address } of banks) {
    await fetch(`${address}/accounts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(accountIds.map((id) => ({ id, balance }))),
    });
  }
  const servers = [coordinator, ...banks];
  return {
    url: `${coordinator.address}/transfers`,
    pids: servers.map(({ pid }) => pid),
    forces: () => Promise.resolve(0),
    written: () => Promise.resolve(0),
    async total() {
      const totals = await Promise.all(
        banks.map(async ({ address }) => {
          const reply = await fetch(`${address}/total`);
          return ((await reply.json()) as { total: number }).total;
        }),
      );
      return totals.reduce((sum, total) => sum + total, 0);
    },
    async stop() {
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}
