/** How many transfers were decided in each of the last seconds, and how long that took. */
import type { Event } from '../sdk/index.ts';

/** How far back one can look. Seconds. */
const windowSeconds = 300;

/** Transfers whose decision is waited for; beyond, those begun first are not measured. */
const mostOpen = 10_000;

/** The figures of the last full seconds, oldest first, as a chart wants them. */
export interface Rates {
  /** Seconds since 1970, on the coordinator's clock. */
  readonly seconds: number[];
  /** Null before anybody listened. */
  readonly committed: (number | null)[];
  readonly aborted: (number | null)[];
  /** From begun to decided, in milliseconds; null where nothing was decided. */
  readonly p50Ms: (number | null)[];
  readonly p99Ms: (number | null)[];
}

/** What was decided within some time. */
interface Decided {
  committed: number;
  aborted: number;
  /** How many took how long: milliseconds, coarse. */
  readonly took: Map<number, number>;
}

/** Figures over several seconds together. */
export interface Summary {
  readonly committedPerSecond: number;
  readonly abortedPerSecond: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

/** Counts the decisions of each second, in bounded memory however many come. */
export class RateCounter {
  readonly #bySecond = new Map<number, Decided>();
  /** When each open transfer was begun: id to milliseconds since 1970. */
  readonly #begunMs = new Map<string, number>();
  readonly #startMs: number;
  /** How far the page's clock is ahead of the coordinator's, at the most. Milliseconds. */
  #aheadMs: number | undefined;

  /** @param startMs when events began to come, by the page's clock: milliseconds since 1970 */
  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  /** @param nowMs of the page's clock: milliseconds since 1970 */
  take(event: Event, nowMs: number): void {
    if (event.type === 'connected') return;
    const atMs = Date.parse(event.at);
    this.#aheadMs = Math.min(this.#aheadMs ?? Infinity, nowMs - atMs);
    if (event.type === 'begun') this.#begin(event.id, atMs);
    if (event.type === 'decided') this.#decide(event, atMs);
  }

  /** Second by second until the last full one. */
  read(nowMs: number): Rates {
    const [start, end] = [this.#secondAt(this.#startMs), this.#secondAt(nowMs)];
    const seconds = Array.from({ length: windowSeconds }, (_, at) => end - windowSeconds + at);
    const found = seconds.map((second) => this.#bySecond.get(second) ?? nothing);
    return {
      seconds,
      committed: found.map(({ committed }, at) => ((seconds[at] ?? 0) < start ? null : committed)),
      aborted: found.map(({ aborted }, at) => ((seconds[at] ?? 0) < start ? null : aborted)),
      p50Ms: found.map(({ took }) => percentile(took, 0.5)),
      p99Ms: found.map(({ took }) => percentile(took, 0.99)),
    };
  }

  /** The last `mostSeconds` full seconds as one, or those since the start. */
  summary(nowMs: number, mostSeconds: number): Summary {
    const [start, end] = [this.#secondAt(this.#startMs), this.#secondAt(nowMs)];
    const spanSeconds = Math.max(1, Math.min(mostSeconds, end - start));
    const took = new Map<number, number>();
    let [committed, aborted] = [0, 0];
    for (let second = end - spanSeconds; second < end; second += 1) {
      const one = this.#bySecond.get(second) ?? nothing;
      committed += one.committed;
      aborted += one.aborted;
      for (const [ms, count] of one.took) took.set(ms, (took.get(ms) ?? 0) + count);
    }
    return {
      committedPerSecond: committed / spanSeconds,
      abortedPerSecond: aborted / spanSeconds,
      p50Ms: percentile(took, 0.5),
      p99Ms: percentile(took, 0.99),
    };
  }

  #secondAt(nowMs: number): number {
    return Math.floor((nowMs - (this.#aheadMs ?? 0)) / 1000);
  }

  #begin(id: string, atMs: number): void {
    this.#begunMs.set(id, atMs);
    const [oldest] = this.#begunMs.keys();
    if (this.#begunMs.size > mostOpen && oldest !== undefined) this.#begunMs.delete(oldest);
  }

  #decide({ id, state }: Event & { readonly type: 'decided' }, atMs: number): void {
    const second = this.#decidedIn(Math.floor(atMs / 1000));
    second[state] += 1;
    const begunMs = this.#begunMs.get(id);
    this.#begunMs.delete(id);
    if (begunMs === undefined) return;
    const ms = coarse(Math.max(0, atMs - begunMs));
    second.took.set(ms, (second.took.get(ms) ?? 0) + 1);
  }

  #decidedIn(second: number): Decided {
    const known = this.#bySecond.get(second);
    if (known) return known;
    const fresh = { committed: 0, aborted: 0, took: new Map<number, number>() };
    this.#bySecond.set(second, fresh);
    // One more than are read: the second that is under way.
    for (const old of this.#bySecond.keys()) {
      if (this.#bySecond.size <= windowSeconds + 1) break;
      this.#bySecond.delete(old);
    }
    return fresh;
  }
}

const nothing: Decided = { committed: 0, aborted: 0, took: new Map() };

/** Two digits are enough to show, and keep the different ones few. */
function coarse(ms: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(ms || 1)) - 1);
  return Math.round(ms / unit) * unit;
}

/** The smallest value that at least this share of all is not above; null of nothing. */
function percentile(counts: ReadonlyMap<number, number>, share: number): number | null {
  const sorted = [...counts].sort(([one], [other]) => one - other);
  const wanted = sorted.reduce((sum, [, count]) => sum + count, 0) * share;
  let seen = 0;
  for (const [value, count] of sorted) {
    seen += count;
    if (seen >= wanted) return value;
  }
  return null;
}
