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

const EXPORT = [
  setting('weights', list(text()), {
    in: ['export'],
    value: 'files',
    default: ['yolov5s.pt'],
    help: 'detectors: .pt, .safetensors or an official name; several are exported one after the other',
  }),
  setting('include', list(text()), {
    in: ['export'],
    value: 'formats',
    default: ['onnx'],
    help: 'formats: pt, state_dict, safetensors, onnx, saved_model, pb, tfjs',
  }),
  setting('imgsz', list(whole({ min: 32, max: 8192, step: 32 })), {
    in: ['export'],
    value: 'pixels',
    aliases: ['img', 'img-size'],
    default: [640],
    help: 'image size in pixels: one number, or height and width',
  }),
  setting('batchSize', whole(COUNT), {
    in: ['export'],
    value: 'count',
    default: 1,
    help: 'images per batch',
  }),
  setting('dynamic', toggle(), {
    in: ['export'],
    default: false,
    help: 'leave number and size of the images to each run',
  }),
  setting('half', toggle(), {
    in: ['export'],
    default: false,
    help: 'float16 weights, images and predictions (ONNX); float16 weights in the files (TensorFlow.js)',
  }),
  setting('int8', toggle(), {
    in: ['export'],
    default: false,
    help: '8 bits: weights and activations (ONNX; ranges are measured on training images of --data), or weights in the files (TensorFlow.js)',
  }),
  setting('data', text(), { in: ['export'], value: 'file', help: 'dataset YAML for --int8' }),
  setting('device', text(), {
    in: ['export'],
    value: 'device',
    default: 'auto',
    help: 'where --int8 measures ranges; one of onnxruntime',
  }),
  setting('opset', whole({ min: 12, max: 21 }), {
    in: ['export'],
    value: 'version',
    default: 12,
    help: 'version of the ONNX operators, 12 to 21; --int8 takes at least 13',
  }),
  setting('simplify', toggle(), {
    in: ['export'],
    default: true,
    help: 'accepted as in YOLOv5; graphs are always simplified',
  }),
  setting('nms', toggle(), {
    in: ['export'],
    default: false,
    help: 'suppress overlapping boxes in the graph (ONNX, SavedModel, pb; a TensorFlow.js model always does)',
  }),
  setting('agnosticNms', toggle(), {
    in: ['export'],
    default: false,
    help: 'the same, and boxes of different classes suppress each other',
  }),
  setting('topkPerClass', whole(COUNT), {
    in: ['export'],
    value: 'count',
    default: 100,
    help: 'with --nms: most detections per class',
  }),
  setting('topkAll', whole(COUNT), {
    in: ['export'],
    value: 'count',
    default: 100,
    help: 'with --nms: most detections per image',
  }),
  setting('iouThres', fraction(), {
    in: ['export'],
    value: 'threshold',
    default: 0.45,
    help: 'with --nms: overlap above which the less confident detection is dropped',
  }),
  setting('confThres', fraction(), {
    in: ['export'],
    value: 'threshold',
    default: 0.25,
    help: 'with --nms: lowest confidence of a detection',
  }),
] as const;

const SAME = { to: 'same' } as const;

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
    help: 'dataset YAML: mAP is measured on its validation images, ranges of 8 bits on training images',
    yolov5: { to: 'differs', note: 'no default' },
  }),
  setting('device', text(), {
    in: ['benchmarks'],
    value: 'device',
    default: 'auto',
    help: 'measure on this device only; by default on all that are there but tfjs-cpu',
    yolov5: { to: 'differs', note: 'by default every device' },
  }),
  setting('half', toggle(), {
    in: ['benchmarks'],
    default: false,
    help: 'ONNX and TensorFlow.js in half precision',
    yolov5: SAME,
  }),
  setting('test', toggle(), {
    in: ['benchmarks'],
    default: false,
    help: 'only write the formats',
    yolov5: SAME,
  }),
  setting('ptOnly', toggle(), {
    in: ['benchmarks'],
    default: false,
    help: 'only the PyTorch file',
    yolov5: SAME,
  }),
  setting('hardFail', textOrTrue(), {
    in: ['benchmarks'],
    value: 'mAP',
    alone: true,
    otherwise: 'failures are rows of the table',
    help: 'end with an error where a format fails, or where a mAP50-95 is not above the value',
    yolov5: SAME,
  }),
  setting('project', text(), {
    in: ['benchmarks'],
    value: 'folder',
    default: 'runs/benchmarks',
    help: 'folder of results',
    yolov5: { to: 'ours', note: 'results are files: exports, table, JSON, chart' },
  }),
  setting('name', text(), {
    in: ['benchmarks'],
    value: 'name',
    default: 'exp',
    help: 'folder in it; exp2, exp3, … where it is taken',
    yolov5: { to: 'ours', note: 'results are files: exports, table, JSON, chart' },
  }),
  setting('existOk', toggle(), {
    in: ['benchmarks'],
    default: false,
    help: 'write into the folder even where it is there',
    yolov5: { to: 'ours', note: 'results are files: exports, table, JSON, chart' },
  }),
] as const;

const DATA_CHECK = [
  setting('imgsz', whole({ min: 32, max: 8192 }), {
    in: ['data check'],
    value: 'pixels',
    aliases: ['img', 'img-size'],
    default: 640,
    help: 'long side of the images at which box sizes are reported',
  }),
  setting('json', toggle(), { in: ['data check'], default: false, help: 'print the whole report as JSON' }),
  setting('all', toggle(), {
    in: ['data check'],
    default: false,
    help: 'list every finding, not only the first ten of a kind',
  }),
  setting('strict', toggle(), { in: ['data check'], default: false, help: 'warnings count as errors' }),
  setting('fix', text(), {
    in: ['data check'],
    value: 'folder',
    help: 'write a cleaned copy: boxes cut to the image, each once, bad rows and copies left out',
  }),
  setting('existOk', toggle(), {
    in: ['data check'],
    default: false,
    help: 'replace what an earlier check wrote to the folder of --fix',
  }),
  setting('pictures', text(), {
    in: ['data check'],
    value: 'folder',
    help: 'draw the first images of each split with their boxes, and charts of the labels',
  }),
] as const;

const QUEUE = [
  setting('queue', textOrTrue(), {
    in: ['train'],
    value: 'address',
    alone: true,
    help: 'with --evolve: let workers do the generations, redis://host:6379; alone, what FROYOLO_QUEUE says',
    doc: 'with `--evolve`: let workers do the generations ([several machines](scale.md)); alone, what `FROYOLO_QUEUE` says',
    yolov5: { to: 'ours', note: 'with `--evolve`: generations on other machines' },
  }),
  setting('queue', text(), {
    in: ['worker', 'study status'],
    value: 'address',
    otherwise: 'what `FROYOLO_QUEUE` says',
    help: 'the queue: redis://host:6379, or rediss:// with TLS; user and password may be in it',
  }),
  setting('store', text(), {
    in: ['train'],
    value: 'place',
    otherwise: 'with `--queue` what `FROYOLO_STORE` says',
    help: 'with --queue: where data and results travel, a folder that all machines see or s3://bucket/prefix',
    yolov5: { to: 'ours', note: 'with `--queue`' },
  }),
  setting('store', text(), {
    in: ['worker'],
    value: 'place',
    otherwise: 'what `FROYOLO_STORE` says',
    help: 'where data and results travel, as the study says: a folder that all machines see or s3://bucket/prefix',
  }),
  setting('device', list(text()), {
    in: ['worker'],
    value: 'devices',
    otherwise: 'where the study says',
    help: 'where to compute, a run on each at the same time: cuda:0 cuda:1',
  }),
  setting('name', text(), {
    in: ['worker'],
    value: 'name',
    otherwise: 'host and process',
    help: 'what the worker is called; each has its own',
  }),
  setting('cacheDir', text(), {
    in: ['worker'],
    value: 'folder',
    otherwise: "`queue` in the user's cache",
    help: 'where datasets and weights are kept; workers may share it',
  }),
  setting('silence', duration(), {
    in: ['worker'],
    value: 'time',
    default: 30,
    help: 'after this time the run of a silent worker is given to another one',
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
    help: 'with --board: address that it listens on; the page can delete runs and asks for no password',
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
    help: 'also draw memory and time by depth, as SVG',
  }),
  setting('after', whole({ max: 1000 }), {
    in: ['graph'],
    value: 'pass',
    otherwise: 'the last',
    help: 'number of the pass after which the graph is taken; 0 is before all',
  }),
  setting('print', toggle(), { in: ['graph'], default: false, help: 'print every op instead of a summary' }),
  setting('measure', toggle(), {
    in: ['graph'],
    default: false,
    help: 'also run the step and measure the time of each op',
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
    help: 'VOC: folder of XML files',
  }),
  setting('images', text(), {
    in: ['data convert'],
    value: 'folder',
    otherwise: 'in the source',
    help: 'folder of images',
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
    help: 'folder of the new dataset; it must be empty or not there',
  }),
  setting('existOk', toggle(), {
    in: ['data convert'],
    default: false,
    help: 'replace images, labels and data.yaml that are in the folder',
  }),
  setting('classes', list(text()), {
    in: ['data convert'],
    value: 'names',
    otherwise: 'all',
    help: 'classes in order: dog,cat or dog cat; objects of others are left out',
  }),
  setting('keepCrowds', toggle(), {
    in: ['data convert'],
    default: false,
    help: 'COCO: keep objects marked crowd, as CVAT marks masks',
  }),
  setting('valEvery', whole({ max: 1_000_000 }), {
    in: ['data convert'],
    value: 'n',
    otherwise: '5',
    help: 'without a validation set, hold out every n-th image; 0 for none',
  }),
  setting('bench', toggle(), {
    in: ['devices'],
    default: false,
    help: 'measure a training step on each: yolov5n, 320 px, batch 8, freeze 10',
  }),
  setting('probe', text(), { in: ['devices'], value: 'device', hidden: true, help: 'try one device' }),
] as const;

export const FLAGS = [
  ...SETTINGS,
  ...EXPORT,
  ...BENCHMARKS,
  ...DATA_CHECK,
  ...QUEUE,
  ...COMMAND_LINE_ONLY,
] as const;
