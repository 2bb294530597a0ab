/** Convolutions and their gradients as matrix products whose second factor is never written. */
import { partsOf } from '../../fusion/parts.js';
import { isPacked } from '../../fusion/views.js';
import { GraphError, type Node, type Shape } from '../../graph/node.js';
import type { ConvAttrs, Pair } from '../../ops/attrs.js';
import { isOp } from '../../ops/op-node.js';
import type { Code } from './code.js';
import { Index } from './index-of.js';
import { components, type Factors, type Product, product } from './products.js';
import { loadAt, pairAt } from './values.js';

/** Receives an element of the result. */
type Finish = (index: Index, value: string) => void;

/** What happens to the elements of a result, besides what `finish` does with each. */
type Finishing = Pick<Factors, 'sums' | 'inPairs'>;
type OwnFactors = Omit<Factors, keyof Finishing>;

export function convolution(code: Code, node: Node, finish: Finish, finishing: Finishing): Product {
  return product(code, { ...factorsOf(code, node, finish), ...finishing });
}

function factorsOf(code: Code, node: Node, finish: Finish): OwnFactors {
  if (isOp(node, 'conv2d')) return forward(code, node, node.inputs, node.attrs, finish);
  if (isOp(node, 'conv2dBackwardInput')) return inputGradient(code, node, node.inputs, node.attrs, finish);
  if (isOp(node, 'conv2dBackwardWeight')) return weightGradient(code, node, node.inputs, node.attrs);
  throw new GraphError(`${node.op} is no convolution`);
}

/** Lines that split a position among pixels of a batch: `NAMEn`, `NAMEp` (in the image), `NAMEh`, `NAMEw`. */
const pixelOf = (name: string, position: string, { pixels, width }: Size) => `
let ${name}n = ${position} / ${pixels};
let ${name}p = ${position} - ${name}n * ${pixels};
let ${name}h = ${name}p / ${width};
let ${name}w = ${name}p - ${name}h * ${width};`;

/** Sizes of an image as expressions. */
interface Size {
  readonly height: string;
  readonly width: string;
  readonly pixels: string;
}

function sizeOf(code: Code, name: string, shape: Shape): Size {
  const [height, width] = kernelOf(shape);
  return {
    height: code.number(`${name} height`, height),
    width: code.number(`${name} width`, width),
    pixels: code.number(`${name} pixels`, height * width),
  };
}

/** Lines that split positions among the weights of an output: `NAMEc`, `NAMEi`, `NAMEj`. */
const tapOf = (name: string, position: string, [height, width]: Pair) =>
  height * width === 1
    ? `let ${name}c = ${position};\nlet ${name}i = ${position} * 0;\nlet ${name}j = ${name}i;`
    : `
let ${name}c = ${position} / ${height * width};
let ${name}r = ${position} - ${name}c * ${height * width};
let ${name}i = ${name}r / ${width};
let ${name}j = ${name}r - ${name}i * ${width};`;

/** Whether an image lies in memory as halves, two in a word. */
const isHalves = (image: Node) => isPacked(image) && image.dtype === 'float16';

/** Whether two neighboring halves belong to one channel whenever the first has an even position. */
const hasPairs = (image: Node) =>
  isHalves(image) && (Number(image.shape[2]) * Number(image.shape[3])) % 2 === 0;

/** Whether each pixel of the result reads only the one at its place: a product of matrices as they lie in memory. */
const isPointwise = (kernel: Pair, { stride, pad }: ConvAttrs) =>
  String([...kernel, ...stride, ...pad]) === '1,1,1,1,0,0';

/** Lines that read four elements of an image, as far as a vector of conditions holds. */
const gather = (code: Code, image: Node, at: string, conditions: string) => `let at = ${at};
let ok = ${conditions};
${components((c) => `if (ok.${c}) { value.${c} = ${loadAt(code, image, `at.${c}`)}; }`)}`;

/** The same for pairs of neighboring elements: both exist, or neither. */
const gatherPairs = (code: Code, image: Node, at: string) => `let at = ${at};
if (inside.x) { let pair = ${pairAt(code, image, 'at.x')}; value.x = pair.x; value.y = pair.y; }
if (inside.z) { let pair = ${pairAt(code, image, 'at.z')}; value.z = pair.x; value.w = pair.y; }`;

/** A condition for each of four: that rows and columns lie in the image. */
const within = ({ height, width }: Size) =>
  `(vec4<u32>(y) < vec4<u32>(u32(${height}))) & (vec4<u32>(x) < vec4<u32>(u32(${width})))`;

const kernelOf = (shape: Shape): Pair => [Number(shape[2]), Number(shape[3])];

/** Columns are pixels of the result: its element at `row` of group `z`. */
function finished(
  code: Code,
  node: Node,
  rows: string,
  size: Size,
  finish: (index: Index, channel: string) => void,
): string {
  code.take();
  code.line(`let channel = z * ${rows} + row;`);
  code.line(pixelOf('o', 'column', size));
  code.line(
    `let i = (on * ${code.number('channels', Number(node.shape[1]))} + channel) * ${size.pixels} + op;`,
  );
  finish(Index.known(code, node.shape, 'i', ['on', 'channel', 'oh', 'ow']), 'channel');
  return code.take();
}

type Inputs = readonly Node[];

function forward(
  code: Code,
  node: Node,
  [x, weight, bias]: Inputs,
  attrs: ConvAttrs,
  finish: Finish,
): OwnFactors {
  const { stride, pad, dilation, groups } = attrs;
  const [outputs, inputs] = weight.shape.map(Number);
  const kernel = kernelOf(weight.shape);
  const [size, out] = [sizeOf(code, 'in', x.shape), sizeOf(code, 'out', node.shape)];
  const rows = outputs / groups;
  const inner = inputs * kernel[0] * kernel[1];
  const [rowsText, innerText] = [code.number('rows', rows), code.number('inner0', inner)];
  const image = `(xn * ${code.number('in channels', inputs * groups)} + z * ${code.number('inputs', inputs)}) * ${size.pixels}`;
  return {
    rows,
    columns: [node.shape[0], ...kernelOf(node.shape)],
    inner: [inner],
    groups,
    parts: 1,
    innerFirst: false,
    beforeA: '',
    beforeB: '',
    a: (row) => loadAt(code, weight, `(z * ${rowsText} + ${row}) * ${innerText} + k`),
    inHalves: isHalves(x),
    ...(isPointwise(kernel, attrs)
      ? pointwise(code, x, image, out)
      : {
          readsPairs: false,
          setup: `${pixelOf('x', 'column', out)}
let top = xh * ${stride[0]} - ${pad[0]};
let left = xw * ${stride[1]} - ${pad[1]};
let image = ${image};`,
          b: `${tapOf('k', 'k', kernel)}
let y = top + ki * ${dilation[0]};
let x = left + kj * ${dilation[1]};
${gather(code, x, `image + kc * ${size.pixels} + y * ${size.width} + x`, `inside & ${within(size)}`)}`,
        }),
    finish: finished(code, node, rowsText, out, (index, channel) =>
      finish(index, bias ? code.let(`sum + ${loadAt(code, bias, channel)}`) : 'sum'),
    ),
  };
}

/** The second factor if its columns are the image's pixels in their order. */
function pointwise(
  code: Code,
  x: Node,
  image: string,
  { pixels }: Size,
): Pick<OwnFactors, 'setup' | 'b' | 'readsPairs'> {
  const at = `image + k * ${pixels}`;
  return {
    readsPairs: hasPairs(x),
    setup: `let xn = column / ${pixels};\nlet image = ${image} + column - xn * ${pixels};`,
    b: hasPairs(x) ? gatherPairs(code, x, at) : gather(code, x, at, 'inside'),
  };
}

function inputGradient(
  code: Code,
  node: Node,
  [dy, weight]: Inputs,
  attrs: ConvAttrs,
  finish: Finish,
): OwnFactors {
  const { groups } = attrs;
  const [outputs, rows] = weight.shape.map(Number);
  const kernel = kernelOf(weight.shape);
  const [size, out] = [sizeOf(code, 'in', node.shape), sizeOf(code, 'out', dy.shape)];
  const taps = kernel[0] * kernel[1];
  const own = code.number('outputs', outputs / groups);
  const rowsText = code.number('rows', rows);
  const image = `(xn * ${code.number('out channels', outputs)} + z * ${own}) * ${out.pixels}`;
  return {
    rows,
    columns: [node.shape[0], ...kernelOf(node.shape)],
    inner: [(outputs / groups) * taps],
    groups,
    parts: 1,
    innerFirst: false,
    beforeA: '',
    beforeB: '',
    a: (row) =>
      loadAt(
        code,
        weight,
        taps === 1
          ? `(z * ${own} + k) * ${rowsText} + ${row}`
          : `((z * ${own} + k / ${taps}) * ${rowsText} + ${row}) * ${taps} + k % ${taps}`,
      ),
    inHalves: isHalves(dy),
    ...(isPointwise(kernel, attrs)
      ? pointwise(code, dy, image, out)
      : {
          readsPairs: false,
          setup: `${pixelOf('x', 'column', size)}
let top = xh + ${attrs.pad[0]};
let left = xw + ${attrs.pad[1]};
let image = ${image};`,
          b: `${tapOf('k', 'k', kernel)}
${reached(attrs)}
${gather(code, dy, `image + kc * ${out.pixels} + y * ${out.width} + x`, `inside & isReached & ${within(out)}`)}`,
        }),
    finish: finished(code, node, rowsText, size, (index) => finish(index, 'sum')),
  };
}

/** Lines that find the pixels of the result (`y`, `x`) which read those of the image through a tap, if any do. */
const reached = ({ stride, dilation }: ConvAttrs) => `
let down = top - ki * ${dilation[0]};
let right = left - kj * ${dilation[1]};
let y = down / ${stride[0]};
let x = right / ${stride[1]};
let isReached = (y * ${stride[0]} == down) & (x * ${stride[1]} == right);`;

function weightGradient(code: Code, node: Node, [x, dy]: Inputs, attrs: ConvAttrs): OwnFactors {
  const { stride, pad, dilation, groups } = attrs;
  const [outputs, inputs] = node.shape.map(Number);
  const kernel = kernelOf(node.shape);
  const [size, out] = [sizeOf(code, 'in', x.shape), sizeOf(code, 'out', dy.shape)];
  const rows = outputs / groups;
  const columns = inputs * kernel[0] * kernel[1];
  const rowsText = code.number('rows', rows);
  const all = code.number('all', outputs * columns);
  return {
    rows,
    columns: [columns],
    inner: [dy.shape[0], ...kernelOf(dy.shape)],
    groups,
    parts: partsOf(node),
    innerFirst: true,
    setup: '',
    beforeA: `let an = k / ${out.pixels};
let image = (an * ${code.number('out channels', outputs)} + z * ${rowsText}) * ${out.pixels} + k - an * ${out.pixels};`,
    beforeB: `${pixelOf('x', 'k', out)}
let top = xh * ${stride[0]} - ${pad[0]};
let left = xw * ${stride[1]} - ${pad[1]};
let image = (xn * ${code.number('in channels', inputs * groups)} + z * ${code.number('inputs', inputs)}) * ${size.pixels};`,
    a: (row) => loadAt(code, dy, `image + ${row} * ${out.pixels}`),
    b: `${tapOf('k', 'column', kernel)}
let y = top + ki * ${dilation[0]};
let x = left + kj * ${dilation[1]};
${gather(
  code,
  x,
  `image + kc * ${size.pixels} + y * ${size.width} + x`,
  isPointwise(kernel, attrs) ? 'inside' : `inside & ${within(size)}`,
)}`,
    readsPairs: false,
    inHalves: isHalves(x) && isHalves(dy),
    finish: `m[${code.place(node, 'parts')} + part * ${all} + (z * ${rowsText} + row) * columns + column] = bitcast<u32>(sum);`,
  };
}
