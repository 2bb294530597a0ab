/** Values of a prediction, per anchor and cell: center x, y, width, height, objectness, then one per class. */
export const OBJECTNESS = 4;
export const CLASSES = 5;

/** Values of a prediction with so many classes. */
export const valuesOf = (numClasses: number) => CLASSES + numClasses;
