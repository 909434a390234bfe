import { Histogram, type HistogramConfiguration } from 'prom-client';

type Labels = Readonly<Record<string, string>>;

/**
 * A histogram whose series are plain numbers until somebody asks for them: one of the library looks
 * for its labels at each value, which costs a microsecond, on the way of every request.
 */
export class Distribution extends Histogram {
  readonly #name: string;
  readonly #help: string;
  readonly #bounds: readonly number[];
  readonly #series: Series[] = [];

  constructor(configuration: HistogramConfiguration<string> & { readonly buckets: number[] }) {
    super(configuration);
    this.#name = configuration.name;
    this.#help = configuration.help;
    this.#bounds = configuration.buckets;
  }

  /** A series of its own; it is told from the start, at 0: else its first step is not seen. */
  series(labels: Labels): Series {
    const one = new Series(labels, this.#bounds);
    this.#series.push(one);
    return one;
  }

  /** What the library asks its histograms for, whoever has asked the library. */
  getForPromString() {
    const values = this.#series.flatMap((one) => one.values(this.#name));
    const told = { name: this.#name, help: this.#help, type: 'histogram', aggregator: 'sum' };
    return Promise.resolve({ ...told, values });
  }
}

/** One series of a distribution; made by `Distribution.series`. */
export class Series {
  readonly #labels: Labels;
  readonly #bounds: readonly number[];
  /** Of each bound the values up to it and above the one before; the last: above all. */
  readonly #counts: number[];
  #sum = 0;

  constructor(labels: Labels, bounds: readonly number[]) {
    this.#labels = labels;
    this.#bounds = bounds;
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let at = 0;
    while (at < bounds.length && value > (bounds[at] ?? Infinity)) at += 1;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#sum += value;
  }

  /** As the library writes them: what is in a bucket is in all larger ones, too. */
  values(name: string) {
    const [sharedLabels, sum] = [this.#labels, this.#sum];
    let value = 0;
    const buckets = this.#counts.map((count, at) => {
      value += count;
      const labels = { le: this.#bounds[at] ?? '+Inf' };
      return { metricName: `${name}_bucket`, labels, sharedLabels, value };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels: {}, sharedLabels, value: sum },
      { metricName: `${name}_count`, labels: {}, sharedLabels, value },
    ];
  }
}
