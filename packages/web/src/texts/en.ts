/** The texts of the page in English; other languages have the same keys. */
import { duration } from './duration.js';
import { type ErrorTexts, errors } from './en-errors.js';
import { type LabelTexts, label } from './en-label.js';
import { type TakeTexts, take } from './en-take.js';
import { type TrainTexts, train } from './en-train.js';
import { count, size } from './numbers.js';

const shell = {
  title: 'Froyolo: label, train and try a detector in this tab',
  skip: 'Skip to the content',
  language: 'Language',
  close: 'Close',
  cancel: 'Cancel',
  save: 'Save',
  which: 'Which?',
  steps: {
    title: 'Steps',
    label: 'Pictures & labels',
    train: 'Freeze & train',
    try: 'Try',
    take: 'Take home',
  },
  device: {
    find: 'Which device?',
    looking: 'Looking for a device…',
    none: 'No device works',
    whyNotMore: 'why not more?',
    version: (name: string, version: string) => `Device ${name}, version ${version}.`,
    faster: 'What could be faster, and why it is not used:',
    notIsolated:
      'One thread: this page is served without the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp, which WebAssembly needs for more. Training works, more slowly.',
    threads: (n: number) => count(n, 'thread'),
    software: 'imitated on the CPU',
    /** By name in the device table. */
    titles: {
      wgsl: 'GPU (WebGPU, programs of our own)',
      'tfjs-webgpu': 'GPU (WebGPU, TensorFlow.js)',
      'ort-webgpu': 'GPU (WebGPU, onnxruntime)',
      'ort-wasm': 'CPU (WebAssembly, onnxruntime)',
      'tfjs-wasm': 'CPU (WebAssembly, TensorFlow.js)',
    } as Readonly<Record<string, string>>,
  },
  busy: {
    reading: 'Reading pictures',
    opening: 'Opening the checkpoint',
    training: 'Training',
    validating: 'Validating',
    suggesting: 'Looking at pictures',
    writing: 'Writing the file',
    copying: 'Saving',
    left: (done: number, total: number, seconds: number | undefined) =>
      `${done} of ${total}${seconds === undefined ? '' : `, about ${duration(seconds)} left`}`,
  },
  opening: {
    labeled: (pictures: number, boxes: number) =>
      `${count(pictures, 'picture')} of the project labeled from the files, with ${count(boxes, 'box', 'boxes')}.`,
    added: (pictures: number, labeled: number, boxes: number) =>
      `${count(pictures, 'picture')} added${labeled > 0 ? `, ${labeled} of them labeled with ${count(boxes, 'box', 'boxes')}` : ''}.`,
    noLabels: (reason: string) => `The labels can't be used: ${reason}.`,
    warnings: (lines: number) =>
      `${count(lines, 'file')} can't be used or needed a repair: what is skipped is not trained on.`,
  },
  projects: {
    title: 'Projects',
    welcome: 'Teach a detector what you need, in this tab',
    lead: 'Bring a few photos, draw boxes, let the detector suggest the rest, train it and take it home. Pictures never leave this computer.',
    way: [
      ['Label', 'Draw boxes around what matters in ten photos. The detector suggests the next ones.'],
      ['Freeze & train', 'Keep what the network knows, train the rest: minutes, on this computer.'],
      ['Try', 'Hold things into the camera, or open a picture or a video.'],
      ['Take home', 'A PyTorch or ONNX file, or a page that runs your detector offline.'],
    ],
    create: 'New project',
    import: 'Import project…',
    demo: 'Try the shapes demo',
    demoName: 'Shapes demo',
    demoHint:
      'The demo: a small network that knows circles and squares learns crosses, rings, hexagons and hearts in a minute or two.',
    untitled: (n: number) => `Project ${n}`,
    name: 'Name of the project',
    facts: (pictures: number, done: number, boxes: number, bytes: number) =>
      `${count(pictures, 'picture')}, ${done} labeled, ${count(boxes, 'box', 'boxes')} · ${size(bytes)}`,
    changed: (date: Date) => `Changed ${date.toLocaleString('en')}`,
    rename: 'Rename',
    duplicate: 'Duplicate',
    export: 'Export',
    delete: 'Delete',
    copyOf: (name: string) => `${name} (copy)`,
    deleteTitle: (name: string) => `Delete “${name}”?`,
    deleteText: (pictures: number) =>
      `${count(pictures, 'picture')}, labels and trainings of this project are removed from this browser. This can't be undone.`,
    storage: (used: number, quota: number) => `This browser keeps ${size(used)} of at most ${size(quota)}.`,
    persisted: 'It will not clear them by itself.',
    notPersisted: 'It may clear them when the disk is full.',
    persist: 'Ask it to keep them',
  },
  camera: {
    title: 'Pictures from the camera',
    problem: (reason: string) => `The camera can't be used: ${reason}`,
    take: 'Take a picture',
    every: 'By itself every',
    never: 'never',
    seconds: (n: number) => count(n, 'second'),
    taken: (n: number) => `${count(n, 'picture')} taken`,
    keep: (n: number) => `Add ${count(n, 'picture')}`,
  },
  video: {
    title: 'Pictures from a video',
    every: 'One picture every … seconds',
    cut: (n: number) => `Add ${count(n, 'picture')}`,
  },
};

export type Texts = typeof shell & LabelTexts & TrainTexts & TakeTexts & ErrorTexts;

export const en: Texts = { ...shell, ...label, ...train, ...take, ...errors };
