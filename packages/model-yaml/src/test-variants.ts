/** Architectures around YOLOv5 that only the tests need, mostly as edits of the official ones. */
import { architectureYaml } from './architectures.js';

const L = architectureYaml('yolov5l');
const S = architectureYaml('yolov5s');

/** The architecture with another head. */
const withHead = (yaml: string, head: string) => `${yaml.slice(0, yaml.indexOf('head:'))}${head}`;
const withAnchorCount = (yaml: string) =>
  yaml.replace(/anchors: #.*\n(?: {2}- \[[\d, ]+\].*\n)+/, 'anchors: 3\n');

const UP_TO_SMALL = `head:
  - [-1, 1, Conv, [512, 1, 1]]
  - [-1, 1, nn.Upsample, [None, 2, 'nearest']]
  - [[-1, 6], 1, Concat, [1]]
  - [-1, 3, C3, [512, False]]
  - [-1, 1, Conv, [256, 1, 1]]
  - [-1, 1, nn.Upsample, [None, 2, 'nearest']]
  - [[-1, 4], 1, Concat, [1]]
  - [-1, 3, C3, [256, False]]
`;

const P2_HEAD = `${UP_TO_SMALL}
  - [-1, 1, Conv, [128, 1, 1]]
  - [-1, 1, nn.Upsample, [None, 2, 'nearest']]
  - [[-1, 2], 1, Concat, [1]]
  - [-1, 1, C3, [128, False]]
  - [-1, 1, Conv, [128, 3, 2]]
  - [[-1, 18], 1, Concat, [1]]
  - [-1, 3, C3, [256, False]]
  - [-1, 1, Conv, [256, 3, 2]]
  - [[-1, 14], 1, Concat, [1]]
  - [-1, 3, C3, [512, False]]
  - [-1, 1, Conv, [512, 3, 2]]
  - [[-1, 10], 1, Concat, [1]]
  - [-1, 3, C3, [1024, False]]
  - [[21, 24, 27, 30], 1, Detect, [nc, anchors]]
`;

const P34_HEAD = `${UP_TO_SMALL}
  - [-1, 1, Conv, [256, 3, 2]]
  - [[-1, 14], 1, Concat, [1]]
  - [-1, 3, C3, [512, False]]
  - [[17, 20], 1, Detect, [nc, anchors]]
`;

const FPN_HEAD = `head:
  - [-1, 3, C3, [1024, False]]
  - [-1, 1, nn.Upsample, [None, 2, 'nearest']]
  - [[-1, 6], 1, Concat, [1]]
  - [-1, 1, Conv, [512, 1, 1]]
  - [-1, 3, C3, [512, False]]
  - [-1, 1, nn.Upsample, [None, 2, 'nearest']]
  - [[-1, 4], 1, Concat, [1]]
  - [-1, 1, Conv, [256, 1, 1]]
  - [-1, 3, C3, [256, False]]
  - [[18, 14, 10], 1, Detect, [nc, anchors]]
`;

const P7 = `nc: 80
anchors: 3
backbone:
  - [-1, 1, Conv, [64, 6, 2, 2]]
  - [-1, 1, Conv, [128, 3, 2]]
  - [-1, 3, C3, [128]]
  - [-1, 1, Conv, [256, 3, 2]]
  - [-1, 6, C3, [256]]
  - [-1, 1, Conv, [512, 3, 2]]
  - [-1, 9, C3, [512]]
  - [-1, 1, Conv, [768, 3, 2]]
  - [-1, 3, C3, [768]]
  - [-1, 1, Conv, [1024, 3, 2]]
  - [-1, 3, C3, [1024]]
  - [-1, 1, Conv, [1280, 3, 2]]
  - [-1, 3, C3, [1280]]
  - [-1, 1, SPPF, [1280, 5]]
head:
  - [-1, 1, Conv, [1024, 1, 1]]
  - [-1, 1, nn.Upsample, [None, 2, 'nearest']]
  - [[-1, 10], 1, Concat, [1]]
  - [-1, 3, C3, [1024, False]]
  - [-1, 1, Conv, [768, 1, 1]]
  - [-1, 1, nn.Upsample, [None, 2, 'nearest']]
  - [[-1, 8], 1, Concat, [1]]
  - [-1, 3, C3, [768, False]]
  - [-1, 1, Conv, [512, 1, 1]]
  - [-1, 1, nn.Upsample, [None, 2, 'nearest']]
  - [[-1, 6], 1, Concat, [1]]
  - [-1, 3, C3, [512, False]]
  - [-1, 1, Conv, [256, 1, 1]]
  - [-1, 1, nn.Upsample, [None, 2, 'nearest']]
  - [[-1, 4], 1, Concat, [1]]
  - [-1, 3, C3, [256, False]]
  - [-1, 1, Conv, [256, 3, 2]]
  - [[-1, 26], 1, Concat, [1]]
  - [-1, 3, C3, [512, False]]
  - [-1, 1, Conv, [512, 3, 2]]
  - [[-1, 22], 1, Concat, [1]]
  - [-1, 3, C3, [768, False]]
  - [-1, 1, Conv, [768, 3, 2]]
  - [[-1, 18], 1, Concat, [1]]
  - [-1, 3, C3, [1024, False]]
  - [-1, 1, Conv, [1024, 3, 2]]
  - [[-1, 14], 1, Concat, [1]]
  - [-1, 3, C3, [1280, False]]
  - [[29, 32, 35, 38, 41], 1, Detect, [nc, anchors]]
`;

const P5_ANCHORS = L.slice(L.indexOf('anchors:'), L.indexOf('# each row'));

const V3 = `nc: 80
${P5_ANCHORS}
backbone:
  - [-1, 1, Conv, [32, 3, 1]]
  - [-1, 1, Conv, [64, 3, 2]]
  - [-1, 1, Bottleneck, [64]]
  - [-1, 1, Conv, [128, 3, 2]]
  - [-1, 2, Bottleneck, [128]]
  - [-1, 1, Conv, [256, 3, 2]]
  - [-1, 8, Bottleneck, [256]]
  - [-1, 1, Conv, [512, 3, 2]]
  - [-1, 8, Bottleneck, [512]]
  - [-1, 1, Conv, [1024, 3, 2]]
  - [-1, 4, Bottleneck, [1024]]
head:
  - [-1, 1, Bottleneck, [1024, False]]
  - [-1, 1, Conv, [512, 1, 1]]
  - [-1, 1, Conv, [1024, 3, 1]]
  - [-1, 1, Conv, [512, 1, 1]]
  - [-1, 1, Conv, [1024, 3, 1]]
  - [-2, 1, Conv, [256, 1, 1]]
  - [-1, 1, nn.Upsample, [None, 2, 'nearest']]
  - [[-1, 8], 1, Concat, [1]]
  - [-1, 1, Bottleneck, [512, False]]
  - [-1, 1, Bottleneck, [512, False]]
  - [-1, 1, Conv, [256, 1, 1]]
  - [-1, 1, Conv, [512, 3, 1]]
  - [-2, 1, Conv, [128, 1, 1]]
  - [-1, 1, nn.Upsample, [None, 2, 'nearest']]
  - [[-1, 6], 1, Concat, [1]]
  - [-1, 1, Bottleneck, [256, False]]
  - [-1, 2, Bottleneck, [256, False]]
  - [[27, 22, 15], 1, Detect, [nc, anchors]]
`;

const V3_TINY = `nc: 80
anchors:
  - [10, 14, 23, 27, 37, 58]
  - [81, 82, 135, 169, 344, 319]
backbone:
  - [-1, 1, Conv, [16, 3, 1]]
  - [-1, 1, nn.MaxPool2d, [2, 2, 0]]
  - [-1, 1, Conv, [32, 3, 1]]
  - [-1, 1, nn.MaxPool2d, [2, 2, 0]]
  - [-1, 1, Conv, [64, 3, 1]]
  - [-1, 1, nn.MaxPool2d, [2, 2, 0]]
  - [-1, 1, Conv, [128, 3, 1]]
  - [-1, 1, nn.MaxPool2d, [2, 2, 0]]
  - [-1, 1, Conv, [256, 3, 1]]
  - [-1, 1, nn.MaxPool2d, [2, 2, 0]]
  - [-1, 1, Conv, [512, 3, 1]]
  - [-1, 1, nn.ZeroPad2d, [[0, 1, 0, 1]]]
  - [-1, 1, nn.MaxPool2d, [2, 1, 0]]
head:
  - [-1, 1, Conv, [1024, 3, 1]]
  - [-1, 1, Conv, [256, 1, 1]]
  - [-1, 1, Conv, [512, 3, 1]]
  - [-2, 1, Conv, [128, 1, 1]]
  - [-1, 1, nn.Upsample, [None, 2, 'nearest']]
  - [[-1, 8], 1, Concat, [1]]
  - [-1, 1, Conv, [256, 3, 1]]
  - [[19, 15], 1, Detect, [nc, anchors]]
`;

/** Every convolution but the stem becomes a ghost one. */
const ghost = (yaml: string) =>
  yaml.replaceAll(', C3,', ', C3Ghost,').replaceAll(/, Conv, \[(?!64,)/g, ', GhostConv, [');

const VARIANTS: Readonly<Record<string, string>> = {
  'yolov3-spp': V3.replace('- [-1, 1, Conv, [512, 1, 1]]', '- [-1, 1, SPP, [512, [5, 9, 13]]]'),
  'yolov3-tiny': V3_TINY,
  yolov3: V3,
  'yolov5-bifpn': L.replace('[[-1, 14], 1, Concat', '[[-1, 14, 6], 1, Concat'),
  'yolov5-fpn': withHead(L, FPN_HEAD),
  'yolov5-p2': withAnchorCount(withHead(L, P2_HEAD)),
  'yolov5-p34': withAnchorCount(withHead(S, P34_HEAD)),
  'yolov5-p6': withAnchorCount(architectureYaml('yolov5l6')),
  'yolov5-p7': P7,
  'yolov5-panet': L,
  'yolov5s-LeakyReLU': `${S}activation: nn.LeakyReLU(0.1)\n`,
  'yolov5s-ghost': ghost(S),
  'yolov5s-transformer': S.replace('-1, 3, C3, [1024]]', '-1, 3, C3TR, [1024]]'),
};

export function variantYaml(name: string): string {
  if (!Object.hasOwn(VARIANTS, name)) throw new Error(`no YAML for ${name}`);
  return VARIANTS[name];
}
