/** What `froyolo benchmarks` measures: the formats of `export`, each with where it runs here. */

import type { Executor } from '@froyolo/core';
import type { Format } from '@froyolo/export';

/** Whether a device runs the files of a format. */
type RunsOn = (executor: Executor) => boolean;

export interface Variant {
  /** As shown. */
  readonly name: string;
  readonly format: Format;
  readonly int8?: true;
  /** What is loaded; absent if nothing here runs it. */
  readonly runsOn?: RunsOn;
  /** Why nothing here runs it. */
  readonly reason?: string;
}

const anywhere: RunsOn = () => true;
const onOnnxruntime: RunsOn = ({ openOnnx }) => openOnnx !== undefined;
const onTensorflowJs: RunsOn = ({ openGraphModel }) => openGraphModel !== undefined;
const IN_PYTHON = "TensorFlow's own runtime reads it, which is not here";

export const VARIANTS: readonly Variant[] = [
  { name: 'PyTorch', format: 'pt', runsOn: anywhere },
  { name: 'ONNX', format: 'onnx', runsOn: onOnnxruntime },
  { name: 'ONNX int8', format: 'onnx', int8: true, runsOn: onOnnxruntime },
  { name: 'TensorFlow.js', format: 'tfjs', runsOn: onTensorflowJs },
  { name: 'TensorFlow.js int8', format: 'tfjs', int8: true, runsOn: onTensorflowJs },
  { name: 'TensorFlow SavedModel', format: 'saved_model', reason: IN_PYTHON },
  { name: 'TensorFlow GraphDef', format: 'pb', reason: IN_PYTHON },
  { name: 'safetensors', format: 'safetensors', reason: 'weights without an architecture' },
  { name: 'state dict', format: 'state_dict', reason: 'weights without an architecture' },
];
