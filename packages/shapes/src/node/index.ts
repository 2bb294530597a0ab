export { type GenerateOptions, generateShapes, ShapesError } from './generate.js';
