/** Raw head outputs to boxes in pixels, as graph ops. */
import { constant, type Node, ops } from '@froyolo/core';

/** What decoding needs to know of a network. */
export interface DecodeModel {
  readonly numClasses: number;
  /** Anchor sizes per level in pixels. */
  readonly anchors: readonly (readonly (readonly number[])[])[];
  readonly strides: readonly number[];
}

/**
 * @param heads per level `[N, anchors · (5 + classes), height, width]`, sizes known
 * @returns `[N, boxes, 5 + classes]`: center x, y, width, height in pixels, objectness, class scores. Boxes are ordered
 * by level, anchor, row, column.
 */
export function decodeHeads(heads: readonly Node[], model: DecodeModel): Node {
  return ops.concat(
    heads.map((head, level) =>
      decodeLevel(head, model.anchors[level], model.strides[level], model.numClasses),
    ),
    1,
  );
}

function decodeLevel(
  head: Node,
  anchors: readonly (readonly number[])[],
  stride: number,
  numClasses: number,
): Node {
  const [batch, , height, width] = head.shape as [Node['shape'][number], number, number, number];
  const outputs = 5 + numClasses;
  const perAnchor = ops.reshape(ops.sigmoid(head), [batch, anchors.length, outputs, height, width]);
  const part = (start: number, end: number) => ops.slice(perAnchor, 2, start, end);
  const center = ops.add(ops.mul(part(0, 2), 2 * stride), cornerOffsets(height, width, stride));
  const size = ops.mul(ops.square(part(2, 4)), sizeFactors(anchors));
  const decoded = ops.concat([center, size, part(4, outputs)], 2);
  const rows = ops.transpose(decoded, [0, 1, 3, 4, 2]);
  return ops.reshape(rows, [batch, anchors.length * height * width, outputs]);
}

/** What is added to 2σ·stride: the cell's corner less half a cell, `[1, 1, 2, height, width]`. */
function cornerOffsets(height: number, width: number, stride: number): Node {
  const cells = height * width;
  const data = new Float32Array(2 * cells);
  for (let i = 0; i < cells; i++) {
    data[i] = ((i % width) - 0.5) * stride;
    data[cells + i] = (Math.floor(i / width) - 0.5) * stride;
  }
  return constant({ dtype: 'float32', shape: [1, 1, 2, height, width], data });
}

/** (2σ)² · anchor = σ² · 4 · anchor: the factor, `[1, anchors, 2, 1, 1]`. */
function sizeFactors(anchors: readonly (readonly number[])[]): Node {
  const data = Float32Array.from(anchors.flat(), (side) => 4 * side);
  return constant({ dtype: 'float32', shape: [1, anchors.length, 2, 1, 1], data });
}
