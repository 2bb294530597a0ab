/** How a single class learns. */
import type { Hyperparameters } from '@froyolo/data';
import type { ClassStart } from '@froyolo/yolo';

/**
 * The class loss of a single class that starts as another one. YOLOv5 has none for it: its row starts fresh, with a score
 * near 1 that needn't change, whereas that of a kept row says how much something looks like the other class.
 */
export function oneClassLoss(
  { cls, cls_one }: Pick<Hyperparameters, 'cls' | 'cls_one'>,
  classes: readonly ClassStart[] = [],
): Pick<Hyperparameters, 'cls_one'> {
  const [only, ...others] = classes;
  return only?.from === undefined || others.length > 0 || cls_one !== undefined ? {} : { cls_one: cls };
}
