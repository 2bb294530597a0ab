import manifest from '../package.json' with { type: 'json' };

/** Studies and workers of one version understand each other. */
export const VERSION: string = manifest.version;
