/** What tests of other packages use: a network and a dataset small enough to train in a second. Not published. */
export { TOY_ARCHITECTURE, TOY_IMGSZ, TOY_NAMES, toySamples, toySource } from './toys.js';
