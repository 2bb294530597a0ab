/** Bytes in words, three significant digits: `1.23 GB`. */
export const gigabytes = (bytes: number) => `${Number((bytes / 1e9).toPrecision(3))} GB`;
