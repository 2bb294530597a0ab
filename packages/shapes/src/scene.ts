import {
  type Box,
  boundingBox,
  OUTLINES,
  type Outline,
  place,
  type ShapeClass,
  signedDistance,
} from './outlines.js';
import { blend, type Color, contrastingColor, type Paint, randomColor, randomPaint } from './paint.js';
import type { Random } from './random.js';

/** A shape in a scene: index into the scene's classes, and its box in pixels. */
export interface SceneObject {
  classIndex: number;
  box: Box;
}

/** A rendered image, HWC RGB, one byte per channel, with its objects. */
export interface Scene {
  pixels: Uint8Array;
  imgsz: number;
  objects: SceneObject[];
}

/** A shape's radius as a part of the image's side. */
const RADIUS = { min: 0.06, max: 0.22 };
/** Shapes that are always filled: hollow or with a border, small ones can't be told from a ring, nor it from them. */
const FILLED_ONLY: ReadonlySet<ShapeClass> = new Set(['circle', 'ring', 'hexagon']);
/** How much of the smaller of two boxes the other may cover. */
const MAX_COVERED = 0.3;

interface Canvas {
  imgsz: number;
  /** HWC RGB, 0 to 255 */
  rgb: Float32Array;
}

/**
 * Draws a square image with 1 to 6 shapes of the given classes. Everything comes from `random`: shapes are
 * filled, bordered or hollow, turned and stretched, over a textured background, under uneven light, with noise.
 * Boxes are those of the geometry, before any overlap; every shape lies wholly inside the image.
 */
export function drawScene(random: Random, classes: readonly ShapeClass[], imgsz: number): Scene {
  const base = randomColor(random);
  const canvas = { imgsz, rgb: new Float32Array(imgsz * imgsz * 3) };
  const relief = blend(base, randomColor(random), random.uniform(0.1, 0.4));
  fillBackground(canvas, randomPaint(random, base, relief, imgsz));

  const objects: SceneObject[] = [];
  const wanted = random.integer(1, 6);
  for (let attempt = 0; objects.length < wanted && attempt < 8 * wanted; attempt++) {
    const classIndex = random.integer(0, classes.length - 1);
    const outline = randomPlacement(random, classes[classIndex], imgsz);
    const box = boundingBox(outline);
    if (!isInside(box, imgsz) || objects.some((other) => coveredPart(other.box, box) > MAX_COVERED)) continue;
    drawShape(canvas, random, outline, box, classes[classIndex]);
    objects.push({ classIndex, box });
  }
  return { pixels: develop(canvas, random), imgsz, objects };
}

function randomPlacement(random: Random, name: ShapeClass, imgsz: number): Outline {
  // Small shapes are as common as large ones on a logarithmic scale.
  const radius = imgsz * Math.exp(random.uniform(Math.log(RADIUS.min), Math.log(RADIUS.max)));
  const stretch = random.uniform(0.85, 1.18);
  const center = [random.uniform(0, imgsz), random.uniform(0, imgsz)] as const;
  return place(OUTLINES[name], [radius * stretch, radius / stretch], random.uniform(0, 2 * Math.PI), center);
}

const isInside = ([x1, y1, x2, y2]: Box, imgsz: number) =>
  x1 >= 1 && y1 >= 1 && x2 <= imgsz - 1 && y2 <= imgsz - 1;

/** Intersection of two boxes as a part of the smaller one. */
function coveredPart(a: Box, b: Box): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  const area = (box: Box) => (box[2] - box[0]) * (box[3] - box[1]);
  return (Math.max(0, width) * Math.max(0, height)) / Math.min(area(a), area(b));
}

function fillBackground({ imgsz, rgb }: Canvas, paint: Paint): void {
  for (let y = 0; y < imgsz; y++) {
    for (let x = 0; x < imgsz; x++) rgb.set(paint(x, y), (y * imgsz + x) * 3);
  }
}

/** Blends `color` over a pixel with the given opacity. */
function cover({ imgsz, rgb }: Canvas, x: number, y: number, color: Color, opacity: number): void {
  const at = (y * imgsz + x) * 3;
  for (let c = 0; c < 3; c++) rgb[at + c] = rgb[at + c] + (color[c] - rgb[at + c]) * opacity;
}

/** Opacity of a border `distance` pixels away: a pixel that the border halves is half covered. */
const coverage = (distance: number) => Math.min(1, Math.max(0, 0.5 - distance));

/** The mean color of the area that a shape will cover, sampled on a grid. */
function meanColor({ imgsz, rgb }: Canvas, [x1, y1, x2, y2]: Box): Color {
  const sum = [0, 0, 0];
  const steps = 5;
  for (let i = 0; i < steps * steps; i++) {
    const x = Math.floor(x1 + ((x2 - x1) * ((i % steps) + 0.5)) / steps);
    const y = Math.floor(y1 + ((y2 - y1) * (Math.floor(i / steps) + 0.5)) / steps);
    for (let c = 0; c < 3; c++) sum[c] += rgb[(y * imgsz + x) * 3 + c] / (steps * steps);
  }
  return [sum[0], sum[1], sum[2]];
}

function drawShape(canvas: Canvas, random: Random, outline: Outline, box: Box, name: ShapeClass): void {
  const size = Math.min(box[2] - box[0], box[3] - box[1]);
  const color = contrastingColor(random, meanColor(canvas, box));
  const second = blend(color, randomColor(random), random.uniform(0.1, 0.35));
  const fill = randomPaint(random, color, second, size);
  const border = random.chance(0.5) ? color : contrastingColor(random, color);
  const style = random.pick(
    FILLED_ONLY.has(name) ? (['filled'] as const) : (['filled', 'bordered', 'hollow'] as const),
  );
  const borderWidth = Math.max(1.5, size * random.uniform(0.07, 0.13));

  if (style !== 'hollow' && random.chance(0.4)) castShadow(canvas, random, outline, box, size);
  forEachPixel(canvas, box, 1, (x, y) => {
    const distance = signedDistance(outline, x + 0.5, y + 0.5);
    const inner = coverage(distance + borderWidth);
    if (style === 'filled') cover(canvas, x, y, fill(x, y), coverage(distance));
    if (style === 'bordered') cover(canvas, x, y, blend(border, fill(x, y), inner), coverage(distance));
    if (style === 'hollow') cover(canvas, x, y, color, coverage(distance) - inner);
  });
}

/** Draws a soft shadow to one side of a shape. */
function castShadow(canvas: Canvas, random: Random, outline: Outline, box: Box, size: number): void {
  const [dx, dy] = [random.uniform(-0.15, 0.15) * size, random.uniform(-0.15, 0.15) * size];
  const softness = size * random.uniform(0.05, 0.15);
  const strength = random.uniform(0.2, 0.5);
  forEachPixel(canvas, box, Math.ceil(size * 0.3), (x, y) => {
    const distance = signedDistance(outline, x + 0.5 - dx, y + 0.5 - dy);
    cover(canvas, x, y, [0, 0, 0], strength * coverage(distance / softness));
  });
}

/** Calls back for every pixel of the image that lies in `box` grown by `margin` pixels. */
function forEachPixel(
  { imgsz }: Canvas,
  box: Box,
  margin: number,
  visit: (x: number, y: number) => void,
): void {
  const clamp = (v: number) => Math.min(imgsz, Math.max(0, v));
  for (let y = clamp(Math.floor(box[1]) - margin); y < clamp(Math.ceil(box[3]) + margin); y++) {
    for (let x = clamp(Math.floor(box[0]) - margin); x < clamp(Math.ceil(box[2]) + margin); x++) visit(x, y);
  }
}

/** Uneven light from one side, then sensor noise, then bytes. */
function develop({ imgsz, rgb }: Canvas, random: Random): Uint8Array {
  const angle = random.uniform(0, 2 * Math.PI);
  const slope = random.uniform(0, 0.5);
  const brightness = random.uniform(0.8, 1.15);
  const noise = random.uniform(0, 14);
  const pixels = new Uint8Array(rgb.length);
  for (let i = 0; i < rgb.length; i += 3) {
    const [x, y] = [((i / 3) % imgsz) / imgsz - 0.5, Math.floor(i / 3 / imgsz) / imgsz - 0.5];
    const light = brightness * (1 + slope * (x * Math.cos(angle) + y * Math.sin(angle)));
    for (let c = 0; c < 3; c++) {
      // The sum of two uniform numbers is bell-shaped enough for a camera.
      const grain = noise * (random.uniform(-1, 1) + random.uniform(-1, 1));
      pixels[i + c] = Math.min(255, Math.max(0, Math.round(rgb[i + c] * light + grain)));
    }
  }
  return pixels;
}
