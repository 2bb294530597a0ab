/** What makes one epoch better than another: 0.1 · mAP50 + 0.9 · mAP50-95. */
export function fitness({ mAP50, mAP50_95 }: { readonly mAP50: number; readonly mAP50_95: number }): number {
  return 0.1 * mAP50 + 0.9 * mAP50_95;
}
