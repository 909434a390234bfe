import type { FastifyRequest } from 'fastify';
import t, { type Test } from 'tap';
import { coordinatorSettings } from '../../coordinator/config.ts';
import { Coordinator, type CoordinatorLimits } from '../../coordinator/coordinator.ts';
import { coordinatorRoutes } from '../../coordinator/routes.ts';
import { loadContract } from '../../http/contract.ts';
import { readSettings } from '../../http/settings.ts';
import type { Transport } from '../../http/transport.ts';
import { systemClock } from '../../log/clock.ts';
import { systemDisk, type Disk } from '../../log/disk.ts';
import { initStore, openStore } from '../../log/store.ts';
import { anyAddress } from '../fixtures/any-address.ts';

const nextTurn = () => new Promise((next) => setImmediate(next));

/** Long enough for whatever does not wait for the disk. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await nextTurn();
}

const isAnswered = (asked: Promise<unknown> | undefined) =>
  Promise.race([Promise.resolve(asked).then(() => true), turns().then(() => false)]);

/** Everyone votes yes and commits after `when`, and has no accounts, at whatever is `asked` for. */
const agreeable = (asked: string[], when: () => Promise<void>): Transport => ({
  send: async ({ url, body }) => {
    const at = /at=(\d+)/.exec(url)?.[1];
    if (at !== undefined) {
      asked.push(at);
      const participant = { name: 'a', store: 'aaaaaaaa', sequence: 1 };
      const balances = { participant, timestamp: Number(at), accounts: [], damage: [] };
      return { status: 200, body: balances };
    }
    await when();
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

/** A coordinator whose every force waits at a gate from now on. */
async function gatedCoordinator(t: Test) {
  const folder = t.testdir();
  const gates: (() => void)[] = [];
  let gated = false;
  let forces = 0;
  const disk: Disk = {
    ...systemDisk,
    open: async (path) => {
      const file = await systemDisk.open(path);
      const datasync = async () => {
        if (gated) {
          forces += 1;
          await new Promise<void>((opened) => gates.push(opened));
        }
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
  const asked: string[] = [];
  /** What began is being forced: what is decided from now on is not in that write. */
  const begun = async () => {
    while (forces === 0) await nextTurn();
  };
  const asking = {
    contract: loadContract('participant'),
    transport: agreeable(asked, begun),
  };
  const coordinator = await Coordinator.open({
    store,
    ...asking,
    keys: () => [],
    clock: systemClock,
    random: Math.random,
    limits,
    logger: { info: ignore, warn: ignore, error: ignore },
    onFailure: (error) => {
      throw error;
    },
  });
  t.teardown(async () => {
    gated = false;
    for (const open of gates) open();
    await coordinator.close();
    await store.close();
  });
  for (const name of ['a', 'b']) {
    const address = 'http://127.0.0.1:1';
    await coordinator.register({ store: name.repeat(8), epoch: 1, address, name });
  }
  gated = true;
  const routes = coordinatorRoutes(coordinator, anyAddress, asking);
  const forcing = async () => {
    while (gates.length === 0) await nextTurn();
  };
  /** Lets one force through, as soon as there is one. */
  const openGate = async () => {
    await forcing();
    gates.shift()?.();
  };
  const call = (operation: string, own: object) => {
    const request: object = { raw: { socket: {} }, ...own };
    return Promise.resolve(routes[operation]?.(request as FastifyRequest));
  };
  const transfer = (prefer = 'respond-async') =>
    call('createTransfer', {
      body: { from: 'a/x', to: 'b/y', amount: 1, currency: 'USD' },
      headers: { prefer, 'idempotency-key': 'k' },
    });
  const decided = async () => {
    while (coordinator.state.timestamp === 0) await nextTurn();
  };
  return { coordinator, asked, call, transfer, decided, forcing, openGate };
}

void t.test('no answer shows a decision that is not on disk yet', async (t) => {
  const { transfer, decided, openGate } = await gatedCoordinator(t);
  const answered = transfer();
  await decided();
  t.notOk(await isAnswered(answered), 'not even that it has begun is forced yet');
  await openGate();
  const answer = await answered;
  t.match(answer, { status: 202, body: { state: 'preparing' } }, 'it does not tell what it knows');
});

void t.test('a repeat does not hear of a decision that is not on disk yet', async (t) => {
  const { transfer, decided, openGate } = await gatedCoordinator(t);
  const first = transfer();
  await decided();
  await openGate();
  t.match(await first, { status: 202 });
  const again = transfer('wait=0');
  t.notOk(await isAnswered(again));
  await openGate();
  t.match(await again, { status: 201, body: { state: 'committed' } });
});

void t.test('an inquiry waits until the decision that it tells is on disk', async (t) => {
  const { coordinator, call, transfer, decided, openGate } = await gatedCoordinator(t);
  void transfer();
  await decided();
  await openGate();
  const [id = ''] = coordinator.state.transfers.keys();
  const asked = call('getDecision', { params: { id }, query: {} });
  t.notOk(await isAnswered(asked));
  await openGate();
  t.match(await asked, { status: 200, body: { id, state: 'committed' } });
});

void t.test('snapshots are of decisions that are on disk', async (t) => {
  const { coordinator, asked, transfer, decided, forcing, openGate } = await gatedCoordinator(t);
  void transfer();
  await decided();
  await openGate();
  await forcing();
  t.equal(coordinator.durableTimestamp, 0);
  await coordinator.snapshot();
  t.same(asked, ['0', '0']);
  await openGate();
  while (coordinator.durableTimestamp === 0) await nextTurn();
  t.equal(coordinator.durableTimestamp, coordinator.state.timestamp);
});
