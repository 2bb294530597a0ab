export { type CalibrationImagesOptions, calibrationImages } from './calibration-images.js';
export { writeExport } from './write-files.js';
