/** Charts as SVG, without a browser. */
import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

use([BarChart, LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

export interface Series {
  readonly name: string;
  /** One for each category, or pairs of x and y. */
  readonly values: readonly number[] | readonly (readonly [number, number])[];
}

const width = 800;
const leastHeight = 420;
/** Of one bar, with the space around it. */
const barHeight = 14;
const common = { animation: false, backgroundColor: '#ffffff', legend: { bottom: 0 } };

/** Groups of bars. */
export function barChart(
  title: string,
  categories: readonly string[],
  series: readonly Series[],
): string {
  const grid = { left: 190, right: 70, top: 50, bottom: 60 };
  const bars = categories.length * series.length * barHeight;
  return draw(Math.max(leastHeight, grid.top + bars + grid.bottom), {
    ...common,
    title: { text: title, left: 'center' },
    grid,
    xAxis: { type: 'value' },
    yAxis: { type: 'category', data: categories, inverse: true },
    series: series.map(({ name, values }) => ({
      ...{ type: 'bar', name, data: values },
      label: { show: true, position: 'right', fontSize: 10 },
    })),
  });
}

/** Lines over a number. */
export function lineChart(title: string, over: string, series: readonly Series[]): string {
  return draw(leastHeight, {
    ...common,
    title: { text: title, left: 'center' },
    grid: { left: 80, right: 40, top: 50, bottom: 90 },
    xAxis: { type: 'value', name: over, nameLocation: 'middle', nameGap: 28 },
    yAxis: { type: 'value' },
    series: series.map(({ name, values }) => ({ type: 'line', name, data: values })),
  });
}

function draw(height: number, option: Record<string, unknown>): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  chart.setOption(option);
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
