import type { Clock } from '../../log/clock.ts';
import type { Disk, DiskFile } from '../../log/disk.ts';
import type { MemoryDisk } from '../fixtures/memory-disk.ts';
import type { Dice } from './dice.ts';
import type { Schedule } from './schedule.ts';

/** What is wrong with the disk of a node at the moment. */
export interface DiskTrouble {
  /** The next write or force fails with this error. */
  next: string | undefined;
  /** Every write fails with this error. */
  always: string | undefined;
  /** How long a write or a force takes at the most. Milliseconds. */
  slowMs: number;
  /** As slow, when nothing is wrong. */
  usualMs: number;
}

interface RunOptions {
  readonly schedule: Schedule;
  readonly dice: Dice;
  readonly disk: MemoryDisk;
  readonly trouble: DiskTrouble;
  readonly count: (what: string) => void;
  /** Its disk has done something, or is about to. */
  readonly onStep: () => void;
}

/** One run of a node: the time and the disk as it sees them, from its start until it dies. */
export class Run {
  /** It neither hears nor says anything any more. */
  isOver = false;
  /** An injected fault of its disk has reached it: it may not go on. */
  isHit = false;
  readonly clock: Clock;
  readonly disk: Disk;
  readonly #schedule: Schedule;
  #isPaused = false;
  #backlog: (() => void)[] = [];

  constructor(options: RunOptions) {
    const { schedule } = options;
    this.#schedule = schedule;
    this.clock = {
      now: () => schedule.now(),
      wall: () => schedule.wall(),
      after: (ms, action) => {
        let isCancelled = false;
        const cancel = schedule.after(ms, () => {
          this.whenAwake(() => {
            if (!isCancelled) action();
          });
        });
        return () => {
          isCancelled = true;
          cancel();
        };
      },
      turn: () => Promise.resolve(),
    };
    this.disk = slowDisk(options, this);
  }

  /** Something reaches this run: at once, when it goes on again, or never. */
  whenAwake(action: () => void): void {
    if (this.isOver) return;
    if (this.#isPaused) this.#backlog.push(action);
    else action();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    const backlog = this.#backlog;
    this.#backlog = [];
    // Whatever has waited is still one after the other.
    for (const action of backlog) {
      this.#schedule.after(0, () => {
        this.whenAwake(action);
      });
    }
  }
}

/** A disk whose writes take time, and fail when they are told to. */
function slowDisk(options: RunOptions, run: Run): Disk {
  const { schedule, dice, disk, trouble, count, onStep } = options;
  const pass = () =>
    new Promise<void>((resolve) => {
      const most = trouble.usualMs * (dice.chance(0.05) ? 20 : 1);
      schedule.after(dice.within(0.05, Math.max(most, trouble.slowMs)), () => {
        run.whenAwake(resolve);
      });
    });
  const isTroubled = () => (trouble.next ?? trouble.always) !== undefined;
  const failIfTold = () => {
    const code = trouble.next ?? trouble.always;
    if (code === undefined) return;
    trouble.next = undefined;
    run.isHit = true;
    count(`disk failures ${code}`);
    throw Object.assign(new Error(`${code}: injected`), { code });
  };
  // A node may die after its disk has done it, and before it knows.
  const slowly = async <T>(act: () => Promise<T>, half?: () => Promise<void>): Promise<T> => {
    const isEarly = dice.chance(0.5);
    if (!isEarly) await pass();
    if (isTroubled()) await half?.();
    failIfTold();
    onStep();
    const done = await act();
    onStep();
    if (isEarly) await pass();
    return done;
  };
  return {
    read: (path, spare) => disk.read(path, spare),
    list: (folder) => disk.list(folder),
    free: () => disk.free(),
    tryLock: (path, text) => disk.tryLock(path, text),
    makeFolder: (folder) => slowly(() => disk.makeFolder(folder)),
    create: (path, bytes) => slowly(() => disk.create(path, bytes)),
    rename: (from, to) => slowly(() => disk.rename(from, to)),
    remove: (path) => slowly(() => disk.remove(path)),
    syncFolder: (folder) => slowly(() => disk.syncFolder(folder)),
    async open(path) {
      const file = await disk.open(path);
      const slow: DiskFile = {
        write: (bytes, position) => {
          // A write that fails has come as far as it has.
          const half = () => file.write(bytes.subarray(0, dice.whole(0, bytes.length)), position);
          return slowly(() => file.write(bytes, position), half);
        },
        datasync: () => slowly(() => file.datasync()),
        close: () => file.close(),
      };
      return slow;
    },
  };
}
