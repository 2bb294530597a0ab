import { readFileSync } from 'node:fs';
import { input, type Node, type Tensor, tensor } from '@froyolo/core';
import { createOnnxExecutor } from '@froyolo/core/onnx';
import { noGoldens, noShared, sharedArrays, sharedJson, sharedNote, sharedPath } from '@froyolo/testing';
import { type Checkpoint, loadTorchCheckpoint, toFloat32 } from '@froyolo/weights';
import ort from 'onnxruntime-node';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildModel, type Model } from './model.js';
import { parseModelYaml } from './spec.js';

const WEIGHTS = 'weights/yolov5n.pt';
const GOLDEN = 'forward_bus320';
const TOLERANCE = 1e-4;

interface LayerGolden {
  layer: number;
  shape: number[];
  absmax: number;
  idx: number[];
  val: number[];
}

describe.skipIf(noGoldens || noShared(WEIGHTS))(`bus.jpg through yolov5n.pt${sharedNote(WEIGHTS)}`, () => {
  let checkpoint: Checkpoint;
  let model: Model;
  let outputs: Record<string, Tensor>;

  beforeAll(async () => {
    checkpoint = loadTorchCheckpoint(readFileSync(sharedPath(WEIGHTS)));
    model = buildModel(parseModelYaml(checkpoint.yaml!, { fileName: 'yolov5n.pt' }));
    const { layers, heads } = model.forward(input('images', ['batch', 3, 320, 320]), {
      batchNorm: () => 'running',
    });
    const named = (prefix: string, nodes: readonly Node[]) => nodes.map((node, i) => [`${prefix}${i}`, node]);
    const executor = createOnnxExecutor(ort);
    const program = await executor.compile({
      outputs: Object.fromEntries([...named('layer', layers), ...named('head', heads)]),
    });
    const values = [...checkpoint.tensors].map(
      ([name, value]) => [name, tensor(toFloat32(value), value.shape)] as const,
    );
    const pixels = sharedArrays(GOLDEN)('images').data;
    const images = tensor(
      Float32Array.from(pixels, (value) => value / 255),
      [1, 3, 320, 320],
    );
    outputs = await program.run({ images }, await executor.createStore(new Map(values)));
    await program.dispose();
  });

  test('the checkpoint has every parameter and buffer, under the same name and shape', () => {
    for (const { name, shape } of [...model.parameters, ...model.buffers]) {
      expect(checkpoint.tensors.get(name)?.shape, name).toEqual(shape);
    }
  });

  test('every layer’s output', () => {
    const golden = sharedJson(GOLDEN) as { layers: LayerGolden[] };
    // The last is Detect, whose golden is the decoded prediction; its raw heads are compared below.
    const layers = golden.layers.slice(0, -1);
    expect(layers).toHaveLength(model.layers.length - 1);
    for (const { layer, shape, absmax, idx, val } of layers) {
      const output = outputs[`layer${layer}`];
      expect(output.shape, `layer ${layer}`).toEqual(shape);
      const error = Math.max(...idx.map((index, i) => Math.abs(output.data[index] - val[i])));
      expect(error / absmax, `layer ${layer}`).toBeLessThanOrEqual(TOLERANCE);
    }
  });

  test.each([0, 1, 2])('every value of raw head %i', (level) => {
    const { shape, data } = outputs[`head${level}`];
    const cells = shape[2] * shape[3];
    const golden = sharedArrays(GOLDEN)(`raw_p${3 + level}`).data;
    expect(golden).toHaveLength(data.length);
    let error = 0;
    let largest = 0;
    // The golden is [anchor, cell, field], the head [anchor, field, cell].
    golden.forEach((value, i) => {
      const [anchor, cell, field] = [Math.floor(i / (85 * cells)), Math.floor(i / 85) % cells, i % 85];
      error = Math.max(error, Math.abs(value - data[(anchor * 85 + field) * cells + cell]));
      largest = Math.max(largest, Math.abs(value));
    });
    expect(error / largest).toBeLessThanOrEqual(TOLERANCE);
  });
});
