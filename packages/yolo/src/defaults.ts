/** YOLOv5's defaults of training, validation and detection. The table of settings reads them too. */

export const TRAINING_DEFAULTS = { patience: 100 } as const;

export const VALIDATION_DEFAULTS = {
  batchSize: 32,
  imgsz: 640,
  confThres: 0.001,
  iouThres: 0.6,
  maxDet: 300,
} as const;

export const DETECTION_DEFAULTS = { imgsz: 640, confThres: 0.25, iouThres: 0.45, maxDet: 1000 } as const;
