import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Log, LogRecord } from './log.ts';
import type { Store } from './store.ts';

/** Bounds of a forced write: from a good SSD to a disk that hangs. Seconds. */
const forcedSeconds = [
  ...[0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01],
  ...[0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
];

const recordsTogether = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];

/** A gauge that is read from the state when somebody asks: what changes it costs nothing. */
export function gauge(
  registry: Registry,
  name: string,
  help: string,
  read: () => number | Promise<number>,
): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    async collect() {
      this.set(await read());
    },
  });
}

/** One series of counts. */
export interface Series {
  count: number;
}

/**
 * A counter whose series are plain numbers until somebody asks for them: a counter of the library
 * looks for its labels each time, which costs a microsecond on the way of every message.
 */
export class Counts<L extends string> {
  readonly #series: (Series & { readonly labels: Readonly<Record<L, string>> })[] = [];

  constructor(registry: Registry, name: string, help: string, labelNames: readonly L[]) {
    const all = this.#series;
    new Counter<L>({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        this.reset();
        for (const { labels, count } of all) this.inc(labels, count);
      },
    });
  }

  /** A series of its own; it is told from the start, at 0: else its first step is not seen. */
  series(labels: Readonly<Record<L, string>>): Series {
    const one = { labels, count: 0 };
    this.#series.push(one);
    return one;
  }
}

/** What is measured of a log and of the disk below it. */
export class LogMetrics {
  readonly #registry: Registry;
  readonly #forced: Histogram;
  readonly #records: Histogram;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#registry = registry;
    this.#forced = new Histogram({
      name: 'unanimous_log_forced_write_duration_seconds',
      help: 'How long a forced write of the log takes: write and fdatasync.',
      buckets: forcedSeconds,
      registers,
    });
    this.#records = new Histogram({
      name: 'unanimous_log_forced_write_records',
      help: 'Records that share one forced write of the log.',
      buckets: recordsTogether,
      registers,
    });
  }

  /** See `LogOptions.onForced`. */
  forced(ms: number, records: number): void {
    this.#forced.observe(ms / 1_000);
    this.#records.observe(records);
  }

  /** @param reserveBytes with less free than this the node takes nothing new */
  watch<R extends LogRecord>(log: Log<R>, { freeBytes }: Store, reserveBytes: number): void {
    const add = (name: string, help: string, read: () => number | Promise<number>) => {
      gauge(this.#registry, `unanimous_${name}`, help, read);
    };
    const waiting = () => log.position - log.durablePosition;
    add('log_waiting_records', 'Records of the log that are not forced yet.', waiting);
    add('log_segments', 'Segments of the log.', () => log.size.segments);
    add('log_segments_bytes', 'Size of all segments of the log.', () => log.size.segmentBytes);
    add('log_checkpoint_bytes', 'Size of the checkpoint.', () => log.size.checkpointBytes);
    add(
      'log_replayed_bytes',
      'About what a start has to replay: the log since the checkpoint.',
      () => log.size.replayedBytes,
    );
    if (!freeBytes) return;
    // A disk that does not even say how full it is gets no new work (`Room`): it counts as full.
    const free = () => freeBytes().catch(() => 0);
    add('disk_free_bytes', 'Room on the disk of the store; 0 if the disk does not say.', free);
    const reserve = () => reserveBytes;
    add('disk_reserve_bytes', 'With less room than this, nothing new is taken.', reserve);
  }
}
