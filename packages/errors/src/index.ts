/** The base class of all errors that a user may meet, and words for errors of the operating system and of schemas. */
export { FroyoloError, type FroyoloErrorDetails, isFroyoloError } from './froyolo-error.js';
export { must } from './must.js';
export { IN_WORDS } from './schema-words.js';
export { causeOf, describeSystemError, isSystemError, reasonOf, type SystemError } from './system-error.js';
