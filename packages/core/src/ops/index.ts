import * as build from './build.js';

const { plainOps, ...named } = build;

/** A function for every op, and some for common combinations. */
export const ops = { ...plainOps, ...named };
