/** Opens the loggers that `--logger` names. */
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { reasonOf } from '@froyolo/errors';
import { CommandError } from '../errors.js';
import type { TrainLogger } from './logger.js';
import { TensorBoardLogger } from './tensorboard.js';

/**
 * `tensorboard`, `none`, or a module whose default export is a logger or a function that makes one.
 * @throws CommandError for a module that can't be loaded or holds none
 */
export async function openLoggers(names: readonly string[]): Promise<Map<string, TrainLogger>> {
  const loggers = new Map<string, TrainLogger>();
  for (const name of names) {
    if (name === 'none') continue;
    loggers.set(name, name === 'tensorboard' ? new TensorBoardLogger() : await loadLogger(name));
  }
  return loggers;
}

async function loadLogger(name: string): Promise<TrainLogger> {
  try {
    const loaded: unknown = await import(/* @vite-ignore */ addressOf(name));
    const held = typeof loaded === 'object' && loaded && 'default' in loaded ? loaded.default : undefined;
    const logger: unknown = typeof held === 'function' ? await held() : held;
    if (isLogger(logger)) return logger;
  } catch (error) {
    throw new CommandError(`--logger ${name}: can't be loaded: ${reasonOf(error)}`, { cause: error });
  }
  throw new CommandError(
    `--logger ${name}: its default export is not a logger: export an object with onSetup, onStart, onBatch, onEpoch or onEnd, or a function that returns one`,
  );
}

/** A path from here, or a package that is installed here. */
function addressOf(name: string): string {
  const isPath = /^\.{0,2}[/\\]|^[a-z]:[/\\]|\.[cm]?js$/i.test(name);
  const file = isPath ? resolve(name) : createRequire(join(process.cwd(), 'x.js')).resolve(name);
  return pathToFileURL(file).href;
}

const HOOKS = ['onSetup', 'onStart', 'onBatch', 'onEpoch', 'onEnd'];

function isLogger(value: unknown): value is TrainLogger {
  return typeof value === 'object' && value !== null && HOOKS.some((hook) => hook in value);
}
