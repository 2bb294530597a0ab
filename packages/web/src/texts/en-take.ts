/** Texts of the screens where a detector is tried and taken home. */
import { count } from './numbers.js';

export const take = {
  try: {
    title: 'Try',
    nothing: 'Open a checkpoint or train first.',
    modes: { file: 'Picture or video', camera: 'Camera' },
    weights: 'Detector',
    which: { opened: 'as opened', best: 'trained: best epoch', last: 'trained: last epoch' },
    confidence: (value: number) => `Confidence from ${value.toFixed(2)}`,
    overlap: (value: number) => `Overlap (IoU) up to ${value.toFixed(2)}`,
    open: 'Open a picture or video…',
    drop: 'or drop one here',
    looking: 'Looking…',
    found: (name: string, n: number, milliseconds: number) =>
      `${name}: ${count(n, 'object')} in ${Math.round(milliseconds)} ms (the first of a size takes longer)`,
    live: (n: number, rate: number, device: string) =>
      `${count(n, 'object')} · ${rate.toFixed(1)} pictures per second · ${device}`,
    table: 'As a table',
    columns: ['Class', 'Confidence', 'x1', 'y1', 'x2', 'y2'],
  },
  take: {
    title: 'Take home',
    detector: 'The detector',
    trainFirst: 'Train first: this is about your own detector.',
    taken: (name: string, bytes: string) => `${name}, ${bytes}, was saved to your downloads.`,
    save: 'Save',
    code: 'How to use it',
    codeFor: (name: string) => `Code for ${name}`,
    copy: 'Copy',
    copied: 'Copied',
    formats: {
      pt: ['PyTorch (.pt)', 'YOLOv5’s own scripts load it.'],
      onnx: ['ONNX (.onnx)', 'Runs in Python, C++, C#, Java and browsers; as YOLOv5 exports it.'],
      tfjs: ['TensorFlow.js (zip)', 'A graph model for web pages, on WebGL, WebGPU or WebAssembly.'],
      safetensors: ['Weights (.safetensors)', 'The bare weights under their PyTorch names.'],
      checkpoint: ['Froyolo checkpoint', 'For froyolo’s command line and for other projects of this page.'],
      last: [
        'The training itself',
        'Goes on exactly here in Node: export the dataset below as YOLO, unzip it, and resume.',
      ],
      page: [
        'A page that runs the detector',
        'One HTML file with the detector and all it needs: detects in the camera and in pictures, offline.',
      ],
    },
    dataset: 'The dataset and the project',
    datasetText: (n: number) => `${count(n, 'labeled picture')}, with labels for other programs.`,
    datasets: { yolo: 'YOLO zip', voc: 'Pascal VOC zip', coco: 'COCO zip' },
    project: 'Whole project (zip)',
  },
};

export type TakeTexts = typeof take;
