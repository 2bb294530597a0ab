/** YOLOv5's defaults, for whoever calls these functions; the table of settings takes its own from here. */

export const TRAINING_DEFAULTS = { patience: 100 } as const;

export const VALIDATION_DEFAULTS = {
  batchSize: 32,
  imgsz: 640,
  confThres: 0.001,
  iouThres: 0.6,
  maxDet: 300,
} as const;

export const DETECTION_DEFAULTS = { imgsz: 640, confThres: 0.25, iouThres: 0.45, maxDet: 1000 } as const;
