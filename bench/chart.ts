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

const size = { width: 800, height: 420 };
const common = { animation: false, backgroundColor: '#ffffff', legend: { bottom: 0 } };

/** Groups of bars. */
export function barChart(
  title: string,
  categories: readonly string[],
  series: readonly Series[],
): string {
  return draw({
    ...common,
    title: { text: title, left: 'center' },
    grid: { left: 190, right: 70, top: 50, bottom: 60 },
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
  return draw({
    ...common,
    title: { text: title, left: 'center' },
    grid: { left: 80, right: 40, top: 50, bottom: 90 },
    xAxis: { type: 'value', name: over, nameLocation: 'middle', nameGap: 28 },
    yAxis: { type: 'value' },
    series: series.map(({ name, values }) => ({ type: 'line', name, data: values })),
  });
}

function draw(option: Record<string, unknown>): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...size });
  chart.setOption(option);
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
