/** YOLOv5's head: boxes around anchors, on several levels. */
import type { HeadModule } from './head.js';
import type { BuiltModule, LayerContext } from './module-spec.js';
import { outputConv } from './nn/conv.js';
import type { ModelSpec } from './spec.js';

/** Image size at which the objectness prior counts, and objects expected in one. */
const PRIOR_IMAGE_SIZE = 640;
const PRIOR_OBJECTS = 8;
const PRIOR_CLASS = 0.6;

/** Values per anchor before the classes: x, y, width, height, objectness. */
const BOX_VALUES = 5;
const OBJECTNESS = 4;

export const DETECT: HeadModule = {
  name: 'Detect',
  type: 'models.yolo.Detect',
  unscaledChannels: (spec) => (spec.anchors.length > 0 ? outputsOf(spec) : undefined),
  build: buildDetect,
  /**
   * - Biases add a prior (Lin et al., 2017): 8 objects in an image of 640, and 0.6 over the class count.
   * - Anchors: in cells of each level.
   */
  initialize(values, { prefix, spec, strides }) {
    const anchors = values.get(`${prefix}.anchors`)?.data;
    anchors?.set(spec.anchors.flatMap((level, i) => level.flat().map((pixels) => pixels / strides[i])));
    const classPrior = Math.log(PRIOR_CLASS / (spec.numClasses - 0.99999));
    strides.forEach((stride, level) => {
      const bias = values.get(`${prefix}.m.${level}.bias`)?.data ?? [];
      const objectPrior = Math.log(PRIOR_OBJECTS / (PRIOR_IMAGE_SIZE / stride) ** 2);
      for (let i = 0; i < bias.length; i++) {
        const field = i % (BOX_VALUES + spec.numClasses);
        if (field >= OBJECTNESS) bias[i] += field === OBJECTNESS ? objectPrior : classPrior;
      }
    });
  },
};

/** Channels of every level: x, y, width, height, objectness and classes per anchor. */
const outputsOf = ({ anchors, numClasses }: ModelSpec) => anchors[0].length * (BOX_VALUES + numClasses);

/** One 1 × 1 convolution per level, to `[N, na * (5 + nc), ny, nx]`. */
function buildDetect({ scope, inputs, args, spec }: LayerContext): BuiltModule {
  const { anchors, numClasses } = spec;
  if (anchors.length !== inputs.length)
    throw args.error(`reads ${inputs.length} levels, but there are anchors for ${anchors.length}`);
  const outChannels = outputsOf(spec);
  const sizes = { nc: numClasses, no: BOX_VALUES + numClasses, nl: anchors.length, na: anchors[0].length };
  scope.module('models.yolo.Detect', { ...sizes, inplace: true });
  scope.buffer('anchors', [anchors.length, anchors[0].length, 2], 'float32');
  const list = scope.child('m').module('torch.nn.modules.container.ModuleList');
  const levels = inputs.map((c1, i) => outputConv(list.child(i), c1, outChannels));
  return {
    outChannels,
    args: [numClasses, anchors.map((level) => level.flat()), inputs],
    forward: (xs, run) => levels.map((level, i) => level(xs[i], run)),
  };
}
