/** Graphs as DOT, the language of Graphviz (https://graphviz.org/doc/info/lang.html). */
import { type Graph, isLeaf, type Node, topologicalOrder } from '../graph/node.js';
import { attrsText, leafText, typeText } from '../graph/text.js';

const LEAF_STYLE = { input: 'shape=oval', param: 'shape=oval,style=filled', constant: 'shape=plaintext' };

/** Nodes with their op, attributes, shape and type; edges follow the data. Write it to a file for `dot -Tsvg`. */
export function toDot(graph: Graph): string {
  const order = topologicalOrder(Object.values(graph.outputs));
  const ends = Object.entries(graph.outputs).map(([name, node], i) => {
    const replaced = graph.state?.[name];
    const label = replaced === undefined ? `output ${name}` : `state ${replaced}`;
    return [`  end${i} [label=${quoted(label)},shape=oval,style=bold]`, `  ${idOf(node)} -> end${i}`];
  });
  return [
    'digraph graph_ {',
    '  node [shape=box,fontname="monospace"]',
    ...order.map(vertex),
    ...order.flatMap((node) => node.inputs.map((x) => `  ${idOf(x)} -> ${idOf(node)}`)),
    ...ends.flat(),
    '}',
    '',
  ].join('\n');
}

const idOf = ({ id }: Node) => `n${id}`;

function vertex(node: Node): string {
  const [first, style] = isLeaf(node)
    ? [leafText(node), `,${styleOf(node)}`]
    : [`${node.op}${attrsText(node)}`, ''];
  return `  ${idOf(node)} [label=${quoted(`${first}\n${typeText(node)}`)}${style}]`;
}

const styleOf = ({ op }: Node) => Object.entries(LEAF_STYLE).find(([leaf]) => leaf === op)?.[1] ?? '';

const quoted = (text: string) =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
