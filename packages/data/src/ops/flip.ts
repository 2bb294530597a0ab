import type { RgbImage } from '../image.js';

/** Mirrors left and right, in place. */
export function flipHorizontal(image: RgbImage): void {
  const { width, height, data } = image;
  for (let y = 0; y < height; y++) {
    let left = y * width * 3;
    let right = left + (width - 1) * 3;
    for (; left < right; left += 3, right -= 3) {
      for (let c = 0; c < 3; c++) {
        const value = data[left + c];
        data[left + c] = data[right + c];
        data[right + c] = value;
      }
    }
  }
}

/** Mirrors top and bottom, in place. */
export function flipVertical(image: RgbImage): void {
  const { height, data } = image;
  const stride = image.width * 3;
  for (let top = 0, bottom = height - 1; top < bottom; top++, bottom--) {
    const row = data.slice(top * stride, (top + 1) * stride);
    data.copyWithin(top * stride, bottom * stride, (bottom + 1) * stride);
    data.set(row, bottom * stride);
  }
}
