/** Values of a prediction, per anchor and cell: center x, y, width, height, objectness, then one per class. */
export const OBJECTNESS = 4;
export const CLASSES = 5;

/** Number of values of a prediction. */
export const valuesOf = (numClasses: number) => CLASSES + numClasses;
