import t from 'tap';
import type { DiskFile } from '../../log/disk.ts';
import { MemoryDisk } from '../fixtures/memory-disk.ts';
import {
  coordinatorNode,
  openAccount,
  order,
  participantNode,
  settleAll,
  World,
} from '../fixtures/nodes.ts';

/** Every forced write takes so long, once it is told to. */
class SlowDisk extends MemoryDisk {
  syncMs = 0;
  readonly #world: World;

  constructor(world: World) {
    super();
    this.#world = world;
  }

  override async open(path: string): Promise<DiskFile> {
    const file = await super.open(path);
    const datasync = async () => {
      const { clock } = this.#world;
      if (this.syncMs > 0) await new Promise<void>((done) => clock.after(this.syncMs, done));
      await file.datasync();
    };
    return { ...file, datasync };
  }
}

void t.test(
  'a disk that needs seconds for a force bounds what is begun, and loses nothing',
  async (t) => {
    const world = new World();
    const disk = new SlowDisk(world);
    const limits = { transfersInFlight: 20 };
    const coordinator = await coordinatorNode(t, world, { disk, limits });
    const a = await participantNode(t, world, 'bank-a');
    const b = await participantNode(t, world, 'bank-b');
    await openAccount(a, 'alice');
    await openAccount(b, 'bob');
    disk.syncMs = 3_000;
    const answers: { status: number; code: string | undefined }[] = [];
    for (let n = 0; n < 60; n++) {
      const body = { ...order, amount: 10 };
      void coordinator.start('createTransfer', { body }).then((reply) => {
        const { code } = reply.json<{ code?: string }>();
        answers.push({ status: reply.statusCode, code });
      });
    }
    await world.pass(100);
    t.equal(coordinator.coordinator.state.active.size, 20, 'no more is under way than may be');
    t.strictSame(
      answers,
      Array.from({ length: 40 }, () => ({ status: 503, code: 'overloaded' })),
      'the rest is told so at once',
    );
    await world.until(() => answers.length === 60);
    t.equal(
      answers.filter(({ status }) => status === 201).length,
      20,
      'all that was begun is done',
    );
    disk.syncMs = 0;
    await settleAll(t, world, coordinator, [a, b]);
    t.strictSame(a.amounts('alice'), [100_000 - 200, 0]);
    const again = await coordinatorNode(t, world, { disk: coordinator.crash() });
    await settleAll(t, world, again, [a, b]);
  },
);
