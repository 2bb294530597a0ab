/** Pictures that are looked at while it trains. */
import { listPictures } from '../library/pictures.js';

const SHOWN = 8;

/** Numbers of some validation pictures from all over. */
export async function shownPictures(project: string): Promise<number[]> {
  const done = (await listPictures(project)).filter((picture) => picture.done);
  const heldOut = done.filter(({ split, boxes }) => split === 'val' && boxes.length > 0);
  const from = heldOut.length > 0 ? heldOut : done;
  const step = Math.max(1, from.length / SHOWN);
  return Array.from({ length: Math.min(SHOWN, from.length) }, (_, i) => from[Math.floor(i * step)].id);
}
