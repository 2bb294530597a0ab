export { type FileContent, temporaryName, writeAtomic, writeTogether } from './atomic.js';
