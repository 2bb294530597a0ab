import * as build from './build.js';

const { plainOps, ...named } = build;

/** A function for every op, and for what is often made of several. */
export const ops = { ...plainOps, ...named };
