/** The programs of an ensemble as one: its predictions are those of every member, one after the other. */
import type { Program, Tensor } from '@froyolo/core';
import type { Detector } from '../detector/detector.js';
import { DetectorError } from '../errors.js';

/** @param compile makes the program of a member: input `images`, output `predictions` `[N, rows, columns]` */
export async function compileEnsemble(
  members: readonly Detector[],
  compile: (member: Detector) => Promise<Program>,
): Promise<Program> {
  const programs: Program[] = [];
  for (const member of members) programs.push(await compile(member));
  return {
    async run(feeds) {
      const parts: Tensor[] = [];
      for (const program of programs) parts.push((await program.run(feeds)).predictions);
      return { predictions: joinRows(parts) };
    },
    async dispose() {
      for (const program of programs) await program.dispose();
    },
  };
}

/** Joins predictions of the same images: `[N, rows, columns]`, with the rows of all. */
function joinRows(parts: readonly Tensor[]): Tensor {
  const [images = 0, , columns = 0] = parts[0]?.shape ?? [];
  const sizes = parts.map(({ shape }) => (shape[1] ?? 0) * columns);
  const perImage = sizes.reduce((sum, size) => sum + size, 0);
  const joined = new Float32Array(images * perImage);
  let at = 0;
  for (let image = 0; image < images; image++)
    for (const [i, { data }] of parts.entries()) {
      const size = sizes[i] ?? 0;
      if (!(data instanceof Float32Array)) throw new DetectorError('predictions are not float32');
      joined.set(data.subarray(image * size, (image + 1) * size), at);
      at += size;
    }
  return { dtype: 'float32', shape: [images, columns === 0 ? 0 : perImage / columns, columns], data: joined };
}
