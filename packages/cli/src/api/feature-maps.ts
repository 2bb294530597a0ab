/** What every layer of the network makes of an image. */
import { bindConstants, type Executor, optimize } from '@froyolo/core';
import { letterbox, type RgbImage, toPlanes } from '@froyolo/data';
import { type Detector, imageFeed, imageInput, ProgramCache, strideOf } from '@froyolo/yolo';

/** Output of a layer for one image. */
export interface FeatureMap {
  readonly layer: number;
  /** Module of the layer, such as `C3`. */
  readonly type: string;
  /** Channels, height, width. */
  readonly shape: readonly [channels: number, height: number, width: number];
  readonly data: Float32Array;
}

export interface FeatureMaps {
  /** Output of every layer but the head for an RGB image, which is fitted as a predictor fits it. */
  of(image: RgbImage): Promise<FeatureMap[]>;
  dispose(): Promise<void>;
}

/** @param imgsz height and width that images are fitted into, multiples of the largest stride */
export function compileFeatures(
  detector: Detector,
  executor: Executor,
  imgsz: readonly [height: number, width: number],
): FeatureMaps {
  const programs = new ProgramCache();
  const stride = strideOf(detector);
  return {
    async of(image) {
      const { image: fitted } = letterbox(image, [...imgsz], { auto: true, stride });
      const { width, height } = fitted;
      const planes = new Uint8Array(3 * width * height);
      toPlanes(fitted, planes);
      const program = await programs.get(`${height}x${width}`, () =>
        executor.compile(layersGraph(detector, [height, width])),
      );
      const outputs = await program.run({ images: imageFeed(planes, [1, 3, height, width]) });
      return detector.model.layers.flatMap(({ index, type }) => {
        const { data, shape = [] } = outputs[`layer${index}`] ?? {};
        const [, c = 0, h = 0, w = 0] = shape;
        if (!(data instanceof Float32Array)) return [];
        return [{ layer: index, type: type.split('.').at(-1) ?? type, shape: [c, h, w] as const, data }];
      });
    },
    dispose: () => programs.dispose(),
  };
}

function layersGraph({ model, tensors }: Detector, shape: readonly [number, number]) {
  const images = imageInput(1, model.spec.channels, shape);
  const { layers } = model.forward(images, { batchNorm: () => 'running' });
  const outputs = Object.fromEntries(layers.map((node, index) => [`layer${index}`, node]));
  return optimize(bindConstants({ outputs }, tensors));
}
