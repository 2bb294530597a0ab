/** The base of all errors that a user is to expect, and words for what the operating system refuses. */
export { FroyoloError, type FroyoloErrorDetails, isFroyoloError } from './froyolo-error.js';
export { must } from './must.js';
export { describeSystemError, isSystemError, reasonOf, type SystemError } from './system-error.js';
