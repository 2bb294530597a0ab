/** GraphDef messages in the JSON form of protocol buffers; constants' values are kept elsewhere. */
import type { AttrValue, NodeDef } from '@froyolo/core/tensorflow';

/** Names of types by number (tensorflow/core/framework/types.proto). */
const TYPE_NAME: Readonly<Record<number, string>> = {
  1: 'DT_FLOAT',
  3: 'DT_INT32',
  4: 'DT_UINT8',
  9: 'DT_INT64',
  10: 'DT_BOOL',
  17: 'DT_UINT16',
  19: 'DT_HALF',
};

const typeName = (type: number): string => TYPE_NAME[type] ?? 'DT_INVALID';

export const shapeJson = (sizes: readonly number[]) => ({
  dim: sizes.map((size) => ({ size: String(size) })),
});

export function nodeJson({ name, op, input, attr }: NodeDef): object {
  const attributes = Object.entries(attr).map(([key, value]) => [key, attrJson(value)]);
  return { name, op, ...(input.length > 0 ? { input } : {}), attr: Object.fromEntries(attributes) };
}

function attrJson({ s, i, f, b, type, shape, list, tensor }: AttrValue): object {
  if (type !== undefined) return { type: typeName(type) };
  if (i !== undefined) return { i: String(i) };
  if (f !== undefined) return { f };
  if (b !== undefined) return { b };
  if (s !== undefined) return { s: base64(s) };
  if (shape !== undefined) return { shape: shapeJson(shape.dim.map(({ size }) => size)) };
  if (tensor !== undefined) {
    const sizes = tensor.tensorShape.dim.map(({ size }) => size);
    return { tensor: { dtype: typeName(tensor.dtype), tensorShape: shapeJson(sizes) } };
  }
  return {
    list: {
      ...(list?.i ? { i: list.i.map(String) } : {}),
      ...(list?.s ? { s: list.s.map(base64) } : {}),
    },
  };
}

const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));
