/** The architectures of YOLOv5 v6 and later. The five sizes of one network differ in two multiples only. */

const ANCHORS_P5 = `
  - [10, 13, 16, 30, 33, 23] # stride 8
  - [30, 61, 62, 45, 59, 119] # stride 16
  - [116, 90, 156, 198, 373, 326] # stride 32`;

const ANCHORS_P6 = `
  - [19, 27, 44, 40, 38, 94] # stride 8
  - [96, 68, 86, 152, 180, 137] # stride 16
  - [140, 301, 303, 264, 238, 542] # stride 32
  - [436, 615, 739, 380, 925, 792] # stride 64`;

const NETWORK_P5 = `
# each row: [from, repeats, module, arguments]
backbone:
  - [-1, 1, Conv, [64, 6, 2, 2]] # 0, stride 2
  - [-1, 1, Conv, [128, 3, 2]] # 1, stride 4
  - [-1, 3, C3, [128]]
  - [-1, 1, Conv, [256, 3, 2]] # 3, stride 8
  - [-1, 6, C3, [256]]
  - [-1, 1, Conv, [512, 3, 2]] # 5, stride 16
  - [-1, 9, C3, [512]]
  - [-1, 1, Conv, [1024, 3, 2]] # 7, stride 32
  - [-1, 3, C3, [1024]]
  - [-1, 1, SPPF, [1024, 5]] # 9

head:
  - [-1, 1, Conv, [512, 1, 1]] # 10
  - [-1, 1, nn.Upsample, [None, 2, nearest]]
  - [[-1, 6], 1, Concat, [1]]
  - [-1, 3, C3, [512, False]] # 13
  - [-1, 1, Conv, [256, 1, 1]]
  - [-1, 1, nn.Upsample, [None, 2, nearest]]
  - [[-1, 4], 1, Concat, [1]]
  - [-1, 3, C3, [256, False]] # 17, small objects
  - [-1, 1, Conv, [256, 3, 2]]
  - [[-1, 14], 1, Concat, [1]]
  - [-1, 3, C3, [512, False]] # 20, medium objects
  - [-1, 1, Conv, [512, 3, 2]]
  - [[-1, 10], 1, Concat, [1]]
  - [-1, 3, C3, [1024, False]] # 23, large objects
  - [[17, 20, 23], 1, Detect, [nc, anchors]]
`;

const NETWORK_P6 = `
# each row: [from, repeats, module, arguments]
backbone:
  - [-1, 1, Conv, [64, 6, 2, 2]] # 0, stride 2
  - [-1, 1, Conv, [128, 3, 2]] # 1, stride 4
  - [-1, 3, C3, [128]]
  - [-1, 1, Conv, [256, 3, 2]] # 3, stride 8
  - [-1, 6, C3, [256]]
  - [-1, 1, Conv, [512, 3, 2]] # 5, stride 16
  - [-1, 9, C3, [512]]
  - [-1, 1, Conv, [768, 3, 2]] # 7, stride 32
  - [-1, 3, C3, [768]]
  - [-1, 1, Conv, [1024, 3, 2]] # 9, stride 64
  - [-1, 3, C3, [1024]]
  - [-1, 1, SPPF, [1024, 5]] # 11

head:
  - [-1, 1, Conv, [768, 1, 1]] # 12
  - [-1, 1, nn.Upsample, [None, 2, nearest]]
  - [[-1, 8], 1, Concat, [1]]
  - [-1, 3, C3, [768, False]] # 15
  - [-1, 1, Conv, [512, 1, 1]]
  - [-1, 1, nn.Upsample, [None, 2, nearest]]
  - [[-1, 6], 1, Concat, [1]]
  - [-1, 3, C3, [512, False]] # 19
  - [-1, 1, Conv, [256, 1, 1]]
  - [-1, 1, nn.Upsample, [None, 2, nearest]]
  - [[-1, 4], 1, Concat, [1]]
  - [-1, 3, C3, [256, False]] # 23, small objects
  - [-1, 1, Conv, [256, 3, 2]]
  - [[-1, 20], 1, Concat, [1]]
  - [-1, 3, C3, [512, False]] # 26, medium objects
  - [-1, 1, Conv, [512, 3, 2]]
  - [[-1, 16], 1, Concat, [1]]
  - [-1, 3, C3, [768, False]] # 29, large objects
  - [-1, 1, Conv, [768, 3, 2]]
  - [[-1, 12], 1, Concat, [1]]
  - [-1, 3, C3, [1024, False]] # 32, very large objects
  - [[23, 26, 29, 32], 1, Detect, [nc, anchors]]
`;

/** Multiples of depth and width. */
const SIZES = {
  n: [0.33, 0.25],
  s: [0.33, 0.5],
  m: [0.67, 0.75],
  l: [1, 1],
  x: [1.33, 1.25],
} as const;

type Size = keyof typeof SIZES;
export type ArchitectureName = `yolov5${Size}` | `yolov5${Size}6`;

const sizes = Object.keys(SIZES) as Size[];

/** Names that `architectureYaml` knows: yolov5n … yolov5x, and yolov5n6 … yolov5x6 with a fourth level of stride 64. */
export const ARCHITECTURES: readonly ArchitectureName[] = [
  ...sizes.map((size) => `yolov5${size}` as const),
  ...sizes.map((size) => `yolov5${size}6` as const),
];

/** The YAML of an architecture, for COCO's 80 classes. */
export function architectureYaml(name: ArchitectureName): string {
  const [depth, width] = SIZES[name['yolov5'.length] as Size];
  const [anchors, network] = name.endsWith('6') ? [ANCHORS_P6, NETWORK_P6] : [ANCHORS_P5, NETWORK_P5];
  return [
    `# ${name}`,
    'nc: 80 # classes',
    `depth_multiple: ${depth} # of repeats`,
    `width_multiple: ${width} # of channels`,
    `anchors: # width, height, … in pixels${anchors}`,
    network.trimStart(),
  ].join('\n');
}
