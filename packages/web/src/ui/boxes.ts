/** Images with boxes on them. */
import { classColor, textColor } from '@froyolo/data';
import type { Detection } from '@froyolo/yolo';

export interface BoxedImage {
  readonly bitmap: ImageBitmap;
  readonly found: readonly Detection[];
  readonly labels: readonly Detection[];
}

/** Draws an image, its labels dashed and the detections solid with name and confidence; says the same in words. */
export function drawBoxes(canvas: HTMLCanvasElement, { bitmap, found, labels }: BoxedImage): void {
  // Small images are enlarged, so that text on them can be read.
  const scale = Math.max(1, Math.ceil(480 / Math.max(bitmap.width, bitmap.height)));
  canvas.width = bitmap.width * scale;
  canvas.height = bitmap.height * scale;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('this browser draws nothing on a canvas');
  context.imageSmoothingEnabled = false;
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const line = Math.max(2, Math.round(Math.max(canvas.width, canvas.height) / 240));
  context.lineWidth = line;
  context.font = `600 ${line * 7}px system-ui, sans-serif`;
  context.textBaseline = 'top';
  for (const { box, classId } of labels) outline(context, box, classId, scale, [3 * line, 2 * line]);
  // The most confident on top.
  for (const detection of [...found].reverse()) {
    outline(context, detection.box, detection.classId, scale, []);
    tag(context, detection, scale, line);
  }
  canvas.ariaLabel = inWords(found, labels);
}

type Box = Detection['box'];

function outline(
  context: CanvasRenderingContext2D,
  [x1, y1, x2, y2]: Box,
  classId: number,
  scale: number,
  dashes: number[],
): void {
  const rectangle = [x1 * scale, y1 * scale, (x2 - x1) * scale, (y2 - y1) * scale] as const;
  const { lineWidth } = context;
  // Dark around the color: it is to be seen on an image of the same color too.
  context.setLineDash([]);
  context.lineWidth = lineWidth * 2;
  context.strokeStyle = '#0008';
  context.strokeRect(...rectangle);
  context.lineWidth = lineWidth;
  context.setLineDash(dashes);
  context.strokeStyle = classColor(classId);
  context.strokeRect(...rectangle);
}

function tag(context: CanvasRenderingContext2D, detection: Detection, scale: number, line: number): void {
  const { box, classId, name, confidence } = detection;
  const text = `${name} ${confidence.toFixed(2)}`;
  const width = context.measureText(text).width + 4 * line;
  const height = 9 * line;
  const x = Math.max(0, Math.min(box[0] * scale - line / 2, context.canvas.width - width));
  const above = box[1] * scale - height;
  const y = above >= 0 ? above : box[1] * scale;
  const color = classColor(classId);
  context.fillStyle = color;
  context.fillRect(x, y, width, height);
  context.fillStyle = textColor(color);
  context.fillText(text, x + 2 * line, y + line);
}

function inWords(found: readonly Detection[], labels: readonly Detection[]): string {
  const detected = found.map(({ name, confidence }) => `${name} ${confidence.toFixed(2)}`).join(', ');
  const labeled = labels.map(({ name }) => name).join(', ');
  return `Detected: ${detected || 'nothing'}.${labeled ? ` Labels: ${labeled}.` : ''}`;
}
