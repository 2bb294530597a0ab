import { createOnnxExecutor } from '@froyolo/core/onnx';
import * as ort from 'onnxruntime-node';
import { describeTrainingStep } from './training-step.js';

describeTrainingStep('onnxruntime', () => createOnnxExecutor(ort));
