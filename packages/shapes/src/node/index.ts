export { writeContactSheet } from './contact-sheet.js';
export { type GenerateOptions, generateShapes, ShapesError } from './generate.js';
