export { type Box, DEMO_CLASSES, OUTLINES, PRETRAIN_CLASSES, type ShapeClass } from './outlines.js';
export { createRandom, type Random } from './random.js';
export { drawScene, type Scene, type SceneObject } from './scene.js';
