import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';

/** One line of a chart. */
export interface Series {
  readonly label: string;
  /** The class whose text colour the line has. */
  readonly look: 'good' | 'bad' | 'wait' | 'quiet';
  /** Lines differ in their dashes, too: lengths of line and gap, in pixels. */
  readonly dash: readonly number[];
  readonly values: (number | null)[];
}

interface ChartProps {
  readonly title: string;
  /** Seconds since 1970. */
  readonly seconds: number[];
  readonly series: readonly Series[];
  /** The newest figures in words. */
  readonly words: string;
}

/** Pixels. */
const height = 180;

/** The least that the largest value of the scale is, so that one transfer is no mountain. */
const leastMost = 5;

/** Lines over the last minutes, and the same in words for who does not see them. */
export function Chart({ title, seconds, series, words }: ChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const data: uPlot.AlignedData = [seconds, ...series.map(({ values }) => values)];
  useEffect(() => {
    const { current: element } = host;
    if (!element) return undefined;
    const drawn = new uPlot(optionsOf(element, series), data, element);
    plot.current = drawn;
    const resized = new ResizeObserver(() => {
      drawn.setSize({ width: element.clientWidth, height });
    });
    resized.observe(element);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const redraw = () => {
      drawn.redraw();
    };
    scheme.addEventListener('change', redraw);
    return () => {
      scheme.removeEventListener('change', redraw);
      resized.disconnect();
      drawn.destroy();
    };
  }, []);
  useEffect(() => {
    plot.current?.setData(data);
  }, [seconds]);
  return (
    <figure class="chart card">
      <h3>{title}</h3>
      <ul class="legend" aria-hidden="true">
        {series.map(({ label, look, dash }) => (
          <li class={look}>
            <svg width="28" height="8" viewBox="0 0 28 8">
              <line
                x1="0"
                y1="4"
                x2="28"
                y2="4"
                stroke="currentColor"
                stroke-width="2"
                stroke-dasharray={dash.join(' ')}
              />
            </svg>{' '}
            {label}
          </li>
        ))}
      </ul>
      <div class="plot" ref={host} aria-hidden="true" />
      <figcaption>{words}</figcaption>
    </figure>
  );
}

function optionsOf(element: HTMLElement, series: readonly Series[]): uPlot.Options {
  // A canvas knows no classes and no custom properties: the colours are those of the page now.
  const colour = (look: string) => {
    const probe = element.parentElement?.querySelector(`.legend .${look}`) ?? element;
    return getComputedStyle(probe).color;
  };
  const line = () => getComputedStyle(element).borderTopColor;
  const axis = {
    stroke: () => getComputedStyle(element).color,
    grid: { stroke: line, width: 1 },
    ticks: { stroke: line, width: 1 },
    font: '12px system-ui, sans-serif',
  };
  return {
    width: element.clientWidth,
    height,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_, __, most) => [0, Math.max(leastMost, most * 1.1)] } },
    axes: [
      { ...axis, values: (_, ticks) => ticks.map(timeOfDay), space: 70 },
      { ...axis, size: 60 },
    ],
    series: [
      {},
      ...series.map(({ label, look, dash }) => ({
        label,
        stroke: () => colour(look),
        width: 2,
        dash: [...dash],
        points: {
          show: false,
          size: 5,
          filter: (self: uPlot, at: number) => loneOf(self.data[at] ?? []),
        },
      })),
    ],
  };
}

/** Where there is a value between two gaps: no line shows it, so a point does. */
function loneOf(values: ArrayLike<number | null | undefined>): number[] {
  const isThere = (at: number) => typeof values[at] === 'number';
  return Array.from({ length: values.length }, (_, at) => at).filter(
    (at) => isThere(at) && !isThere(at - 1) && !isThere(at + 1),
  );
}

const timeOfDay = (second: number) =>
  new Date(second * 1000).toLocaleTimeString([], {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
