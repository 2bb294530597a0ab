/** What every command has in common. */
import { Command, Option } from 'commander';
import type { Terminal } from '../output/terminal.js';
import { each, fraction, integer } from './parsers.js';
import { acceptUnavailable, rejectUnavailable, type UnavailableFlags } from './unavailable.js';

/** What a command works with besides its flags. */
export interface CommandContext {
  readonly terminal: Terminal;
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
}

/** A command and the other names of its flags. */
export interface CommandEntry {
  readonly command: Command;
  readonly aliases: Readonly<Record<string, string>>;
}

const IMGSZ_ALIASES = { '--img': '--imgsz', '--img-size': '--imgsz' };

/** A command whose flags of YOLOv5 that aren't there yet are refused before it runs. */
export function createCommand(
  name: string,
  description: string,
  unavailable: UnavailableFlags = {},
): CommandEntry {
  const command = new Command(name)
    .description(description)
    .option('--debug', 'show where an error happened');
  command.hook('preAction', (_, action) => rejectUnavailable(action, unavailable));
  acceptUnavailable(command, unavailable);
  return { command, aliases: IMGSZ_ALIASES };
}

/** `--project`, `--name` and `--exist-ok`. */
export function addOutputFlags(command: Command, project: string): void {
  command
    .option('--project <folder>', 'where the folder of the run goes', project)
    .option('--name <name>', 'name of that folder; a number is added where it is taken', 'exp')
    .option('--exist-ok', 'use the folder even if it is there');
}

/** What training starts from and how long it goes on: `--weights`, `--cfg`, `--data`, `--hyp` and `--epochs`. */
export function addStartFlags(command: Command): void {
  command
    .option(
      '--weights <file>',
      "what to start from: .pt, .safetensors, an official name, or '' for fresh values",
      'yolov5s.pt',
    )
    .option('--cfg <file>', 'architecture: a YAML or an official name (default: that of the weights)')
    .option('--data <file>', 'dataset YAML')
    .option('--hyp <file>', 'hyperparameter YAML or the name of a preset (default: scratch-low)')
    .option('--epochs <count>', 'times to go through the training images', integer({ min: 1 }), 100);
}

/** `--device`. */
export function addDeviceFlag(command: Command): void {
  command.option(
    '--device <device>',
    'where to compute: auto, cpu, cuda, cuda:1, webgpu, wasm or a name that "froyolo devices" lists',
    'auto',
  );
}

/** `--workers`. */
export function addWorkersFlag(command: Command): void {
  command.option(
    '--workers <count>',
    'threads that read images (default: one less than there are cores, at most 8)',
    integer(),
  );
}

/** `--conf-thres`, `--iou-thres` and `--max-det`. */
export function addNmsFlags(
  command: Command,
  defaults: { confThres: number; iouThres: number; maxDet: number },
): void {
  command
    .option('--conf-thres <threshold>', 'least confidence of a detection', fraction, defaults.confThres)
    .option(
      '--iou-thres <threshold>',
      'overlap above which the weaker detection goes',
      fraction,
      defaults.iouThres,
    )
    .option('--max-det <count>', 'most detections in an image', integer({ min: 1 }), defaults.maxDet);
}

/** `--freeze-bn`. */
export function freezeBnOption(): Option {
  return new Option(
    '--freeze-bn <mode>',
    "batch normalization of frozen layers: its statistics stay, follow the batches, or are each batch's own",
  )
    .choices(['eval', 'stats', 'train'])
    .default('eval');
}

/** `--freeze` and `--freeze-bn`. */
export function addFreezeFlags(command: Command): void {
  command
    .option('--freeze <selectors...>', 'what to freeze: 10 is layers 0 to 9; 0 1 2; backbone; model.9', ['0'])
    .addOption(freezeBnOption());
}

/** `--lr-scale`. */
export function lrScaleOption(): Option {
  return new Option(
    '--lr-scale <factors...>',
    'factors of learning rates: backbone=0.1; 0-9=0.1,head=2; where several apply, the last',
  );
}

/** `--imgsz` with one number. */
export function addImageSizeFlag(command: Command): void {
  const pixels = integer({ min: 32, max: 8192 });
  command.option('--imgsz <pixels>', 'long side of the images; also --img, --img-size', pixels, 640);
}

/** `--imgsz` with one number, or height and width. */
export function addImageShapeFlag(command: Command): void {
  command.option(
    '--imgsz <pixels...>',
    'image size in pixels: one number, or height and width (default: 640)',
    each(integer({ min: 32, max: 8192 })),
  );
}
