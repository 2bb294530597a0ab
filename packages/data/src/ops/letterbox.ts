import { roundHalfEven } from '@froyolo/common';
import { blit, createImage, PAD_VALUE, type RgbImage } from '../image.js';
import { resizeArea, resizeLinear } from './resize.js';

/** How {@link letterbox} fits an image. */
export interface LetterboxOptions {
  /** Pad only up to the next multiple of `stride` instead of to the full shape. Default false. */
  auto?: boolean;
  /** Let small images grow. Default true. */
  scaleup?: boolean;
  /** Used by `auto`. Default 32. */
  stride?: number;
  /** Value of the padding. Default 114. */
  fill?: number;
}

/** A padded image and how to get back: `x = originalX * ratio[1] + pad[0]`, `y = originalY * ratio[0] + pad[1]`. */
export interface Letterboxed {
  image: RgbImage;
  /** Height and width ratio (the same number). */
  ratio: [rh: number, rw: number];
  /** Left and top padding in pixels, before rounding: may be x.5. */
  pad: [dw: number, dh: number];
}

/** Resizes keeping the aspect ratio, then pads both sides equally so that the image fills `shape` `[height, width]`. */
export function letterbox(
  image: RgbImage,
  shape: [number, number],
  options: LetterboxOptions = {},
): Letterboxed {
  const { auto = false, scaleup = true, stride = 32, fill = PAD_VALUE } = options;
  let r = Math.min(shape[0] / image.height, shape[1] / image.width);
  if (!scaleup) r = Math.min(r, 1);
  const width = Math.max(1, roundHalfEven(image.width * r));
  const height = Math.max(1, roundHalfEven(image.height * r));
  let dw = shape[1] - width;
  let dh = shape[0] - height;
  if (auto) {
    dw %= stride;
    dh %= stride;
  }
  dw /= 2;
  dh /= 2;
  const left = roundHalfEven(dw - 0.1);
  const top = roundHalfEven(dh - 0.1);
  const fitted =
    width === image.width && height === image.height ? image : resizeLinear(image, width, height);
  const outWidth = left + width + roundHalfEven(dw + 0.1);
  const outHeight = top + height + roundHalfEven(dh + 0.1);
  const pad: [number, number] = [dw, dh];
  if (outWidth === width && outHeight === height) return { image: fitted, ratio: [r, r], pad };
  const out = createImage(outWidth, outHeight, fill);
  blit(out, fitted, left, top);
  return { image: out, ratio: [r, r], pad };
}

/**
 * Resizes so that the long side is `imgsz`. Bilinear when it grows or when `augment` is set (faster, and noise is
 * welcome there), by area otherwise.
 */
export function resizeLongSide(image: RgbImage, imgsz: number, augment: boolean): RgbImage {
  const [height, width] = longSideShape(image.height, image.width, imgsz);
  if (width === image.width && height === image.height) return image;
  const grows = imgsz > Math.max(image.width, image.height);
  return augment || grows ? resizeLinear(image, width, height) : resizeArea(image, width, height);
}

/** `[height, width]` after {@link resizeLongSide}: fractions of a pixel are cut off, as the reference does. */
export function longSideShape(height: number, width: number, imgsz: number): [number, number] {
  const r = imgsz / Math.max(height, width);
  const side = (length: number) => Math.max(1, Math.floor(length * r));
  return [side(height), side(width)];
}
