export { createPageHost, type PageHostOptions } from './host.js';
