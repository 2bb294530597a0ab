/** What `froyolo graph --onnx` writes, in ONNX's own checker. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { architectureYaml } from '@froyolo/model-yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { froyolo, IS_BUILT } from '../cli/froyolo.js';
import { hasPyTorch, python, why } from './peers.js';

/** Checks a model with its shapes, then without its first node, and prints how many nodes there are, and their domains. */
const CHECK = `
import sys, onnx
onnx.checker.check_model(sys.argv[1], full_check=True)
model = onnx.load(sys.argv[1])
onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
print(len(model.graph.node), *sorted({node.domain or "ai.onnx" for node in model.graph.node}))
del model.graph.node[0]
try:
    onnx.checker.check_model(model)
except onnx.checker.ValidationError:
    sys.exit()
sys.exit("the checker takes a graph that lacks a node")
`;

describe.skipIf(!hasPyTorch || !IS_BUILT)(`a step’s graph in ONNX’s checker (${why}, or not built)`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'froyolo-checker-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  beforeAll(() => {
    const yaml = architectureYaml('yolov5n').replace('-1, 3, C3, [1024]', '-1, 3, C3TR, [1024]');
    writeFileSync(join(folder, 'transformer.yaml'), yaml);
  });

  test.each([
    ['yolov5n', 0, ['--after', 0]],
    ['yolov5n', 0, []],
    ['yolov5n', 10, []],
    ['yolov5n', 24, []],
    ['transformer.yaml', 0, []],
  ] as const)(
    '%s, freeze %i, %j',
    async (cfg, freeze, after) => {
      const file = join(folder, 'step.onnx');
      const options = ['--cfg', cfg, '--nc', 2, '--imgsz', 64, '--freeze', freeze, ...after];
      expect(await froyolo(folder, ['graph', ...options, '--onnx', file])).toMatchObject({ status: 0 });
      const [nodes = '', ...domains] = python(['-c', CHECK, file]).trim().split(' ');
      expect(Number(nodes)).toBeGreaterThan(300);
      expect(['ai.onnx', 'com.microsoft']).toEqual(expect.arrayContaining(domains));
    },
    120_000,
  );
});
