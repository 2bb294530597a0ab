/** YOLOv5 with a fourth term in its loss: how far the logarithms of predicted sides are from the true ones. */
import { ops } from '@froyolo/core';
import { LOSS_TERMS, type LossTerm, yolov5With } from '@froyolo/yolo';

const size: LossTerm = {
  gain: () => 0.02,
  value: ({ predicted, feed, mean }) =>
    mean(ops.abs(ops.sub(ops.log(predicted.wh), ops.log(ops.slice(feed('box'), 2, 2, 4))))),
};

export const yolov5WithSize = yolov5With('yolov5-size', { ...LOSS_TERMS, size });
