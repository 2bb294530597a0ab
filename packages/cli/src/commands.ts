/** The commands, each with its name and its file, which is loaded when the command runs. */
import type { Given } from './args/options.js';
import type { CommandContext } from './context.js';

/** Runs a command with the given flags; `words` are its other arguments. */
type Run<C extends string> = (
  context: CommandContext,
  given: Given<C>,
  words: readonly string[],
) => Promise<void>;

export interface CommandEntry {
  /** With its group: `data convert`. */
  readonly name: string;
  readonly description: string;
  /** A typical command line, for `--help`. */
  readonly example: string;
  /** What may follow the name, and its help. */
  readonly argument?: readonly [syntax: string, help: string];
  /** Saves its state when it is interrupted; other commands just end. */
  readonly saves?: true;
  /** Reads the flags, then runs the command; its file is loaded by this. */
  run(
    context: CommandContext,
    read: <C extends string>(name: C) => Given<C>,
    words: readonly string[],
  ): Promise<void>;
}

function command<C extends string>(
  name: C,
  description: string,
  example: string,
  load: () => Promise<Run<C>>,
  rest: Pick<CommandEntry, 'argument' | 'saves'> = {},
): CommandEntry {
  return {
    name,
    description,
    example,
    ...rest,
    async run(context, read, words) {
      const given = read(name);
      const run = await load();
      await run(context, given, words);
    },
  };
}

const SOURCE: CommandEntry['argument'] = [
  '[source]',
  'folder or zip with Pascal VOC (.xml), COCO (.json) or YOLO (.txt) annotations and their images, or a COCO file',
];

export const COMMANDS: readonly CommandEntry[] = [
  command(
    'train',
    'Fine-tune a detector',
    'froyolo train --data data.yaml --weights yolov5n.pt --freeze 10 --epochs 30',
    async () => (await import('./commands/train.js')).runTrain,
    { saves: true },
  ),
  command(
    'val',
    'Measure a detector on a dataset',
    'froyolo val --data data.yaml --weights runs/train/exp/weights/best.safetensors',
    async () => (await import('./commands/val.js')).runVal,
  ),
  command(
    'detect',
    'Find objects in images, videos and streams',
    'froyolo detect --weights runs/train/exp/weights/best.safetensors --source images/',
    async () => (await import('./commands/detect.js')).runDetect,
    { saves: true },
  ),
  command(
    'export',
    'Export a detector to PyTorch, ONNX or TensorFlow formats',
    'froyolo export --weights runs/train/exp/weights/best.safetensors --include onnx pt tfjs',
    async () => (await import('./commands/export.js')).runExport,
  ),
  command(
    'benchmarks',
    'Measure every export format on every device',
    'froyolo benchmarks --weights runs/train/exp/weights/best.safetensors --data data.yaml',
    async () => (await import('./commands/benchmarks.js')).runBenchmarks,
  ),
  command(
    'plan',
    'Predict the cost of training at every freeze depth, without running it',
    'froyolo plan --weights yolov5n.pt --data data.yaml --imgsz 320',
    async () => (await import('./commands/plan.js')).runPlan,
  ),
  command(
    'compare',
    'Train with several freezes and compare them in a report',
    'froyolo compare --data data.yaml --weights yolov5n.pt --freeze 0 10 24 --epochs 30',
    async () => (await import('./commands/compare.js')).runCompare,
    { saves: true },
  ),
  command(
    'params',
    'List layers and parameters, and what --freeze freezes',
    'froyolo params --weights yolov5n.pt --freeze backbone',
    async () => (await import('./commands/params.js')).runParams,
  ),
  command(
    'graph',
    "Show a training step's graph, what each pass changes, and what ops cost",
    'froyolo graph --cfg yolov5n --nc 2 --freeze 10',
    async () => (await import('./commands/graph.js')).runGraph,
  ),
  command(
    'data convert',
    'Convert Pascal VOC, COCO or bare YOLO labels to a YOLO dataset',
    'froyolo data convert VOCdevkit/VOC2012 --out datasets/voc',
    async () => (await import('./commands/data-convert.js')).runConvert,
    { argument: SOURCE },
  ),
  command(
    'data check',
    'Check every image and label of a dataset; exit with status 1 if there are errors',
    'froyolo data check data.yaml --fix datasets/clean',
    async () => (await import('./commands/data-check.js')).runCheck,
    { argument: ['<data>', 'dataset YAML, or a folder or zip that contains one'] },
  ),
  command(
    'devices',
    'List the available devices, and why others are unavailable',
    'froyolo devices --bench',
    async () => (await import('./commands/devices.js')).runDevices,
  ),
  command(
    'worker',
    'Train runs from a queue until stopped',
    'froyolo worker --queue redis://10.0.0.5:6379 --store /mnt/store',
    async () => (await import('./commands/worker.js')).runWorkerCommand,
  ),
  command(
    'study status',
    'Show the state of a queue: runs, workers, speed, time left',
    'froyolo study status --queue redis://10.0.0.5:6379',
    async () => (await import('./commands/study-status.js')).runStatus,
  ),
];

/** What the words before a space mean: `data` of `data convert`. */
export const GROUPS: Readonly<Record<string, string>> = {
  data: 'Datasets: convert, check',
  study: 'Studies in a queue',
};
