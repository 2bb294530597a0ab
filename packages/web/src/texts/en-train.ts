/** Texts of the screen where a detector is trained. */
import { sentenceOf } from '@froyolo/study/figures';
import { duration } from './duration.js';
import { note } from './en-notes.js';
import { count } from './numbers.js';

const best = (epoch: number) => (epoch > 0 ? `, the best is ${epoch}` : '');

export const train = {
  train: {
    title: 'Freeze & train',
    what: 'Open a checkpoint: a network that has learned to see. Training keeps what it knows and teaches it your classes.',
    data: (trained: number, heldOut: number, boxes: number) =>
      `${count(trained, 'picture')} to train on, ${heldOut} held out, ${count(boxes, 'box', 'boxes')}`,
    labelFirst: 'Label some pictures first.',
    noneHeldOut: 'No labeled picture is held out: figures will be those of pictures that it trained on.',
    few: 'Ten labeled pictures are a good start; the detector can then suggest the rest.',
  },
  weights: {
    title: 'Checkpoint to start from',
    needed: 'Open a YOLOv5 checkpoint (.pt or .safetensors). The official one for small computers is',
    license: '(4 MB, AGPL-3.0): save it, then open it here.',
    open: 'Open checkpoint…',
    other: 'Another one…',
    facts: (layers: number, parameters: string, classes: number) =>
      `${layers} layers, ${parameters} parameters, ${count(classes, 'class', 'classes')}`,
  },
  settings: {
    title: 'Training',
    from: 'Start from',
    fromOpened: 'the opened checkpoint',
    fromBest: 'this project’s last training',
    length: 'Train for',
    minutes: (n: number) => count(n, 'minute'),
    byRecipe: 'as long as it takes',
    byEpochs: 'epochs…',
    epochs: 'Epochs',
    imgsz: 'Image size',
    batchSize: 'Batch size',
    more: 'More',
    device: 'Device',
    automatic: 'Automatic: the fastest that works',
    seed: 'Seed',
    /** Of further settings, by name, where they are called otherwise than in the table of settings. */
    fields: {} as Readonly<Record<string, string>>,
    /** What they do, where that is said otherwise than in the table. */
    helps: {} as Readonly<Record<string, string>>,
  },
  start: {
    train: 'Train',
    trainAnew: 'Train anew',
    goOn: 'Go on',
    more: 'Train longer',
    stop: 'Stop',
    stopHint: 'It stops after the batch that runs, and can go on exactly there, today or another day.',
    stopping: 'Stopping after this batch…',
    validate: 'Validate',
    goOnHint:
      'Every epoch is saved in this browser: a training goes on after a reload as if it had never stopped, with the settings that it began with. Training anew takes those above.',
    needsBoxes: 'Label some pictures to train on.',
    needsWeights: 'Open a checkpoint to start from.',
  },
  run: {
    title: (n: number) => `Training ${n}`,
    progress: 'Training progress',
    stopping: 'Stopping after this batch…',
    stage: (stage: string) => {
      const [name, done, total] = stage.split(' ');
      if (name === 'device') return 'Starting the device…';
      if (name === 'compiling') return 'Compiling the training step…';
      if (name === 'caching') return `Frozen layers look at the pictures once: ${done} of ${total}`;
      return 'Reading pictures…';
    },
    at: (epoch: number, epochs: number | undefined, batch: number, batches: number) =>
      `Epoch ${epoch}${epochs === undefined ? '' : ` of ${epochs}`}, batch ${batch} of ${batches}`,
    status: {
      running: (epochs: number, at: number) => `${count(epochs, 'epoch')} done${best(at)}`,
      finished: (epochs: number, at: number) => `Finished: ${count(epochs, 'epoch')}${best(at)}`,
      patience: (epochs: number, at: number) =>
        `Finished early after ${count(epochs, 'epoch')}: no better for a long time${best(at)}`,
      stopped: (epochs: number, at: number) => `Stopped after ${count(epochs, 'epoch')}${best(at)}`,
      failed: (epochs: number, at: number) => `Failed after ${count(epochs, 'epoch')}${best(at)}`,
    },
    openedIsBest: (accuracy: number) =>
      `. No epoch is better than the weights that it started from (mAP50-95 ${accuracy.toFixed(3)}): those are kept`,
    notes: 'What was done',
    note,
    loss: 'Loss',
    speed: 'Images/s',
    left: 'Time left',
    duration: (seconds: number) => duration(seconds),
    losses: 'Losses',
    figures: 'mAP on held-out pictures',
    epoch: 'epoch',
    asOpened: 'mAP50 before',
  },
  result: {
    byClass: 'By class',
    precision: 'Precision over recall (AP50)',
    recall: 'recall',
    rounds: 'Rounds',
    roundsTitle: (pictures: readonly number[]) => `Best mAP50 with ${pictures.join(', ')} pictures`,
    round: 'training',
    pictures: 'Held-out pictures',
    least: (value: number) => `Confidence from ${value.toFixed(2)}`,
    mistakes: (missed: number, extra: number) =>
      missed + extra === 0 ? 'all right' : `${missed} missed, ${extra} too many`,
    legend:
      'Worst mistakes first: open one to correct its labels, or to train on it by no longer holding it out. Solid: found. Dashed: your labels. Found by the averaged weights of the last epoch while it trains, by the best ones afterwards.',
  },
  table: {
    title: 'Figures by class',
    head: ['Class', 'Images', 'Boxes', 'Precision', 'Recall', 'mAP50', 'mAP50-95'],
  },
  confusion: {
    title: 'Confusion matrix',
    caption: 'Rows: what was found; columns: what it is. Confidence from 0.25.',
    background: 'background',
  },
  freeze: {
    title: 'What stays frozen',
    what: 'Frozen layers keep what they know: no gradients, less memory, faster steps. Layers at the left see edges and textures, those at the right your classes.',
    auto: 'Recommended',
    autoText: (pictures: number) =>
      `planned for ${count(pictures, 'picture')} and this computer: first neck and head, then everything`,
    nothing: 'Nothing',
    nothingText: 'adapts the most, slowest',
    backbone: 'Backbone',
    backboneText: 'a good balance',
    head: 'All but the last layer',
    headText: 'fastest, learns the least',
    network: 'The layers of the network',
    sections: { backbone: 'backbone', neck: 'neck', head: 'head' },
    layer: (index: number, type: string, section: string, parameters: string, shape: string) =>
      `${type} ${index} (${section}): ${parameters} parameters${shape ? `, output ${shape}` : ''}`,
    depth: 'How many first layers are frozen',
    depthText: (n: number) => count(n, 'layer'),
    depthHint: 'Drag the handle for the depth; click layers one by one.',
    frozen: 'frozen',
    learning: 'learns',
    both: 'frozen first, learns later',
    learns: 'Learns',
    parameters: (n: string) => `${n} parameters`,
    memory: 'Memory of a step',
    cachedMemory: (bytes: string) => `${bytes} with cached features`,
    time: 'Time of a step',
    cachedTime: (share: string) => `${share} with cached features`,
    epochTime: (seconds: number) =>
      `about ${seconds < 10 ? `${seconds.toFixed(1)} s` : duration(seconds)} per epoch, by the last training here`,
    cacheFeatures: 'Keep what frozen layers make of the pictures (four variants of each): faster epochs',
    tooMuch: (bytes: string) =>
      `This is more than the ${bytes} that WebAssembly can address: freeze more, or take smaller pictures or batches.`,
    autoReason:
      'Recommended: with few pictures and little time, the backbone’s features are computed once and reused while neck and head learn; then the whole network is trained for the rest of the time.',
    timeReason: 'Times are shares of a step with nothing frozen, computed from the graphs that will run.',
  },
  augment: {
    title: 'What training does to the pictures',
    what: 'A few pictures have to do for many: each time one is trained on, it is moved, zoomed, colored and mixed anew, with its boxes. This is what the network will see.',
    again: 'Other pictures',
    reset: 'As the recipe has it',
    names: {
      hsv_h: 'Hue',
      hsv_s: 'Saturation',
      hsv_v: 'Brightness',
      scale: 'Zoom',
      translate: 'Shift',
      degrees: 'Rotation',
      fliplr: 'Mirrored',
      flipud: 'Upside down',
      mosaic: 'Four in one (mosaic)',
      mixup: 'Two in one (mixup)',
    },
  },
  compare: {
    title: 'Two depths side by side',
    what: 'Trains with both, one after the other, from the opened checkpoint, each as long as it says under Training. The more accurate one is this project’s training afterwards.',
    side: (at: number): string => (at === 0 ? 'Frozen: first' : 'Frozen: second'),
    start: 'Compare',
    conclusion: sentenceOf,
    table: 'Figures of both',
    columns: ['Frozen', 'Learns', 'mAP50', 'mAP50-95', 'Best epoch', 'Time', 'Images/s', 'Memory of a step'],
    duration: (seconds: number) => duration(seconds),
    accuracy: 'mAP50-95 over time',
    seconds: 'seconds',
    loss: 'Loss',
    epoch: 'epoch',
  },
};

export type TrainTexts = typeof train;
