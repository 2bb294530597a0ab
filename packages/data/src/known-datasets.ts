/** Datasets that are known by name, as YOLOv5 has their YAML files. */

/** Classes of COCO, in the order of its detectors. */
const COCO = `person, bicycle, car, motorcycle, airplane, bus, train, truck, boat, traffic light, fire hydrant, stop sign,
  parking meter, bench, bird, cat, dog, horse, sheep, cow, elephant, bear, zebra, giraffe, backpack, umbrella, handbag, tie,
  suitcase, frisbee, skis, snowboard, sports ball, kite, baseball bat, baseball glove, skateboard, surfboard, tennis racket,
  bottle, wine glass, cup, fork, knife, spoon, bowl, banana, apple, sandwich, orange, broccoli, carrot, hot dog, pizza, donut,
  cake, chair, couch, potted plant, bed, dining table, toilet, tv, laptop, mouse, remote, keyboard, cell phone, microwave,
  oven, toaster, sink, refrigerator, book, clock, vase, scissors, teddy bear, hair drier, toothbrush`;

/** Dataset YAML by file name. */
export const KNOWN_DATASETS: Readonly<Record<string, string>> = {
  'coco128.yaml': `# The first 128 images of COCO train2017, to train and to validate on: for trying things out.
path: datasets/coco128
train: images/train2017
val: images/train2017
names:
  [${COCO}]
download: https://ultralytics.com/assets/coco128.zip
`,
};
