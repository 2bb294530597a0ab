import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { writeOnnx, writeTorchCheckpoint } from '@froyolo/export';
import { ARCHITECTURES, architectureYaml, buildModel, parseModelYaml } from '@froyolo/model-yaml';
import { loadArchitecture, loadDetector, nodeHost } from '@froyolo/run/node';
import { writeCheckpoint } from '@froyolo/weights';
import { checkpointOf, createDetector, familyOf, fineTuneFrom } from '@froyolo/yolo';
import { TOY_ARCHITECTURE, TOY_NAMES } from '@froyolo/yolo/testing';
import { unzipSync, zipSync } from 'fflate';
import { headerOf, refuseBelieved } from '../header.js';
import { type FuzzKind, text } from '../kind.js';

const FIXTURES = resolve(import.meta.dirname, '../../../packages/weights/src/fixtures');

const detector = () => createDetector(TOY_ARCHITECTURE, { names: TOY_NAMES, seed: 0 });

/** Weights as training and detection read them. */
async function useWeights(file: string): Promise<void> {
  await loadDetector(file);
  fineTuneFrom(await nodeHost.readCheckpoint(file, {}), { names: ['a', 'b', 'c'], seed: 0 });
}

const torch: FuzzKind = {
  name: 'PyTorch checkpoint',
  file: 'damaged.pt',
  seeds: async () => [
    writeTorchCheckpoint(checkpointOf(detector())),
    await readFile(join(FIXTURES, 'torch-2.9-model.pt')),
    await readFile(join(FIXTURES, 'torch-2.9-state-dict.pt')),
  ],
  tokens: ['c__builtin__\neval\n', '(', 't', 'R', '.', '\x80\x02', 'cposix\nsystem\n'],
  run: (folder) => useWeights(join(folder, 'damaged.pt')),
};

/** The pickle alone: its archive is whole. */
function pickle(): FuzzKind {
  const PATH = /\/data\.pkl$/;
  let others: Record<string, Uint8Array> = {};
  let path = '';
  return {
    ...torch,
    name: 'pickle of a PyTorch checkpoint',
    async seeds() {
      const entries = unzipSync(writeTorchCheckpoint(checkpointOf(detector())));
      path = Object.keys(entries).find((name) => PATH.test(name)) ?? '';
      const { [path]: data = new Uint8Array(), ...rest } = entries;
      others = rest;
      return [data];
    },
    wrap: (damaged) => zipSync({ [path]: damaged, ...others }, { level: 0 }),
  };
}

const whole = writeCheckpoint(checkpointOf(detector()));

const safetensors: FuzzKind = {
  name: 'safetensors checkpoint',
  file: 'damaged.safetensors',
  seeds: async () => [whole],
  tokens: ['"F32"', '"shape":[', '"data_offsets":[0,', '"__metadata__":', ',', ':'],
  async run(folder, bytes) {
    await useWeights(join(folder, 'damaged.safetensors'));
    refuseBelieved(bytes, whole);
  },
};

const onnx: FuzzKind = {
  name: 'ONNX model',
  file: 'damaged.onnx',
  seeds: async () => [writeOnnx(detector(), { imgsz: 64 })],
  async run(folder) {
    await loadDetector(join(folder, 'damaged.onnx'));
  },
};

const modelYaml: FuzzKind = {
  name: 'architecture YAML',
  file: 'damaged.yaml',
  seeds: async () => [text(TOY_ARCHITECTURE), ...ARCHITECTURES.map((name) => text(architectureYaml(name)))],
  tokens: ['- ', ': ', '[-1, 2000000000, C3, [64]]', '[[', ']]', 'Conv', 'nc', 'None', "'", '&a [*a]'],
  async run(folder) {
    const { text: yaml, fileName } = await loadArchitecture(join(folder, 'damaged.yaml'));
    const spec = parseModelYaml(yaml, { fileName });
    buildModel(spec, familyOf(spec).head);
  },
};

export const weightKinds: readonly FuzzKind[] = [
  torch,
  pickle(),
  safetensors,
  headerOf(safetensors),
  onnx,
  modelYaml,
];
