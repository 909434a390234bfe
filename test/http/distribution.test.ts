import { Histogram, Registry } from 'prom-client';
import t from 'tap';
import { Distribution } from '../../http/distribution.ts';

const configuration = {
  name: 'things_seconds',
  help: 'How long things take.',
  labelNames: ['kind'],
  buckets: [0.001, 0.01, 1],
};
const values = [0, 0.001, 0.0011, 0.5, 1, 1.0001, 7];

void t.test('a distribution is told as the histogram of the library is', async (t) => {
  const [ours, theirs] = [new Registry(), new Registry()];
  const distribution = new Distribution({ ...configuration, registers: [ours] });
  const histogram = new Histogram({ ...configuration, registers: [theirs] });
  for (const [kind, seen] of [
    ['used', values],
    ['unused', []],
  ] as const) {
    const series = distribution.series({ kind });
    histogram.zero({ kind });
    for (const value of seen) {
      series.observe(value);
      histogram.observe({ kind }, value);
    }
  }
  const text = await ours.metrics();
  t.match(text, /things_seconds_bucket\{le="1",kind="used"\} 5/);
  t.equal(text, await theirs.metrics());
});

void t.test('without labels it has one series', async (t) => {
  const registry = new Registry();
  const distribution = new Distribution({
    ...configuration,
    labelNames: [],
    registers: [registry],
  });
  distribution.series({}).observe(2);
  t.match(
    await registry.metrics(),
    /^things_seconds_bucket\{le="\+Inf"\} 1\nthings_seconds_sum 2/m,
  );
});
