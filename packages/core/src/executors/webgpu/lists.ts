/** Programs that list the values that go to each row. */
import { MARKS, sizeInMemory } from '../../fusion/parts.js';
import type { Sizes } from '../../ops/op.js';
import type { OpNode } from '../../ops/op-node.js';
import { count } from '../../ops/shapes.js';
import type { Abilities } from './abilities.js';
import { Code } from './code.js';
import { countText, type Kernel, main, perElement, program, THREADS } from './shader.js';
import { memoryOf } from './values.js';

/** Unmarks all rows, and empties the lists of those that will have values. */
export function clearKernel(node: OpNode<'scatterAddRows'>, can: Abilities): Kernel {
  const code = new Code(can);
  const [, rows] = node.inputs;
  const words = `(${countText(code, node.attrs.rows)} + ${MARKS - 1}) / ${MARKS}`;
  code.line(`let i = g * ${THREADS} + i32(t);`);
  code.line(`if (i < ${words}) { m[${code.place(node, 'marks')} + i] = 0u; }`);
  code.line(`if (i < ${countText(code, rows.shape)}) {`);
  code.line(`m[${code.place(node, 'parts')} + i32(${memoryOf(rows)}[${code.place(rows)} + i])] = 0u;`);
  code.line('}');
  const most = (sizes: Sizes) => Math.max(sizeInMemory(node, 'marks', sizes), count(rows.shape, sizes));
  return {
    text: program(main(THREADS, code.take())),
    slots: code.slots,
    groups: (sizes) => Math.ceil(most(sizes) / THREADS),
  };
}

/** Each value becomes the first of the list of its row. */
export function linkKernel(node: OpNode<'scatterAddRows'>, can: Abilities): Kernel {
  const code = new Code(can);
  const [, rows] = node.inputs;
  const place = code.place(rows);
  const row = memoryOf(rows) === 'c' ? `c[${place} + i]` : `atomicLoad(&m[${place} + i])`;
  const link = () => {
    code.line(`let row = i32(${row});`);
    code.line(`let head = ${code.place(node, 'parts')} + row;`);
    code.line(`atomicStore(&m[${code.place(node, 'next')} + i], atomicExchange(&m[head], u32(i + 1)));`);
    code.line(`atomicOr(&m[${code.place(node, 'marks')} + row / ${MARKS}], 1u << u32(row % ${MARKS}));`);
  };
  return perElement(code, rows.shape, link, 'atomic<u32>');
}
