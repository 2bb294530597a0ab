/** Names of files. */

export const baseNameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** File name without its ending. */
export const stemOf = (path: string): string => baseNameOf(path).replace(/\.[^.]+$/, '');
