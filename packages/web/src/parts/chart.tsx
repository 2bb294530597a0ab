/** A line chart that grows, in the page's colors. */
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

interface Line {
  readonly label: string;
  /** Name of a CSS variable, or a color. */
  readonly color: string;
  readonly values: readonly (number | null)[];
  readonly dashed?: boolean;
  /** Text beside the label; by default the last value. */
  readonly figure?: number;
}

interface ChartProps {
  readonly title: string;
  readonly xLabel: string;
  readonly x: readonly number[];
  readonly lines: readonly Line[];
}

const HEIGHT = 200;
const LABEL_FONT = '12px system-ui, sans-serif';

export function Chart({ title, xLabel, x, lines }: ChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const data = useRef<uPlot.AlignedData>([[]]);
  data.current = dataOf(x, lines);
  const shape = lines.map(({ label, color, dashed }) => `${label} ${color} ${dashed}`).join();
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const make = () => {
      plot.current?.destroy();
      plot.current = create(element, xLabel, lines, data.current);
    };
    make();
    const observer = new ResizeObserver(() => plot.current?.setSize(sizeOf(element)));
    observer.observe(element);
    const dark = window.matchMedia('(prefers-color-scheme: dark)');
    // Colors are drawn into the canvas, so a change of color scheme needs a new one.
    dark.addEventListener('change', make);
    return () => {
      dark.removeEventListener('change', make);
      observer.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [shape, xLabel]);
  useEffect(() => plot.current?.setData(data.current));
  const last = lines.map(({ label, values, figure = values.findLast((v) => v !== null) }) =>
    `${label} ${figure?.toFixed(3) ?? '–'}`.trim(),
  );
  return (
    <figure class="chart">
      <figcaption>
        {title}
        <span class="legend">
          {lines.map(({ label, color }, i) => (
            <span key={label}>
              <i style={{ background: color.startsWith('--') ? `var(${color})` : color }} />
              {last[i]}
            </span>
          ))}
        </span>
      </figcaption>
      <div ref={host} role="img" aria-label={`${title}: ${last.join(', ')}`} />
    </figure>
  );
}

/** Steps of the x axis: epochs are whole. */
const WHOLE = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000];
const PARTS = [0.1, 0.2, 0.5, ...WHOLE];
const isPart = ([x]: uPlot.AlignedData) => x.some((value) => !Number.isInteger(value));

const sizeOf = (element: HTMLElement) => ({ width: Math.max(200, element.clientWidth), height: HEIGHT });

const dataOf = (x: readonly number[], lines: readonly Line[]): uPlot.AlignedData => [
  [...x],
  ...lines.map(({ values }) => [...values]),
];

function create(
  element: HTMLElement,
  xLabel: string,
  lines: readonly Line[],
  data: uPlot.AlignedData,
): uPlot {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string) => (name.startsWith('--') ? style.getPropertyValue(name).trim() : name);
  const grid = { stroke: color('--line'), width: 1 };
  const axis = { stroke: color('--soft'), grid, ticks: grid };
  return new uPlot(
    {
      ...sizeOf(element),
      legend: { show: false },
      scales: { x: { time: false }, y: { range: (_, __, max) => [0, Math.max(max * 1.08, 0.01)] } },
      axes: [
        {
          ...axis,
          size: 30,
          label: xLabel,
          labelSize: 20,
          labelGap: -2,
          labelFont: LABEL_FONT,
          incrs: isPart(data) ? PARTS : WHOLE,
        },
        { ...axis, size: 54 },
      ],
      series: [
        {},
        ...lines.map((line) => ({
          label: line.label,
          stroke: color(line.color),
          width: 2,
          spanGaps: true,
          points: { show: line.values.length < 40 && !line.dashed, size: 5, fill: color(line.color) },
          ...(line.dashed ? { dash: [6, 5] } : {}),
        })),
      ],
    },
    data,
    element,
  );
}
