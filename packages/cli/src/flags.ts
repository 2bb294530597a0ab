/**
 * Every flag of the command line: the settings, and what only the command line has. Longer than other files on purpose: a
 * flag is found, added and changed in one place.
 */
import {
  duration,
  fraction,
  list,
  SETTINGS,
  setting,
  text,
  textOrTrue,
  toggle,
  whole,
} from '@froyolo/run/settings';

const COUNT = { min: 1, max: 100_000 } as const;

const SAME = { to: 'same' } as const;

const EXPORT = [
  setting('weights', list(text()), {
    in: ['export'],
    value: 'files',
    default: ['yolov5s.pt'],
    help: 'detectors: .pt, .safetensors or an official name; several are exported one after the other',
    yolov5: { to: 'differs', note: 'also `.safetensors`' },
  }),
  setting('include', list(text()), {
    in: ['export'],
    value: 'formats',
    default: ['onnx'],
    help: 'formats: pt, state_dict, safetensors, onnx, saved_model, pb, tfjs',
    yolov5: {
      to: 'differs',
      note: '`pt`, `state_dict`, `safetensors`, `onnx` (the default), `saved_model`, `pb`, `tfjs`; other names end in a message that says how to get there',
    },
  }),
  setting('imgsz', list(whole({ min: 32, max: 8192, step: 32 })), {
    in: ['export'],
    value: 'pixels',
    aliases: ['img', 'img-size'],
    default: [640],
    help: 'image size in pixels: one number, or height and width',
    yolov5: SAME,
  }),
  setting('batchSize', whole(COUNT), {
    in: ['export'],
    value: 'count',
    default: 1,
    help: 'images per batch',
    yolov5: SAME,
  }),
  setting('dynamic', toggle(), {
    in: ['export'],
    default: false,
    help: 'dynamic axes: any number of images (ONNX, TensorFlow) and any size that is a multiple of the stride (ONNX)',
    yolov5: { to: 'differs', note: 'not for TensorFlow.js, whose graph has a fixed batch' },
  }),
  setting('half', toggle(), {
    in: ['export'],
    default: false,
    help: 'float16 weights, images and predictions (ONNX); float16 weights in the files (TensorFlow.js)',
    yolov5: {
      to: 'differs',
      note: 'on every device: ONNX computes in float16; TensorFlow.js stores float16',
    },
  }),
  setting('int8', toggle(), {
    in: ['export'],
    default: false,
    help: '8 bits: weights and activations (ONNX, calibrated on training images of --data), or weights in the files (TensorFlow.js)',
    yolov5: { to: 'differs', note: 'ONNX too: calibrated on `--data`, weights and activations in QDQ form' },
  }),
  setting('data', text(), {
    in: ['export'],
    value: 'file',
    help: 'with --int8: dataset YAML to calibrate on',
    yolov5: { to: 'differs', note: 'only for `--int8`; has no default' },
  }),
  setting('device', text(), {
    in: ['export'],
    value: 'device',
    default: 'auto',
    help: 'with --int8: device to calibrate on, one of onnxruntime',
    yolov5: { to: 'differs', note: 'only for `--int8`' },
  }),
  setting('opset', whole({ min: 12, max: 21 }), {
    in: ['export'],
    value: 'version',
    default: 12,
    help: 'version of the ONNX operators, 12 to 21; --int8 needs at least 13',
    yolov5: { to: 'same', note: '12 to 21' },
  }),
  setting('simplify', toggle(), {
    in: ['export'],
    default: true,
    help: 'always on: graphs are simplified anyway',
    yolov5: { to: 'same', note: 'graphs are simplified anyway' },
  }),
  setting('nms', toggle(), {
    in: ['export'],
    default: false,
    help: 'suppress overlapping boxes in the graph (ONNX, SavedModel, pb; a TensorFlow.js model always does)',
    yolov5: { to: 'differs', note: 'ONNX too' },
  }),
  setting('agnosticNms', toggle(), {
    in: ['export'],
    default: false,
    help: 'as --nms, and boxes of different classes suppress each other',
    yolov5: SAME,
  }),
  setting('topkPerClass', whole(COUNT), {
    in: ['export'],
    value: 'count',
    default: 100,
    help: 'with --nms: maximum number of detections per class',
    yolov5: SAME,
  }),
  setting('topkAll', whole(COUNT), {
    in: ['export'],
    value: 'count',
    default: 100,
    help: 'with --nms: maximum number of detections per image',
    yolov5: SAME,
  }),
  setting('iouThres', fraction(), {
    in: ['export'],
    value: 'threshold',
    default: 0.45,
    help: 'with --nms: IoU threshold',
    yolov5: SAME,
  }),
  setting('confThres', fraction(), {
    in: ['export'],
    value: 'threshold',
    default: 0.25,
    help: 'with --nms: confidence threshold',
    yolov5: SAME,
  }),
] as const;

const BENCHMARKS = [
  setting('weights', text(), {
    in: ['benchmarks'],
    value: 'file',
    default: 'yolov5s.pt',
    help: 'detector: .pt, .safetensors or an official name',
    yolov5: SAME,
  }),
  setting('imgsz', whole({ min: 32, max: 8192, step: 32 }), {
    in: ['benchmarks'],
    value: 'pixels',
    aliases: ['img', 'img-size'],
    default: 640,
    help: 'side of the square images in pixels',
    yolov5: SAME,
  }),
  setting('batchSize', whole(COUNT), {
    in: ['benchmarks'],
    value: 'count',
    default: 1,
    help: 'images per batch',
    yolov5: SAME,
  }),
  setting('data', text(), {
    in: ['benchmarks'],
    value: 'file',
    required: ['benchmarks'],
    help: 'dataset YAML: mAP is measured on its validation images, 8-bit ranges on its training images',
    yolov5: { to: 'differs', note: 'has no default' },
  }),
  setting('device', text(), {
    in: ['benchmarks'],
    value: 'device',
    default: 'auto',
    help: 'measure on this device only, or on several GPUs at the same time (0,1); by default on every available one except tfjs-cpu',
    yolov5: { to: 'differs', note: 'measures every available device by default' },
  }),
  setting('half', toggle(), {
    in: ['benchmarks'],
    default: false,
    help: 'write ONNX and TensorFlow.js in float16',
    yolov5: SAME,
  }),
  setting('test', toggle(), {
    in: ['benchmarks'],
    default: false,
    help: 'only export, without measuring',
    yolov5: SAME,
  }),
  setting('ptOnly', toggle(), {
    in: ['benchmarks'],
    default: false,
    help: 'measure only the PyTorch file',
    yolov5: SAME,
  }),
  setting('hardFail', textOrTrue(), {
    in: ['benchmarks'],
    value: 'mAP',
    alone: true,
    otherwise: 'failures are reported in the table',
    help: 'exit with an error if a format fails or its mAP50-95 is not above this value',
    yolov5: SAME,
  }),
  setting('project', text(), {
    in: ['benchmarks'],
    value: 'folder',
    default: 'runs/benchmarks',
    help: 'parent folder of the results',
    yolov5: { to: 'ours', note: 'writes exports, table, JSON and chart into a folder' },
  }),
  setting('name', text(), {
    in: ['benchmarks'],
    value: 'name',
    default: 'exp',
    help: 'folder name of the results; a number is added if it exists',
    yolov5: { to: 'ours', note: 'writes exports, table, JSON and chart into a folder' },
  }),
  setting('existOk', toggle(), {
    in: ['benchmarks'],
    default: false,
    help: 'use the folder even if it exists',
    yolov5: { to: 'ours', note: 'writes exports, table, JSON and chart into a folder' },
  }),
] as const;

const DATA_CHECK = [
  setting('imgsz', whole({ min: 32, max: 8192 }), {
    in: ['data check'],
    value: 'pixels',
    aliases: ['img', 'img-size'],
    default: 640,
    help: 'image size at which to report box sizes',
  }),
  setting('json', toggle(), { in: ['data check'], default: false, help: 'print the whole report as JSON' }),
  setting('all', toggle(), {
    in: ['data check'],
    default: false,
    help: 'list every finding, not only the first ten of each kind',
  }),
  setting('strict', toggle(), { in: ['data check'], default: false, help: 'treat warnings as errors' }),
  setting('fix', text(), {
    in: ['data check'],
    value: 'folder',
    help: 'write a cleaned copy: boxes clipped to the image; bad rows, repeated boxes and duplicate images left out',
  }),
  setting('existOk', toggle(), {
    in: ['data check'],
    default: false,
    help: 'with --fix: replace the copy that an earlier check wrote',
  }),
  setting('pictures', text(), {
    in: ['data check'],
    value: 'folder',
    help: 'draw the first images of each split with their boxes, and charts of the labels, into this folder',
  }),
] as const;

const QUEUE = [
  setting('queue', textOrTrue(), {
    in: ['train'],
    value: 'address',
    alone: true,
    help: 'with --evolve: let workers train the generations: redis://host:6379; FROYOLO_QUEUE if no address follows',
    doc: 'with `--evolve`: let workers train the generations ([several machines](scale.md)); `FROYOLO_QUEUE` if no address follows',
    yolov5: { to: 'ours', note: 'with `--evolve`: trains the generations on other machines' },
  }),
  setting('queue', text(), {
    in: ['worker', 'study status'],
    value: 'address',
    otherwise: '`FROYOLO_QUEUE`',
    help: 'address of the queue, with user and password if needed: redis://host:6379, or rediss:// for TLS',
  }),
  setting('store', text(), {
    in: ['train'],
    value: 'place',
    otherwise: '`FROYOLO_STORE`',
    help: 'with --queue: where data and results travel: a folder that all machines share, or s3://bucket/prefix',
    yolov5: { to: 'ours', note: 'with `--queue`' },
  }),
  setting('store', text(), {
    in: ['worker'],
    value: 'place',
    otherwise: '`FROYOLO_STORE`',
    help: 'where data and results travel, the same as for the study: a folder that all machines share, or s3://bucket/prefix',
  }),
  setting('device', list(text()), {
    in: ['worker'],
    value: 'devices',
    otherwise: 'the device of the study',
    help: 'devices to compute on, one run at a time on each: cuda:0 cuda:1',
  }),
  setting('name', text(), {
    in: ['worker'],
    value: 'name',
    otherwise: 'host and process',
    help: 'name of the worker, unique in the queue',
  }),
  setting('cacheDir', text(), {
    in: ['worker'],
    value: 'folder',
    otherwise: "`queue` in the user's cache",
    help: 'folder for fetched datasets and weights; workers may share it',
  }),
  setting('silence', duration(), {
    in: ['worker'],
    value: 'time',
    default: 30,
    help: 'give the run of a worker to another one after this time without a sign of life',
  }),
  setting('board', whole({ min: 1, max: 65_535 }), {
    in: ['study status'],
    value: 'port',
    alone: '3000',
    help: "serve Bull Board's page on this port until Ctrl-C",
  }),
  setting('host', text(), {
    in: ['study status'],
    value: 'address',
    default: '127.0.0.1',
    help: 'with --board: address to listen on; the page can delete runs and asks for no password',
  }),
] as const;

const COMMAND_LINE_ONLY = [
  setting('json', toggle(), {
    in: ['params', 'plan', 'devices', 'study status'],
    default: false,
    help: 'print JSON, with bytes and FLOPs as numbers',
  }),
  setting('picture', text(), {
    in: ['plan'],
    value: 'file',
    help: 'also draw memory and time by freeze depth, as SVG',
  }),
  setting('after', whole({ max: 1000 }), {
    in: ['graph'],
    value: 'pass',
    otherwise: 'the last',
    help: 'show the graph after this many passes; 0 is before the first',
  }),
  setting('print', toggle(), { in: ['graph'], default: false, help: 'print every op instead of a summary' }),
  setting('measure', toggle(), {
    in: ['graph'],
    default: false,
    help: 'run the step and measure the time of each op',
  }),
  setting('dot', text(), { in: ['graph'], value: 'file', help: 'write the graph for Graphviz' }),
  setting('onnx', text(), {
    in: ['graph'],
    value: 'file',
    help: 'write the graph as an ONNX model, which Netron opens',
  }),
  setting('annotations', text(), {
    in: ['data convert'],
    value: 'folder',
    otherwise: 'in the source',
    help: 'VOC: folder or zip of XML files',
  }),
  setting('images', text(), {
    in: ['data convert'],
    value: 'folder',
    otherwise: 'in the source',
    help: 'folder or zip of images',
  }),
  setting('imageSets', text(), {
    in: ['data convert'],
    value: 'folder',
    otherwise: 'ImageSets/Main in the source',
    help: 'VOC: folder of train.txt, val.txt, test.txt',
  }),
  setting('out', text(), {
    in: ['data convert'],
    value: 'folder',
    required: ['data convert'],
    help: 'folder of the new dataset; it must be empty or new',
  }),
  setting('existOk', toggle(), {
    in: ['data convert'],
    default: false,
    help: 'replace images, labels and data.yaml in that folder',
  }),
  setting('classes', list(text()), {
    in: ['data convert'],
    value: 'names',
    otherwise: 'all',
    help: 'classes to keep, in this order: dog,cat or dog cat',
  }),
  setting('keepCrowds', toggle(), {
    in: ['data convert'],
    default: false,
    help: 'COCO: keep objects marked as crowd (CVAT marks masks so)',
  }),
  setting('valEvery', whole({ max: 1_000_000 }), {
    in: ['data convert'],
    value: 'n',
    otherwise: '5',
    help: 'if there is no validation split, hold out every n-th image; 0 for none',
  }),
  setting('bench', toggle(), {
    in: ['devices'],
    default: false,
    help: 'measure a training step on each: yolov5n, 320 px, batch 8, freeze 10',
  }),
  setting('install', list(text()), {
    in: ['devices'],
    value: 'what',
    help: 'fetch CUDA back-ends with the libraries that they need, into the cache: cuda, or ort-cuda, tf-cuda',
    doc: 'fetch CUDA back-ends with the libraries that they need, into the cache: `cuda` for all, or `ort-cuda`, `tf-cuda` ([devices](devices.md#cuda))',
  }),
  setting('dryRun', toggle(), {
    in: ['devices'],
    default: false,
    help: 'with --install: only list what would be fetched, with sizes',
  }),
  setting('probe', text(), { in: ['benchmarks'], value: 'order', hidden: true, help: 'measure one file' }),
] as const;

export const FLAGS = [
  ...SETTINGS,
  ...EXPORT,
  ...BENCHMARKS,
  ...DATA_CHECK,
  ...QUEUE,
  ...COMMAND_LINE_ONLY,
] as const;
