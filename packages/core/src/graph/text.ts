/** Nodes and tensors as text: in printed graphs, and in a REPL. */
import type { AttrValue, Node, Tensor } from './types.js';

/** Values of at most this many elements are written out. */
const SHOWN_ELEMENTS = 8;

/** `conv2d(mul, param model.0.conv.weight) {stride: 2, pad: 2, …} : [batch, 16, 160, 160]` */
export function nodeText(node: Node): string {
  if (node.value) return leafText(node);
  if (node.name !== undefined) return `${node.op} ${node.name} : ${typeText(node)}`;
  const inputs = node.inputs.map((x) => (x.name === undefined && !x.value ? x.op : leafText(x)));
  return `${node.op}(${inputs.join(', ')})${attrsText(node)} : ${typeText(node)}`;
}

/** `float32 [2, 3](1, 2, 3, 4, 5, 6)`; of many values the first ones. */
export function tensorText({ dtype, shape, data }: Tensor): string {
  const more = data.length > SHOWN_ELEMENTS ? ', …' : '';
  return `${dtype} [${shape.join(', ')}](${numbersText(data.slice(0, SHOWN_ELEMENTS))}${more})`;
}

const numbersText = (data: Tensor['data']) => Array.from(data, (v) => Number(v.toPrecision(7))).join(', ');

/** The name of an input or a parameter; the value of a constant. */
export function leafText(node: Node): string {
  if (!node.value) return node.name ?? node.op;
  const { shape, data } = node.value;
  const shown = data.length > SHOWN_ELEMENTS ? '' : numbersText(data);
  if (shape.length === 0) return shown;
  return `constant[${shape.join(', ')}]${shown && `(${shown})`}`;
}

/** Shape, and the type if it is not float32. */
export function typeText({ dtype, shape }: Node): string {
  return `${dtype === 'float32' ? '' : `${dtype} `}[${shape.join(', ')}]`;
}

export function attrsText({ attrs }: Node): string {
  const entries = Object.entries(attrs).map(([name, value]) => `${name}: ${attrText(name, value)}`);
  return entries.length > 0 ? ` {${entries.join(', ')}}` : '';
}

/** Attributes with a value for each axis of an image: written once where both are the same. */
const BY_AXIS = new Set(['kernel', 'stride', 'pad', 'dilation']);

function attrText(name: string, value: AttrValue): string {
  if (typeof value !== 'object') return String(value);
  const [first] = value;
  return BY_AXIS.has(name) && value.every((v) => v === first) ? String(first) : `[${value.join(', ')}]`;
}
