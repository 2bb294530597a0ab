/** The flags of the feature cache. */
import type { TrainOptions } from '@froyolo/run/settings';
import { type Command, Option } from 'commander';
import { UsageError } from '../errors.js';
import { byteSize, fraction, integer } from './parsers.js';

export interface FeatureFlags {
  readonly cache?: 'ram' | 'disk' | 'features' | true;
  readonly cacheVariants?: number;
  readonly cacheRefresh?: number;
  /** Bytes. */
  readonly cacheLimit?: number;
  readonly cacheDir?: string;
  readonly cacheIn?: 'disk' | 'ram';
}

export function addFeatureFlags(command: Command): void {
  command
    .option(
      '--cache-variants <count>',
      'with --cache features: augmented variants of an image that are kept (default: 4)',
      integer({ min: 1 }),
    )
    .option(
      '--cache-refresh <share>',
      'with --cache features: variants drawn anew in an epoch (default: 0.05)',
      fraction,
    )
    .option(
      '--cache-limit <size>',
      'with --cache features: bytes it may take, such as 4GB (default: 10GB)',
      byteSize,
    )
    .option('--cache-dir <folder>', 'with --cache features: where (default: beside the images)')
    .addOption(
      new Option('--cache-in <place>', 'with --cache features: disk (default) or ram').choices([
        'disk',
        'ram',
      ]),
    );
}

/** What the flags say; an empty object where features aren't cached. */
export function featureOptions({
  cache,
  cacheVariants,
  cacheRefresh,
  cacheLimit,
  cacheDir,
  cacheIn,
}: FeatureFlags): Partial<TrainOptions> {
  const options = { cacheVariants, cacheRefresh, cacheLimit, cacheDir, cacheIn };
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  if (cache === 'features') return Object.fromEntries(given);
  if (given.length > 0)
    throw new UsageError('--cache-variants, -refresh, -limit, -dir and -in go with --cache features');
  return {};
}
