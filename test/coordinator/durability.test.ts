import t from 'tap';
import { coordinatorSettings } from '../../coordinator/config.ts';
import { Coordinator, type CoordinatorLimits } from '../../coordinator/coordinator.ts';
import { coordinatorRoutes } from '../../coordinator/routes.ts';
import { loadContract } from '../../http/contract.ts';
import { readSettings } from '../../http/settings.ts';
import type { Transport } from '../../http/transport.ts';
import { systemClock } from '../../log/clock.ts';
import { systemDisk, type Disk } from '../../log/disk.ts';
import { initStore, openStore } from '../../log/store.ts';

const nextTurn = () => new Promise((next) => setImmediate(next));

/** Everyone votes yes and commits, as soon as `when` says so. */
const agreeable = (when: () => boolean): Transport => ({
  send: async ({ url, body }) => {
    while (!when()) await nextTurn();
    const { participant, transfers } = body as {
      participant: { store: string };
      transfers: { id: string }[];
    };
    const prepare = url.endsWith('/prepare');
    const items = transfers.map(({ id }) => {
      return prepare ? { id, vote: 'yes' } : { id, state: 'committed' };
    });
    const signature = { name: null, store: participant.store, sequence: 1 };
    const field = prepare ? 'votes' : 'outcomes';
    return { status: 200, body: { participant: signature, [field]: items } };
  },
  close: () => Promise.resolve(),
});

void t.test('no answer shows a decision that is not on disk yet', async (t) => {
  const folder = t.testdir();
  const gates: (() => void)[] = [];
  let gated = false;
  const disk: Disk = {
    ...systemDisk,
    open: async (path) => {
      const file = await systemDisk.open(path);
      const datasync = async () => {
        if (gated) await new Promise<void>((opened) => gates.push(opened));
        await file.datasync();
      };
      return {
        datasync,
        write: (bytes, position) => file.write(bytes, position),
        close: () => file.close(),
      };
    },
  };
  await initStore({ folder, role: 'coordinator', store: 'aaaaaaaa', disk });
  const store = await openStore({ folder, role: 'coordinator', disk, pid: 1 });
  const read = readSettings(coordinatorSettings, { data: folder }, {});
  if ('errors' in read) throw new Error(read.errors.join());
  const limits: CoordinatorLimits = read.settings;
  const ignore = () => undefined;
  const coordinator = await Coordinator.open({
    store,
    contract: loadContract('participant'),
    transport: agreeable(() => gates.length > 0),
    key: undefined,
    clock: systemClock,
    random: Math.random,
    limits,
    logger: { info: ignore, warn: ignore, error: ignore },
    onFailure: (error) => {
      throw error;
    },
  });
  t.teardown(async () => {
    await coordinator.close();
    await store.close();
  });
  for (const name of ['a', 'b']) {
    const address = 'http://127.0.0.1:1';
    await coordinator.register({ store: name.repeat(8), epoch: 1, address, name });
  }
  gated = true;
  const request = {
    body: { from: 'a/x', to: 'b/y', amount: 1, currency: 'USD' },
    headers: { prefer: 'respond-async' },
  };
  const { createTransfer } = coordinatorRoutes(coordinator);
  const answered = createTransfer?.(request as unknown as Parameters<typeof createTransfer>[0]);
  const decided = () => coordinator.state.timestamp > 0;
  while (!decided()) await nextTurn();
  t.equal(gates.length, 1, 'the decision was applied while only what began was being forced');
  gates[0]?.();
  const answer = await answered;
  t.match(answer, { status: 202, body: { state: 'preparing' } }, 'it does not tell what it knows');
  gated = false;
  while (coordinator.state.active.size > 0) {
    for (const open of gates) open();
    await nextTurn();
  }
});
