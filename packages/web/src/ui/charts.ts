/** Charts that grow while training goes on. */
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

interface Line {
  readonly label: string;
  /** Name of a CSS variable. */
  readonly color: string;
}

const HEIGHT = 220;
const dark = window.matchMedia('(prefers-color-scheme: dark)');

export class Chart {
  readonly #host: HTMLElement;
  readonly #lines: readonly Line[];
  readonly #dots: boolean;
  #data: number[][];
  #plot: uPlot;
  #scheduled = false;

  /** @param dots marks each point, for charts of few */
  constructor(host: HTMLElement, lines: readonly Line[], { dots = false } = {}) {
    this.#host = host;
    this.#lines = lines;
    this.#dots = dots;
    this.#data = [[], ...lines.map(() => [])];
    this.#plot = this.#create();
    host.role = 'img';
    new ResizeObserver(() => this.#plot.setSize(this.#size())).observe(host);
    // Colors are drawn into the canvas, so another scheme needs another one.
    dark.addEventListener('change', () => {
      this.#plot.destroy();
      this.#plot = this.#create();
      this.#draw();
    });
  }

  clear(): void {
    this.#data = this.#data.map(() => []);
    this.#draw();
  }

  /** Adds a point of each line. */
  add(x: number, values: readonly number[]): void {
    for (const [i, value] of [x, ...values].entries()) this.#data[i].push(value);
    this.#draw();
  }

  /** At most once a frame. */
  #draw(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      this.#plot.setData(this.#data as uPlot.AlignedData);
      // Until the pointer is over the chart, the legend has the last values.
      const last = this.#data[0].length - 1;
      if (last >= 0) this.#plot.setLegend({ idx: last }, false);
      this.#host.ariaLabel = this.#summary();
    });
  }

  #summary(): string {
    const last = (i: number) => this.#data[i]?.at(-1)?.toFixed(3) ?? 'none yet';
    return `Chart; last values: ${this.#lines.map(({ label }, i) => `${label} ${last(i + 1)}`).join(', ')}`;
  }

  #size() {
    return { width: Math.max(200, this.#host.clientWidth), height: HEIGHT };
  }

  #create(): uPlot {
    const style = getComputedStyle(document.documentElement);
    const color = (name: string) => style.getPropertyValue(name).trim();
    const axis = {
      stroke: color('--soft'),
      grid: { stroke: color('--line'), width: 1 },
      ticks: { stroke: color('--line'), width: 1 },
    };
    const options: uPlot.Options = {
      ...this.#size(),
      scales: { x: { time: false }, y: { range: (_, __, max) => [0, Math.max(max * 1.08, 0.01)] } },
      axes: [
        { ...axis, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] },
        { ...axis, size: 52 },
      ],
      series: [
        { label: 'epoch', value: (_, x) => (x === null ? '–' : x.toFixed(1)) },
        ...this.#lines.map((line) => ({
          label: line.label,
          stroke: color(line.color),
          width: 2,
          points: { show: this.#dots, size: 6, fill: color(line.color) },
          value: (_: uPlot, y: number | null) => (y === null ? '–' : y.toFixed(3)),
        })),
      ],
    };
    return new uPlot(options, this.#data as uPlot.AlignedData, this.#host);
  }
}
