import type { Summary } from '../rates.ts';
import { rates, summary } from '../live.ts';
import { Chart } from './chart.tsx';

/** How many transfers, and how fast, over the last five minutes. */
export function RateCharts() {
  const { seconds, committed, aborted, p50Ms, p99Ms } = rates.value;
  return (
    <section aria-labelledby="rates">
      <h2 id="rates">The last five minutes</h2>
      <div class="charts">
        <Chart
          title="Transfers per second"
          seconds={seconds}
          series={[
            { label: 'committed', look: 'good', dash: [], values: committed },
            { label: 'aborted', look: 'bad', dash: [6, 4], values: aborted },
          ]}
          words={countsOf(summary.value)}
        />
        <Chart
          title="From begun to decided, in milliseconds"
          seconds={seconds}
          series={[
            { label: 'p99: 99 of 100 are faster', look: 'wait', dash: [], values: p99Ms },
            { label: 'p50: half are faster', look: 'quiet', dash: [2, 3], values: p50Ms },
          ]}
          words={timesOf(summary.value)}
        />
      </div>
    </section>
  );
}

function countsOf({ committedPerSecond, abortedPerSecond }: Summary): string {
  const [committed, aborted] = [each(committedPerSecond), each(abortedPerSecond)];
  return `In the last ten seconds: ${committed} committed and ${aborted} aborted each second.`;
}

function timesOf({ p50Ms, p99Ms }: Summary): string {
  if (p50Ms === null || p99Ms === null) return 'In the last ten seconds nothing was decided.';
  return `In the last ten seconds: half within ${p50Ms} ms, 99 of 100 within ${p99Ms} ms.`;
}

const each = (value: number) =>
  value > 0 && value < 10 ? value.toFixed(1) : String(Math.round(value));
