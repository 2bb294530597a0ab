/** Brings the folder of a run that a worker did to where it would be if it had been done here. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { temporaryName, writeAtomic } from '@froyolo/common/node';
import { argsText, readSettingsFile } from '@froyolo/run/node';
import { resolveSettings, SETTINGS } from '@froyolo/run/settings';
import { type ArmOrder, dataOfArm } from '@froyolo/study';
import type { RunState, RunStore } from '../run/run-store.js';

/** Says that the run is finished, so it comes last. */
const MARK = 'arm.json';

export async function collect(store: RunStore, state: RunState, order: ArmOrder): Promise<void> {
  const target = join(order.folder, order.name);
  const temporary = temporaryName(target);
  try {
    await store.restore(state, temporary);
    await asIfHere(join(temporary, 'args.yaml'), order);
    await move(temporary, target);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** The settings that a run here would have written down: a worker has its own device, and its own places for files. */
async function asIfHere(args: string, order: ArmOrder): Promise<void> {
  if (!existsSync(args)) return;
  const { weights, cfg, hyp, device, cacheDir } = order.settings;
  const settings = {
    ...(await readSettingsFile(args)).values,
    weights,
    cfg,
    hyp,
    device,
    cacheDir,
    data: await dataOfArm(order),
    project: order.folder,
  };
  await writeAtomic(args, argsText(resolveSettings(SETTINGS, 'train', settings)));
}

async function move(from: string, to: string): Promise<void> {
  const entries = await readdir(from, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const inOrder = [
    ...files.filter((file) => !file.endsWith(MARK)),
    ...files.filter((file) => file.endsWith(MARK)),
  ];
  for (const file of inOrder) {
    const target = join(to, file.slice(from.length + 1));
    await mkdir(dirname(target), { recursive: true });
    await rename(file, target);
  }
}
