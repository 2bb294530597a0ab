/** The figures of a validation, class by class. */
import type { ClassMetrics } from '@froyolo/boxes';
import { printable } from '@froyolo/data';
import type { ValidationResult } from '@froyolo/yolo';
import { formatTable } from './format.js';

const COLUMNS = [
  { title: 'Class', align: 'left' as const },
  ...['Images', 'Instances', 'P', 'R', 'mAP50', 'mAP50-95'].map((title) => ({ title })),
];

/** One line for all classes, then, where there is more than one class and `classes` is set, one for each that occurs. */
export function classTable(result: Omit<ValidationResult, 'details'>, classes = true): string[] {
  const all = row('all', result.images, result.instances, result);
  const each = classes && result.classes.length > 1 ? result.classes : [];
  return formatTable(COLUMNS, [
    all,
    ...each.map((one) => row(printable(one.name), one.images, one.instances, one)),
  ]);
}

function row(name: string, images: number, instances: number, metrics: ClassMetrics): string[] {
  const { precision, recall, mAP50, mAP50_95 } = metrics;
  const figures = [precision, recall, mAP50, mAP50_95].map((value) => value.toFixed(3));
  return [name, String(images), String(instances), ...figures];
}
