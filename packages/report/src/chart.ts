/** A Vega-Lite specification drawn as a picture, without a browser. */
import type { TopLevelSpec } from 'vega-lite';

export type { TopLevelSpec };

/** One of several charts that stand side by side. */
export type Panel = Extract<TopLevelSpec, { hconcat: unknown }>['hconcat'][number];

export interface Chart {
  /** A whole SVG document. */
  readonly svg: string;
  /** The same at twice its size, on white. */
  readonly png: Uint8Array;
}

/** Font families of most systems, so that computed widths fit the drawn text. */
const FONT = 'DejaVu Sans, Verdana, Arial, sans-serif';

/** How every chart looks; a specification's own `config` goes before it. */
const CONFIG = {
  background: '#ffffff',
  padding: 12,
  font: FONT,
  view: { stroke: null },
  title: { anchor: 'start', fontSize: 15, fontWeight: 600, offset: 10, color: '#1f2328' },
  axis: {
    labelFontSize: 11,
    titleFontSize: 12,
    titleFontWeight: 400,
    titlePadding: 8,
    titleColor: '#424a53',
    labelColor: '#424a53',
    gridColor: '#e5e8eb',
    domainColor: '#8c959f',
    tickColor: '#8c959f',
  },
  legend: { labelFontSize: 12, titleFontSize: 12, symbolStrokeWidth: 4, symbolSize: 200 },
} as const;

const PNG_DPI = 144;

/**
 * Draws a Vega-Lite specification.
 * @param spec its data must be in it (`data.values`): nothing is loaded from files or the network
 * @throws Error of Vega-Lite where the specification isn't valid
 */
export async function renderChart(spec: TopLevelSpec): Promise<Chart> {
  // Loaded when there is something to draw: both are large, and few commands draw.
  const [vega, vegaLite, { default: sharp }] = await Promise.all([
    import('vega'),
    import('vega-lite'),
    import('sharp'),
  ]);
  const compiled = vegaLite.compile({ ...spec, config: { ...CONFIG, ...spec.config } }).spec;
  const loader = vega.loader();
  loader.load = () =>
    Promise.reject(new Error('a chart loads nothing: its data belongs in the specification'));
  const view = new vega.View(vega.parse(compiled), { renderer: 'none', loader, logLevel: vega.Error });
  const svg = await view.toSVG();
  view.finalize();
  const png = await sharp(Buffer.from(svg), { density: PNG_DPI })
    .png({ compressionLevel: 9, palette: true })
    .toBuffer();
  return { svg, png };
}
